package hook_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/hook"
)

// A town has an owner of every kind for two members, and viewers of every kind.
//
//	ann owns client 1 and is admin of album 1, of which bob is an ordinary member;
//	eve owns client 2 and is admin of album 2; root is an administrator.
type town struct {
	*house
	members  map[string]*hook.Member
	owners   map[string]hook.ID
	webhooks map[string]*hook.Webhook // by owner
	viewers  map[string]context.Context
}

func newTown(t *testing.T) *town {
	t.Helper()
	h := open(t)
	w := &town{house: h, members: map[string]*hook.Member{}, owners: map[string]hook.ID{}, webhooks: map[string]*hook.Webhook{}}
	for _, name := range []string{"ann", "bob", "eve", "root"} {
		w.members[name] = h.member(name)
	}
	w.members["root"] = must[*hook.Member](t)(h.UpdateMember(h.admin, w.members["root"].Key, nil, hook.MemberFields{Admin: hook.Set(true)}))
	w.owners["client1"] = h.client("one", w.members["ann"].Key).GetID()
	w.owners["client2"] = h.client("two", w.members["eve"].Key).GetID()
	w.owners["album1"] = h.album("one", w.members["ann"], w.members["bob"]).GetID()
	w.owners["album2"] = h.album("two", w.members["eve"]).GetID()
	w.owners["account"] = account
	for name, owner := range w.owners {
		d := map[hook.Kind]hook.Dialect{hook.KindClient: hook.PageSeeder, hook.KindAlbum: hook.Kheops, hook.KindAccount: hook.Entrust}[owner.Kind]
		w.webhooks[name] = h.webhook(d, owner, name)
		w.storeEvent(name)
	}
	bound := func(name string) hook.APIKeyFields { return hook.APIKeyFields{Owner: w.owners[name]} }
	acting := func(name string) hook.APIKeyFields { return hook.APIKeyFields{Member: w.members[name].Key} }
	var none hook.APIKeyFields
	w.viewers = map[string]context.Context{
		"nobody":         t.Context(),
		"admin key":      h.admin,
		"ann":            h.as(w.members["ann"]),
		"bob":            h.as(w.members["bob"]),
		"eve":            h.as(w.members["eve"]),
		"root":           h.as(w.members["root"]),
		"ALL":            h.key(none, "ALL"),
		"WEBHOOKS:ALL":   h.key(none, "WEBHOOKS:ALL"),
		"WEBHOOKS:VIEW":  h.key(none, "WEBHOOKS:VIEW"),
		"WEBHOOKS:EDIT":  h.key(none, "WEBHOOKS:EDIT"),
		"REMOVE only":    h.key(none, "WEBHOOKS:REMOVE"),
		"ADD only":       h.key(none, "WEBHOOKS:ADD"),
		"ALBUMS:ALL":     h.key(none, "ALBUMS:ALL"),
		"ALBUMS:VIEW":    h.key(none, "ALBUMS:VIEW", "WEBHOOKS:VIEW"),
		"CLIENTS:ALL":    h.key(none, "CLIENTS:ALL"),
		"MEMBERS:ALL":    h.key(none, "MEMBERS:ALL"),
		"EVENTS:VIEW":    h.key(none, "EVENTS:VIEW"),
		"AUDIT:VIEW":     h.key(none, "AUDIT:VIEW"),
		"client1":        h.key(bound("client1"), "ALL"),
		"album1":         h.key(bound("album1"), "ALL"),
		"account":        h.key(bound("account"), "ALL"),
		"client1 VIEW":   h.key(bound("client1"), "WEBHOOKS:VIEW"),
		"album1 albums":  h.key(bound("album1"), "ALBUMS:ALL"),
		"client1 albums": h.key(bound("client1"), "ALBUMS:ALL"),
		"as ann":         h.key(acting("ann"), "ALL"),
		"as ann VIEW":    h.key(acting("ann"), "WEBHOOKS:VIEW"),
		"as ann albums":  h.key(acting("ann"), "ALBUMS:ALL"),
		"as root VIEW":   h.key(acting("root"), "WEBHOOKS:VIEW"),
		"as bob":         h.key(acting("bob"), "ALL"),
	}
	return w
}

// storeEvent stores an event of an owner with the trigger of its webhook.
func (w *town) storeEvent(name string) {
	w.t.Helper()
	owner, webhook := w.owners[name].String(), w.webhooks[name]
	err := w.store.Write(w.t.Context(),
		hook.Change{Kind: hook.ChangeInsert, Entity: &hook.Event{
			Meta: hook.Meta{Key: "event-" + name, Created: hook.Now()}, Dialect: webhook.Dialect, Type: "t", Owner: owner, State: hook.EventDone,
		}},
		hook.Change{Kind: hook.ChangeInsert, Entity: &hook.Trigger{
			Meta: hook.Meta{Key: "trigger-" + name, Created: hook.Now()}, Webhook: webhook.Key, Owner: owner, Event: "event-" + name, Status: hook.TriggerPass, Partition: hook.ClosedPartition,
		}},
		hook.Change{Kind: hook.ChangeCount, Webhook: webhook.Key, Add: hook.Stats{Triggers: 1}})
	if err != nil {
		w.t.Fatal(err)
	}
}

func codeOf(err error) string {
	if err == nil {
		return "ok"
	}
	return string(hook.CodeOf(err))
}

// places are the owners in the order of the tables below.
var places = []string{"client1", "client2", "album1", "album2", "account"}

// across asks for each owner and puts the answers together: + for allowed,
// F for FORBIDDEN, N for NOT_FOUND, U for UNAUTHENTICATED.
func (w *town) across(ask func(owner string) error) string {
	var answers strings.Builder
	for _, owner := range places {
		switch code := codeOf(ask(owner)); code {
		case "ok":
			answers.WriteByte('+')
		default:
			answers.WriteString(code[:1])
		}
	}
	return answers.String()
}

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

// TestOwnerAccess: what viewers may do with clients, albums and members.
func TestOwnerAccess(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	stale := int64(99)
	allowed := func(err error) error {
		if hook.CodeOf(err) == hook.Stale {
			return nil
		}
		return err
	}
	ann, eve := w.members["ann"].Key, w.members["eve"].Key
	client, album := w.owners["client1"].Key, w.owners["album1"].Key
	operations := []struct {
		name string
		do   func(ctx context.Context) error
	}{
		{"view client", func(ctx context.Context) error { _, err := w.Client(ctx, client); return err }},
		{"edit client", func(ctx context.Context) error {
			_, err := w.UpdateClient(ctx, client, &stale, hook.ClientFields{})
			return allowed(err)
		}},
		{"give client", func(ctx context.Context) error {
			_, err := w.UpdateClient(ctx, client, &stale, hook.ClientFields{Member: hook.Set(eve)})
			return allowed(err)
		}},
		{"delete client", func(ctx context.Context) error { return allowed(w.DeleteClient(ctx, client, &stale)) }},
		{"view album", func(ctx context.Context) error { _, err := w.Album(ctx, album); return err }},
		{"edit album", func(ctx context.Context) error {
			_, err := w.UpdateAlbum(ctx, album, &stale, hook.AlbumFields{})
			return allowed(err)
		}},
		{"add to album", func(ctx context.Context) error { _, _, err := w.SetAlbumMember(ctx, album, ann, nil); return err }},
		{"make admin", func(ctx context.Context) error {
			yes := true
			_, _, err := w.SetAlbumMember(ctx, album, ann, &yes)
			return err
		}},
		{"delete album", func(ctx context.Context) error { return allowed(w.DeleteAlbum(ctx, album, &stale)) }},
		{"view member", func(ctx context.Context) error { _, err := w.Member(ctx, ann); return err }},
		{"edit member", func(ctx context.Context) error {
			_, err := w.UpdateMember(ctx, ann, &stale, hook.MemberFields{})
			return allowed(err)
		}},
		{"delete member", func(ctx context.Context) error { return allowed(w.DeleteMember(ctx, ann, &stale, true)) }},
		{"audit", func(ctx context.Context) error {
			_, err := w.AuditEntries(ctx, hook.AuditFilter{}, hook.PageArgs{})
			return err
		}},
	}
	got := map[string]string{}
	for viewer, ctx := range w.viewers {
		var row strings.Builder
		for _, operation := range operations {
			if code := codeOf(operation.do(ctx)); code == "ok" {
				row.WriteByte('+')
			} else {
				row.WriteByte(code[0])
			}
		}
		got[viewer] = row.String()
	}
	// view, edit, give, delete client; view, edit, add to, make admin of, delete
	// album; view, edit, delete member; audit log.
	expect := map[string]string{
		"nobody":         "UUUU UUUUU UUU U",
		"admin key":      "++++ +++++ +++ +",
		"root":           "++++ +++++ +++ +",
		"ALL":            "++++ +++++ +++ +",
		"WEBHOOKS:ALL":   "FFFF FFFFF FFF F",
		"WEBHOOKS:VIEW":  "FFFF FFFFF FFF F",
		"WEBHOOKS:EDIT":  "FFFF FFFFF FFF F",
		"REMOVE only":    "FFFF FFFFF FFF F",
		"ADD only":       "FFFF FFFFF FFF F",
		"EVENTS:VIEW":    "FFFF FFFFF FFF F",
		"ALBUMS:ALL":     "FFFF +++++ FFF F",
		"ALBUMS:VIEW":    "FFFF +FFFF FFF F",
		"CLIENTS:ALL":    "++++ FFFFF FFF F",
		"MEMBERS:ALL":    "FFFF FFFFF ++F F", // cascade needs CLIENTS:REMOVE
		"AUDIT:VIEW":     "FFFF FFFFF FFF +",
		"ann":            "++F+ +++++ +FF F",
		"as ann":         "++F+ +++++ +FF F",
		"as ann VIEW":    "FFFF FFFFF +FF F",
		"as ann albums":  "FFFF +++++ +FF F",
		"as root VIEW":   "FFFF FFFFF FFF F",
		"bob":            "NNNN +FFFF +FF F",
		"as bob":         "NNNN +FFFF +FF F",
		"eve":            "NNNN NNNNN NFF F",
		"client1":        "++F+ NNNNN NFF F",
		"client1 VIEW":   "FFFF FFFFF FFF F",
		"client1 albums": "FFFF NNNNN FFF F",
		"album1":         "NNNN +++++ NFF F",
		"album1 albums":  "FFFF +++++ FFF F",
		"account":        "NNNN NNNNN NFF F",
	}
	for viewer, row := range expect {
		expect[viewer] = strings.ReplaceAll(row, " ", "")
	}
	if diff := cmp.Diff(expect, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestOwnerLists: the lists of clients, albums, members and API keys.
func TestOwnerLists(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	names := map[string]string{}
	for name, m := range w.members {
		names[m.Key] = name
	}
	for name, id := range w.owners {
		names[id.Key] = name
	}
	got := map[string]string{}
	for viewer, ctx := range w.viewers {
		var row []string
		add := func(keys []string, total func(context.Context) (int, bool, error), err error) {
			if err != nil {
				row = append(row, string(hook.CodeOf(err))[:1])
				return
			}
			if n, exact, err := total(ctx); n != len(keys) || !exact || err != nil {
				t.Errorf("%s: %d counted, %d shown, %v", viewer, n, len(keys), err)
			}
			slices.SortFunc(keys, func(a, b string) int { return strings.Compare(names[a], names[b]) })
			var shown []string
			for _, key := range keys {
				shown = append(shown, names[key])
			}
			row = append(row, strings.Join(shown, ","))
		}
		for _, order := range []hook.Order{{}, {Field: hook.OrderName, Direction: hook.Descending}} {
			clients, err := w.Clients(ctx, hook.ClientFilter{}, order, hook.PageArgs{})
			add(listed(clients, err))
			albums, err := w.Albums(ctx, hook.AlbumFilter{}, order, hook.PageArgs{})
			add(listed(albums, err))
			members, err := w.Members(ctx, order, hook.PageArgs{})
			add(listed(members, err))
			if len(row) == 6 && !slices.Equal(row[:3], row[3:]) {
				t.Errorf("%s: %v by creation, %v by name", viewer, row[:3], row[3:])
			}
		}
		clients, err := w.Clients(ctx, hook.ClientFilter{Member: w.members["eve"].Key}, hook.Order{}, hook.PageArgs{})
		add(listed(clients, err))
		albums, err := w.Albums(ctx, hook.AlbumFilter{Member: w.members["bob"].Key}, hook.Order{}, hook.PageArgs{})
		add(listed(albums, err))
		albums, err = w.Albums(ctx, hook.AlbumFilter{Member: w.members["eve"].Key}, hook.Order{}, hook.PageArgs{})
		add(listed(albums, err))
		got[viewer] = strings.Join(row[3:], " ")
	}
	const everybody = "client1,client2 album1,album2 ann,bob,eve,root client2 album1 album2"
	expect := map[string]string{
		"nobody": "U U U U U U", "admin key": everybody, "root": everybody, "ALL": everybody,
		"ALBUMS:ALL": "F album1,album2 F F album1 album2", "ALBUMS:VIEW": "F album1,album2 F F album1 album2",
		"CLIENTS:ALL": "client1,client2 F F client2 F F", "MEMBERS:ALL": "F F ann,bob,eve,root F F F",
		"ann": "client1 album1 ann  album1 ", "as ann": "client1 album1 ann  album1 ", "as ann albums": "F album1 F F album1 ",
		"bob": " album1 bob  album1 ", "as bob": " album1 bob  album1 ", "eve": "client2 album2 eve client2  album2",
		"client1": "client1     ", "client1 albums": "F  F F  ", "album1": " album1   album1 ", "album1 albums": "F album1 F F album1 ",
		"account": "     ",
	}
	for viewer := range w.viewers {
		if _, ok := expect[viewer]; !ok {
			expect[viewer] = "F F F F F F"
		}
	}
	if diff := cmp.Diff(expect, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func listed[T any, P interface {
	*T
	hook.Entity
}](c *hook.Connection[T], err error) ([]string, func(context.Context) (int, bool, error), error) {
	if err != nil {
		return nil, nil, err
	}
	keys := make([]string, len(c.Nodes))
	for i, e := range c.Nodes {
		keys[i] = P(e).Base().Key
	}
	return keys, c.Total, nil
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
