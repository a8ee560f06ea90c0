package delivery_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

// hanging returns a receiver that answers nobody until the test ends.
func hanging(t *testing.T) (c *clerk, release func()) {
	t.Helper()
	ended := make(chan struct{})
	var once atomic.Bool
	release = func() {
		if once.CompareAndSwap(false, true) {
			close(ended)
		}
	}
	c = receiveHTTP(t, func(_ int, _ http.ResponseWriter, r *http.Request) {
		select {
		case <-ended:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(release) // before the receiver is closed
	return c, release
}

// A webhook with far more events than fit into its window, whose receiver hangs,
// holds up nobody: others get theirs while its requests are under way.
func TestHangingReceiverHoldsUpNobody(t *testing.T) {
	t.Parallel()
	p := openOffice(t, delivery.SchedulerOptions{})
	p.form.policy = delivery.Policy{Timeout: time.Hour, Concurrency: 8}
	stuck, release := hanging(t)
	c := receiveHTTP(t, nil)
	bad, good := p.webhook(stuck.url, "bad.made"), p.webhook(c.url, "good.made")
	for range 3 {
		if _, err := p.PublishEvents(p.admin, make100("bad.made")); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "eight requests hang", func() bool { return stuck.count() == 8 })
	for range 20 {
		p.publish("good.made", "")
		p.await(good, "it passes", hasStatus(hook.TriggerPass))
	}
	if n := stuck.count(); n != 8 || p.count(bad, hook.TriggerPending) != 300 {
		t.Errorf("%d requests hang, %d wait", n, p.count(bad, hook.TriggerPending))
	}
	release()
	eventually(t, "all have passed", func() bool { return p.count(bad, hook.TriggerPass) == 300 })
}

// While so much is under way that others have to wait, no webhook has more than
// one request, and each gets its turn.
func TestCrowded(t *testing.T) {
	t.Parallel()
	p := openOffice(t, delivery.SchedulerOptions{MaxInFlight: 8})
	p.form.policy = delivery.Policy{Timeout: time.Hour, Concurrency: 8}
	stuck, release := hanging(t)
	c := receiveHTTP(t, nil)
	hangs := p.webhook(stuck.url, "bad.made")
	if _, err := p.PublishEvents(p.admin, make100("bad.made")); err != nil {
		t.Fatal(err)
	}
	// Half of what may be under way at all; the first goes before the webhook's
	// policy is known.
	eventually(t, "four requests hang", func() bool { return stuck.count() == 4 })
	var others []*hook.Webhook
	for range 20 {
		others = append(others, p.webhook(c.url, "good.made"))
	}
	p.publish("good.made", "")
	for _, w := range others {
		p.await(w, "it passes", hasStatus(hook.TriggerPass))
	}
	if n := stuck.count(); n != 4 {
		t.Errorf("%d requests hang", n)
	}
	release()
	eventually(t, "all have passed", func() bool { return p.count(hangs, hook.TriggerPass) == 100 })
	if n := p.scheduler.InFlight(); n != 0 {
		t.Errorf("%d requests are under way", n)
	}
}

// Requests that time out make a webhook get fewer at once.
func TestTimeoutsReduceConcurrency(t *testing.T) {
	t.Parallel()
	p := openOffice(t, delivery.SchedulerOptions{})
	p.form.policy = delivery.Policy{Timeout: 50 * time.Millisecond, Concurrency: 8}
	stuck, release := hanging(t)
	var under, most atomic.Int32
	c := receiveHTTP(t, func(n int, w http.ResponseWriter, r *http.Request) {
		now := under.Add(1)
		defer under.Add(-1)
		if n > 20 { // by then eight have timed out
			most.Store(max(most.Load(), now))
		}
		stuck.answer(n, w, r)
	})
	w := p.webhook(c.url, "*")
	if _, err := p.PublishEvents(p.admin, make100("order.made")[:40]); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all have failed", func() bool { return p.count(w, hook.TriggerFail) == 40 })
	if most.Load() > 2 {
		t.Errorf("%d requests at once", most.Load())
	}
	failed := p.triggers(w)[0]
	if a := failed.Attempts[0]; a.ErrorKind != delivery.KindTimeout || a.Error == "" || a.StatusCode != 0 {
		t.Errorf("the attempt is %+v", a)
	}
	release()
}

// A rate is kept.
func TestRate(t *testing.T) {
	t.Parallel()
	p := openOffice(t, delivery.SchedulerOptions{})
	c := receiveHTTP(t, nil)
	w := p.webhook(c.url, "*", func(f *hook.WebhookFields) { f.RetryPolicy = hook.Set(&hook.RetryPolicy{RatePerSecond: 20}) })
	begun := time.Now()
	if _, err := p.PublishEvents(p.admin, make100("order.made")[:21]); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all have passed", func() bool { return p.count(w, hook.TriggerPass) == 21 })
	if took := time.Since(begun); took < 900*time.Millisecond {
		t.Errorf("21 events at 20 a second took %v", took)
	}
}

// A webhook that keeps failing is asked again and again, but not by all that
// waits for it; when it answers, it gets the rest.
func TestHalfOpen(t *testing.T) {
	t.Parallel()
	p := openOffice(t, delivery.SchedulerOptions{FirstProbe: 20 * time.Millisecond, LongestProbe: 40 * time.Millisecond})
	p.form.policy = delivery.Policy{Timeout: time.Second, HalfOpen: true, Delays: []time.Duration{time.Hour}}
	c := receiveHTTP(t, status(http.StatusBadGateway))
	w := p.webhook(c.url, "*")
	if _, err := p.PublishEvents(p.admin, make100("order.made")); err != nil {
		t.Fatal(err)
	}
	// Eight may be under way when the fifth failure opens the breaker.
	eventually(t, "it is probed", func() bool { return c.count() >= 16 })
	if n := p.count(w, hook.TriggerPending); n < 80 {
		t.Errorf("%d wait", n)
	}
	c.mu.Lock()
	c.answer = nil
	c.mu.Unlock()
	eventually(t, "what has waited passes", func() bool { return p.count(w, hook.TriggerPending) == 0 })
	if retrying := p.count(w, hook.TriggerRetrying); retrying > 30 {
		t.Errorf("%d were tried before", retrying)
	}
}
