package delivery_test

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

// shares reports whether the branches have all partitions between them, each
// only once and as evenly as it goes.
func shares(branches ...*branch) bool {
	total := 0
	for _, b := range branches {
		n := b.owned()
		if most := (hook.Partitions + len(branches) - 1) / len(branches); n > most || n < hook.Partitions/len(branches) {
			return false
		}
		total += n
	}
	for _, p := range everything() {
		n := 0
		for _, b := range branches {
			if b.scheduler.Owned(p) {
				n++
			}
		}
		if n != 1 {
			return false
		}
	}
	return total == hook.Partitions
}

// oversee reports partitions that two branches deliver at once.
func oversee(t *testing.T, branches ...*branch) (stop func()) {
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			for _, p := range everything() {
				var owners []int
				for i, b := range branches {
					if b.scheduler.Owned(p) {
						owners = append(owners, i)
					}
				}
				// The first one still has it when the second one has it already.
				if len(owners) > 1 && branches[owners[0]].scheduler.Owned(p) {
					t.Errorf("partition %d is delivered by %v", p, owners)
				}
			}
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
			}
		}
	})
	return func() {
		close(done)
		watching.Wait()
	}
}

func TestReplicasShare(t *testing.T) {
	onEachStore(t, func(t *testing.T, o *town) {
		one := o.branch(o.options)
		patiently(t, "one has all", func() bool { return shares(one) })
		two, three := o.branch(o.options), o.branch(o.options)
		stop := oversee(t, one, two, three)
		defer stop()
		patiently(t, "three have a third each", func() bool { return shares(one, two, three) })
		one.stop()
		patiently(t, "two have a half each", func() bool { return shares(two, three) })
		three.stop()
		patiently(t, "the last one has all", func() bool { return shares(two) })
	})
}

// A replica that is alone delivers everything at once, and its start takes few
// writes.
func TestReplicaAlone(t *testing.T) {
	onEachStore(t, func(t *testing.T, o *town) {
		b := o.branch(delivery.ReplicaOptions{})
		patiently(t, "it has all", func() bool { return shares(b) })
		leases, err := b.Queue().Leases(b.admin)
		if err != nil || leases.Version != 1 {
			t.Errorf("the leases have version %d, %v", leases.Version, err)
		}
	})
}

// What is stored at one replica for webhooks of others arrives soon, and they
// are told of changes, too.
func TestReplicasWake(t *testing.T) {
	onEachStore(t, func(t *testing.T, o *town) {
		one, two := o.branch(o.options), o.branch(o.options)
		patiently(t, "they share", func() bool { return shares(one, two) })
		c := receiveHTTP(t, nil)
		w := one.webhook(c.url, "*")
		for ; !two.scheduler.Owned(hook.PartitionOf(w.Key)); w = one.webhook(c.url, "*") {
			if err := one.DeleteWebhook(one.admin, w.Key, nil); err != nil {
				t.Fatal(err)
			}
		}
		one.publish("order.made", `{"n":1}`)
		one.await(w, "the other one delivers", hasStatus(hook.TriggerPass))

		// A trigger waits for an hour at the other one, and is asked for here.
		o.form.set(delivery.Policy{Delays: []time.Duration{time.Hour}, Timeout: time.Second})
		c.mu.Lock()
		c.answer = status(http.StatusServiceUnavailable)
		c.mu.Unlock()
		if _, err := one.UpdateWebhook(one.admin, w.Key, nil, hook.WebhookFields{Name: hook.Set("new")}); err != nil {
			t.Fatal(err)
		}
		one.publish("order.made", `{"n":2}`)
		waiting := one.await(w, "a retry is due", hasStatus(hook.TriggerRetrying))
		c.mu.Lock()
		c.answer = nil
		c.mu.Unlock()
		if _, err := one.RetryTrigger(one.admin, waiting.Key); err != nil {
			t.Fatal(err)
		}
		one.await(w, "the trigger passes", hasStatus(hook.TriggerPass))
		patiently(t, "no wake is left", func() bool {
			wakes, err := one.store.Wakes().Find(one.admin, hook.Query{List: hook.ByCreated, Limit: 10})
			return err == nil && len(wakes) == 0
		})
	})
}

// Replicas that are killed lose nothing: the others deliver it. One that only
// could not beat makes no request after the others have taken over.
func TestReplicaDies(t *testing.T) {
	onEachStore(t, func(t *testing.T, o *town) {
		for name, die := range map[string]func(*branch){"kill": func(b *branch) { b.kill() }, "pause": func(b *branch) { b.pause() }} {
			branches := []*branch{o.branch(o.options), o.branch(o.options), o.branch(o.options)}
			one, two, three := branches[0], branches[1], branches[2]
			patiently(t, "they share", func() bool { return shares(branches...) })
			stop := oversee(t, one, two, three)
			var got sync.Map
			var requests atomic.Int32
			c := receiveHTTP(t, func(_ int, w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				got.Store(r.Header.Get("Webhook-Id"), true)
			})
			const webhooks, rounds = 10, 8
			var all []*hook.Webhook
			for range webhooks {
				all = append(all, one.webhook(c.url, "order."+name))
			}
			for round := range rounds {
				if got := branches[round%3].publish("order."+name, fmt.Sprintf(`{"round":%d}`, round)); got.Triggers != webhooks {
					t.Fatalf("%d triggers", got.Triggers)
				}
				if round == rounds/2 {
					die(three)
					branches[2] = two
				}
			}
			for _, w := range all {
				patiently(t, "all have passed", func() bool { return one.count(w, hook.TriggerPass) == rounds })
			}
			patiently(t, "two have a half each", func() bool { return shares(one, two) })
			stop()
			n := 0
			got.Range(func(_, _ any) bool { n++; return true })
			if n != webhooks*rounds {
				t.Errorf("%s: %d of %d events arrived", name, n, webhooks*rounds)
			}
			t.Logf("%s: %d requests for %d triggers", name, requests.Load(), webhooks*rounds)
			for _, b := range branches {
				b.stop()
			}
		}
	})
}

// A replica that cannot store anything for a while stops delivering before
// another one takes over, and gets its share back afterwards; so does one that
// was taken for dead.
func TestReplicaComesBack(t *testing.T) {
	onEachStore(t, func(t *testing.T, o *town) {
		one, two := o.branch(o.options), o.branch(o.options)
		patiently(t, "they share", func() bool { return shares(one, two) })
		stop := oversee(t, one, two)
		one.away.Store(true)
		patiently(t, "the other one has all", func() bool { return one.owned() == 0 && shares(two) })
		one.away.Store(false)
		patiently(t, "they share again", func() bool { return shares(one, two) })
		stop()

		replicas, err := one.Queue().Replicas(one.admin)
		if err != nil || len(replicas) != 2 {
			t.Fatalf("replicas %v, %v", replicas, err)
		}
		for _, r := range replicas {
			if err := two.Queue().Remove(two.admin, r); err != nil {
				t.Fatal(err)
			}
		}
		patiently(t, "both have joined again", func() bool {
			now, err := one.Queue().Replicas(one.admin)
			return err == nil && len(now) == 2 && now[0].Key != replicas[0].Key && now[1].Key != replicas[1].Key && shares(one, two)
		})
	})
}
