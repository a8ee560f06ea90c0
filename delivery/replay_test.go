package delivery_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

// failedOnce publishes events that fail for good, and then lets the receiver take
// everything.
func failedOnce(t *testing.T, p *office, n int) (*hook.Webhook, *clerk) {
	t.Helper()
	p.form.policy.Delays = nil
	c := receiveHTTP(t, status(http.StatusTeapot))
	w := p.webhook(c.url, "*")
	for left := n; left > 0; left -= 100 {
		if _, err := p.PublishEvents(p.admin, make100("order.made")[:min(left, 100)]); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "all have failed", func() bool { return p.count(w, hook.TriggerFail) == n })
	c.mu.Lock()
	c.answer = nil
	c.mu.Unlock()
	return w, c
}

func (p *office) awaitReplay(r *hook.Replay, state hook.ReplayState) *hook.Replay {
	p.t.Helper()
	var now *hook.Replay
	eventually(p.t, "the replay is "+string(state), func() bool {
		var err error
		if now, err = p.Replay(p.admin, r.Key); err != nil {
			p.t.Fatal(err)
		}
		return now.State == state
	})
	return now
}

func TestReplay(t *testing.T) {
	t.Parallel()
	p := openOffice(t, delivery.SchedulerOptions{})
	w, c := failedOnce(t, p, 120)
	r, err := p.StartReplay(p.admin, hook.ReplayFields{Webhook: w.Key, RatePerSecond: hook.Set(int32(1000))})
	if err != nil {
		t.Fatal(err)
	}
	if r.Estimate != 120 || !r.EstimateIsExact() || r.State != hook.ReplayRunning {
		t.Errorf("started %+v", r)
	}
	done := p.awaitReplay(r, hook.ReplayDone)
	if done.Queued != 120 || done.Skipped != 0 || done.EndedAt == nil {
		t.Errorf("done %+v", done)
	}
	eventually(t, "all have passed", func() bool { return p.count(w, hook.TriggerPass) == 120 })
	if c.count() != 240 {
		t.Errorf("%d requests", c.count())
	}
	trigger := p.triggers(w)[0]
	if trigger.Replay != r.Key || len(trigger.Attempts) != 2 {
		t.Errorf("the trigger is %+v", trigger)
	}
	// Nothing is left that fits.
	_, err = p.StartReplay(p.admin, hook.ReplayFields{Webhook: w.Key})
	if hook.CodeOf(err) != hook.Invalid || !strings.Contains(err.Error(), "nothing to deliver again") {
		t.Errorf("a replay of nothing: %v", err)
	}
}

// A replay goes on after a restart where it was, and can be cancelled.
func TestReplayAcrossRestart(t *testing.T) {
	t.Parallel()
	p := openOffice(t, delivery.SchedulerOptions{})
	w, _ := failedOnce(t, p, 60)
	r, err := p.StartReplay(p.admin, hook.ReplayFields{Owner: hook.ID{Kind: hook.KindAccount}, RatePerSecond: hook.Set(int32(20))})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "it has begun", func() bool {
		now, err := p.Replay(p.admin, r.Key)
		return err == nil && now.Queued > 0
	})
	p.stop()
	p.start(delivery.SchedulerOptions{})
	t.Cleanup(p.stop)
	before, err := p.Replay(p.admin, r.Key)
	if err != nil || before.State != hook.ReplayRunning {
		t.Fatalf("after the restart %+v, %v", before, err)
	}
	eventually(t, "it goes on", func() bool {
		now, err := p.Replay(p.admin, r.Key)
		return err == nil && now.Queued > before.Queued
	})
	cancelled, err := p.CancelReplay(p.admin, r.Key)
	if err != nil || cancelled.State != hook.ReplayCancelled {
		t.Fatalf("%+v, %v", cancelled, err)
	}
	if _, err := p.CancelReplay(p.admin, r.Key); hook.CodeOf(err) != hook.Conflict {
		t.Errorf("cancelled twice: %v", err)
	}
	// A step may have been under way.
	eventually(t, "what was queued has passed", func() bool {
		now, err := p.Replay(p.admin, r.Key)
		return err == nil && p.count(w, hook.TriggerPass) == int(now.Queued) && p.count(w, hook.TriggerFail) == 60-int(now.Queued)
	})
	if p.count(w, hook.TriggerFail) == 0 {
		t.Error("nothing is left")
	}
}

func TestReplayRefusals(t *testing.T) {
	t.Parallel()
	p := openOffice(t, delivery.SchedulerOptions{})
	w, _ := failedOnce(t, p, 1)
	at := func(d time.Duration) *time.Time {
		instant := time.Now().Add(d)
		return &instant
	}
	account := hook.ID{Kind: hook.KindAccount}
	for field, fields := range map[string]hook.ReplayFields{
		"webhook":       {},
		"owner":         {Webhook: w.Key, Owner: account},
		"status":        {Webhook: w.Key, Status: hook.TriggerPending},
		"ratePerSecond": {Webhook: w.Key, RatePerSecond: hook.Set(int32(1001))},
		"to":            {Webhook: w.Key, From: at(-time.Hour), To: at(-2 * time.Hour)},
		"":              {Webhook: w.Key, To: at(-time.Hour)}, // nothing is that old
	} {
		_, err := p.StartReplay(p.admin, fields)
		e, ok := err.(*hook.Error)
		if !ok || e.Code != hook.Invalid || e.Field != field {
			t.Errorf("%q: %v", field, err)
		}
	}
	if _, err := p.StartReplay(p.admin, hook.ReplayFields{Webhook: "none"}); hook.CodeOf(err) != hook.NotFound {
		t.Errorf("no such webhook: %v", err)
	}
	if _, err := p.StartReplay(t.Context(), hook.ReplayFields{Webhook: w.Key}); hook.CodeOf(err) != hook.Unauthenticated {
		t.Errorf("nobody: %v", err)
	}
}
