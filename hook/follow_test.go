package hook_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

// patience is how long a test waits for what must come.
const patience = 60 * time.Second

// following returns a following that is closed with the test.
func following[T any](t *testing.T) func(*hook.Following[T], error) *hook.Following[T] {
	return func(f *hook.Following[T], err error) *hook.Following[T] {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(f.Close)
		return f
	}
}

func next[T any](t *testing.T, f *hook.Following[T]) *hook.Followed[T] {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return must[*hook.Followed[T]](t)(f.Next(ctx))
}

// quiet proves that nothing has come for a follower before a change that is
// made now, which must be the next.
func (h *house) quiet(f *hook.Following[hook.WebhookState], w *hook.Webhook) {
	h.t.Helper()
	w = must[*hook.Webhook](h.t)(h.EnableWebhook(h.admin, w.Key, !w.Enabled))
	if got := next(h.t, f); got.Node.Key != w.Key || got.Node.Version != w.Version {
		h.t.Errorf("%s in version %d came, want %s in version %d", got.Node.Key, got.Node.Version, w.Key, w.Version)
	}
}

func TestFollowWebhooks(t *testing.T) {
	t.Parallel()
	h := open(t)
	before := h.webhook(hook.Standard, account, "before")
	f := following[hook.WebhookState](t)(h.FollowWebhooks(h.admin, hook.FollowFilter{}, nil))
	one := following[hook.WebhookState](t)(h.FollowWebhooks(h.admin, hook.FollowFilter{Webhook: before.Key}, nil))
	created := h.webhook(hook.Standard, account, "created")
	first := next(t, f)
	if first.Node.Key != created.Key || first.Node.Version != 1 {
		t.Errorf("%+v", first.Node)
	}
	changed := must[*hook.Webhook](t)(h.EnableWebhook(h.admin, before.Key, false))
	second := next(t, f)
	if second.Node.Key != before.Key || second.Node.Version != changed.Version || second.Node.Webhook.Enabled {
		t.Errorf("%+v", second.Node)
	}
	if got := next(t, one); got.Node.Key != before.Key {
		t.Errorf("a filter lets %s pass", got.Node.Key)
	}

	again := following[hook.WebhookState](t)(h.FollowWebhooks(h.admin, hook.FollowFilter{}, &first.Cursor))
	if got := next(t, again); got.Node.Key != before.Key || got.Cursor != second.Cursor {
		t.Errorf("behind the first cursor comes %+v", got)
	}
	h.quiet(again, created)
	h.quiet(one, changed)
}

// TestFollowingGoesOnAfterARestart: a cursor is good for another process.
func TestFollowingGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, sqlite.File), must[[]byte](t)(emptyDatabase()), 0o600); err != nil {
		t.Fatal(err)
	}
	start := func() (*house, func()) {
		engine := must[*sqlite.Engine](t)(sqlite.Open(t.Context(), dir, storage.Collections(), sqlite.Options{}))
		return over(t, storage.New(engine)), func() {
			if err := engine.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	h, stop := start()
	f, err := h.FollowWebhooks(h.admin, hook.FollowFilter{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	h.webhook(hook.Standard, account, "told")
	cursor := next(t, f).Cursor
	missed := h.webhook(hook.Standard, account, "missed")
	f.Close()
	stop()

	h, stop = start()
	defer stop()
	f, err = h.FollowWebhooks(h.admin, hook.FollowFilter{}, &cursor)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := next(t, f); got.Node.Key != missed.Key {
		t.Errorf("%s came, want %s", got.Node.Key, missed.Key)
	}
	h.quiet(f, missed)
}

// pending returns triggers that are not stored yet.
func pending(n int, w *hook.Webhook) []*hook.Trigger {
	all := make([]*hook.Trigger, n)
	for i := range all {
		all[i] = &hook.Trigger{
			Meta: hook.Meta{Key: fmt.Sprintf("%s-%05d", w.Key, i), Created: hook.Now()}, Webhook: w.Key, Owner: w.Owner,
			EventType: "invoice.paid", Status: hook.TriggerPending, Due: hook.Now(),
		}
	}
	return all
}

func (h *house) write(kind hook.ChangeKind, triggers ...*hook.Trigger) {
	h.t.Helper()
	for part := range slices.Chunk(triggers, 200) {
		var changes []hook.Change
		for _, t := range part {
			changes = append(changes, hook.Change{Kind: kind, Entity: t})
		}
		if err := h.store.Write(h.t.Context(), changes...); err != nil {
			h.t.Error(err)
			return
		}
	}
}

// TestSlowFollowers: who misses more than the gateway keeps gets the last state
// of everything, once.
func TestSlowFollowers(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.webhook(hook.Standard, account, "busy")
	f := following[hook.Trigger](t)(h.FollowTriggers(h.admin, hook.FollowFilter{Webhook: w.Key}, nil))
	all := pending(1400, w)
	h.write(hook.ChangeInsert, all...)
	first := next(t, f)
	for range 2 {
		h.write(hook.ChangeReplace, all[:500]...)
	}
	seen := map[string]int64{first.Node.Key: first.Node.Version}
	told := 0
	for ; len(seen) < len(all) || seen[all[499].Key] < 3; told++ {
		got := next(t, f).Node
		if got.Version <= seen[got.Key] {
			t.Fatalf("version %d of %s comes after %d", got.Version, got.Key, seen[got.Key])
		}
		seen[got.Key] = got.Version
	}
	for _, want := range all {
		if seen[want.Key] != want.Version {
			t.Errorf("%s: version %d was told last, not %d", want.Key, seen[want.Key], want.Version)
		}
	}
	// What stood in the batch that was ready is told again in its later state.
	if told > len(all)+200 {
		t.Errorf("%d states of %d triggers were told", told, len(all))
	}
}

func TestFollowEvents(t *testing.T) {
	t.Parallel()
	h := open(t)
	a, b := h.webhook(hook.Standard, account, "a"), h.webhook(hook.Standard, account, "b")
	all := following[hook.Event](t)(h.FollowEvents(h.admin, hook.FollowFilter{}, nil))
	ofB := following[hook.Event](t)(h.FollowEvents(h.admin, hook.FollowFilter{Webhook: b.Key}, nil))
	paid := following[hook.Event](t)(h.FollowEvents(h.admin, hook.FollowFilter{Type: "invoice.paid"}, nil))
	send := func(w *hook.Webhook, kind string) string {
		trigger := must[*hook.Trigger](t)(h.TriggerWebhook(h.admin, w.Key, hook.ManualEvent{Type: kind}))
		return trigger.Event
	}
	want := []string{send(a, "invoice.sent"), send(b, "invoice.paid"), send(b, "invoice.sent")}
	for _, key := range want {
		got := next(t, all)
		if got.Node.Key != key {
			t.Fatalf("%s came, want %s", got.Node.Key, key)
		}
		// A change of an event is no news.
		e := *got.Node
		if err := h.store.Write(t.Context(), hook.Change{Kind: hook.ChangeReplace, Entity: &e}); err != nil {
			t.Fatal(err)
		}
	}
	last := send(a, "invoice.paid")
	if got := next(t, all); got.Node.Key != last {
		t.Errorf("%s came, want %s", got.Node.Key, last)
	}
	if x, y := next(t, ofB).Node.Key, next(t, ofB).Node.Key; x != want[1] || y != want[2] {
		t.Errorf("of one webhook: %s, %s", x, y)
	}
	if x, y := next(t, paid).Node.Key, next(t, paid).Node.Key; x != want[1] || y != last {
		t.Errorf("of one type: %s, %s", x, y)
	}
}

// TestFollowersHearOfDeletions: of a webhook that is deleted, and of those that
// go with their owner.
func TestFollowersHearOfDeletions(t *testing.T) {
	t.Parallel()
	h := open(t)
	anna := h.member("anna")
	mine := h.client("mine", anna.Key)
	one, two := h.webhook(hook.PageSeeder, mine.GetID(), "one"), h.webhook(hook.PageSeeder, mine.GetID(), "two")
	f := following[hook.WebhookState](t)(h.FollowWebhooks(h.admin, hook.FollowFilter{}, nil))
	hers := following[hook.WebhookState](t)(h.FollowWebhooks(h.as(anna), hook.FollowFilter{Webhook: one.Key}, nil))
	three := h.webhook(hook.Standard, account, "three")
	cursor := next(t, f).Cursor
	if err := h.DeleteWebhook(h.admin, one.Key, nil); err != nil {
		t.Fatal(err)
	}
	for _, follower := range []*hook.Following[hook.WebhookState]{f, hers} {
		if got := next(t, follower); got.Node.Key != one.Key || got.Node.Webhook != nil || got.Node.Version <= one.Version {
			t.Errorf("%+v", got.Node)
		}
	}
	if err := h.DeleteClient(h.admin, mine.Key, nil); err != nil {
		t.Fatal(err)
	}
	if got := next(t, f); got.Node.Key != two.Key || got.Node.Webhook != nil {
		t.Errorf("%+v", got.Node)
	}
	again := following[hook.WebhookState](t)(h.FollowWebhooks(h.admin, hook.FollowFilter{}, &cursor))
	for _, gone := range []string{one.Key, two.Key} {
		if got := next(t, again); got.Node.Key != gone || got.Node.Webhook != nil {
			t.Errorf("%+v", got.Node)
		}
	}
	h.quiet(again, three)

	// After a week nobody waits for them.
	old := &hook.Removal{Meta: hook.Meta{Key: "old", Created: hook.Now().Add(-8 * 24 * time.Hour)}, Webhook: "x", Owner: hook.AccountOwner}
	if err := h.store.Write(t.Context(), hook.Change{Kind: hook.ChangeInsert, Entity: old}); err != nil {
		t.Fatal(err)
	}
	if err := h.CompleteDeletions(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := must[int](t)(h.store.Removals().Count(t.Context(), hook.Query{List: hook.ByCreated, Limit: 10})); left != 2 {
		t.Errorf("%d removals are left", left)
	}
}
