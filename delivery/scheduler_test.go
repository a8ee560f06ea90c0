package delivery_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

func TestDeliver(t *testing.T) {
	t.Parallel()
	p := openOffice(t, delivery.SchedulerOptions{})
	c := receiveHTTP(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "session=hush")
		fmt.Fprint(w, "taken")
	})
	w := p.webhook(c.url, "order.*")
	other := p.webhook(c.url, "invoice.paid")
	if got := p.publish("order.made", `{"n":1}`); got.Triggers != 1 || got.Repeated {
		t.Errorf("published %+v", got)
	}
	passed := p.await(w, "the trigger passes", hasStatus(hook.TriggerPass))
	if len(passed.Attempts) != 1 || passed.Attempts[0].StatusCode != 200 || passed.Attempts[0].Body != "taken" || passed.Open() {
		t.Errorf("the trigger is %+v", passed)
	}
	if text := strings.Join(passed.Attempts[0].Headers, "\n"); !strings.Contains(text, "Content-Length: 5") || strings.Contains(text, "hush") {
		t.Errorf("headers %q", text)
	}
	if len(p.triggers(other)) != 0 || c.count() != 1 {
		t.Errorf("%d requests", c.count())
	}
	stats, err := p.WebhookStats(p.admin, []string{w.Key})
	if err != nil || stats[0].Total() != 1 || len(stats[0].Last) != 1 || stats[0].Last[0].Status != hook.TriggerPass {
		t.Errorf("stats %+v, %v", stats[0], err)
	}
}

// A retry sends the same bytes, whatever has changed meanwhile.
func TestRetry(t *testing.T) {
	t.Parallel()
	p := openOffice(t, delivery.SchedulerOptions{})
	c := receiveHTTP(t, status(http.StatusServiceUnavailable))
	w := p.webhook(c.url, "*")
	p.form.policy.Delays = []time.Duration{time.Hour}
	p.publish("order.made", `{"n":1}`)
	waiting := p.await(w, "a retry is due", hasStatus(hook.TriggerRetrying))
	if len(waiting.Attempts) != 1 || time.Until(waiting.Due) < 50*time.Minute {
		t.Fatalf("waiting %+v", waiting)
	}
	eventually(t, "the webhook is in WARNING", func() bool {
		now, err := p.Webhook(p.admin, w.Key)
		return err == nil && now.Health == hook.HealthWarning && strings.Contains(now.HealthReason, "503")
	})
	if _, err := p.UpdateWebhook(p.admin, w.Key, nil, hook.WebhookFields{Name: hook.Set("renamed")}); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	c.answer = nil
	c.mu.Unlock()
	if _, err := p.RetryTrigger(p.admin, waiting.Key); err != nil {
		t.Fatal(err)
	}
	passed := p.await(w, "the trigger passes", hasStatus(hook.TriggerPass))
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.bodies) != 2 || c.bodies[0] != c.bodies[1] || c.got[0].Header.Get("Webhook-Id") != c.got[1].Header.Get("Webhook-Id") ||
		c.got[0].Header.Get("Try") == c.got[1].Header.Get("Try") {
		t.Errorf("bodies %q", c.bodies)
	}
	if n := len(passed.Attempts); n != 2 || passed.Attempts[1].Number != 2 {
		t.Errorf("attempts %+v", passed.Attempts)
	}
	eventually(t, "the webhook is well", func() bool {
		now, err := p.Webhook(p.admin, w.Key)
		return err == nil && now.Health == hook.HealthActive && now.HealthReason == ""
	})
}

func TestEveryTryFails(t *testing.T) {
	t.Parallel()
	p := openOffice(t, delivery.SchedulerOptions{})
	c := receiveHTTP(t, status(http.StatusTeapot))
	w := p.webhook(c.url, "*")
	p.publish("order.made", "")
	failed := p.await(w, "the trigger fails", hasStatus(hook.TriggerFail))
	if len(failed.Attempts) != 3 || failed.Attempts[2].StatusCode != 418 || c.count() != 3 {
		t.Errorf("failed %+v after %d requests", failed, c.count())
	}
	// Asked for again, it gets all its tries again.
	if _, err := p.RetryTrigger(p.admin, failed.Key); err != nil {
		t.Fatal(err)
	}
	p.await(w, "the trigger fails again", func(t *hook.Trigger) bool { return t.Status == hook.TriggerFail && len(t.Attempts) == 6 })
}

// What cannot be made a request of fails with the reason, and holds up nobody.
func TestNoRequest(t *testing.T) {
	t.Parallel()
	p := openOffice(t, delivery.SchedulerOptions{})
	c := receiveHTTP(t, nil)
	w := p.webhook(c.url, "*")
	for data, reason := range map[string]string{`{"refuse":1}`: "data: is refused", `{"panic":1}`: "internal error"} {
		p.publish("order.made", data)
		failed := p.await(w, "the trigger fails", func(t *hook.Trigger) bool { return t.Status == hook.TriggerFail && t.Reason == reason })
		if len(failed.Attempts) != 0 {
			t.Errorf("attempts %+v", failed.Attempts)
		}
	}
	p.publish("order.made", "")
	p.await(w, "another one passes", hasStatus(hook.TriggerPass))
}

// A disabled webhook keeps what it had, and gets it when it is enabled. What
// happens meanwhile is not for it; what somebody triggers by hand is.
func TestDisabled(t *testing.T) {
	t.Parallel()
	p := openOffice(t, delivery.SchedulerOptions{})
	c := receiveHTTP(t, status(http.StatusInternalServerError))
	w := p.webhook(c.url, "*")
	p.form.policy.Delays = []time.Duration{time.Second}
	p.publish("order.made", "")
	waiting := p.await(w, "a retry is due", hasStatus(hook.TriggerRetrying))
	if _, err := p.EnableWebhook(p.admin, w.Key, false); err != nil {
		t.Fatal(err)
	}
	if _, err := p.RetryTrigger(p.admin, waiting.Key); hook.CodeOf(err) != hook.Conflict {
		t.Errorf("asked for while the webhook is disabled: %v", err)
	}
	eventually(t, "the retry is due", func() bool { return time.Now().After(waiting.Due.Add(100 * time.Millisecond)) })
	if got := p.publish("order.made", ""); got.Triggers != 0 {
		t.Errorf("a disabled webhook is told: %+v", got)
	}
	c.mu.Lock()
	c.answer = nil
	c.mu.Unlock()
	manual, err := p.TriggerWebhook(p.admin, w.Key, hook.ManualEvent{Type: "order.made"})
	if err != nil {
		t.Fatal(err)
	}
	p.await(w, "the manual trigger passes", func(t *hook.Trigger) bool { return t.Key == manual.Key && t.Status == hook.TriggerPass })
	if got := p.triggers(w)[1]; got.Key != waiting.Key || got.Status != hook.TriggerRetrying || c.count() != 2 {
		t.Errorf("after %d requests the first is %+v", c.count(), got)
	}
	if _, err := p.EnableWebhook(p.admin, w.Key, true); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the first passes, too", func() bool { return p.triggers(w)[1].Status == hook.TriggerPass })
}

func TestGone(t *testing.T) {
	t.Parallel()
	p := openOffice(t, delivery.SchedulerOptions{})
	p.form.policy.GoneDisables = true
	c := receiveHTTP(t, status(http.StatusGone))
	w := p.webhook(c.url, "*")
	p.publish("order.made", "")
	p.await(w, "the trigger fails", func(t *hook.Trigger) bool { return t.Status == hook.TriggerFail && len(t.Attempts) == 1 })
	eventually(t, "the webhook is disabled", func() bool {
		now, err := p.Webhook(p.admin, w.Key)
		return err == nil && !now.Enabled && strings.Contains(now.HealthReason, "410")
	})
}

func TestFailuresDisable(t *testing.T) {
	t.Parallel()
	p := openOffice(t, delivery.SchedulerOptions{})
	p.form.policy = delivery.Policy{FailuresDisable: 3, Timeout: time.Second}
	c := receiveHTTP(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		if n != 3 { // which begins the count anew
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	w := p.webhook(c.url, "*")
	for n := 1; n <= 6; n++ {
		p.publish("order.made", "")
		p.await(w, "it has ended", func(t *hook.Trigger) bool { return !t.Open() })
		now, err := p.Webhook(p.admin, w.Key)
		if n < 6 && (err != nil || !now.Enabled) {
			t.Fatalf("after %d: %+v, %v", n, now, err)
		}
	}
	eventually(t, "the webhook is disabled", func() bool {
		now, err := p.Webhook(p.admin, w.Key)
		return err == nil && !now.Enabled
	})
}

// An ordered webhook gets one event after the other, also when one has to be
// tried again.
func TestOrdered(t *testing.T) {
	t.Parallel()
	p := openOffice(t, delivery.SchedulerOptions{})
	var under atomic.Int32
	c := receiveHTTP(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		if under.Add(1) > 1 {
			t.Error("two requests at once")
		}
		defer under.Add(-1)
		if n%3 == 0 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	w := p.webhook(c.url, "*", func(f *hook.WebhookFields) { f.RetryPolicy = hook.Set(&hook.RetryPolicy{Ordered: true}) })
	var events []hook.Publication
	const n = 30
	for i := range n {
		events = append(events, hook.Publication{Type: "order.made", Data: fmt.Sprint(i)})
	}
	if _, err := p.PublishEvents(p.admin, events); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all have passed", func() bool { return p.count(w, hook.TriggerPass) == n })
	c.mu.Lock()
	defer c.mu.Unlock()
	last := -1
	for _, body := range c.bodies {
		var now int
		if _, err := fmt.Sscanf(body, `{"data":%d`, &now); err != nil {
			t.Fatal(err)
		}
		if now != last && now != last+1 {
			t.Errorf("%d comes after %d", now, last)
		}
		last = now
	}
}

// What is in the queue when a gateway ends is delivered by the next one, more
// than fits into a window as well.
func TestRestart(t *testing.T) {
	t.Parallel()
	p := openOffice(t, delivery.SchedulerOptions{})
	c := receiveHTTP(t, status(http.StatusServiceUnavailable))
	p.form.policy.Delays = []time.Duration{time.Second, time.Second, time.Second, time.Second}
	w := p.webhook(c.url, "*")
	const n = 300
	for range n / 100 {
		if _, err := p.PublishEvents(p.admin, make100("order.made")); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "some were sent", func() bool { return c.count() > 20 })
	p.stop()
	c.mu.Lock()
	c.answer = nil
	c.mu.Unlock()
	p.start(delivery.SchedulerOptions{})
	t.Cleanup(p.stop)
	eventually(t, "all have passed", func() bool { return p.count(w, hook.TriggerPass) == n })
	stats, err := p.WebhookStats(p.admin, []string{w.Key})
	if err != nil || stats[0].Total() != n {
		t.Errorf("stats %+v, %v", stats[0], err)
	}
}

// What was in the queue before is not forgotten because of what is published
// while the gateway starts.
func TestOldAndNew(t *testing.T) {
	t.Parallel()
	p := openOffice(t, delivery.SchedulerOptions{ScanPause: time.Hour})
	p.form.policy = delivery.Policy{Timeout: time.Hour, Concurrency: 4, Delays: []time.Duration{time.Second}}
	c := receiveHTTP(t, status(http.StatusServiceUnavailable))
	w := p.webhook(c.url, "*")
	if _, err := p.PublishEvents(p.admin, make100("order.made")[:20]); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all were refused", func() bool { return p.count(w, hook.TriggerRetrying) == 20 })
	p.stop()
	stuck, release := hanging(t)
	c.mu.Lock()
	c.answer = func(n int, w http.ResponseWriter, r *http.Request) {
		if n == 21 { // the new one
			stuck.answer(n, w, r)
		}
	}
	c.mu.Unlock()
	p.beforeRun = func() {
		p.publish("order.made", "")
		eventually(t, "the new one is under way", func() bool { return c.count() == 21 })
	}
	p.start(delivery.SchedulerOptions{ScanPause: time.Hour})
	t.Cleanup(p.stop)
	eventually(t, "the old ones pass", func() bool { return p.count(w, hook.TriggerPass) == 20 })
	release()
	eventually(t, "the new one passes", func() bool { return p.count(w, hook.TriggerPass) == 21 })
}

func make100(eventType string) []hook.Publication {
	events := make([]hook.Publication, 100)
	for i := range events {
		events[i] = hook.Publication{Type: eventType}
	}
	return events
}

func (p *office) count(w *hook.Webhook, status hook.TriggerStatus) int {
	p.t.Helper()
	found, err := p.Triggers(p.admin, hook.TriggerFilter{Webhook: w.Key, Status: status}, hook.PageArgs{})
	if err != nil {
		p.t.Fatal(err)
	}
	total, _, err := found.Total(p.admin)
	if err != nil {
		p.t.Fatal(err)
	}
	return total
}

func TestCancel(t *testing.T) {
	t.Parallel()
	p := openOffice(t, delivery.SchedulerOptions{})
	c := receiveHTTP(t, status(http.StatusServiceUnavailable))
	p.form.policy.Delays = []time.Duration{time.Hour}
	w := p.webhook(c.url, "*")
	p.publish("order.made", "")
	waiting := p.await(w, "a retry is due", hasStatus(hook.TriggerRetrying))
	got, err := p.CancelTrigger(p.admin, waiting.Key)
	if err != nil || got.Status != hook.TriggerCancelled || got.Open() {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := p.CancelTrigger(p.admin, waiting.Key); hook.CodeOf(err) != hook.Conflict {
		t.Errorf("cancelled twice: %v", err)
	}
}
