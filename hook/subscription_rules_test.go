package hook_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/hook"
)

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	h := open(t)
	owners := h.owners()
	for _, test := range []struct {
		dialect  hook.Dialect
		patterns string
		field    string // of the error; "" for none
	}{
		{hook.PageSeeder, "*", ""},
		{hook.PageSeeder, "comment.*,webhook.ping,server.started", ""},
		{hook.PageSeeder, "", "subscriptions"},
		{hook.PageSeeder, "comment.created,comment.nonsense", "subscriptions.1.pattern"},
		{hook.PageSeeder, "comm.*", "subscriptions.0.pattern"},
		{hook.PageSeeder, ".*", "subscriptions.0.pattern"},
		{hook.PageSeeder, "user.created", "subscriptions.0.pattern"},
		{hook.Entrust, "credential.print,*", ""},
		{hook.Entrust, "", "subscriptions"},
		{hook.Entrust, "user.*", "subscriptions.0.pattern"},
		{hook.Entrust, "user.create", "subscriptions.0.pattern"},
		{hook.Kheops, "new_series,remove_series,new_user,delete_album", ""},
		{hook.Kheops, "", ""},
		{hook.Kheops, "*", ""},
		{hook.Kheops, "NEW_SERIES", "subscriptions.0.pattern"},
		{hook.Standard, "a,a.b.c-d_e.F9,a.*,a.b.*,*", ""},
		{hook.Standard, "", ""},
		{hook.Standard, "a..b", "subscriptions.0.pattern"},
		{hook.Standard, "a.", "subscriptions.0.pattern"},
		{hook.Standard, "*.a", "subscriptions.0.pattern"},
		{hook.Standard, "a*", "subscriptions.0.pattern"},
		{hook.Standard, "ä", "subscriptions.0.pattern"},
		{hook.Standard, "a b", "subscriptions.0.pattern"},
		{hook.Standard, strings.Repeat("a", 128), ""},
		{hook.Standard, strings.Repeat("a", 129), "subscriptions.0.pattern"},
	} {
		var list []hook.Subscription
		if test.patterns != "" {
			for pattern := range strings.SplitSeq(test.patterns, ",") {
				list = append(list, hook.Subscription{Pattern: pattern})
			}
		}
		fields := example(test.dialect, "n")
		fields.Subscriptions = hook.Set(list)
		_, _, err := h.CreateWebhook(h.admin, test.dialect, owners[test.dialect], fields)
		if test.field == "" {
			want(t, string(test.dialect)+" "+test.patterns, err, "")
			continue
		}
		wantField(t, string(test.dialect)+" "+test.patterns, err, hook.Invalid, test.field)
	}
}

func TestSubscriptionsAreKept(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.webhook(hook.Standard, account, "w")
	set := func(subscriptions ...hook.Subscription) *hook.Webhook {
		t.Helper()
		return must[*hook.Webhook](t)(h.UpdateWebhook(h.admin, w.Key, nil, hook.WebhookFields{Subscriptions: hook.Set(subscriptions)}))
	}
	first := set(hook.Subscription{Pattern: "b"}, hook.Subscription{Pattern: "a"}, hook.Subscription{Pattern: "b"})
	if len(first.Subscriptions) != 2 || first.Subscriptions[0].Pattern != "b" || first.Subscriptions[0].ID == "" {
		t.Fatalf("%v", first.Subscriptions)
	}
	second := set(hook.Subscription{Pattern: "c"}, hook.Subscription{Pattern: "a"}, hook.Subscription{Pattern: "b"})
	if second.Subscriptions[1] != first.Subscriptions[1] || second.Subscriptions[2] != first.Subscriptions[0] {
		t.Errorf("the ids changed: %v, %v", first.Subscriptions, second.Subscriptions)
	}
	many := make([]hook.Subscription, 101)
	for i := range many {
		many[i].Pattern = "t" + strconv.Itoa(i)
	}
	set(many[:100]...)
	_, err := h.UpdateWebhook(h.admin, w.Key, nil, hook.WebhookFields{Subscriptions: hook.Set(many)})
	wantField(t, "101", err, hook.Invalid, "subscriptions")
}

// The filter is Entrust's alone, and kept as it is.
func TestSubscriptionFilters(t *testing.T) {
	t.Parallel()
	h := open(t)
	for dialect, owner := range h.owners() {
		fields := example(dialect, "n")
		fields.Subscriptions.Value[0].Filter = `[{"enrollmentDesignId":"x"}] `
		w, _, err := h.CreateWebhook(h.admin, dialect, owner, fields)
		if dialect != hook.Entrust {
			wantField(t, string(dialect), err, hook.Invalid, "subscriptions.0.filter")
			continue
		}
		if err != nil || w.Subscriptions[0].Filter != `[{"enrollmentDesignId":"x"}] ` {
			t.Errorf("%v, %v", w, err)
		}
	}
}

func TestEventTypes(t *testing.T) {
	t.Parallel()
	for dialect, n := range map[hook.Dialect]int{hook.PageSeeder: 34, hook.Entrust: 25, hook.Kheops: 4, hook.Standard: 0} {
		types := hook.EventTypes(dialect)
		if len(types) != n {
			t.Errorf("%s has %d types, want %d", dialect, len(types), n)
		}
		seen := map[string]bool{}
		for _, e := range types {
			if e.Dialect != dialect || e.Scope == "" || seen[e.Name] || !hook.KnownEventType(dialect, e.Name) {
				t.Errorf("%+v", e)
			}
			seen[e.Name] = true
		}
	}
	if hook.KnownEventType(hook.Kheops, "comment.created") || hook.KnownEventType(hook.Entrust, "*") || !hook.KnownEventType(hook.Standard, "a.b") {
		t.Error("a type is in a foreign catalogue")
	}
}
