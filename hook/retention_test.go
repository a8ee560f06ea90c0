package hook_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

func countAll[T any](h *house, c hook.Collection[T]) int {
	h.t.Helper()
	return must[int](h.t)(c.Count(h.t.Context(), hook.Query{List: hook.ByCreated, Limit: 100_000}))
}

// later is an instant that is later than what was created.
func later() time.Time {
	at := hook.Now().Add(time.Millisecond)
	for !hook.Now().After(at) {
		time.Sleep(time.Millisecond)
	}
	return at
}

// What has ended goes, with its event and body; what is open stays with both,
// and so do imported triggers, the audit log and the counters.
func TestRetention(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.webhook(hook.Standard, account, "a")
	other := h.webhook(hook.Standard, account, "b")
	both := func(key string) []*hook.Trigger {
		h.t.Helper()
		p := must[[]hook.Published](t)(h.PublishEvents(h.admin, []hook.Publication{{Type: "invoice.paid", Data: `{}`, IdempotencyKey: key}}))
		return must[[]*hook.Trigger](t)(h.store.Triggers().Find(t.Context(), hook.Query{List: hook.TriggersByEvent, Equal: []any{p[0].Event.Key}, Limit: 10}))
	}
	retry := func(one *hook.Trigger, body string) *hook.Trigger {
		h.t.Helper()
		return must[*hook.Trigger](t)(h.Queue().Retry(t.Context(), one, attempt(503, 0), hook.Now(), hook.NewBody(one.Event, []byte(body))))
	}
	ended := both("ended")
	h.pass(retry(ended[0], "x"), 0)
	h.failFor(retry(ended[1], "y"), 0)
	half := both("half")
	h.pass(half[0], 0)
	open := retry(half[1], "z")
	must[[]hook.Published](t)(h.PublishEvents(h.admin, []hook.Publication{{Type: "order.made", Data: `{}`}})) // for nobody
	imported := &hook.Trigger{Meta: hook.Meta{Key: "imported", Created: hook.Now()}, Webhook: "elsewhere", Status: hook.TriggerPass, Imported: true, Partition: hook.ClosedPartition}
	orphan := hook.NewBody("gone", []byte("x"))
	if err := h.store.Write(t.Context(), hook.Change{Kind: hook.ChangeInsert, Entity: imported}, hook.Change{Kind: hook.ChangeInsert, Entity: orphan}); err != nil {
		t.Fatal(err)
	}
	entries := countAll(h, h.store.AuditEntries())
	limit := later()
	young := both("young")
	h.pass(young[0], 0)
	h.pass(young[1], 0)

	if n := must[int](t)(h.RemoveFinished(t.Context(), limit, nil)); n != 3+2 {
		t.Errorf("%d were removed", n)
	}
	for _, gone := range []string{ended[0].Key, ended[1].Key, half[0].Key} {
		if must[*hook.Trigger](t)(h.store.Triggers().Get(t.Context(), gone)) != nil {
			t.Errorf("trigger %s is still there", gone)
		}
	}
	if n := countAll(h, h.store.Triggers()); n != 1+1+2 {
		t.Errorf("%d triggers are left", n)
	}
	if n := countAll(h, h.store.Events()); n != 2 {
		t.Errorf("%d events are left", n)
	}
	if n := countAll(h, h.store.Bodies()); n != 1 || must[[]byte](t)(h.Queue().Body(t.Context(), open.Body)) == nil {
		t.Errorf("%d bodies are left", n)
	}
	if n := countAll(h, h.store.AuditEntries()); n != entries {
		t.Errorf("%d audit entries are left of %d", n, entries)
	}
	total := h.stats(w).Total() + h.stats(other).Total()
	if total != 6 {
		t.Errorf("%d triggers are counted", total)
	}

	// Also after a recount.
	h = h.restart()
	if err := h.Recount(t.Context()); err != nil {
		t.Fatal(err)
	}
	if total := h.stats(w).Total() + h.stats(other).Total(); total != 6 {
		t.Errorf("%d triggers are counted after a recount", total)
	}
	// The key of an event that is gone is free again; that of the others is not.
	for key, repeated := range map[string]bool{"ended": false, "half": true, "young": true} {
		p := must[[]hook.Published](t)(h.PublishEvents(h.admin, []hook.Publication{{Type: "invoice.paid", Data: `{}`, IdempotencyKey: key}}))
		if p[0].Repeated != repeated {
			t.Errorf("%s: repeated is %v", key, p[0].Repeated)
		}
	}
}

// Many are removed in several steps, whatever stays between them.
func TestRetentionInSteps(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.webhook(hook.Standard, account, "a")
	const n = 1100
	created := hook.Now().Add(-time.Hour)
	var changes []hook.Change
	for i := range n {
		at := created.Add(time.Duration(i/3) * time.Millisecond)
		e := &hook.Event{Meta: hook.Meta{Key: fmt.Sprintf("e%04d", i), Created: at}, Owner: hook.AccountOwner, Data: "{}", State: hook.EventDone}
		one := &hook.Trigger{Meta: hook.Meta{Key: fmt.Sprintf("t%04d", i), Created: at}, Webhook: w.Key, Event: e.Key, Status: hook.TriggerPass, Partition: hook.ClosedPartition}
		if i%10 == 0 {
			one.Status, one.Partition = hook.TriggerPending, hook.PartitionOf(w.Key)
		}
		changes = append(changes, hook.Change{Kind: hook.ChangeInsert, Entity: e}, hook.Change{Kind: hook.ChangeInsert, Entity: one})
	}
	for some := range slices.Chunk(changes, 200) {
		if err := h.store.Write(t.Context(), some...); err != nil {
			t.Fatal(err)
		}
	}
	// Until enough is gone: the oldest go.
	steps := 0
	if _, err := h.RemoveFinished(t.Context(), hook.Now(), func() (bool, error) { steps++; return steps == 2, nil }); err != nil {
		t.Fatal(err)
	}
	left := countAll(h, h.store.Triggers())
	if left < n/2 || left == n {
		t.Errorf("%d triggers are left when there was enough", left)
	}
	first := must[[]*hook.Event](t)(h.store.Events().Find(t.Context(), hook.Query{List: hook.ByCreated, Limit: 2}))
	if first[0].Key != "e0000" || first[1].Key != "e0010" {
		t.Errorf("the oldest events are %s and %s", first[0].Key, first[1].Key)
	}
	if _, err := h.RemoveFinished(t.Context(), hook.Now(), func() (bool, error) { return false, errors.New("no size") }); err == nil {
		t.Error("an error of the size is lost")
	}
	must[int](t)(h.RemoveFinished(t.Context(), hook.Now(), nil))
	if triggers, events := countAll(h, h.store.Triggers()), countAll(h, h.store.Events()); triggers != n/10 || events != n/10 {
		t.Errorf("%d triggers and %d events are left, %d are open", triggers, events, n/10)
	}
}

// A trigger that is put into the queue again while it is removed stays.
func TestRetentionMeetsARetry(t *testing.T) {
	t.Parallel()
	for _, atomic := range []bool{true, false} {
		h := open(t)
		w := h.webhook(hook.Standard, account, "a")
		h.failFor(h.publishTo(w), 0)
		h.failFor(h.publishTo(w), 0)
		again := h.latest(w)
		meeting := &meetingStore{Store: h.store, atomic: atomic, meet: func() { must[*hook.Trigger](t)(h.RetryTrigger(h.admin, again.Key)) }}
		must[int](t)(over(t, meeting).RemoveFinished(t.Context(), later(), nil))
		if n := countAll(h, h.store.Triggers()); n != 1 || !h.latest(w).Open() {
			t.Errorf("atomic %v: %d triggers are left", atomic, n)
		}
		if s := must[[]*hook.Stats](t)(h.store.Stats(t.Context(), []string{w.Key}))[0]; s.Removed != 1 {
			t.Errorf("atomic %v: %d are counted as removed", atomic, s.Removed)
		}
	}
}

// A meetingStore has something happen before its first write.
type meetingStore struct {
	hook.Store
	atomic bool
	meet   func()
}

func (s *meetingStore) Atomic() bool { return s.atomic }

func (s *meetingStore) Write(ctx context.Context, changes ...hook.Change) error {
	if meet := s.meet; meet != nil {
		s.meet = nil
		meet()
	}
	return s.Store.Write(ctx, changes...)
}

// By size, the oldest go until the database is small enough.
func TestRetentionBySize(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.webhook(hook.Standard, account, "a")
	for range 3 {
		h.pass(h.publishTo(w), 0)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	used := make(chan int64, 100)
	for _, n := range []int64{90, 120, 120, 60} {
		used <- n
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		h.RunRetention(ctx, hook.Retention{Size: 100, Pause: time.Millisecond, Used: func(ctx context.Context) (int64, error) {
			select {
			case n := <-used:
				return n, nil
			default:
				cancel()
				return 0, ctx.Err()
			}
		}}, func(err error) { t.Error(err) })
	}()
	<-ended
	if n := countAll(h, h.store.Triggers()); n != 0 {
		t.Errorf("%d triggers are left", n)
	}
}
