package entrust_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/dialect/dialecttest"
	"github.com/hookgraph/hookgraph/dialect/entrust"
	"github.com/hookgraph/hookgraph/hook"
)

func records(t *testing.T, input string) []*hook.Record {
	t.Helper()
	var list []*hook.Record
	for r, err := range entrust.New(nil, nil, entrust.Options{}).Records(strings.NewReader(input)) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	return list
}

func TestRecords(t *testing.T) {
	t.Parallel()
	instant := func(text string) *time.Time {
		i, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return &i
	}
	want := []*hook.Record{
		{Position: 1, Webhook: &hook.Webhook{
			Meta: hook.Meta{Key: "8f2b1d3e-5c47-4e0a-9a6b-0d6f2f7c1a55"}, Dialect: hook.Entrust, Name: "SIEM feed",
			URL: "https://hooks.example.net/idaas", Enabled: true, ExpiresAt: instant("2027-08-19T10:15:00Z"),
			Subscriptions: []hook.Subscription{
				{ID: "c1d7b1f0-23a1-4a55-a8de-8f3a45a4f3f1", Pattern: "authentication.failed"},
				{ID: "a902f7c7-6f0b-4a4b-9d53-3f6b0a4a1c0e", Pattern: "user.created"},
			},
			Health: hook.HealthActive, SecretState: hook.SecretUnknown, Format: hook.FormatJSON, Detail: hook.DetailMinimal, VerifyTLS: true,
		}},
		{Position: 2, Webhook: &hook.Webhook{
			Meta: hook.Meta{Key: "2c3d4e5f-0a1b-4c2d-8e3f-405162738495"}, Dialect: hook.Entrust,
			URL: "https://hooks.example.net/old", ExpiresAt: instant("2025-01-31T00:00:00Z"),
			Subscriptions: []hook.Subscription{{ID: "0c9a0a52-5a0a-4b7c-8f59-7f3a3a6d2b11", Pattern: "user.created"}},
			Health:        hook.HealthActive, SecretState: hook.SecretUnknown, Format: hook.FormatJSON, Detail: hook.DetailMinimal, VerifyTLS: true,
		}},
	}
	if diff := cmp.Diff(want, records(t, dialecttest.Read(t, "testdata/list.json"))); diff != "" {
		t.Error(diff)
	}
}

// TestEventsWithoutIDs: an import of the same list must find nothing new.
func TestEventsWithoutIDs(t *testing.T) {
	t.Parallel()
	const list = `[{"id":"a","callbackUrl":"https://h/","enabled":true,"events":[{"type":"user.created"},{"type":"user.create"}],"token":7,"expired":null}]`
	first, second := records(t, list), records(t, list)
	if diff := cmp.Diff(first, second); diff != "" {
		t.Error(diff)
	}
	if first[0].Err != nil {
		t.Fatal(first[0].Err)
	}
	events := first[0].Webhook.Subscriptions
	if len(events) != 2 || events[0].ID == "" || events[0].ID == events[1].ID || events[1].Pattern != "user.created" {
		t.Error(events)
	}
}

func TestRefusedRecords(t *testing.T) {
	t.Parallel()
	const start = `{"id":"a","callbackUrl":"https://h/","enabled":true,`
	for _, tt := range []struct{ record, want string }{
		{`{"callbackUrl":"https://h/","enabled":true}`, `id: is missing`},
		{`{"id":"a","enabled":true}`, `callbackUrl: is missing`},
		{`{"id":"a","callbackUrl":"https://h/"}`, `enabled: is missing`},
		{start + `"name":false}`, `name: expected a string`},
		{start + `"name":"` + `\udc00"}`, `name: the escape \uDC00 is half of a character`},
		{`{"id":"a","callbackUrl":"https://h/","enabled":"yes"}`, `events: at least one is needed`},
		{`{"id":"a","callbackUrl":"https://h/","enabled":"yes","events":[{"type":"user.created"}]}`, `enabled: expected true or false`},
		{start + `"events":[]}`, `events: at least one is needed`},
		{start + `"events":{}}`, `events: expected an array of objects`},
		{start + `"events":["user.created"]}`, `events.0: expected an object`},
		{start + `"events":[{"id":"x"}]}`, `events.0.type: is missing`},
		{start + `"events":[{"type":"user.created","id":1}]}`, `events.0.id: expected a string`},
		{start + `"events":[{"type":"user.created"},{"type":"*"}]}`, `events.1.type: "*" is not an event type`},
		{start + `"events":[{"type":"User.Created"}]}`, `events.0.type: "User.Created" is not an event type`},
		{start + `"events":[{"type":"user.created","filter":[]}]}`, `events.0.filter: expected a string`},
		{start + `"events":[{"type":"user.created"}],"expired":true}`, `expired: is true, but there is no expiryDate`},
		{start + `"events":[{"type":"user.created"}],"expired":"no"}`, `expired: expected true or false`},
		{start + `"events":[{"type":"user.created"}],"expiryDate":1}`, `expiryDate: expected a string`},
		{start + `"events":[{"type":"user.created"}],"expiryDate":""}`, `expiryDate: "" is not a date and time like 2027-08-19T10:15:00`},
		{start + `"events":[{"type":"user.created"}],"expiryDate":"2027-02-30T00:00:00"}`,
			`expiryDate: "2027-02-30T00:00:00" is not a date and time like 2027-08-19T10:15:00`},
		{start + `"events":[{"type":"user.created","type":"user.updated"}]}`, `events.0.type: the member is given twice`},
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
	f.Add([]byte(dialecttest.Read(f, "testdata/list.json")))
	for _, seed := range []string{
		"", "[]", "[{}]", "{}", "[{}]x", `[{"id":"a","callbackUrl":"https://h/","enabled":true,"events":[{"type":"user.create"}]}]`,
		`[{"expiryDate":"2027-08-19T10:15:00","expiryDate":null},{"events":[null]}]`, `[{"name":"\ud800"}]`, "\ufeff[" + strings.Repeat("[", 40),
	} {
		f.Add([]byte(seed))
	}
	api := entrust.New(nil, nil, entrust.Options{})
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
			if r.Webhook.Dialect != hook.Entrust || r.Webhook.SecretState != hook.SecretUnknown || len(r.Webhook.Subscriptions) == 0 {
				t.Errorf("%+v", r.Webhook)
			}
			for _, s := range r.Webhook.Subscriptions {
				if s.ID == "" || !hook.KnownEventType(hook.Entrust, s.Pattern) {
					t.Errorf("%+v", s)
				}
			}
		}
	})
}
