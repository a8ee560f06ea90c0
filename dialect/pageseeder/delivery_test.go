package pageseeder_test

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/dialect/pageseeder"
	"github.com/hookgraph/hookgraph/hook"
)

var happened = time.Date(2024, 5, 5, 21, 8, 9, 123e6, time.UTC)

func event(key, kind, data string, groups ...string) *hook.Event {
	return &hook.Event{Meta: hook.Meta{Key: key}, Dialect: hook.PageSeeder, Type: kind, OccurredAt: happened, Data: data, Groups: groups}
}

// every has an event of each object, with more than the minimal form shows.
var every = []*hook.Event{
	event("a", "uri.modified", `{"event": [{"id": 3, "name": "acme-info", "owner": "x"}], "uri": {"id": 905, "docid": "A-1", "path": "/ps/acme/info/documents/a.psml", "title": "A <b> & \"c\"", "decodedPath": "/a", "labels": ["x", "y"]}}`),
	event("b", "comment.created", `{"id": 41, "title": "Hi", "author": {"id": 12, "fullname": "Ann Lee"}, "attachments": [{"id": 1}, {"id": 2}], "empty": null}`, "acme-info", "acme-docs"),
	event("c", "workflow.updated", `{"workflow": {"id": 7, "status": "Open", "assignedto": {"member": {"id": 12, "firstname": "Ann", "fullname": "Ann Lee"}}, "comments": [{"id": 1, "draft": false}]}}`),
	event("d", "task.updated", `{"id": 8}`),
	event("e", "membership.created", `{"id": 9, "emailListed": true}`),
	event("f", "publication.created", `{"id": "my_pub-1", "rooturi": 905}`),
	event("g", "member.created", `{"id": 12, "username": "alee", "email": "alee@acme.test", "surname": "Lee"}`),
	event("h", "group.modified", `{"id": 3, "name": "acme-info", "description": "d"}`),
	event("i", "project.created", `{"id": 2, "name": "acme"}`),
	event("j", "groupfolder.deleted", `{"id": 5, "path": "/ps/acme/info", "more": 1}`),
	event("k", "groupproperties.modified", `{"id": 3, "a": "b"}`),
	event("l", "server.started", `{"id": "ps-1", "version": "6.1"}`),
	event("m", "uri.deleted", `{}`),
}

func TestPayloads(t *testing.T) {
	t.Parallel()
	api := pageseeder.New(nil, nil, pageseeder.Options{Location: sydney(t)})
	for _, detail := range []hook.PayloadDetail{hook.DetailMinimal, hook.DetailBasic} {
		for _, format := range []hook.PayloadFormat{hook.FormatXML, hook.FormatJSON} {
			w := &hook.Webhook{Number: 41, Name: "acme-sync", Dialect: hook.PageSeeder, Format: format, Detail: detail}
			name := "payload-" + strings.ToLower(string(detail)) + "." + strings.ToLower(string(format))
			var lines strings.Builder
			seen := map[string]bool{}
			for _, e := range every {
				payload := payloadOf(t, api, w, e)
				lines.WriteString(payload + "\n")
				if format == hook.FormatJSON {
					if !json.Valid([]byte(payload)) {
						t.Errorf("not JSON: %s", payload)
					}
				} else {
					got := parse[events](t, payload)
					if len(got.Events) != 1 || got.Webhook.ID != "41" || got.Webhook.Name != "acme-sync" || got.Events[0].Type != e.Type ||
						got.Events[0].Datetime != "2024-05-06T07:08:09+10:00" || seen[got.Events[0].ID] {
						t.Errorf("read as %+v", got)
					}
					seen[got.Events[0].ID] = true
				}
				if again := payloadOf(t, api, w, e); again != payload {
					t.Errorf("the same event gives %s and %s", payload, again)
				}
			}
			golden(t, name, lines.String())
		}
	}
}

func payloadOf(t testing.TB, api *pageseeder.API, w *hook.Webhook, e *hook.Event) string {
	t.Helper()
	payload, err := api.Payload(t.Context(), w, e, nil)
	if err != nil {
		t.Fatalf("%s: %v", e.Data, err)
	}
	return string(payload)
}

func TestWrongData(t *testing.T) {
	t.Parallel()
	api := pageseeder.New(nil, nil, pageseeder.Options{})
	w := &hook.Webhook{Number: 41, Dialect: hook.PageSeeder, Format: hook.FormatXML, Detail: hook.DetailBasic}
	for _, data := range []string{"", "1", "[]", "null", `"x"`, `{"a`, `{"a":`, `{"event":3}`, `{"event":[3]}`, `{"event":{"id":1}}`} {
		if payload, err := api.Payload(t.Context(), w, event("a", "uri.created", data), nil); err == nil || hook.CodeOf(err) != hook.Invalid {
			t.Errorf("%s: %s, %v", data, payload, err)
		}
	}
	for _, data := range []string{`{"id":[1],"uri":5}`, `{"a b":1,"<x>":{},"":[],"ok":"\u0000"}`, `{"a":[[1],null,{"b":[2]}]}`, `{"event":[]}`, `{"event":[{}]}`, `{"id":"\"<"}`} {
		payload, err := api.Payload(t.Context(), w, event("a", "uri.created", data), nil)
		if err != nil {
			t.Errorf("%s: %v", data, err)
		}
		var any struct{ XMLName xml.Name }
		if err := xml.Unmarshal(payload, &any); err != nil {
			t.Errorf("%s: %v: %s", data, err, payload)
		}
	}
}

func TestRepeatedMembers(t *testing.T) {
	t.Parallel()
	api := pageseeder.New(nil, nil, pageseeder.Options{})
	w := &hook.Webhook{Number: 41, Dialect: hook.PageSeeder, Format: hook.FormatXML, Detail: hook.DetailBasic}
	payload := payloadOf(t, api, w, event("a", "task.updated", `{"id":1,"id":2,"docTitle":"x","doc-title":"y"}`))
	if !strings.Contains(payload, `<task id="1" doc-title="x"/>`) {
		t.Error(payload)
	}
}
