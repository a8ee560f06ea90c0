package hook_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/hookgraph/hookgraph/hook"
)

// A family is a member with all that is deleted with it.
type family struct {
	member           *hook.Member
	client           *hook.Client
	album            *hook.Album
	webhooks         []string
	events, triggers []string
	keys             []string
}

func (h *house) family(name string) *family {
	h.t.Helper()
	f := &family{member: h.member(name)}
	f.client, f.album = h.client(name, f.member.Key), h.album(name, f.member)
	owner := f.client.GetID().String()
	var changes []hook.Change
	for i := range 2 {
		w := h.webhook(hook.PageSeeder, f.client.GetID(), fmt.Sprint(name, i))
		f.webhooks = append(f.webhooks, w.Key)
		event := &hook.Event{Meta: hook.Meta{Key: fmt.Sprint(name, "-event-", i), Created: hook.Now()}, Owner: owner, State: hook.EventDone}
		trigger := &hook.Trigger{Meta: hook.Meta{Key: fmt.Sprint(name, "-trigger-", i), Created: hook.Now()}, Webhook: w.Key, Owner: owner, Event: event.Key, Status: hook.TriggerPass}
		f.events, f.triggers = append(f.events, event.Key), append(f.triggers, trigger.Key)
		changes = append(changes,
			hook.Change{Kind: hook.ChangeInsert, Entity: event}, hook.Change{Kind: hook.ChangeInsert, Entity: trigger},
			hook.Change{Kind: hook.ChangeCount, Webhook: w.Key, Add: hook.Stats{Triggers: 1}})
	}
	if err := h.store.Write(h.t.Context(), changes...); err != nil {
		h.t.Fatal(err)
	}
	for _, fields := range []hook.APIKeyFields{{Member: f.member.Key}, {Owner: f.client.GetID()}} {
		fields.Name, fields.Permissions = name, []hook.Permission{"ALL"}
		k, _, err := h.CreateAPIKey(h.admin, fields)
		if err != nil {
			h.t.Fatal(err)
		}
		f.keys = append(f.keys, k.Key)
	}
	return f
}

// present returns how much of a family is stored, and of how much.
func (h *house) present(f *family) (n, of int) {
	h.t.Helper()
	ctx := h.t.Context()
	n += found(h.t, h.store.Members(), f.member.Key) + found(h.t, h.store.Clients(), f.client.Key)
	n += found(h.t, h.store.Webhooks(), f.webhooks...) + found(h.t, h.store.Events(), f.events...)
	n += found(h.t, h.store.Triggers(), f.triggers...) + found(h.t, h.store.APIKeys(), f.keys...)
	stats := must[[]*hook.Stats](h.t)(h.store.Stats(ctx, f.webhooks))
	for _, s := range stats {
		n += int(s.Total())
	}
	a := must[*hook.Album](h.t)(h.store.Albums().Get(ctx, f.album.Key))
	if isMember, _ := a.HasMember(f.member.Key); isMember {
		n++
	}
	return n, 13
}

func found[T any](t *testing.T, c hook.Collection[T], keys ...string) (n int) {
	t.Helper()
	for _, e := range must[[]*T](t)(c.GetMany(t.Context(), keys)) {
		if e != nil {
			n++
		}
	}
	return n
}

func (h *house) deletions() int {
	h.t.Helper()
	return must[int](h.t)(h.store.Deletions().Count(h.t.Context(), hook.Query{List: hook.ByCreated, Limit: 1000}))
}

// A member goes with its clients, their webhooks, triggers, events and counters,
// its keys, and leaves its albums - if that is asked for.
func TestDeleteMember(t *testing.T) {
	t.Parallel()
	h := open(t)
	f, other := h.family("ann"), h.family("eve")
	err := h.DeleteMember(h.admin, f.member.Key, nil, false)
	wantField(t, "without cascade", err, hook.Conflict, "cascade")
	if n, of := h.present(f); n != of {
		t.Errorf("a refused deletion left %d of %d", n, of)
	}
	want(t, "with cascade", h.DeleteMember(h.admin, f.member.Key, nil, true), "")
	if n, _ := h.present(f); n != 0 || h.deletions() != 0 {
		t.Errorf("%d are left, %d deletions", n, h.deletions())
	}
	if n, of := h.present(other); n != of {
		t.Errorf("another one has %d of %d", n, of)
	}
	want(t, "again", h.DeleteMember(h.admin, f.member.Key, nil, true), hook.NotFound)
	want(t, "of nobody", h.DeleteMember(h.admin, "77", nil, true), hook.NotFound)
}

// A deletion that was cut anywhere is completed later, or has not begun.
func TestDeletionsCutShort(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	h := over(t, store)
	round := 0
	attempt := func(cut hook.Store, n int) error {
		round++
		f := h.family(fmt.Sprint("member-", round))
		err := over(t, cut).DeleteMember(h.admin, f.member.Key, nil, true)
		_, viewErr := h.Member(h.admin, f.member.Key)
		if gone := hook.CodeOf(viewErr) == hook.NotFound; err == nil && !gone {
			t.Errorf("cut %d: deleted, but seen", n)
		}
		if err := h.CompleteDeletions(t.Context()); err != nil {
			t.Fatalf("cut %d: %v", n, err)
		}
		left, of := h.present(f)
		if h.deletions() != 0 || left != 0 && (left != of || err == nil) {
			t.Errorf("cut %d: %v, %d of %d are left, %d deletions", n, err, left, of, h.deletions())
		}
		if left != 0 {
			want(t, "again", h.DeleteMember(h.admin, f.member.Key, nil, true), "")
			if left, _ := h.present(f); left != 0 {
				t.Errorf("cut %d, again: %d are left", n, left)
			}
		}
		return err
	}
	onEachCut(store, true, attempt)
	onEachCut(store, false, attempt)
	if round < 20 {
		t.Errorf("only %d rounds", round)
	}
}

// The completion of a deletion can be cut as well.
func TestCompletionsCutShort(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	h := over(t, store)
	round := 0
	onEachCut(store, false, func(cut hook.Store, n int) error {
		round++
		f := h.family(fmt.Sprint("member-", round))
		first := &cutStore{Store: store, left: 4} // just the member
		if err := over(t, first).DeleteMember(h.admin, f.member.Key, nil, true); err != nil {
			t.Fatal(err)
		}
		err := over(t, cut).CompleteDeletions(t.Context())
		if (err == nil) != (h.deletions() == 0) {
			t.Errorf("cut %d: %v, %d deletions", n, err, h.deletions())
		}
		want(t, "complete", h.CompleteDeletions(t.Context()), "")
		if left, _ := h.present(f); left != 0 || h.deletions() != 0 {
			t.Errorf("cut %d: %d are left, %d deletions", n, left, h.deletions())
		}
		return err
	})
}

// However much is below a client, nobody sees its webhooks when it is gone.
func TestDeleteManyChildren(t *testing.T) {
	t.Parallel()
	h := open(t)
	c, a := h.client("c", ""), h.album("a", nil)
	all := h.fill(300, func(int) hook.ID { return c.GetID() })
	var changes []hook.Change
	for i := range all {
		changes = append(changes, hook.Change{Kind: hook.ChangeInsert, Entity: &hook.Trigger{
			Meta: hook.Meta{Key: fmt.Sprintf("trigger%05d", i), Created: springtime}, Webhook: all[i].Key, Owner: all[i].Owner, Status: hook.TriggerPass,
		}})
	}
	if err := h.store.Write(t.Context(), changes...); err != nil {
		t.Fatal(err)
	}
	h.webhook(hook.Kheops, a.GetID(), "other")
	want(t, "delete", h.DeleteClient(h.admin, c.Key, nil), "")
	list := must[*hook.Connection[hook.Webhook]](t)(h.Webhooks(h.admin, hook.WebhookFilter{}, hook.Order{}, hook.PageArgs{}))
	if n, _, err := list.Total(h.admin); n != 1 || err != nil {
		t.Errorf("%d webhooks, %v", n, err)
	}
	if h.deletions() == 0 {
		t.Error("nothing was left for later: the test proves nothing")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.CompleteDeletions(ctx); err == nil {
		t.Error("completed without time")
	}
	want(t, "complete", h.CompleteDeletions(t.Context()), "")
	n := must[int](t)(h.store.Triggers().Count(t.Context(), hook.Query{List: hook.ByCreated, Limit: 1000}))
	if n != 0 || h.deletions() != 0 {
		t.Errorf("%d triggers, %d deletions", n, h.deletions())
	}
}

// An album goes with its webhooks; its members stay.
func TestDeleteAlbum(t *testing.T) {
	t.Parallel()
	h := open(t)
	ann := h.member("ann")
	a := h.album("a", ann)
	w := h.webhook(hook.Kheops, a.GetID(), "w")
	viewer := h.key(hook.APIKeyFields{Owner: a.GetID()}, "ALL")
	want(t, "delete", h.DeleteAlbum(viewer, a.Key, nil), "")
	for _, id := range []hook.ID{a.GetID(), w.GetID()} {
		if e, err := h.Node(h.admin, id); e != nil || err != nil {
			t.Errorf("%s: %v, %v", id, e, err)
		}
	}
	if _, err := h.Member(h.admin, ann.Key); err != nil {
		t.Error(err)
	}
	if list := must[*hook.Connection[hook.APIKey]](t)(h.APIKeys(h.admin, hook.PageArgs{})); len(list.Nodes) != 0 {
		t.Errorf("keys: %v", keysOf(list.Nodes))
	}
}

// While a key's former bearer is being deleted, an import does not take it: its
// children would be deleted with the old ones.
func TestKeysThatAreBeingDeleted(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	h := over(t, store)
	in := hook.Import{Dialect: hook.Kheops, Album: "aB3dE5gH7j", Records: records(kheopsRecord(1), kheopsRecord(2))}
	if _, err := h.Import(h.admin, in); err != nil {
		t.Fatal(err)
	}
	webhook := kheopsRecord(1).Webhook.Key
	for _, remove := range []func(*house) error{
		func(h *house) error { return h.DeleteWebhook(h.admin, webhook, nil) },
		func(h *house) error { return h.DeleteAlbum(h.admin, in.Album, nil) },
	} {
		if err := remove(over(t, &cutStore{Store: store, atomic: true, left: 1})); err != nil {
			t.Fatal(err)
		}
		if h.deletions() != 1 {
			t.Fatalf("%d deletions", h.deletions())
		}
		_, err := h.Import(h.admin, in)
		want(t, "import", err, hook.Unavailable)
		want(t, "complete", h.CompleteDeletions(t.Context()), "")
		if _, err := h.Import(h.admin, in); err != nil {
			t.Fatal(err)
		}
		keys := []string{webhook, kheopsRecord(2).Webhook.Key}
		webhooks := must[[]*hook.Webhook](t)(h.WebhooksByKey(h.admin, keys))
		stats := must[[]*hook.Stats](t)(h.WebhookStats(h.admin, keys))
		if slices.Contains(webhooks, nil) || stats[0].Total() != 11 || stats[1].Total() != 11 || len(stats[0].Last) != 2 {
			t.Errorf("%v, %+v", webhooks, stats[0])
		}
	}
}
