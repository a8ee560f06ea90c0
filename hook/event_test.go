package hook_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// Events and triggers by each filter, the latest first.
func TestEventsAndTriggers(t *testing.T) {
	t.Parallel()
	h := open(t)
	c, a := h.client("c", ""), h.album("a", nil)
	owners := []hook.ID{c.GetID(), a.GetID(), account}
	webhooks := []string{
		h.webhook(hook.Standard, owners[0], "w").Key, h.webhook(hook.Standard, owners[1], "w").Key, h.webhook(hook.Standard, owners[2], "w").Key,
	}
	statuses := []hook.TriggerStatus{hook.TriggerPass, hook.TriggerFail}
	var changes []hook.Change
	for i := range 30 {
		meta := hook.Meta{Key: fmt.Sprintf("n%02d", i), Created: springtime.Add(time.Duration(i) * time.Second)}
		owner := owners[i%3].String()
		changes = append(changes,
			hook.Change{Kind: hook.ChangeInsert, Entity: &hook.Event{Meta: meta, Type: fmt.Sprint("type", i%2), Owner: owner, State: hook.EventDone}},
			hook.Change{Kind: hook.ChangeInsert, Entity: &hook.Trigger{Meta: meta, Webhook: webhooks[i%3], Owner: owner, Event: fmt.Sprintf("n%02d", i%5), Status: statuses[i%2]}})
	}
	if err := h.store.Write(t.Context(), changes...); err != nil {
		t.Fatal(err)
	}
	latest := func(keep func(i int) bool) (keys []string) {
		for i := 29; i >= 0; i-- {
			if keep(i) {
				keys = append(keys, fmt.Sprintf("n%02d", i))
			}
		}
		return keys
	}
	size := hook.MaxPage
	for _, test := range []struct {
		filter hook.EventFilter
		keep   func(i int) bool
	}{
		{hook.EventFilter{}, func(int) bool { return true }},
		{hook.EventFilter{Type: "type1"}, func(i int) bool { return i%2 == 1 }},
		{hook.EventFilter{Owner: owners[1]}, func(i int) bool { return i%3 == 1 }},
		{hook.EventFilter{Owner: account, Type: "type0"}, func(i int) bool { return i%3 == 2 && i%2 == 0 }},
		{hook.EventFilter{Type: "other"}, func(int) bool { return false }},
	} {
		list := must[*hook.Connection[hook.Event]](t)(h.Events(h.admin, test.filter, hook.PageArgs{First: &size}))
		expect := latest(test.keep)
		n, exact, err := list.Total(h.admin)
		if !slices.Equal(keysOf(list.Nodes), expect) || n != len(expect) || !exact || err != nil {
			t.Errorf("events %+v: %v, %d, %v", test.filter, keysOf(list.Nodes), n, err)
		}
	}
	for _, test := range []struct {
		filter hook.TriggerFilter
		keep   func(i int) bool
	}{
		{hook.TriggerFilter{Webhook: webhooks[0]}, func(i int) bool { return i%3 == 0 }},
		{hook.TriggerFilter{Webhook: webhooks[0], Status: hook.TriggerFail}, func(i int) bool { return i%3 == 0 && i%2 == 1 }},
		{hook.TriggerFilter{Webhook: webhooks[0], Event: "n03"}, func(i int) bool { return i%3 == 0 && i%5 == 3 }},
		{hook.TriggerFilter{Event: "n03"}, func(i int) bool { return i%5 == 3 }},
		{hook.TriggerFilter{Event: "n03", Status: hook.TriggerPass}, func(i int) bool { return i%5 == 3 && i%2 == 0 }},
		{hook.TriggerFilter{Event: "n03", Owner: owners[1]}, func(i int) bool { return i%5 == 3 && i%3 == 1 }},
		{hook.TriggerFilter{Owner: account}, func(i int) bool { return i%3 == 2 }},
		{hook.TriggerFilter{Owner: account, Status: hook.TriggerPass}, func(i int) bool { return i%3 == 2 && i%2 == 0 }},
		{hook.TriggerFilter{Webhook: webhooks[0], Owner: account}, func(int) bool { return false }},
	} {
		list := must[*hook.Connection[hook.Trigger]](t)(h.Triggers(h.admin, test.filter, hook.PageArgs{First: &size}))
		expect := latest(test.keep)
		n, exact, err := list.Total(h.admin)
		if !slices.Equal(keysOf(list.Nodes), expect) || n != len(expect) || !exact || err != nil {
			t.Errorf("triggers %+v: %v, %d, %v", test.filter, keysOf(list.Nodes), n, err)
		}
	}
	for what, filter := range map[hook.Kind]hook.TriggerFilter{
		hook.KindWebhook: {Webhook: "x"}, hook.KindEvent: {Event: "x"}, hook.KindAlbum: {Owner: hook.ID{Kind: hook.KindAlbum, Key: "x"}},
	} {
		_, err := h.Triggers(h.admin, filter, hook.PageArgs{})
		if e, ok := err.(*hook.Error); !ok || e.Code != hook.NotFound || e.Kind != what {
			t.Errorf("an unknown %s: %v", what, err)
		}
	}
	_, err := h.Triggers(h.admin, hook.TriggerFilter{}, hook.PageArgs{})
	wantField(t, "no filter", err, hook.Invalid, "filter")
}

// A list of one is paged like any other.
func TestPagesOfOne(t *testing.T) {
	t.Parallel()
	h := open(t)
	ann := h.member("ann")
	h.member("bob")
	asAnn := h.as(ann)
	c := must[*hook.Connection[hook.Member]](t)(h.Members(asAnn, hook.Order{}, hook.PageArgs{}))
	if !slices.Equal(keysOf(c.Nodes), []string{ann.Key}) || c.HasNext || c.HasPrevious {
		t.Fatalf("%v", keysOf(c.Nodes))
	}
	for _, args := range []hook.PageArgs{{After: &c.End}, {Before: &c.Start}, {Last: number(1), Before: &c.Start}, {Last: number(1), After: &c.End}} {
		if page := must[*hook.Connection[hook.Member]](t)(h.Members(asAnn, hook.Order{}, args)); len(page.Nodes) != 0 {
			t.Errorf("%+v: %v", args, keysOf(page.Nodes))
		}
	}
	if page := must[*hook.Connection[hook.Member]](t)(h.Members(asAnn, hook.Order{}, hook.PageArgs{Last: number(1)})); len(page.Nodes) != 1 {
		t.Errorf("%v", keysOf(page.Nodes))
	}
}
