package hook_test

import (
	"context"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// restart returns a service over the store of one that ended just now without
// having written anything.
func (h *house) restart() *house {
	h.t.Helper()
	return over(h.t, h.store)
}

func (h *house) stats(w *hook.Webhook) *hook.Stats {
	h.t.Helper()
	return must[[]*hook.Stats](h.t)(h.WebhookStats(h.admin, []string{w.Key}))[0]
}

func (h *house) left() (runs, uncounted int) {
	h.t.Helper()
	q := hook.Query{List: hook.ByCreated, Limit: 1000}
	return must[int](h.t)(h.store.Runs().Count(h.t.Context(), q)), must[int](h.t)(h.store.Uncounted().Count(h.t.Context(), q))
}

func wantStats(t *testing.T, when string, s *hook.Stats, triggers, failures int64, last ...hook.TriggerStatus) {
	t.Helper()
	if s.Triggers != triggers || s.Failures != failures || len(s.Last) != len(last) {
		t.Errorf("%s: %+v", when, s)
		return
	}
	for i, status := range last {
		if s.Last[i].Status != status {
			t.Errorf("%s: the latest triggers are %v", when, s.Last)
		}
	}
}

// After a process was killed, the counters are what they would have been.
func TestRecount(t *testing.T) {
	t.Parallel()
	const pass, fail, pending, cancelled = hook.TriggerPass, hook.TriggerFail, hook.TriggerPending, hook.TriggerCancelled
	h := open(t)
	w := h.webhook(hook.Standard, account, "a")
	h.failFor(h.publishTo(w), time.Second)
	if err := h.WriteStats(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.pass(h.publishTo(w), time.Second)
	h.failFor(h.publishTo(w), time.Second)
	h.failFor(h.publishTo(w), time.Second)
	must[*hook.Trigger](t)(h.CancelTrigger(h.admin, h.publishTo(w).Key))
	must[*hook.Trigger](t)(h.TriggerWebhook(h.admin, w.Key, hook.ManualEvent{Type: "invoice.paid"}))

	h = h.restart()
	wantStats(t, "killed", h.stats(w), 1, 1, fail)
	// What the new process counts meanwhile is neither lost nor counted twice.
	h.failFor(h.latest(w), time.Second)
	h.publishTo(w)
	if err := h.Recount(t.Context()); err != nil {
		t.Fatal(err)
	}
	last := []hook.TriggerStatus{pending, fail, cancelled, fail, fail}
	wantStats(t, "recounted", h.stats(w), 7, 3, last...)
	if err := h.WriteStats(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantStats(t, "written", h.stats(w), 7, 3, last...)
	if runs, uncounted := h.left(); runs != 1 || uncounted != 1 {
		t.Errorf("%d runs and %d webhooks are noted", runs, uncounted)
	}
	h.pass(h.latest(w), time.Second)
	if err := h.EndRun(t.Context()); err != nil {
		t.Fatal(err)
	}
	if runs, uncounted := h.left(); runs != 0 || uncounted != 0 {
		t.Errorf("after a clean end %d runs and %d webhooks are noted", runs, uncounted)
	}
	h = h.restart()
	wantStats(t, "ended", h.stats(w), 7, 0, pass, fail, cancelled, fail, fail)
	if err := h.Recount(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantStats(t, "nothing to count", h.stats(w), 7, 0, pass, fail, cancelled, fail, fail)
}

// Imported triggers are no triggers of this gateway.
func TestRecountImported(t *testing.T) {
	t.Parallel()
	h := open(t)
	a := h.album("a", nil)
	w := h.webhook(hook.Kheops, hook.ID{Kind: hook.KindAlbum, Key: a.Key}, "b")
	next := *w
	next.Source = "source"
	if err := h.store.Write(t.Context(),
		hook.Change{Kind: hook.ChangeReplace, Entity: &next},
		hook.Change{Kind: hook.ChangeInsert, Entity: &hook.Trigger{Meta: hook.Meta{Key: "i1", Created: hook.Now()}, Webhook: w.Key, Status: hook.TriggerFail, Imported: true, Partition: hook.ClosedPartition}},
		hook.Change{Kind: hook.ChangeCount, Webhook: w.Key, Add: hook.Stats{Imported: 40}}); err != nil {
		t.Fatal(err)
	}
	must[*hook.Trigger](t)(h.TriggerWebhook(h.admin, w.Key, hook.ManualEvent{Type: "new_user"}))
	h.failFor(h.latest(w), time.Second)
	h = h.restart()
	if err := h.Recount(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := h.stats(w); s.Triggers != 1 || s.Imported != 40 || s.Failures != 1 || len(s.Last) != 2 {
		t.Errorf("%+v", s)
	}
}

// A write that failed may have arrived: it is counted.
func TestRecountAfterFailedWrites(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.webhook(hook.Standard, account, "a")
	deaf := &deafStore{Store: h.store}
	d := over(t, deaf)
	deaf.on = true
	_, err := d.PublishEvents(d.admin, []hook.Publication{{Type: "invoice.paid", Data: `{}`}})
	want(t, "publish", err, hook.Unavailable)
	deaf.on = false
	if err := d.Recount(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantStats(t, "recounted", d.stats(w), 1, 0, hook.TriggerPending)
}

// A deafStore does what it is told and says that it could not.
type deafStore struct {
	hook.Store
	on bool
}

func (s *deafStore) Write(ctx context.Context, changes ...hook.Change) error {
	if err := s.Store.Write(ctx, changes...); err != nil || !s.on {
		return err
	}
	return errCut
}

// RunDeliveries counts anew by itself what a process has left behind, and many
// webhooks in several steps.
func TestRecountInTheBackground(t *testing.T) {
	t.Parallel()
	h := open(t)
	var webhooks []*hook.Webhook
	for i := range 45 {
		webhooks = append(webhooks, h.webhook(hook.Standard, account, string(rune('A'+i))))
	}
	h.publishTo(webhooks[0])
	h = h.restart()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		h.RunDeliveries(ctx, func(err error) { t.Error(err) })
	}()
	deadline := time.Now().Add(20 * time.Second)
	for {
		if _, uncounted := h.left(); uncounted == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("nobody counts")
		}
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	<-ended
	for _, w := range webhooks {
		wantStats(t, w.Name, h.stats(w), 1, 0, hook.TriggerPending)
	}
}

// Where others may share the database, a process that was there before is left
// alone until it has given no sign of life for a while.
func TestRecountLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.webhook(hook.Standard, account, "a")
	h.publishTo(w)
	other := over(t, &meetingStore{Store: h.store})
	for range 3 {
		if err := other.Recount(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if runs, uncounted := h.left(); runs != 2 || uncounted != 1 {
		t.Errorf("%d runs and %d webhooks are noted", runs, uncounted)
	}
	if err := other.EndRun(t.Context()); err != nil {
		t.Fatal(err)
	}
	if runs, uncounted := h.left(); runs != 1 || uncounted != 1 {
		t.Errorf("after the other has ended, %d runs and %d webhooks are noted", runs, uncounted)
	}
	wantStats(t, "in the one that counts", h.stats(w), 1, 0, hook.TriggerPending)
}
