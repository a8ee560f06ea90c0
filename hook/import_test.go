package hook_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/hook"
)

const importedAlbum = "aB3dE5gH7j"

func (h *house) importAll(d hook.Dialect, list ...*hook.Record) (*hook.ImportSummary, error) {
	return h.Import(h.admin, hook.Import{Dialect: d, Album: importedAlbum, Records: records(list...)})
}

// summary imports and checks the counts.
func (h *house) expectImport(d hook.Dialect, created, unchanged, updated, refused int, list ...*hook.Record) *hook.ImportSummary {
	h.t.Helper()
	s, err := h.importAll(d, list...)
	if err != nil {
		h.t.Fatal(err)
	}
	got, expect := [4]int{s.Created, s.Unchanged, s.Updated, s.Refused}, [4]int{created, unchanged, updated, refused}
	if got != expect || len(s.Refusals) != min(refused, hook.MaxRefusals) {
		h.t.Errorf("created, unchanged, updated, refused: %v, want %v; %+v", got, expect, s.Refusals)
	}
	return s
}

func (h *house) expectRefusal(d hook.Dialect, r *hook.Record, field, reason string) {
	h.t.Helper()
	s := h.expectImport(d, 0, 0, 0, 1, r)
	if len(s.Refusals) != 1 || s.Refusals[0].Position != 1 || s.Refusals[0].Field != field || !strings.Contains(s.Refusals[0].Reason, reason) {
		h.t.Errorf("%+v, want %s: %s", s.Refusals, field, reason)
	}
}

// three records of each dialect.
func three(d hook.Dialect) []*hook.Record {
	switch d {
	case hook.PageSeeder:
		return []*hook.Record{pageSeederRecord(1), pageSeederRecord(2), pageSeederRecord(3)}
	case hook.Kheops:
		return []*hook.Record{kheopsRecord(1), kheopsRecord(2), kheopsRecord(3)}
	}
	return []*hook.Record{entrustRecord(1), entrustRecord(2), entrustRecord(3)}
}

func importedOwner(d hook.Dialect) hook.ID {
	return map[hook.Dialect]hook.ID{
		hook.PageSeeder: {Kind: hook.KindClient, Key: "123"}, hook.Kheops: {Kind: hook.KindAlbum, Key: importedAlbum}, hook.Entrust: account,
	}[d]
}

var imports = []hook.Dialect{hook.PageSeeder, hook.Kheops, hook.Entrust}

// listOf returns the keys of a dialect's list.
func (h *house) listOf(d hook.Dialect) (keys []string) {
	h.t.Helper()
	list := must[*hook.OwnerWebhooks](h.t)(h.WebhooksOf(h.admin, d, importedOwner(d)))
	for page, err := range list.Pages(h.admin, 0, -1, nil) {
		if err != nil {
			h.t.Fatal(err)
		}
		keys = append(keys, keysOf(page)...)
	}
	return keys
}

func keysOfRecords(list []*hook.Record) []string {
	keys := make([]string, len(list))
	for i, r := range list {
		keys[i] = r.Webhook.Key
	}
	return keys
}

// What is imported is there as the source told; the same again changes nothing.
func TestImport(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, d := range imports {
		list := three(d)
		h.expectImport(d, 3, 0, 0, 0, list...)
		if got := h.listOf(d); !slices.Equal(got, keysOfRecords(list)) {
			t.Errorf("%s: the order is %v", d, got)
		}
		for _, r := range list {
			got := *must[*hook.Webhook](t)(h.Webhook(h.admin, r.Webhook.Key))
			if got.Owner != importedOwner(d).String() || got.CreatedBy != "admin key" || got.Created.After(hook.Now()) {
				t.Errorf("%+v", got)
			}
			expect := *r.Webhook
			if expect.Created.IsZero() {
				expect.Created, expect.Modified = got.Created, got.Modified
			}
			expect.Version, expect.Owner, expect.CreatedBy, expect.ModifiedBy, expect.Source = got.Version, got.Owner, got.CreatedBy, got.ModifiedBy, got.Source
			expect.Slot, expect.Place = got.Slot, got.Place
			expect.SetIndexed()
			if diff := cmp.Diff(expect, got); diff != "" {
				t.Errorf("%s (-want +got)\n%s", d, diff)
			}
		}
	}
	c := must[*hook.Client](t)(h.Client(h.admin, "123"))
	m := must[*hook.Member](t)(h.Member(h.admin, "456"))
	if c.Member != "456" || c.Identifier != "4739db31320c67c5" || !c.Created.Equal(springtime) || m.Username != "jsnow" || m.FullName != "Joan Snow" {
		t.Errorf("%+v, %+v", c, m)
	}
	if a := must[*hook.Album](t)(h.Album(h.admin, importedAlbum)); a.Name != importedAlbum || a.MemberPermissions != hook.DefaultMemberPermissions() {
		t.Errorf("%+v", a)
	}
	stats := must[[]*hook.Stats](t)(h.WebhookStats(h.admin, []string{kheopsRecord(1).Webhook.Key}))[0]
	if stats.Total() != 11 || !slices.Equal(stats.Last, kheopsRecord(1).Last) {
		t.Errorf("%+v", stats)
	}
	triggers := must[*hook.Connection[hook.Trigger]](t)(h.Triggers(h.admin, hook.TriggerFilter{Webhook: kheopsRecord(1).Webhook.Key}, hook.PageArgs{}))
	if len(triggers.Nodes) != 2 || triggers.Nodes[0].Key != kheopsRecord(1).Last[0].Trigger || triggers.Nodes[0].Status != hook.TriggerFail ||
		triggers.Nodes[0].HappenedAt() != nil {
		t.Errorf("%+v", triggers.Nodes)
	}

	before := h.everything()
	for _, d := range imports {
		h.expectImport(d, 0, 3, 0, 0, three(d)...)
	}
	if diff := cmp.Diff(before, h.everything()); diff != "" {
		t.Errorf("the same import again changed (-before +after)\n%s", diff)
	}
}

// everything returns what is stored, but the audit log.
func (h *house) everything() map[string]any {
	h.t.Helper()
	all := map[string]any{}
	store(h.t, all, "members", h.store.Members())
	store(h.t, all, "clients", h.store.Clients())
	store(h.t, all, "albums", h.store.Albums())
	store(h.t, all, "triggers", h.store.Triggers())
	store(h.t, all, "deletions", h.store.Deletions())
	all["stats"] = must[[]*hook.Stats](h.t)(h.store.Stats(h.t.Context(), keysOf(store(h.t, all, "webhooks", h.store.Webhooks()))))
	return all
}

func store[T any](t *testing.T, all map[string]any, name string, c hook.Collection[T]) []*T {
	t.Helper()
	found := must[[]*T](t)(c.Find(t.Context(), hook.Query{List: hook.ByCreated, Limit: 1000}))
	all[name] = found
	return found
}

// A source that has changed replaces what it told before, and keeps what it does
// not know.
func TestImportOfChanges(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, d := range imports {
		h.expectImport(d, 3, 0, 0, 0, three(d)...)
	}
	value := hook.Secret("v")
	key := entrustRecord(1).Webhook.Key
	if _, err := h.UpdateWebhook(h.admin, key, nil, hook.WebhookFields{
		Name: hook.Set("local"), Headers: hook.Set([]hook.HeaderFields{{Name: "X-A", Value: &value}}), RetryPolicy: hook.Set(&hook.RetryPolicy{Timeout: 3}),
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.SetWebhookSecret(h.admin, key, nil, "known"); err != nil {
		t.Fatal(err)
	}
	h.expectImport(hook.Entrust, 0, 3, 0, 0, three(hook.Entrust)...)
	w := must[*hook.Webhook](t)(h.Webhook(h.admin, key))
	if w.Name != "local" || w.SecretState != hook.SecretSet {
		t.Errorf("an unchanged import changed %+v", w)
	}
	changed := entrustRecord(1)
	changed.Webhook.Enabled, changed.Webhook.Name = false, "remote"
	h.expectImport(hook.Entrust, 0, 0, 1, 0, changed)
	after := must[*hook.Webhook](t)(h.Webhook(h.admin, key))
	if after.Name != "remote" || after.Enabled || after.SecretState != hook.SecretSet || len(after.Headers) != 1 || after.RetryPolicy == nil ||
		!after.Created.Equal(w.Created) || after.Version != w.Version+1 {
		t.Errorf("%+v", after)
	}
	h.expectImport(hook.Entrust, 0, 3, 0, 0, changed, entrustRecord(2), entrustRecord(3))
	if got := h.listOf(hook.Entrust); !slices.Equal(got, keysOfRecords(three(hook.Entrust))) {
		t.Errorf("the order is %v", got)
	}

	// The client's source alone has changed: its webhooks count as updated.
	if _, err := h.UpdateClient(h.admin, "123", nil, hook.ClientFields{WebhookSecret: hook.Set(hook.Secret("s")), Description: hook.Set("local")}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.UpdateMember(h.admin, "456", nil, hook.MemberFields{Sub: hook.Set("sub-joan"), Email: hook.Set("joan@example.org")}); err != nil {
		t.Fatal(err)
	}
	h.expectImport(hook.PageSeeder, 0, 1, 0, 0, pageSeederRecord(1))
	r := pageSeederRecord(1)
	r.Client.Name, r.Member.Surname, r.Client.Created = "Sample", "Winter", time.Time{}
	h.expectImport(hook.PageSeeder, 0, 0, 1, 0, r)
	h.expectImport(hook.PageSeeder, 0, 1, 0, 0, r)
	c, m := must[*hook.Client](t)(h.Client(h.admin, "123")), must[*hook.Member](t)(h.Member(h.admin, "456"))
	if c.Name != "Sample" || c.Description != "" || !c.HasWebhookSecret() || !c.Created.Equal(springtime) || c.CreatedUnknown ||
		m.Surname != "Winter" || m.Sub != "sub-joan" || m.Email != "joan@example.org" {
		t.Errorf("%+v, %+v", c, m)
	}

	// Triggers: a new one, another status, another number.
	k := kheopsRecord(1)
	k.Last = append([]hook.LastTrigger{{Trigger: "newest", Status: hook.TriggerPass}}, k.Last...)
	k.Last[1].Status, k.Triggers = hook.TriggerPass, 12
	h.expectImport(hook.Kheops, 0, 0, 1, 0, k)
	stats := must[[]*hook.Stats](t)(h.WebhookStats(h.admin, []string{k.Webhook.Key}))[0]
	triggers := must[*hook.Connection[hook.Trigger]](t)(h.Triggers(h.admin, hook.TriggerFilter{Webhook: k.Webhook.Key}, hook.PageArgs{}))
	if stats.Total() != 12 || !slices.Equal(stats.Last, k.Last) || len(triggers.Nodes) != 3 || triggers.Nodes[0].Key != "newest" ||
		triggers.Nodes[1].Status != hook.TriggerPass {
		t.Errorf("%+v, %+v", stats, triggers.Nodes)
	}
	k.Last, k.Triggers = nil, 0
	h.expectImport(hook.Kheops, 0, 0, 1, 0, k)
	if stats = must[[]*hook.Stats](t)(h.WebhookStats(h.admin, []string{k.Webhook.Key}))[0]; stats.Total() != 0 || len(stats.Last) != 0 {
		t.Errorf("%+v", stats)
	}

	// A webhook that PageSeeder moved to another client.
	r = pageSeederRecord(2)
	r.Client.Key, r.Client.Number, r.Client.Identifier, r.Client.Name = "124", 124, "00c0ffee00c0ffee", "other"
	h.expectImport(hook.PageSeeder, 0, 0, 1, 0, r)
	if w := must[*hook.Webhook](t)(h.Webhook(h.admin, "2")); w.Owner != "Client:124" {
		t.Errorf("%+v", w)
	}
}

// The numbers that are made here do not meet imported ones, however large.
func TestLargeNumbers(t *testing.T) {
	t.Parallel()
	h := open(t)
	first := h.member("first")
	var list []*hook.Record
	for i := range int64(3) {
		list = append(list, pageSeederRecord(first.Number+1+i))
	}
	list[0].Client.Number = first.Number + 4
	list[0].Client.Key = fmt.Sprint(list[0].Client.Number)
	list[1].Client, list[2].Client = list[0].Client, list[0].Client
	h.expectImport(hook.PageSeeder, 3, 0, 0, 0, list...)
	c := h.client("c", "")
	for range 4 {
		h.webhook(hook.PageSeeder, c.GetID(), "w")
		h.client(fmt.Sprint("c", time.Now().UnixNano()), "")
	}
}

// Local edits stay, also of an imported list that has entries the catalogue does
// not know - but new ones must be known.
func TestEditsOfImports(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.expectImport(hook.PageSeeder, 1, 0, 0, 0, pageSeederRecord(1))
	if _, err := h.UpdateWebhook(h.admin, "1", nil, hook.WebhookFields{Name: hook.Set("local")}); err != nil {
		t.Fatal(err)
	}
	set := func(patterns ...string) error {
		var list []hook.Subscription
		for _, p := range patterns {
			list = append(list, hook.Subscription{Pattern: p})
		}
		_, err := h.UpdateWebhook(h.admin, "1", nil, hook.WebhookFields{Subscriptions: hook.Set(list)})
		return err
	}
	want(t, "with what it has", set("old.event", "task.updated"), "")
	wantField(t, "with something new", set("old.event", "new.event"), hook.Invalid, "subscriptions.1.pattern")
	want(t, "without it", set("task.updated"), "")
	wantField(t, "with it again", set("old.event"), hook.Invalid, "subscriptions.0.pattern")
}
