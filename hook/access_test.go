package hook_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/hook"
)

// places are the owners in the order of the tables below.
var places = []string{"client1", "client2", "album1", "album2", "account"}

// TestWebhookAccess: the operations on webhooks by owner, in the order client of
// ann, client of eve, album of ann, album of eve, account.
func TestWebhookAccess(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for viewer, expect := range map[string]struct{ view, list, of, update, create, delete string }{
		"nobody":         {"UUUUU", "UUUUU", "UUUUU", "UUUUU", "UUUUU", "UUUUU"},
		"admin key":      {"+++++", "+++++", "+++++", "+++++", "+++++", "+++++"},
		"root":           {"+++++", "+++++", "+++++", "+++++", "+++++", "+++++"},
		"ALL":            {"+++++", "+++++", "+++++", "+++++", "+++++", "+++++"},
		"WEBHOOKS:ALL":   {"++NN+", "++NN+", "++NN+", "++NN+", "++NN+", "++NN+"},
		"WEBHOOKS:VIEW":  {"++NN+", "++NN+", "++NN+", "FFFFF", "FFFFF", "FFFFF"},
		"WEBHOOKS:EDIT":  {"FFFFF", "FFFFF", "FFFFF", "++NN+", "FFFFF", "FFFFF"},
		"REMOVE only":    {"FFFFF", "FFFFF", "FFFFF", "FFFFF", "FFFFF", "++NN+"},
		"ADD only":       {"FFFFF", "FFFFF", "FFFFF", "FFFFF", "++NN+", "FFFFF"},
		"ALBUMS:ALL":     {"NN++N", "NN++F", "NN++F", "NN++N", "NN++F", "NN++N"},
		"ALBUMS:VIEW":    {"++NN+", "++FF+", "++FF+", "FFFFF", "FFFFF", "FFFFF"},
		"CLIENTS:ALL":    {"FFFFF", "FFFFF", "FFFFF", "FFFFF", "FFFFF", "FFFFF"},
		"AUDIT:VIEW":     {"FFFFF", "FFFFF", "FFFFF", "FFFFF", "FFFFF", "FFFFF"},
		"ann":            {"+N+NN", "+N+NF", "FN+NF", "FN+NN", "FN+NF", "FN+NN"},
		"as ann":         {"+N+NN", "+N+NF", "FN+NF", "FN+NN", "FN+NF", "FN+NN"},
		"as ann VIEW":    {"+N+NN", "+N+NF", "FN+NF", "FFFFF", "FFFFF", "FFFFF"},
		"as ann albums":  {"NN+NN", "FN+NF", "FN+NF", "NN+NN", "FN+NF", "NN+NN"},
		"as root VIEW":   {"++NN+", "++NN+", "++NN+", "FFFFF", "FFFFF", "FFFFF"},
		"bob":            {"NNNNN", "NNFNF", "NNFNF", "NNNNN", "NNFNF", "NNNNN"},
		"as bob":         {"NNNNN", "NNFNF", "NNFNF", "NNNNN", "NNFNF", "NNNNN"},
		"eve":            {"N+N+N", "N+N+F", "NFN+F", "NFN+N", "NFN+F", "NFN+N"},
		"client1":        {"+NNNN", "+NNNF", "+NNNF", "+NNNN", "+NNNF", "+NNNN"},
		"client1 VIEW":   {"+NNNN", "+NNNF", "+NNNF", "FFFFF", "FFFFF", "FFFFF"},
		"client1 albums": {"NNNNN", "FNNNF", "FNNNF", "NNNNN", "FNNNF", "NNNNN"},
		"album1":         {"NN+NN", "NN+NF", "NN+NF", "NN+NN", "NN+NF", "NN+NN"},
		"album1 albums":  {"NN+NN", "NN+NF", "NN+NF", "NN+NN", "NN+NF", "NN+NN"},
		"account":        {"NNNN+", "NNNN+", "NNNN+", "NNNN+", "NNNN+", "NNNN+"},
	} {
		ctx := w.viewers[viewer]
		check := func(operation, expect string, ask func(owner string) error) {
			t.Helper()
			if got := w.across(ask); got != expect {
				t.Errorf("%s: %s is %s, want %s", viewer, operation, got, expect)
			}
		}
		check("view", expect.view, func(owner string) error {
			_, err := w.Webhook(ctx, w.webhooks[owner].Key)
			return err
		})
		check("list", expect.list, func(owner string) error {
			c, err := w.Webhooks(ctx, hook.WebhookFilter{Owner: w.owners[owner]}, hook.Order{}, hook.PageArgs{})
			if err == nil && (len(c.Nodes) != 1 || c.Nodes[0].Key != w.webhooks[owner].Key) {
				t.Errorf("%s: %s has %v", viewer, owner, keysOf(c.Nodes))
			}
			return err
		})
		check("the dialect's list", expect.of, func(owner string) error {
			_, err := w.WebhooksOf(ctx, w.webhooks[owner].Dialect, w.owners[owner])
			return err
		})
		stale := int64(99)
		check("update", expect.update, func(owner string) error {
			// A version tells nothing to who may not see the webhook.
			_, err := w.UpdateWebhook(ctx, w.webhooks[owner].Key, &stale, hook.WebhookFields{Enabled: hook.Set(true)})
			if hook.CodeOf(err) == hook.Stale {
				return nil
			}
			return err
		})
		check("enable", expect.update, func(owner string) error {
			_, err := w.EnableWebhook(ctx, w.webhooks[owner].Key, true)
			return err
		})
		check("create", expect.create, func(owner string) error {
			created, _, err := w.CreateWebhook(ctx, hook.Standard, w.owners[owner], example(hook.Standard, "new"))
			if err == nil {
				err = w.DeleteWebhook(w.admin, created.Key, nil)
			}
			return err
		})
		check("delete", expect.delete, func(owner string) error {
			err := w.DeleteWebhook(ctx, w.webhooks[owner].Key, &stale)
			if hook.CodeOf(err) == hook.Stale {
				return nil
			}
			return err
		})
		if got := w.across(func(string) error {
			_, err := w.Webhook(ctx, "unknown")
			return err
		}); viewer != "nobody" && strings.Trim(got, "NF") != "" {
			t.Errorf("%s: an unknown webhook is %s", viewer, got)
		}
	}
}

// TestListsShowWhatIsVisible: the lists, totals, nodes, events, triggers and
// counters of every viewer show the webhooks that it may view, and no other.
func TestListsShowWhatIsVisible(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for viewer, ctx := range w.viewers {
		if viewer == "nobody" {
			continue
		}
		var visible, events, triggers []string
		for _, owner := range places {
			if _, err := w.Webhook(ctx, w.webhooks[owner].Key); err == nil {
				visible = append(visible, w.webhooks[owner].Key)
			}
			if found, err := w.EventsByKey(ctx, []string{"event-" + owner}); err == nil && found[0] != nil {
				events = append(events, "event-"+owner)
			}
			if found, err := w.TriggersByKey(ctx, []string{"trigger-" + owner}); err == nil && found[0] != nil {
				triggers = append(triggers, "trigger-"+owner)
			}
		}
		for _, filter := range []hook.WebhookFilter{{}, {Dialect: hook.Kheops}, {Health: hook.HealthActive}, {Name: "1"}} {
			for _, order := range []hook.Order{{}, {Field: hook.OrderName}} {
				list, err := w.Webhooks(ctx, filter, order, hook.PageArgs{})
				if err != nil {
					if visible != nil || hook.CodeOf(err) != hook.Forbidden {
						t.Errorf("%s: %v", viewer, err)
					}
					continue
				}
				var expect []string
				for _, key := range visible {
					hit := must[*hook.Webhook](t)(w.Webhook(w.admin, key))
					if (filter.Dialect == "" || hit.Dialect == filter.Dialect) && (filter.Health == "" || hit.Health == filter.Health) &&
						strings.Contains(hit.Name, filter.Name) {
						expect = append(expect, key)
					}
				}
				n, exact, err := list.Total(ctx)
				if !sameSet(keysOf(list.Nodes), expect) || n != len(expect) || !exact || err != nil || list.HasNext {
					t.Errorf("%s: the list %+v shows %v and counts %d, %t, %v; want %v", viewer, filter, keysOf(list.Nodes), n, exact, err, expect)
				}
			}
		}
		if list, err := w.Events(ctx, hook.EventFilter{}, hook.PageArgs{}); err == nil {
			n, _, err := list.Total(ctx)
			if !sameSet(keysOf(list.Nodes), events) || n != len(events) || err != nil {
				t.Errorf("%s: the events are %v, %d; want %v", viewer, keysOf(list.Nodes), n, events)
			}
		} else if events != nil {
			t.Errorf("%s: %v", viewer, err)
		}
		for _, owner := range places {
			sees := slices.Contains(triggers, "trigger-"+owner)
			for _, filter := range []hook.TriggerFilter{{Webhook: w.webhooks[owner].Key}, {Owner: w.owners[owner]}, {Event: "event-" + owner}} {
				list, err := w.Triggers(ctx, filter, hook.PageArgs{})
				shown := err == nil && len(list.Nodes) > 0
				if filter.Event != "" && !slices.Contains(events, filter.Event) {
					sees = false
				}
				if shown != sees {
					t.Errorf("%s: triggers of %+v: shown %t, %v", viewer, filter, shown, err)
				}
			}
			stats, err := w.WebhookStats(ctx, []string{w.webhooks[owner].Key})
			if counted := err == nil && stats[0].Total() > 0; counted != slices.Contains(visible, w.webhooks[owner].Key) {
				t.Errorf("%s: the counters of %s are shown: %t, %v", viewer, owner, counted, err)
			}
		}
		w.checkNodes(ctx, viewer)
	}
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// checkNodes: nodes shows what each entity's own query shows.
func (w *town) checkNodes(ctx context.Context, viewer string) {
	w.t.Helper()
	var ids []hook.ID
	for _, owner := range places {
		ids = append(ids, w.webhooks[owner].GetID(), hook.ID{Kind: hook.KindEvent, Key: "event-" + owner}, hook.ID{Kind: hook.KindTrigger, Key: "trigger-" + owner})
		if owner != "account" {
			ids = append(ids, w.owners[owner])
		}
	}
	for _, m := range w.members {
		ids = append(ids, m.GetID())
	}
	ids = append(ids, hook.ID{Kind: hook.KindWebhook, Key: "unknown"}, hook.ID{Kind: "Nonsense", Key: "1"}, w.webhooks["album1"].GetID())
	nodes, err := w.Nodes(ctx, ids)
	if err != nil || len(nodes) != len(ids) {
		w.t.Fatalf("%s: %v", viewer, err)
	}
	for i, id := range ids {
		one, err := w.Node(ctx, id)
		if err != nil && hook.CodeOf(err) != hook.Forbidden {
			w.t.Errorf("%s: %s: %v", viewer, id, err)
		}
		if (one == nil) != (nodes[i] == nil) || one != nil && (one.GetID() != id || nodes[i].GetID() != id) {
			w.t.Errorf("%s: node(%s) is %v, nodes has %v", viewer, id, one, nodes[i])
		}
	}
}

// TestForbiddenSaysWhatIsMissing: dialects show the permission.
func TestForbiddenSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	h := open(t)
	album := h.album("a", nil).GetID()
	viewer := h.key(hook.APIKeyFields{}, "AUDIT:VIEW", "ALBUMS:VIEW")
	for missing, do := range map[hook.Permission]func() error{
		"WEBHOOKS:VIEW": func() error { _, err := h.WebhooksOf(viewer, hook.Entrust, account); return err },
		"WEBHOOKS:ADD": func() error {
			_, _, err := h.CreateWebhook(viewer, hook.Entrust, account, example(hook.Entrust, "n"))
			return err
		},
		"WEBHOOKS:EDIT":   func() error { _, err := h.EnableWebhook(viewer, "x", true); return err },
		"WEBHOOKS:REMOVE": func() error { return h.DeleteWebhook(viewer, "x", nil) },
		"CLIENTS:ADD":     func() error { _, _, err := h.CreateClient(viewer, hook.ClientFields{}); return err },
		"MEMBERS:ADD":     func() error { _, err := h.CreateMember(viewer, hook.MemberFields{}); return err },
		"ALBUMS:EDIT":     func() error { _, err := h.UpdateAlbum(viewer, album.Key, nil, hook.AlbumFields{}); return err },
		"KEYS:ADD":        func() error { _, _, err := h.CreateAPIKey(viewer, hook.APIKeyFields{}); return err },
		"KEYS:REMOVE":     func() error { return h.RevokeAPIKey(viewer, "x") },
		"WEBHOOKS:ALL":    func() error { _, err := h.Import(viewer, hook.Import{Dialect: hook.Kheops}); return err },
	} {
		err := do()
		e, ok := err.(*hook.Error)
		if !ok || e.Code != hook.Forbidden || e.Missing != missing || !strings.Contains(e.Message, fmt.Sprint(missing, " required")) {
			t.Errorf("%s: %#v", missing, err)
		}
	}
}
