package hook_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/hook"
)

// listener makes a webhook for patterns. PageSeeder's have had their ping.
func (h *house) listener(d hook.Dialect, owner hook.ID, name string, patterns []string, change func(*hook.WebhookFields)) *hook.Webhook {
	h.t.Helper()
	fields := example(d, "w")
	fields.Name = hook.Set(name)
	var subscriptions []hook.Subscription
	for _, p := range patterns {
		subscriptions = append(subscriptions, hook.Subscription{Pattern: p})
	}
	fields.Subscriptions = hook.Set(subscriptions)
	if d == hook.PageSeeder {
		fields.Health = hook.Set(hook.HealthActive)
	}
	if change != nil {
		change(&fields)
	}
	w, _, err := h.CreateWebhook(h.admin, d, owner, fields)
	if err != nil {
		h.t.Fatalf("%s: %v", name, err)
	}
	return w
}

// reached returns the names of the webhooks that were told of an event.
func (h *house) reached(e *hook.Event) []string {
	h.t.Helper()
	names := []string{}
	for _, t := range h.triggersOf(e.Key) {
		w := must[*hook.Webhook](h.t)(h.store.Webhooks().Get(h.t.Context(), t.Webhook))
		names = append(names, w.Name)
	}
	slices.Sort(names)
	return names
}

func (h *house) triggersOf(event string) []*hook.Trigger {
	h.t.Helper()
	return must[[]*hook.Trigger](h.t)(h.store.Triggers().Find(h.t.Context(), hook.Query{List: hook.TriggersByEvent, Equal: []any{event}, Limit: 5000}))
}

// TestMatching is the table of section 7 of the design.
func TestMatching(t *testing.T) {
	t.Parallel()
	h := open(t)
	c1, c2 := h.client("one", "").GetID(), h.client("two", "").GetID()
	a1, a2 := h.album("one", nil).GetID(), h.album("two", nil).GetID()
	all := []string{"*"}
	make := func(d hook.Dialect, owner hook.ID, name string, patterns ...string) {
		h.listener(d, owner, name, patterns, nil)
	}
	with := func(d hook.Dialect, owner hook.ID, name string, change func(*hook.WebhookFields)) {
		h.listener(d, owner, name, all, change)
	}
	off := func(f *hook.WebhookFields) { f.Enabled = hook.Set(false) }

	make(hook.Standard, a1, "std a1 *", "*")
	make(hook.Standard, a1, "std a1 image.*", "image.*")
	make(hook.Standard, a1, "std a1 twice", "image.tag.added", "image.*", "*")
	make(hook.Standard, a1, "std a1 none")
	with(hook.Standard, a1, "std a1 off", off)
	with(hook.Standard, a1, "std a1 expired", func(f *hook.WebhookFields) {
		past := time.Now().Add(-time.Hour)
		f.ExpiresAt = hook.Set(&past)
	})
	make(hook.Standard, a2, "std a2 *", "*")
	make(hook.Kheops, a1, "khe a1 new_series", "new_series")
	make(hook.Kheops, a1, "khe a1 *", "*")
	with(hook.Kheops, a1, "khe a1 off", off)
	make(hook.Kheops, a2, "khe a2 *", "*")
	make(hook.Standard, c1, "std c1 order.*", "order.*")
	make(hook.Standard, c1, "std c1 order.line.*", "order.line.*")
	make(hook.Standard, c1, "std c1 order.line.added", "order.line.added")
	make(hook.Standard, c2, "std c2 *", "*")
	make(hook.Standard, account, "std *", "*")
	make(hook.Standard, account, "std user.*", "user.*")
	make(hook.Entrust, account, "ent user.created", "user.created")
	make(hook.Entrust, account, "ent *", "*")
	with(hook.Entrust, account, "ent off", off)
	with(hook.Entrust, account, "ent filtered", func(f *hook.WebhookFields) {
		f.Subscriptions = hook.Set([]hook.Subscription{{Pattern: "*", Filter: `[{"group":"a","level":1},{"kind":["x","y"]}]`}})
	})
	make(hook.PageSeeder, c1, "ps *", "*")
	make(hook.PageSeeder, c2, "ps comment.*", "comment.*")
	with(hook.PageSeeder, c1, "ps server", func(f *hook.WebhookFields) { f.ServerEvents = hook.Set(true) })
	with(hook.PageSeeder, c1, "ps project", func(f *hook.WebhookFields) { f.Projects = hook.Set([]string{"acme"}) })
	with(hook.PageSeeder, c1, "ps group", func(f *hook.WebhookFields) { f.Groups = hook.Set([]string{"acme-web", "other"}) })
	with(hook.PageSeeder, c1, "ps server group", func(f *hook.WebhookFields) {
		f.ServerEvents, f.Groups = hook.Set(true), hook.Set([]string{"far"})
	})
	with(hook.PageSeeder, c1, "ps off", off)
	with(hook.PageSeeder, c1, "ps pending", func(f *hook.WebhookFields) { f.Health = hook.Set(hook.HealthPending) })

	for _, test := range []struct {
		p    hook.Publication
		want []string
	}{
		{hook.Publication{Owner: a1, Type: "new_series"}, []string{"khe a1 *", "khe a1 new_series", "std a1 *", "std a1 twice"}},
		{hook.Publication{Owner: a1, Type: "delete_album"}, []string{"khe a1 *", "std a1 *", "std a1 twice"}},
		{hook.Publication{Owner: a1, Type: "image.tag.added"}, []string{"std a1 *", "std a1 image.*", "std a1 twice"}},
		{hook.Publication{Owner: a1, Type: "new_series", Dialect: hook.Standard}, []string{"std a1 *", "std a1 twice"}},
		{hook.Publication{Owner: a2, Type: "new_series"}, []string{"khe a2 *", "std a2 *"}},

		{hook.Publication{Owner: c1, Type: "order.line.added"}, []string{"std c1 order.*", "std c1 order.line.*", "std c1 order.line.added"}},
		{hook.Publication{Owner: c1, Type: "order.line"}, []string{"std c1 order.*"}},
		{hook.Publication{Owner: c1, Type: "order"}, []string{}},
		{hook.Publication{Owner: c1, Type: "orders.line.added"}, []string{}},
		// PageSeeder webhooks belong to a client and hear of the account.
		{hook.Publication{Owner: c1, Type: "comment.created"}, []string{}},
		{hook.Publication{Owner: c2, Type: "comment.created"}, []string{"std c2 *"}},

		{hook.Publication{Type: "invoice.paid"}, []string{"std *"}},
		{hook.Publication{Owner: account, Type: "user.created", Data: `{"group":"a","level":1}`},
			[]string{"ent *", "ent filtered", "ent user.created", "std *", "std user.*"}},
		{hook.Publication{Type: "user.created", Data: `{"group":"b","level":1,"kind":"z"}`}, []string{"ent *", "ent user.created", "std *", "std user.*"}},
		{hook.Publication{Type: "user.created", Data: `{"group":"b","kind":"y"}`}, []string{"ent *", "ent filtered", "ent user.created", "std *", "std user.*"}},
		{hook.Publication{Type: "user.created", Dialect: hook.Standard}, []string{"std *", "std user.*"}},
		{hook.Publication{Type: "password.updated", Data: `{"entityAttributes":{"group":"b","kind":"x"}}`}, []string{"ent *", "ent filtered", "std *"}},

		{hook.Publication{Type: "comment.created"}, []string{"ps *", "ps comment.*", "ps server", "std *"}},
		{hook.Publication{Type: "uri.created"}, []string{"ps *", "ps server", "std *"}},
		{hook.Publication{Type: "comment.created", Groups: []string{"acme-web"}}, []string{"ps *", "ps comment.*", "ps group", "ps project", "ps server", "std *"}},
		{hook.Publication{Type: "comment.created", Groups: []string{"acme"}}, []string{"ps *", "ps comment.*", "ps server", "std *"}},
		{hook.Publication{Type: "comment.created", Groups: []string{"acmes-web", "other"}}, []string{"ps *", "ps comment.*", "ps group", "ps server", "std *"}},
		{hook.Publication{Type: "comment.created", Projects: []string{"acme"}}, []string{"ps *", "ps comment.*", "ps project", "ps server", "std *"}},
		{hook.Publication{Type: "project.deleted", Projects: []string{"far"}}, []string{"ps *", "ps server", "std *"}},
		// A server event happens in no group: the server flag alone decides.
		{hook.Publication{Type: "member.created"}, []string{"ps server", "ps server group", "std *"}},
		{hook.Publication{Type: "member.created", Dialect: hook.Standard}, []string{"std *"}},
	} {
		published, err := h.PublishEvents(h.admin, []hook.Publication{test.p})
		if err != nil {
			t.Errorf("%+v: %v", test.p, err)
			continue
		}
		got := h.reached(published[0].Event)
		if diff := cmp.Diff(test.want, got); diff != "" || published[0].Triggers != len(got) {
			t.Errorf("%s of %s, %s, counted as %d: %s", test.p.Type, test.p.Owner, test.p.Data, published[0].Triggers, diff)
		}
	}
	// The events of one publishing are matched each for itself.
	several := must[[]hook.Published](t)(h.PublishEvents(h.admin, []hook.Publication{
		{Type: "comment.created", Groups: []string{"other"}}, {Type: "comment.created"}, {Type: "user.created", Data: `{"kind":"x"}`}, {Owner: c1, Type: "order.line"},
	}))
	for i, want := range []int{5, 4, 5, 1} {
		if got := len(h.reached(several[i].Event)); got != want || several[i].Triggers != want {
			t.Errorf("event %d reached %d, told as %d, want %d", i, got, several[i].Triggers, want)
		}
	}
}
