package hook_test

import (
	"context"
	"strings"
	"testing"

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
