package hook_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/hook"
)

// TestTriggerWebhook stores manual triggers at once from many callers: each is
// stored with its event, counted, and on the list of the latest in their order.
func TestTriggerWebhook(t *testing.T) {
	t.Parallel()
	h := open(t)
	album := h.album("one", nil)
	w := h.webhook(hook.Kheops, album.GetID(), "w")
	if _, err := h.EnableWebhook(h.admin, w.Key, false); err != nil {
		t.Fatal(err)
	}
	const n = 20
	var group sync.WaitGroup
	for range n {
		group.Go(func() {
			got, err := h.TriggerWebhook(h.admin, w.Key, hook.ManualEvent{Type: "new_series", Data: `{"a":1}`})
			if err != nil {
				t.Error(err)
				return
			}
			e := must[*hook.Event](t)(h.store.Events().Get(t.Context(), got.Event))
			if e == nil || e.Data != `{"a":1}` || e.Type != "new_series" || e.Dialect != hook.Kheops || e.Owner != album.ID() || !slices.Equal(e.Targets, []string{w.Key}) {
				t.Errorf("event %+v", e)
			}
			if !got.Manual || got.Status != hook.TriggerPending || got.Partition != hook.PartitionOf(w.Key) || got.Due.IsZero() || len(got.Key) != 30 {
				t.Errorf("trigger %+v", got)
			}
		})
	}
	group.Wait()
	var keys []string
	for page, err := range h.WebhookTriggers(h.admin, w, 0, -1) {
		if err != nil {
			t.Fatal(err)
		}
		for _, trigger := range page {
			keys = append(keys, trigger.Key)
		}
	}
	stats := must[[]*hook.Stats](t)(h.WebhookStats(h.admin, []string{w.Key}))[0]
	var last []string
	for _, l := range stats.Last {
		last = append(last, l.Trigger)
	}
	if len(keys) != n || stats.Total() != n {
		t.Fatalf("%d triggers, counted as %d", len(keys), stats.Total())
	}
	if diff := cmp.Diff(keys[:hook.LastTriggers], last); diff != "" {
		t.Errorf("the latest triggers are not those of the list: %s", diff)
	}
	var some []string
	for page, err := range h.WebhookTriggers(h.admin, w, 3, 4) {
		if err != nil {
			t.Fatal(err)
		}
		for _, trigger := range page {
			some = append(some, trigger.Key)
		}
	}
	if diff := cmp.Diff(keys[3:7], some); diff != "" {
		t.Error(diff)
	}
	entries := must[*hook.Connection[hook.AuditEntry]](t)(h.AuditEntries(h.admin, hook.AuditFilter{Node: w.GetID()}, hook.PageArgs{}))
	if e := entries.Nodes[0]; e.Operation != "triggerWebhook" || len(e.Changes) != 2 || !slices.Contains(keys, strings.Trim(e.Changes[0].New, `"`)) {
		t.Errorf("audit entry %+v", e)
	}
}

func TestTriggerWebhookRefusals(t *testing.T) {
	t.Parallel()
	town := newTown(t)
	w := town.webhooks["album1"]
	good, before := hook.ManualEvent{Type: "new_user"}, len(town.page(t, w))
	for viewer, code := range map[string]hook.Code{
		"nobody": hook.Unauthenticated, "ann": "", "bob": hook.NotFound, "eve": hook.NotFound, "root": "",
		"WEBHOOKS:VIEW": hook.Forbidden,
	} {
		_, err := town.TriggerWebhook(town.viewers[viewer], w.Key, good)
		want(t, viewer, err, code)
		if viewer == "ann" && err == nil {
			last := town.page(t, w)[0]
			e := must[*hook.Event](t)(town.store.Events().Get(t.Context(), last.Event))
			if e.Member != town.members["ann"].Key {
				t.Errorf("the event is from member %q", e.Member)
			}
		}
	}
	publisher := town.key(hook.APIKeyFields{Owner: town.owners["album1"]}, "EVENTS:PUBLISH")
	_, err := town.TriggerWebhook(publisher, w.Key, good)
	want(t, "bound key that publishes", err, "")
	want(t, "permit", town.Permit(publisher, town.owners["album1"], "EVENTS:PUBLISH"), "")
	want(t, "permit of two", town.Permit(publisher, town.owners["album1"], "EVENTS:PUBLISH", "WEBHOOKS:VIEW"), hook.Forbidden)
	want(t, "permit elsewhere", town.Permit(publisher, town.owners["album2"], "EVENTS:PUBLISH"), hook.NotFound)
	for _, tt := range []struct {
		field string
		event hook.ManualEvent
	}{
		{"type", hook.ManualEvent{Type: "user.created"}},
		{"type", hook.ManualEvent{}},
		{"data", hook.ManualEvent{Type: "new_user", Data: "[]"}},
		{"data", hook.ManualEvent{Type: "new_user", Data: "{"}},
		{"data", hook.ManualEvent{Type: "new_user", Data: "  "}},
		{"data", hook.ManualEvent{Type: "new_user", Data: "{\"a\":\"\xff\"}"}},
		{"data", hook.ManualEvent{Type: "new_user", Data: `{"a":"` + strings.Repeat("x", hook.MaxEventData) + `"}`}},
	} {
		_, err := town.TriggerWebhook(town.admin, w.Key, tt.event)
		wantField(t, tt.event.Type, err, hook.Invalid, tt.field)
	}
	_, err = town.TriggerWebhook(town.admin, "none", good)
	want(t, "no such webhook", err, hook.NotFound)
	if n := len(town.page(t, w)) - before; n != 3 {
		t.Errorf("%d triggers were stored, want 3", n)
	}
}

// page returns the latest triggers of a webhook.
func (w *town) page(t *testing.T, webhook *hook.Webhook) []*hook.Trigger {
	t.Helper()
	for page, err := range w.WebhookTriggers(w.admin, webhook, 0, 100) {
		if err != nil {
			t.Fatal(err)
		}
		return page
	}
	return nil
}

// TestTriggerDeletedWebhook deletes a webhook just before its trigger is
// written: nothing of that is left.
func TestTriggerDeletedWebhook(t *testing.T) {
	t.Parallel()
	store := &deleting{Store: openStore(t)}
	h := over(t, store)
	w := h.webhook(hook.Kheops, h.album("one", nil).GetID(), "w")
	store.delete = func(ctx context.Context) {
		if err := h.DeleteWebhook(h.admin, w.Key, nil); err != nil {
			t.Error(err)
		}
	}
	_, err := h.TriggerWebhook(h.admin, w.Key, hook.ManualEvent{Type: "new_user"})
	want(t, "trigger", err, hook.NotFound)
	left := must[[]*hook.Trigger](t)(h.store.Triggers().Find(t.Context(), hook.Query{List: hook.TriggersByWebhook, Equal: []any{w.Key}, Limit: 10}))
	events := must[[]*hook.Event](t)(h.store.Events().Find(t.Context(), hook.Query{List: hook.ByCreated, Limit: 10}))
	stats := must[[]*hook.Stats](t)(h.store.Stats(t.Context(), []string{w.Key}))[0]
	if len(left)+len(events) > 0 || stats.Total() != 0 {
		t.Errorf("%d triggers, %d events and a count of %d are left", len(left), len(events), stats.Total())
	}
}

// A deleting store runs delete once, before the first trigger is written.
type deleting struct {
	hook.Store
	delete func(context.Context)
}

func (d *deleting) Write(ctx context.Context, changes ...hook.Change) error {
	isTrigger := func(c hook.Change) bool {
		_, is := c.Entity.(*hook.Trigger)
		return is
	}
	if f := d.delete; f != nil && slices.ContainsFunc(changes, isTrigger) {
		d.delete = nil
		f(ctx)
	}
	return d.Store.Write(ctx, changes...)
}
