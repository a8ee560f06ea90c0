package hook_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/hook"
)

func (h *house) publish(p ...hook.Publication) []hook.Published {
	h.t.Helper()
	return must[[]hook.Published](h.t)(h.PublishEvents(h.admin, p))
}

// counted returns how many events and triggers there are.
func (h *house) counted() (events, triggers int) {
	h.t.Helper()
	everything := hook.Query{List: hook.ByCreated, Limit: 10_000}
	return must[int](h.t)(h.store.Events().Count(h.t.Context(), everything)), must[int](h.t)(h.store.Triggers().Count(h.t.Context(), everything))
}

// A recorder is a courier that delivers nothing.
type recorder struct {
	mu     sync.Mutex
	taken  []string
	looked []string
}

func (r *recorder) Take(_ *hook.Event, triggers []*hook.Trigger) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken = append(r.taken, keysOf(triggers)...)
}

func (r *recorder) Look(webhook string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.looked = append(r.looked, webhook)
}

func TestPublish(t *testing.T) {
	t.Parallel()
	h := open(t)
	courier := &recorder{}
	h.DeliverBy(courier)
	album := h.album("one", nil).GetID()
	w := h.listener(hook.Standard, album, "w", []string{"image.*"}, nil)
	at := time.Date(2026, 1, 31, 12, 0, 0, 123_456_789, time.FixedZone("", 3600))
	before := hook.Now()
	published := h.publish(
		hook.Publication{Type: "image.added", Owner: album, Data: `{"a":1}`, OccurredAt: &at, IdempotencyKey: "one"},
		hook.Publication{Type: "image.added", Owner: album},
		hook.Publication{Type: "comment.created", Groups: []string{"g"}, Projects: []string{"p"}},
	)
	if published[0].Triggers != 1 || published[1].Triggers != 1 || published[2].Triggers != 0 {
		t.Fatalf("published %+v", published)
	}
	e := must[*hook.Event](t)(h.store.Events().Get(t.Context(), published[0].Event.Key))
	if e.Type != "image.added" || e.Dialect != hook.Standard || e.Owner != album.String() || e.Data != `{"a":1}` || e.IdempotencyKey != "one" ||
		!e.OccurredAt.Equal(time.Date(2026, 1, 31, 11, 0, 0, 123e6, time.UTC)) || e.Created.Before(before) || !slices.Equal(e.Targets, []string{w.Key}) || e.State != hook.EventDone {
		t.Errorf("event %+v", e)
	}
	if e := published[1].Event; e.Data != "{}" || !e.OccurredAt.Equal(e.Created) {
		t.Errorf("event %+v", e)
	}
	if e := published[2].Event; e.Dialect != hook.PageSeeder || e.Owner != hook.AccountOwner || !slices.Equal(e.Groups, []string{"g"}) {
		t.Errorf("event %+v", e)
	}
	triggers := must[[]*hook.Trigger](t)(h.store.Triggers().Find(t.Context(), hook.Query{List: hook.TriggersByWebhook, Equal: []any{w.Key}, Limit: 10}))
	for _, trigger := range triggers {
		if trigger.Status != hook.TriggerPending || trigger.Manual || trigger.Owner != album.String() || trigger.EventType != "image.added" || trigger.Partition != hook.PartitionOf(w.Key) {
			t.Errorf("trigger %+v", trigger)
		}
	}
	if diff := cmp.Diff(courier.taken, keysOf(triggers)); diff != "" {
		t.Errorf("the courier got others, or in another order: %s", diff)
	}
	if stats := must[[]*hook.Stats](t)(h.WebhookStats(h.admin, []string{w.Key}))[0]; stats.Total() != 2 || len(stats.Last) != 2 {
		t.Errorf("stats %+v", stats)
	}
	h.RefusePublishing("the disk is nearly full")
	_, err := h.PublishEvents(h.admin, []hook.Publication{{Type: "image.added", Owner: album}})
	want(t, "refused", err, hook.Unavailable)
	_, err = h.TriggerWebhook(h.admin, w.Key, hook.ManualEvent{Type: "image.added"})
	want(t, "refused by hand", err, hook.Unavailable)
	h.RefusePublishing("")
	h.publish(hook.Publication{Type: "image.added", Owner: album})
}

// Keys of triggers follow the order of the events, with an idempotency key and
// without, also within one millisecond.
func TestTriggerOrder(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.listener(hook.Standard, account, "w", []string{"*"}, nil)
	var events []string
	for i := range 40 {
		p := hook.Publication{Type: "a"}
		if i%3 == 0 {
			p.IdempotencyKey = fmt.Sprint("key", i)
		}
		events = append(events, h.publish(p, hook.Publication{Type: "b"})[0].Event.Key)
	}
	var keys []string
	for _, e := range events {
		for _, trigger := range h.triggersOf(e) {
			keys = append(keys, trigger.Key)
		}
	}
	if len(keys) != 40 || !slices.IsSorted(keys) {
		t.Errorf("%d keys, not in order: %v", len(keys), keys)
	}
}

func TestPublishChecks(t *testing.T) {
	t.Parallel()
	h := open(t)
	client, album := h.client("c", "").GetID(), h.album("a", nil).GetID()
	long := strings.Repeat("x", 256)
	early, late := time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	many := make([]string, 101)
	for i := range many {
		many[i] = fmt.Sprint("g", i)
	}
	nested := func(n int) string { return strings.Repeat(`{"a":`, n-1) + "{}" + strings.Repeat("}", n-1) }
	filled := func(n int) string { return `{"a":"` + strings.Repeat("x", n-8) + `"}` }
	for _, test := range []struct {
		p       hook.Publication
		field   string
		message string
	}{
		{hook.Publication{}, "type", "is not an event type"},
		{hook.Publication{Type: "a b"}, "type", "is not an event type"},
		{hook.Publication{Type: "a..b"}, "type", "is not an event type"},
		{hook.Publication{Type: "order.*"}, "type", "is not an event type"},
		{hook.Publication{Type: strings.Repeat("a", 129)}, "type", "is not an event type"},
		{hook.Publication{Type: "invoice.paid", Dialect: hook.Entrust}, "type", "is not an event type of dialect ENTRUST"},
		{hook.Publication{Type: "new_series", Dialect: hook.PageSeeder}, "type", "is not an event type of dialect PAGESEEDER"},
		{hook.Publication{Type: "new_series", Dialect: hook.Kheops}, "dialect", "not of dialect KHEOPS"},
		{hook.Publication{Type: "user.created", Owner: client, Dialect: hook.Entrust}, "dialect", "not of dialect ENTRUST"},
		{hook.Publication{Type: "a", Dialect: "FAX"}, "dialect", "not of dialect FAX"},
		{hook.Publication{Type: "a", Owner: hook.ID{Kind: hook.KindMember, Key: "1"}}, "owner", "client, an album or the account"},
		{hook.Publication{Type: "comment.created", Groups: many}, "groups", "at most 100"},
		{hook.Publication{Type: "comment.created", Groups: []string{"a", ""}}, "groups.1", "must not be empty"},
		{hook.Publication{Type: "comment.created", Projects: []string{"a\nb"}}, "projects.0", "one line"},
		{hook.Publication{Type: "user.created", Projects: []string{"a"}}, "projects", "PageSeeder"},
		{hook.Publication{Type: "a", OccurredAt: &early}, "occurredAt", "between the years"},
		{hook.Publication{Type: "a", OccurredAt: &late}, "occurredAt", "between the years"},
		{hook.Publication{Type: "a", IdempotencyKey: long}, "idempotencyKey", "has 256 characters"},
		{hook.Publication{Type: "a", IdempotencyKey: "a\x00"}, "idempotencyKey", "control character"},
		{hook.Publication{Type: "a", IdempotencyKey: "\xff"}, "idempotencyKey", "not valid Unicode"},
		{hook.Publication{Type: "a", Data: filled(hook.MaxEventData + 1)}, "data", "has 262145 bytes"},
		{hook.Publication{Type: "a", Data: nested(33)}, "data", "deeper than 32 levels"},
		{hook.Publication{Type: "a", Data: nested(50)}, "data", "deeper than 32 levels"},
		{hook.Publication{Type: "a", Data: strings.Repeat("[", 50)}, "data", "deeper than 32 levels"},
		{hook.Publication{Type: "a", Data: "{"}, "data", "must be JSON"},
		{hook.Publication{Type: "a", Data: "NaN"}, "data", "must be JSON"},
		{hook.Publication{Type: "a", Data: `{"a":Infinity}`}, "data", "must be JSON"},
		{hook.Publication{Type: "a", Data: " "}, "data", "must be JSON"},
		{hook.Publication{Type: "a", Data: `{} {}`}, "data", "must be JSON"},
		{hook.Publication{Type: "a", Data: `"\ud800"`}, "data", "half of a surrogate pair at byte 2"},
		{hook.Publication{Type: "a", Data: `["\\\uDC00\ud800"]`}, "data", "half of a surrogate pair"},
		{hook.Publication{Type: "a", Data: `"\ud83d\ud83d"`}, "data", "half of a surrogate pair"},
		{hook.Publication{Type: "a", Data: `"\ud83dx"`}, "data", "half of a surrogate pair"},
		{hook.Publication{Type: "a", Data: `"\u12"`}, "data", "must be JSON"},
		{hook.Publication{Type: "a", Data: "\"\xc3\""}, "data", "UTF-8"},
		{hook.Publication{Type: "user.created", Data: "[1]"}, "data", "must be a JSON object"},
		{hook.Publication{Type: "new_series", Owner: album, Data: "null"}, "data", "must be a JSON object"},
	} {
		_, err := h.PublishEvents(h.admin, []hook.Publication{test.p})
		wantField(t, test.message, err, hook.Invalid, test.field)
		if err != nil && !strings.Contains(err.Error(), test.message) {
			t.Errorf("got %q, want %q", err, test.message)
		}
		// Beside good ones the position is told, and nothing is stored of those.
		_, err = h.PublishEvents(h.admin, []hook.Publication{{Type: "good"}, test.p, {Type: "good"}})
		wantField(t, test.message, err, hook.Invalid, "1."+test.field)
	}
	_, err := h.PublishEvents(h.admin, nil)
	wantField(t, "none", err, hook.Invalid, "events")
	_, err = h.PublishEvents(h.admin, make([]hook.Publication, 101))
	wantField(t, "too many", err, hook.Invalid, "events")
	if events, triggers := h.counted(); events+triggers != 0 {
		t.Errorf("%d events and %d triggers were stored", events, triggers)
	}
	for _, good := range []hook.Publication{
		{Type: strings.Repeat("a", 128)}, {Type: "a", Data: "null"}, {Type: "a", Data: `[1,"\ud83d\ude00\\ud800"]`}, {Type: "a", Data: nested(32)},
		{Type: "a", Data: filled(hook.MaxEventData)}, {Type: "comment.created", Data: " {}", Groups: many[:100]}, {Type: "a", IdempotencyKey: long[:255]},
	} {
		if _, err := h.PublishEvents(h.admin, []hook.Publication{good}); err != nil {
			t.Errorf("%v", err)
		}
	}
}

// TestPublishAccess: who may publish for whom, in the order client of ann, client
// of eve, album of ann, album of eve, account.
func TestPublishAccess(t *testing.T) {
	t.Parallel()
	town := newTown(t)
	for name, permissions := range map[string][]hook.Permission{"EVENTS:PUBLISH": {"EVENTS:PUBLISH"}, "both": {"EVENTS:PUBLISH", "ALBUMS:ALL"}} {
		town.viewers[name] = town.key(hook.APIKeyFields{}, permissions...)
	}
	town.viewers["album1 PUBLISH"] = town.key(hook.APIKeyFields{Owner: town.owners["album1"]}, "EVENTS:PUBLISH")
	town.viewers["account PUBLISH"] = town.key(hook.APIKeyFields{Owner: account}, "EVENTS:PUBLISH")
	events, _ := town.counted()
	allowed := 0
	for viewer, expect := range map[string]string{
		"nobody": "UUUUU", "admin key": "+++++", "root": "+++++", "ALL": "+++++",
		"ann": "FN+NF", "bob": "NNFNF", "eve": "NFN+F", "as ann": "FN+NF", "as ann VIEW": "FFFFF",
		"EVENTS:PUBLISH": "++NN+", "both": "+++++", "ALBUMS:ALL": "NN++F", "EVENTS:VIEW": "FFFFF", "WEBHOOKS:ALL": "FFFFF",
		"client1": "+NNNF", "album1": "NN+NF", "account": "NNNN+", "client1 VIEW": "FFFFF", "album1 PUBLISH": "NN+NF", "account PUBLISH": "NNNN+",
	} {
		got := town.across(func(owner string) error {
			_, err := town.PublishEvents(town.viewers[viewer], []hook.Publication{{Type: "thing.done", Owner: town.owners[owner]}})
			return err
		})
		if got != expect {
			t.Errorf("%s: %s, want %s", viewer, got, expect)
		}
		allowed += strings.Count(got, "+")
	}
	if after, _ := town.counted(); after-events != allowed {
		t.Errorf("%d events were stored for %d that were allowed", after-events, allowed)
	}
	// One owner that is hidden keeps the whole array out.
	_, err := town.PublishEvents(town.viewers["ann"], []hook.Publication{{Type: "a", Owner: town.owners["album1"]}, {Type: "a", Owner: town.owners["album2"]}})
	want(t, "array", err, hook.NotFound)
	for _, owner := range []hook.ID{{Kind: hook.KindClient, Key: "999"}, {Kind: hook.KindAlbum, Key: "none"}} {
		_, err := town.PublishEvents(town.admin, []hook.Publication{{Type: "a", Owner: owner}})
		want(t, owner.String(), err, hook.NotFound)
	}
	if after, _ := town.counted(); after-events != allowed {
		t.Errorf("%d events were stored", after-events)
	}
	published := must[[]hook.Published](t)(town.PublishEvents(town.viewers["ann"], []hook.Publication{{Type: "a", Owner: town.owners["album1"]}}))
	if published[0].Event.Member != town.members["ann"].Key {
		t.Errorf("the event is from member %q", published[0].Event.Member)
	}
}
