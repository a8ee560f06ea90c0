package resolvers_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/hook"
)

const publish = `mutation($input: PublishEventsInput!) { publishEvents(input: $input) {
	events { event { id type dialect owner { ... on Client { key } } groups data occurredAt idempotencyKey
		triggers { nodes { webhook { key } status nextAttemptAt reason attempts { number } } } } triggerCount repeated }
	userErrors { code field message } } }`

func TestPublishEvents(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	input := vars{"input": vars{"events": []vars{
		{"type": "order.made", "owner": vars{"client": "Client:" + beta}, "data": vars{"n": 1, "text": "<&>"}, "occurredAt": "2026-03-01T12:00:00.5+01:00", "idempotencyKey": "k"},
		{"type": "user.created", "owner": vars{"account": true}, "data": vars{"group": "a"}},
		{"type": "comment.created", "dialect": "PAGESEEDER", "groups": []string{"acme-web"}, "projects": []string{}, "data": nil},
	}}}
	a := g.get(t, admin(), publish, input)
	if diff := cmp.Diff([]any{1.0, 1.0, 0.0}, a.each("triggerCount", "publishEvents", "events")); diff != "" {
		t.Errorf("%s: %s", a.raw, diff)
	}
	event := func(i int, path ...any) any {
		return a.at(append([]any{"publishEvents", "events", i, "event"}, path...)...)
	}
	if event(0, "owner", "key") != beta || event(0, "occurredAt") != "2026-03-01T11:00:00.500Z" || event(0, "data", "text") != "<&>" || event(0, "dialect") != "STANDARD" ||
		event(0, "triggers", "nodes", 0, "webhook", "key") != orders || event(0, "triggers", "nodes", 0, "status") != "PENDING" ||
		event(0, "triggers", "nodes", 0, "nextAttemptAt") == nil || event(0, "triggers", "nodes", 0, "reason") != nil ||
		event(1, "dialect") != "ENTRUST" || event(2, "groups", 0) != "acme-web" {
		t.Error(a.raw)
	}
	if !strings.Contains(a.raw, `"text":"<&>"`) {
		t.Errorf("the text was changed: %s", a.raw)
	}
	// The same key: the same answer, or a conflict.
	once := vars{"input": vars{"events": input["input"].(vars)["events"].([]vars)[:1]}}
	again := g.get(t, admin(), publish, once)
	if again.at("publishEvents", "events", 0, "repeated") != true || again.text("publishEvents", "events", 0, "event", "id") != event(0, "id") ||
		again.at("publishEvents", "events", 0, "triggerCount") != 1.0 || a.at("publishEvents", "events", 0, "repeated") != false {
		t.Error(again.raw)
	}
	once["input"].(vars)["events"].([]vars)[0]["data"] = vars{"n": 2}
	g.ask(t, admin(), publish, once).userErrorIs(t, "publishEvents", "events", "CONFLICT", "events.0.idempotencyKey", "another event was published with this key")
}

// What is wrong is named with its place, and nothing is stored.
func TestBadPublications(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	good := vars{"type": "a.b"}
	deep := json.RawMessage(strings.Repeat(`{"a":`, 50) + "1" + strings.Repeat("}", 50))
	count := func() string { return g.get(t, admin(), `{ events { totalCount } }`, nil).raw }
	before := count()
	for _, c := range []struct {
		event          vars
		field, message string
	}{
		{vars{"type": "order made"}, "type", "is not an event type"},
		{vars{"type": "order.made", "dialect": "ENTRUST"}, "type", "is not an event type of dialect ENTRUST"},
		{vars{"type": "new_user", "dialect": "KHEOPS"}, "dialect", "not of dialect KHEOPS"},
		{vars{"type": "user.created", "data": []int{1}}, "data", "must be a JSON object"},
		{vars{"type": "a", "data": strings.Repeat("x", hook.MaxEventData)}, "data", "at most 262144"},
		{vars{"type": "a", "data": deep}, "data", "deeper than 32 levels"},
		{vars{"type": "a", "groups": []string{"g"}}, "groups", "PageSeeder"},
		{vars{"type": "comment.created", "groups": []string{"g", " "}}, "groups.1", "must not be empty"},
		{vars{"type": "a", "idempotencyKey": strings.Repeat("k", 256)}, "idempotencyKey", "has 256 characters"},
		{vars{"type": "a", "occurredAt": "1900-01-01T00:00:00Z"}, "occurredAt", "between the years"},
		{vars{"type": "a", "owner": vars{"account": false}}, "owner", "exactly one"},
		{vars{"type": "a", "owner": vars{"client": "Album:x"}}, "owner.client", "not of a client"},
	} {
		a := g.ask(t, admin(), publish, vars{"input": vars{"events": []vars{c.event}}})
		a.userErrorIs(t, "publishEvents", "events", "INVALID", "events.0."+c.field, c.message)
		a = g.ask(t, admin(), publish, vars{"input": vars{"events": []vars{good, c.event, good}}})
		a.userErrorIs(t, "publishEvents", "events", "INVALID", "events.1."+c.field, c.message)
	}
	g.ask(t, admin(), publish, vars{"input": vars{"events": []vars{}}}).userErrorIs(t, "publishEvents", "events", "INVALID", "events", "at least one")
	many := make([]vars, 101)
	for i := range many {
		many[i] = good
	}
	g.ask(t, admin(), publish, vars{"input": vars{"events": many}}).userErrorIs(t, "publishEvents", "events", "INVALID", "events", "at most 100")
	// An owner that does not exist, or may not be seen, is told with its place.
	for _, v := range []struct {
		viewer *hook.Viewer
		owner  vars
		code   string
	}{
		{admin(), vars{"client": "999"}, "NOT_FOUND"}, {g.as(t, grace), vars{"album": lungs}, "FORBIDDEN"}, {g.as(t, ada), vars{"album": knees}, "NOT_FOUND"},
		{bound("EVENTS:PUBLISH"), vars{"client": alpha}, "NOT_FOUND"}, {g.as(t, ada), vars{"account": true}, "FORBIDDEN"},
		{key("WEBHOOKS:ALL"), vars{"account": true}, "FORBIDDEN"},
	} {
		a := g.ask(t, v.viewer, publish, vars{"input": vars{"events": []vars{{"type": "a", "owner": v.owner}}}})
		a.errorsAre(t, v.code, "")
		if field := a.Errors[0].Extensions["field"]; v.viewer.May("EVENTS", "PUBLISH") {
			if diff := cmp.Diff([]any{"events", "0", "owner"}, field); diff != "" {
				t.Errorf("%s: %s", a.raw, diff)
			}
		}
	}
	if after := count(); after != before {
		t.Errorf("before %s, after %s", before, after)
	}
	g.get(t, bound("EVENTS:PUBLISH", "EVENTS:VIEW"), `mutation { publishEvents(input: {events: [{type: "order.made", owner: {client: "21"}}]}) { events { triggerCount } } }`, nil)
}

func TestTriggerMutations(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	const of = `{ trigger { id manual status eventType nextAttemptAt reason event { data } attempts { number } } userErrors { code field message } }`
	a := g.get(t, admin(), `mutation { m: triggerWebhook(input: {id: "`+orders+`", type: "order.made", data: {n: 1}}) `+of+` }`, nil)
	id := a.text("m", "trigger", "id")
	if a.at("m", "trigger", "manual") != true || a.text("m", "trigger", "status") != "PENDING" || a.at("m", "trigger", "event", "data", "n") != 1.0 {
		t.Fatal(a.raw)
	}
	ask := func(mutation, id string) answer {
		return g.ask(t, admin(), `mutation { m: `+mutation+`(input: {id: "`+id+`"}) `+of+` }`, nil)
	}
	ask("retryTrigger", id).userErrorIs(t, "m", "trigger", "CONFLICT", "id", "under way")
	if a := ask("cancelTrigger", id); a.text("m", "trigger", "status") != "CANCELLED" || a.at("m", "trigger", "nextAttemptAt") != nil {
		t.Error(a.raw)
	}
	ask("cancelTrigger", id).userErrorIs(t, "m", "trigger", "CONFLICT", "id", "it is CANCELLED")
	if a := ask("retryTrigger", id); a.text("m", "trigger", "status") != "PENDING" || a.text("m", "trigger", "nextAttemptAt") == "" {
		t.Error(a.raw)
	}
	if a := ask("retryTrigger", "Trigger:"+delivered); a.text("m", "trigger", "status") != "PENDING" || len(a.each("number", "m", "trigger", "attempts")) != 2 {
		t.Error(a.raw)
	}
	ask("cancelTrigger", failed).userErrorIs(t, "m", "trigger", "CONFLICT", "id", "it is FAIL")
	ask("retryTrigger", foreign).userErrorIs(t, "m", "trigger", "CONFLICT", "id", "was imported")
	ask("retryTrigger", "Event:1").userErrorIs(t, "m", "trigger", "INVALID", "id", "not of a trigger")

	for input, want := range map[string][3]string{
		`id: "` + orders + `", type: "a b"`:                       {"INVALID", "type", "not an event type of dialect STANDARD"},
		`id: "` + accounts + `", type: "invoice.paid"`:            {"INVALID", "type", "not an event type of dialect ENTRUST"},
		`id: "` + accounts + `", type: "user.created", data: [1]`: {"INVALID", "data", "must be a JSON object"},
		`id: "` + pages + `", type: "comment.created"`:            {"CONFLICT", "id", "waits for its first good ping"},
		`id: "Client:20", type: "comment.created"`:                {"INVALID", "id", "not of a webhook"},
	} {
		g.ask(t, admin(), `mutation { m: triggerWebhook(input: {`+input+`}) `+of+` }`, nil).userErrorIs(t, "m", "trigger", want[0], want[1], want[2])
	}
	for viewer, code := range map[*hook.Viewer]string{
		bound("EVENTS:PUBLISH"): "", key("EVENTS:PUBLISH"): "", key("WEBHOOKS:ALL"): "FORBIDDEN", g.as(t, grace): "FORBIDDEN", g.as(t, ada): "NOT_FOUND",
	} {
		a := g.ask(t, viewer, `mutation { m: triggerWebhook(input: {id: "`+orders+`", type: "a"}) { userErrors { code } } }`, nil)
		if code == "" && len(a.Errors) > 0 || code != "" && (len(a.Errors) == 0 || a.Errors[0].code() != code) {
			t.Errorf("%s: %s, want %q", viewer.Name, a.raw, code)
		}
	}
}

// An attempt tells why it failed and whether there was more of the answer.
func TestAttemptFields(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	meta := hook.Meta{Key: "A1", Created: day(9)}
	err := g.store.Write(t.Context(), hook.Change{Kind: hook.ChangeInsert, Entity: &hook.Trigger{
		Meta: meta, Webhook: orders, Owner: "Client:" + beta, Event: ordered, Status: hook.TriggerRetrying, Reason: "waits for its secret", Due: day(10),
		Attempts: []hook.Attempt{
			{Number: 1, At: day(9), ErrorKind: "dns", Error: "x.test does not exist"},
			{Number: 2, At: day(9), StatusCode: 500, Body: "oh", Truncated: true},
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	a := g.get(t, admin(), `{ trigger(id: "A1") { nextAttemptAt reason attempts { statusCode errorKind error body truncated } } }`, nil)
	want := `{"data":{"trigger":{"nextAttemptAt":"2026-01-10T08:30:00.123Z","reason":"waits for its secret","attempts":[` +
		`{"statusCode":null,"errorKind":"dns","error":"x.test does not exist","body":null,"truncated":false},` +
		`{"statusCode":500,"errorKind":null,"error":null,"body":"oh","truncated":true}]}}}`
	if strings.TrimSpace(a.raw) != want {
		t.Error(cmp.Diff(want, a.raw))
	}
}

func TestEventTypes(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	all := g.get(t, key(), `{ eventTypes { dialect name scope } k: eventTypes(dialect: KHEOPS) { name scope } s: eventTypes(dialect: STANDARD) { name } }`, nil)
	if n := len(all.each("name", "eventTypes")); n < 60 {
		t.Errorf("%d types", n)
	}
	if diff := cmp.Diff([]any{"new_series", "remove_series", "new_user", "delete_album"}, all.each("name", "k")); diff != "" || len(all.each("name", "s")) != 0 {
		t.Error(all.raw)
	}
}
