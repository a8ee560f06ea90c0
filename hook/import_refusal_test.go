package hook_test

import (
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/hook"
)

// A record that is wrong, or whose keys and names belong to others, is refused
// with its place and its reason, and changes nothing.
func TestRefusals(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, d := range imports {
		h.expectImport(d, 3, 0, 0, 0, three(d)...)
	}
	local := h.webhook(hook.PageSeeder, h.client("mine", h.member("taken").Key).GetID(), "w")
	if _, err := h.Import(h.admin, hook.Import{Dialect: hook.Kheops, Album: "zzzzzzzzzz", Records: records(kheopsRecord(9))}); err != nil {
		t.Fatal(err)
	}
	before := h.everything()
	ps := func(change func(*hook.Record)) *hook.Record {
		r := pageSeederRecord(5)
		r.Client.Key, r.Client.Number, r.Client.Identifier, r.Client.Name = "124", 124, "00c0ffee00c0ffee", "other"
		r.Member.Key, r.Member.Number, r.Member.Username = "457", 457, "other"
		change(r)
		return r
	}
	for _, test := range []struct {
		what, field, reason string
		record              *hook.Record
	}{
		{"the reader's error", "created", "is no date", &hook.Record{Err: hook.Invalidf("created", "is no date")}},
		{"a client of another identifier", "client.id", "taken by another client", ps(func(r *hook.Record) { r.Client.Key, r.Client.Number = "123", 123 })},
		{"an identifier that is taken", "client.identifier", "is taken", ps(func(r *hook.Record) { r.Client.Identifier = "4739db31320c67c5" })},
		{"a client's name that is taken", "client.name", "is taken", ps(func(r *hook.Record) { r.Client.Name = "mine" })},
		{"a username that is taken", "client.member.username", "is taken", ps(func(r *hook.Record) { r.Member.Username = "TAKEN" })},
		{"a webhook of another client", "id", "taken by another webhook", ps(func(r *hook.Record) { r.Webhook.Key, r.Webhook.Number = "1", 1 })},
		{"a webhook that was made here", "id", "taken by another webhook", ps(func(r *hook.Record) { r.Webhook.Key, r.Webhook.Number = local.Key, local.Number })},
		{"a member who was made here", "client.member.id", "taken by another member", ps(func(r *hook.Record) {
			m := must[*hook.Client](t)(h.Client(h.admin, local.ClientKey())).Member
			r.Member.Key, r.Member.Number = m, must[*hook.Member](t)(h.Member(h.admin, m)).Number
		})},
		{"no client", "client", "is missing", ps(func(r *hook.Record) { r.Client = nil })},
		{"a bad identifier", "client.identifier", "hex", ps(func(r *hook.Record) { r.Client.Identifier = "4739DB31320C67C5" })},
		{"a client without a number", "client.id", "positive", ps(func(r *hook.Record) { r.Client.Key, r.Client.Number = "0", 0 })},
		{"a member without a number", "client.member.id", "positive", ps(func(r *hook.Record) { r.Member.Key, r.Member.Number = "-1", -1 })},
		{"a long name", "name", "at most 255", ps(func(r *hook.Record) { r.Webhook.Name = repeat(256) })},
		{"credentials", "url", "credentials", ps(func(r *hook.Record) { r.Webhook.URL = "https://a:b@c/" })},
		{"a year", "created", "year", ps(func(r *hook.Record) { r.Webhook.Created = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) })},
		{"a year too far", "", "9999", ps(func(r *hook.Record) {
			r.Webhook.Created = time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -7200)).UTC()
		})},
		{"a client's year", "client.modified", "year", ps(func(r *hook.Record) { r.Client.Modified = new(time.Time) })},
		{"a health", "health", "health", ps(func(r *hook.Record) { r.Webhook.Health = "ILL" })},
		{"a number for a key", "key", "not a key", ps(func(r *hook.Record) { r.Webhook.Key = "6" })},
	} {
		h.expectRefusal(hook.PageSeeder, test.record, test.field, test.reason)
	}
	for _, test := range []struct {
		field, reason string
		change        func(*hook.Record)
	}{
		{"id", "taken by another webhook", func(r *hook.Record) { r.Webhook.Key = kheopsRecord(9).Webhook.Key }},
		{"last_triggers", "taken by another trigger", func(r *hook.Record) { r.Last = kheopsRecord(9).Last }},
		{"last_triggers", "not the id", func(r *hook.Record) { r.Last = []hook.LastTrigger{{Trigger: "a_b", Status: hook.TriggerPass}} }},
		{"last_triggers", "not the id", func(r *hook.Record) { r.Last = []hook.LastTrigger{{Trigger: repeat(65), Status: hook.TriggerPass}} }},
		{"key", "not a key", func(r *hook.Record) { r.Webhook.Key = "short" }},
		{"name", "empty", func(r *hook.Record) { r.Webhook.Name = "" }},
	} {
		r := kheopsRecord(5)
		test.change(r)
		h.expectRefusal(hook.Kheops, r, test.field, test.reason)
	}
	foreign := entrustRecord(5)
	foreign.Webhook.Key = kheopsRecord(1).Webhook.Key
	h.expectRefusal(hook.Entrust, foreign, "id", "taken by another webhook")
	numeric := entrustRecord(5)
	numeric.Webhook.Key = "789"
	h.expectRefusal(hook.Entrust, numeric, "key", "not a key")
	if diff := cmp.Diff(before, h.everything()); diff != "" {
		t.Errorf("refused records changed (-before +after)\n%s", diff)
	}

	// The others are taken; keys that occur twice are taken once.
	twice := entrustRecord(6)
	twice.Webhook.Name = "second"
	s := h.expectImport(hook.Entrust, 2, 1, 0, 2, entrustRecord(6), numeric, entrustRecord(1), twice, entrustRecord(7))
	if s.Refusals[1].Position != 4 || s.Refusals[1].Field != "id" || !strings.Contains(s.Refusals[1].Reason, "first in record 1") {
		t.Errorf("%+v", s.Refusals)
	}
	var many []*hook.Record
	for range 150 {
		many = append(many, numeric)
	}
	h.expectImport(hook.Entrust, 0, 0, 0, 150, many...)
}

// An input that is malformed anywhere changes nothing.
func TestMalformedImports(t *testing.T) {
	t.Parallel()
	h := open(t)
	malformed := hook.Invalidf("", "line 7: unexpected end")
	in := hook.Import{Dialect: hook.Kheops, Album: importedAlbum, Records: func() iter.Seq2[*hook.Record, error] {
		return func(yield func(*hook.Record, error) bool) {
			for r := range records(kheopsRecord(1), kheopsRecord(2))() {
				if !yield(r, nil) {
					return
				}
			}
			yield(nil, malformed)
		}
	}}
	if _, err := h.Import(h.admin, in); !errors.Is(err, malformed) {
		t.Errorf("%v", err)
	}
	for _, album := range []string{"", "short", "aB3dE5gH7", "aB3dE5gH7jk", "aB3dE5gH7-", "aB3dE5gHé"} {
		_, err := h.Import(h.admin, hook.Import{Dialect: hook.Kheops, Album: album, Records: records(kheopsRecord(1))})
		wantField(t, "album", err, hook.Invalid, "album")
	}
	for _, d := range []hook.Dialect{hook.Standard, "", "NONSENSE"} {
		_, err := h.Import(h.admin, hook.Import{Dialect: d, Records: records(entrustRecord(1))})
		wantField(t, "dialect", err, hook.Invalid, "as")
	}
	for name, all := range h.everything() {
		if n := reflect.ValueOf(all).Len(); n != 0 {
			t.Errorf("%d %s", n, name)
		}
	}
	if log := h.audit(); len(log) != 0 {
		t.Errorf("recorded: %+v", log[0])
	}
	done := []int{}
	in = hook.Import{Dialect: hook.Entrust, Records: records(three(hook.Entrust)...), Progress: func(n int) { done = append(done, n) }}
	if _, err := h.Import(h.admin, in); err != nil || !slices.Equal(done, []int{1, 2, 3}) {
		t.Errorf("progress %v, %v", done, err)
	}
}

// An import that a failure ended leaves whole records in order, and the same
// import completes it.
func TestImportsCutShort(t *testing.T) {
	t.Parallel()
	for _, d := range imports {
		expect := open(t)
		expect.expectImport(d, 2, 0, 0, 0, three(d)[:2]...)
		for _, atomic := range []bool{true, false} {
			for n, failed := 0, true; failed; n++ {
				store := openStore(t)
				h := over(t, store)
				cut := &cutStore{Store: store, atomic: atomic, left: n}
				summary, err := over(t, cut).importAll(d, three(d)[:2]...)
				failed = err != nil
				if failed {
					want(t, "cut", err, hook.Unavailable)
				}
				whole := must[*hook.Connection[hook.Webhook]](t)(h.Webhooks(h.admin, hook.WebhookFilter{}, hook.Order{}, hook.PageArgs{}))
				if summary.Created != len(whole.Nodes) {
					t.Errorf("%s cut %d: the summary is %+v, %d webhooks are there", d, n, summary, len(whole.Nodes))
				}
				again, err := h.importAll(d, three(d)[:2]...)
				if err != nil || again.Created+again.Unchanged != 2 || again.Unchanged != len(whole.Nodes) {
					t.Errorf("%s cut %d: again %+v, %v", d, n, again, err)
				}
				if got := h.listOf(d); !slices.Equal(got, keysOfRecords(three(d)[:2])) {
					t.Errorf("%s cut %d: the order is %v", d, n, got)
				}
				if diff := cmp.Diff(shape(expect.everything()), shape(h.everything())); diff != "" {
					t.Errorf("%s cut %d (-want +got)\n%s", d, n, diff)
				}
			}
		}
	}
}

// shape is what is stored, without the instants of the import.
func shape(all map[string]any) (lines []string) {
	for _, list := range all {
		switch list := list.(type) {
		case []*hook.Webhook:
			for _, w := range list {
				lines = append(lines, fmt.Sprint(w.ID(), w.Name, w.Owner, w.Source, w.Version))
			}
		case []*hook.Client:
			for _, c := range list {
				lines = append(lines, fmt.Sprint(c.ID(), c.Name, c.Member, c.Source, c.Version))
			}
		case []*hook.Member:
			for _, m := range list {
				lines = append(lines, fmt.Sprint(m.ID(), m.Username, m.Source, m.Version))
			}
		case []*hook.Album:
			for _, a := range list {
				lines = append(lines, fmt.Sprint(a.ID(), a.Name, a.Version))
			}
		case []*hook.Trigger:
			for _, tr := range list {
				lines = append(lines, fmt.Sprint(tr.ID(), tr.Webhook, tr.Status, tr.Version))
			}
		case []*hook.Stats:
			for _, s := range list {
				lines = append(lines, fmt.Sprint(s.Key, s.Total(), s.Last))
			}
		}
	}
	slices.Sort(lines)
	return lines
}
