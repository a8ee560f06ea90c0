package kheops_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/dialect/dialecttest"
	"github.com/hookgraph/hookgraph/dialect/kheops"
	"github.com/hookgraph/hookgraph/hook"
)

func records(t *testing.T, input string) []*hook.Record {
	t.Helper()
	var list []*hook.Record
	for r, err := range kheops.New(nil, nil, kheops.Options{}).Records(strings.NewReader(input)) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	return list
}

func TestRecords(t *testing.T) {
	t.Parallel()
	webhook := func(key, url, name string, secret hook.SecretState, events ...string) *hook.Webhook {
		w := &hook.Webhook{
			Meta: hook.Meta{Key: key}, Dialect: hook.Kheops, URL: url, Name: name, Enabled: true, Health: hook.HealthActive,
			SecretState: secret, Format: hook.FormatJSON, Detail: hook.DetailMinimal, VerifyTLS: true,
		}
		for _, e := range events {
			w.Subscriptions = append(w.Subscriptions, hook.Subscription{Pattern: e})
		}
		return w
	}
	want := []*hook.Record{
		{Position: 1, Webhook: webhook("QAdfIstxuOvwkcm39WEO", "https://webhook.site/123456", "a name", hook.SecretNone, "new_series", "new_user"),
			Last: []hook.LastTrigger{
				{Trigger: "peasMs9OIgbBnIA1na4ANnDj2b4ebl", Status: hook.TriggerPass},
				{Trigger: "j3gbeiu78gI78GI87G2WIU278FGbbm", Status: hook.TriggerFail},
				{Trigger: "bmnbmBU78gHizFGgvfi78fvUJzfFZu", Status: hook.TriggerPass},
				{Trigger: "jhUIGHiugBIUgvZI8t7g87FVUzfv78", Status: hook.TriggerFail},
				{Trigger: "iugiGi7g7zIGVujzfgG8f67JIup0uj9", Status: hook.TriggerFail},
			}, Triggers: 11},
		{Position: 2, Webhook: webhook("kCMP3HU3GvcLOl8rNCLQ", "https://webhook.site/abcdef", "another name", hook.SecretUnknown,
			"new_series", "remove_series")},
	}
	if diff := cmp.Diff(want, records(t, dialecttest.Read(t, "testdata/list.json"))); diff != "" {
		t.Error(diff)
	}
	few := records(t, `[{"id":"QAdfIstxuOvwkcm39WEO","url":"u","name":"n","events":["New_User","NEW_USER"],"created":{"x":[]}}]`)
	if diff := cmp.Diff([]*hook.Record{{Position: 1, Webhook: webhook("QAdfIstxuOvwkcm39WEO", "u", "n", hook.SecretNone, "new_user")}}, few); diff != "" {
		t.Error(diff)
	}
}

func TestRefusedRecords(t *testing.T) {
	t.Parallel()
	const start = `{"id":"QAdfIstxuOvwkcm39WEO","url":"https://h/","name":"n",`
	for _, tt := range []struct{ record, want string }{
		{`{"url":"u","name":"n"}`, `id: is missing`},
		{`{"id":"QAdfIstxuOvwkcm39WEO","url":null,"name":"n"}`, `url: is missing`},
		{`{"id":"QAdfIstxuOvwkcm39WE","url":"u","name":"n"}`, `id: "QAdfIstxuOvwkcm39WE" is not the id of a webhook: 20 letters and digits`},
		{`{"id":"QAdfIstxuOvwkcm39WEO\n","url":"u","name":"n"}`, `id: "QAdfIstxuOvwkcm39WEO\n" is not the id of a webhook: 20 letters and digits`},
		{`{"id":5,"url":"u","name":"n"}`, `id: expected a string`},
		{start + `"use_secret":"true"}`, `use_secret: expected true or false`},
		{start + `"enabled":1}`, `enabled: expected true or false`},
		{start + `"events":"new_series"}`, `events: expected an array of strings`},
		{start + `"events":["new_series","x"]}`, `events.1: "x" is not an event type`},
		{start + `"events":["*"]}`, `events.0: "*" is not an event type`},
		{start + `"last_triggers":{}}`, `last_triggers: expected an array of objects`},
		{start + `"last_triggers":[1]}`, `last_triggers.0: expected an object`},
		{start + `"last_triggers":[{"id":"a","status":"PASS"}]}`, `last_triggers.0.status: expected pass or fail`},
		{start + `"last_triggers":[{"id":"a-b","status":"pass"}]}`, `last_triggers.0.id: "a-b" is not the id of a trigger: 1 to 64 letters and digits`},
		{start + `"last_triggers":[{"id":"` + strings.Repeat("a", 65) + `","status":"pass"}]}`,
			`last_triggers.0.id: "` + strings.Repeat("a", 64) + `…" is not the id of a trigger: 1 to 64 letters and digits`},
		{start + `"last_triggers":[{"id":"a","status":"pass"},{"id":"a","status":"pass"}]}`, `last_triggers.1.id: "a" is given twice`},
		{start + `"last_triggers":[{},{},{},{},{},{}]}`, `last_triggers: at most 5 are allowed`},
		{start + `"number_of_triggers":-1}`, `number_of_triggers: -1 is less than the triggers that are shown`},
		{start + `"last_triggers":[{"id":"a","status":"pass"}],"number_of_triggers":0}`, `number_of_triggers: 0 is less than the triggers that are shown`},
		{start + `"number_of_triggers":1e3}`, `number_of_triggers: expected a whole number`},
		{start + `"name":"m"}`, `name: the member is given twice`},
	} {
		list := records(t, "["+tt.record+"]")
		if err := list[0].Err; err == nil || err.Error() != tt.want || hook.CodeOf(err) != hook.Invalid {
			t.Errorf("%s: %v, want %s", tt.record, err, tt.want)
		}
	}
}

// FuzzRecords checks that whatever is read, records are well-formed or refused,
// errors are short, and malformed input says where.
func FuzzRecords(f *testing.F) {
	for _, file := range []string{"testdata/list.json", "testdata/odd.json"} {
		f.Add([]byte(dialecttest.Read(f, file)))
	}
	for _, seed := range []string{
		"", "[]", "[{}]", "{}", "[{}]x", `[{"id":"QAdfIstxuOvwkcm39WEO","url":"https://h/","name":"\ud800"}]`,
		`[{"a":1,"a":2},{"events":["NEW_USER",null]}]`, `[{"number_of_triggers":99999999999999999999}]`, "\ufeff[" + strings.Repeat("[", 40),
	} {
		f.Add([]byte(seed))
	}
	api := kheops.New(nil, nil, kheops.Options{})
	f.Fuzz(func(t *testing.T, input []byte) {
		position := 0
		for r, err := range api.Records(strings.NewReader(string(input))) {
			if err != nil {
				if r != nil || hook.CodeOf(err) != hook.Invalid || !strings.HasPrefix(err.Error(), "byte ") {
					t.Errorf("%v beside %v", err, r)
				}
				continue
			}
			if position++; r.Position != position {
				t.Errorf("position %d, want %d", r.Position, position)
			}
			if r.Err != nil {
				if len(r.Err.Error()) > 4000 {
					t.Errorf("an error of %d bytes", len(r.Err.Error()))
				}
				continue
			}
			check(t, r)
		}
	})
}

func check(t *testing.T, r *hook.Record) {
	t.Helper()
	w := r.Webhook
	if len(w.Key) != 20 || w.Dialect != hook.Kheops || int64(len(r.Last)) > r.Triggers || len(r.Last) > hook.LastTriggers {
		t.Error(fmt.Sprintf("%+v", w), r.Last, r.Triggers)
	}
	for _, s := range w.Subscriptions {
		if !hook.KnownEventType(hook.Kheops, s.Pattern) {
			t.Errorf("event type %q", s.Pattern)
		}
	}
}
