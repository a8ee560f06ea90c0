package delivery_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

// busy opens a branch with requests under way in most partitions, which end when
// the channel is closed.
func (o *town) busy(options delivery.ReplicaOptions) (one *branch, c *clerk, busy int, answer chan struct{}) {
	o.t.Helper()
	one = o.branch(options)
	patiently(o.t, "it has all", func() bool { return shares(one) })
	answer = make(chan struct{})
	c = receiveHTTP(o.t, func(int, http.ResponseWriter, *http.Request) { <-answer })
	const n = 3 * hook.Partitions / 2
	partitions := map[int32]bool{}
	for range n {
		partitions[hook.PartitionOf(one.webhook(c.url, "order.made").Key)] = true
	}
	one.publish("order.made", "")
	patiently(o.t, "all requests are under way", func() bool { return c.count() == n })
	return one, c, len(partitions), answer
}

// Partitions change hands when what is under way is recorded: nothing is sent
// twice because a replica joins or leaves.
func TestHandOver(t *testing.T) {
	t.Parallel()
	o := openSQLite(t)
	options := swift
	options.HandOver, options.Patience = time.Hour, time.Minute // nobody lapses on a busy machine
	one, c, busy, answer := o.busy(options)
	n := c.count()
	two := o.branch(options)
	patiently(t, "the idle ones have changed hands", func() bool { return two.owned() == hook.Partitions-busy && one.owned() == hook.Partitions/2 })
	close(answer)
	patiently(t, "the others follow", func() bool { return shares(one, two) })
	one.stop()
	patiently(t, "all have changed hands", func() bool { return shares(two) })
	two.stop()
	if c.count() != n {
		t.Errorf("%d requests for %d triggers", c.count(), n)
	}
}

// A receiver that does not answer does not keep a partition for ever.
func TestHandOverIsBounded(t *testing.T) {
	t.Parallel()
	o := openSQLite(t)
	one, _, _, answer := o.busy(swift)
	defer close(answer)
	two := o.branch(swift)
	patiently(t, "they share", func() bool { return shares(one, two) })
}

// What a replica had under way when it stopped beating counts no more once
// another one has sent it again.
func TestLateOutcome(t *testing.T) {
	onEachStore(t, func(t *testing.T, o *town) {
		one := o.branch(o.options)
		patiently(t, "it has all", func() bool { return shares(one) })
		answer := make(chan struct{})
		done := make(chan struct{})
		c := receiveHTTP(t, func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				<-answer
				w.WriteHeader(http.StatusInternalServerError)
				defer close(done)
			}
		})
		o.form.set(delivery.Policy{Timeout: time.Hour})
		w := one.webhook(c.url, "*")
		one.publish("order.made", "")
		patiently(t, "the request is under way", func() bool { return c.count() == 1 })
		one.pause()
		two := o.branch(o.options)
		patiently(t, "the trigger passes", func() bool { return two.count(w, hook.TriggerPass) == 1 })
		close(answer)
		<-done
		patiently(t, "the late outcome is taken in", func() bool {
			return one.scheduler.InFlight() == 0 && one.scheduler.Flying(hook.PartitionOf(w.Key)) == 0
		})
		if got := two.triggers(w)[0]; got.Status != hook.TriggerPass || len(got.Attempts) != 1 || got.Attempts[0].StatusCode != 200 || c.count() != 2 {
			t.Errorf("after %d requests the trigger is %+v", c.count(), got)
		}
	})
}
