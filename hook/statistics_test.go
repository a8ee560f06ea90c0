package hook_test

import (
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// publishTo publishes an event of the account and returns the trigger of its only
// webhook.
func (h *house) publishTo(w *hook.Webhook) *hook.Trigger {
	h.t.Helper()
	must[[]hook.Published](h.t)(h.PublishEvents(h.admin, []hook.Publication{{Type: "invoice.paid", Data: `{}`}}))
	return h.latest(w)
}

func (h *house) latest(w *hook.Webhook) *hook.Trigger {
	h.t.Helper()
	found := must[[]*hook.Trigger](h.t)(h.store.Triggers().Find(h.t.Context(), hook.Query{List: hook.TriggersByWebhook, Equal: []any{w.Key}, Reverse: true, Limit: 1}))
	return found[0]
}

func attempt(status int32, took time.Duration) hook.Attempt {
	return hook.Attempt{At: hook.Now(), Duration: took.Milliseconds(), StatusCode: status}
}

func (h *house) pass(t *hook.Trigger, took time.Duration) {
	h.t.Helper()
	must[*hook.Trigger](h.t)(h.Queue().Passed(h.t.Context(), t, attempt(200, took)))
}

func (h *house) failFor(t *hook.Trigger, took time.Duration) {
	h.t.Helper()
	a := attempt(500, took)
	must[*hook.Trigger](h.t)(h.Queue().Failed(h.t.Context(), t, &a, ""))
}

// What happens is in the statistics at once, and the same after it was written.
func TestStatistics(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.webhook(hook.Standard, account, "a")
	check := func(when string) {
		t.Helper()
		s := must[[]*hook.WebhookStatistics](t)(h.StatisticsByKey(h.admin, []string{w.Key, "unknown"}, 2))
		if s[0].Passed != 2 || s[0].Failed != 1 || s[0].Attempts != 4 || s[0].AttemptFailures != 2 {
			t.Errorf("%s: %+v", when, s[0].WebhookHour)
		}
		if p50, p95 := *s[0].LatencyP50(), *s[0].LatencyP95(); p50 < 90 || p50 > 130 || p95 < 900 || p95 > 1100 {
			t.Errorf("%s: latencies %v and %v", when, p50, p95)
		}
		if d := s[0].DelayP50(); d == nil || *d < 90 {
			t.Errorf("%s: delay %v", when, d)
		}
		if s[1].Attempts != 0 || len(s[1].Series) != 2 || s[1].SuccessRate() != nil {
			t.Errorf("%s: an unknown webhook has %+v", when, s[1])
		}
	}
	h.pass(h.publishTo(w), 100*time.Millisecond)
	h.pass(h.publishTo(w), 100*time.Millisecond)
	retried := must[*hook.Trigger](t)(h.Queue().Retry(t.Context(), h.publishTo(w), attempt(503, 100*time.Millisecond), hook.Now(), hook.NewBody("e", nil)))
	h.failFor(retried, time.Second)
	check("counted")
	if err := h.WriteStats(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("written")
	for _, hours := range []int{0, -1, hook.StatisticsHours + 1} {
		_, err := h.StatisticsByKey(h.admin, []string{w.Key}, hours)
		wantField(t, "hours", err, hook.Invalid, "hours")
	}
	_, err := h.StatisticsByKey(h.key(hook.APIKeyFields{}, "CLIENTS:VIEW"), []string{w.Key}, 1)
	want(t, "without permission", err, hook.Forbidden)

	// A viewer who does not see the webhook gets nothing of it.
	stranger := h.as(h.member("stranger"))
	if s := must[[]*hook.WebhookStatistics](t)(h.StatisticsByKey(stranger, []string{w.Key}, 1)); s[0].Attempts != 0 {
		t.Errorf("a stranger sees %+v", s[0])
	}
	first := h.publishTo(w)
	h.publishTo(w)
	if b := must[[]*hook.Backlog](t)(h.BacklogsByKey(stranger, []string{w.Key})); b[0].Open != 0 || b[0].Oldest != nil {
		t.Errorf("a stranger sees %+v", b[0])
	}
	b := must[[]*hook.Backlog](t)(h.BacklogsByKey(h.admin, []string{"unknown", w.Key}))
	if b[0].Open != 0 || b[1].Open != 2 || !b[1].Exact || !b[1].Oldest.Equal(first.Created) {
		t.Errorf("backlogs %+v, %+v", b[0], b[1])
	}
}

func TestQuantiles(t *testing.T) {
	t.Parallel()
	var none hook.Histogram
	if none.Quantile(0.5) != nil {
		t.Error("nothing has a median")
	}
	counts := make(hook.Histogram, hook.HistogramBuckets)
	counts[0] = 3
	if got := *counts.Quantile(0.5); got != 0.5 {
		t.Errorf("within the first millisecond: %v", got)
	}
	counts[hook.HistogramBuckets-1] = 1
	if got := *counts.Quantile(1); got < float64(72*time.Hour/time.Millisecond) {
		t.Errorf("the largest is %v", got)
	}
}
