package pageseeder_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// seen is a webhook as GraphQL shows it.
type seen struct {
	Key, Name, URL string
	Owner          struct{ ID string }
	Enabled        bool
	Health         string
	Format, Detail string
	VerifyTLS      bool
	ServerEvents   bool
	Projects       []string
	Groups         []string
	SecretState    string
	Subscriptions  []struct{ Pattern string }
}

const seenFields = `key name url owner { ... on Client { id } } enabled health format detail verifyTls serverEvents projects groups secretState subscriptions { pattern }`

// ask returns a member of the data of a GraphQL answer.
func ask[T any](w *town, as, query string) T {
	w.t.Helper()
	var answer struct {
		Data   map[string]json.RawMessage
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	text := w.graphQL(as, query)
	if err := json.Unmarshal([]byte(text), &answer); err != nil || len(answer.Errors) > 0 || len(answer.Data) != 1 {
		w.t.Fatalf("%s: %s", query, text)
	}
	var value T
	for _, member := range answer.Data {
		if err := json.Unmarshal(member, &value); err != nil {
			w.t.Fatal(err)
		}
	}
	return value
}

func (w *town) seen(key string) *seen {
	w.t.Helper()
	return ask[*seen](w, "admin", fmt.Sprintf(`{ webhook(id: %q) { %s } }`, key, seenFields))
}

// attributes of a webhook, and of its client under "client".
func (w *town) attributes(client, key string) map[string]string {
	w.t.Helper()
	answer := w.send("admin", "GET", "/clients/"+client+"/webhooks/"+key+".xml", "", "")
	if answer.StatusCode != 200 {
		return nil
	}
	e := parseXML(w.t, answer.body)
	e.Attributes["client"] = e.Children[0].Attributes["id"]
	return e.Attributes
}

var numberOf = regexp.MustCompile(`<webhook id="(\d+)"`)

// TestSameTruthFromHere: what is done by PageSeeder's services is seen by
// GraphQL at once.
func TestSameTruthFromHere(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	key := numberOf.FindStringSubmatch(w.do("POST", "/ps/service/clients/123/webhooks", all9))[1]
	want := &seen{Key: key, Name: "acme sync", URL: "https://hooks.acme.test/ps?a=b", Enabled: true, Health: "PENDING", Format: "JSON", Detail: "BASIC",
		ServerEvents: true, Projects: []string{"acme"}, Groups: []string{"beta-info", "beta-x"}, SecretState: "NONE"}
	want.Owner.ID = "Client:123"
	for _, pattern := range []string{"uri.*", "workflow.updated", "comment.later"} {
		want.Subscriptions = append(want.Subscriptions, struct{ Pattern string }{pattern})
	}
	same := func(step string) {
		t.Helper()
		if diff := cmp.Diff(want, w.seen(key)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step, diff)
		}
	}
	same("created")
	path := "/ps/service/clients/123/webhooks/" + key
	for status, shown := range map[string][2]any{
		"active": {true, "ACTIVE"}, "warning": {true, "WARNING"}, "error": {true, "ERROR"}, "unreachable": {true, "UNREACHABLE"}, "pending": {true, "PENDING"},
	} {
		w.do("PATCH", path, "status="+status)
		want.Enabled, want.Health = shown[0].(bool), shown[1].(string)
		same(status)
		w.do("PATCH", path, "status=disabled")
		want.Enabled = false
		same("disabled after " + status)
	}
	w.do("PATCH", path, "newclient=~1234567890123456&name=moved&insecuressl=false&server=false&format=xml&object=minimal&projects=&groups=&events=&url="+url.QueryEscape("http://b.test"))
	want = &seen{Key: key, Name: "moved", URL: "http://b.test", Health: want.Health, Format: "XML", Detail: "MINIMAL", VerifyTLS: true,
		Projects: []string{}, Groups: []string{}, SecretState: "NONE", Subscriptions: []struct{ Pattern string }{{"*"}}}
	want.Owner.ID = "Client:124"
	same("moved")
	if got := w.attributes("123", key); got != nil {
		t.Errorf("the webhook is still with client 123: %v", got)
	}
	w.do("DELETE", "/clients/124/webhooks/"+key, "")
	if got := w.seen(key); got != nil {
		t.Errorf("deleted: %+v", got)
	}
	w.do("PATCH", "/oauth/members/456/clients/123", "name=Renamed&webhook-secret=geheim&access-token-max-age=7")
	type client struct {
		Name              string
		HasWebhookSecret  bool
		AccessTokenMaxAge int
		Member            struct{ Key string }
	}
	got := ask[client](w, "admin", `{ client(id: "123") { name hasWebhookSecret accessTokenMaxAge member { key } } }`)
	if got.Name != "Renamed" || !got.HasWebhookSecret || got.AccessTokenMaxAge != 7 || got.Member.Key != "456" {
		t.Errorf("the client is %+v", got)
	}
	w.do("DELETE", "/oauth/members/456/clients/123", "")
	if got := w.graphQL("admin", `{ client(id: "123") { name } webhook(id: "789") { key } }`); !strings.Contains(got, `{"client":null,"webhook":null}`) {
		t.Errorf("the deleted client shows: %s", got)
	}
}

// TestSameTruthFromGraphQL: what GraphQL does is seen here at once.
func TestSameTruthFromGraphQL(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	type payload struct {
		Webhook struct{ Key string }
	}
	key := ask[payload](w, "admin", `mutation { createWebhook(input: {dialect: PAGESEEDER, owner: {client: "124"}, url: "https://a.test", name: "new"}) { webhook { key } } }`).Webhook.Key
	show := func(step, client string, want map[string]string) {
		t.Helper()
		got := w.attributes(client, key)
		for _, name := range []string{"id", "created", "modified", "object"} {
			delete(got, name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step, diff)
		}
	}
	want := map[string]string{"client": "124", "url": "https://a.test", "name": "new", "status": "pending", "server": "false", "format": "xml", "insecuressl": "false"}
	show("created", "124", want)
	ask[any](w, "admin", `mutation { disableWebhook(input: {id: "`+key+`"}) { webhook { key } } }`)
	want["status"] = "disabled"
	show("disabled", "124", want)
	ask[any](w, "admin", `mutation { updateWebhook(input: {id: "`+key+`", enabled: true, format: JSON, verifyTls: false, serverEvents: true, projects: ["p"], groups: ["g", "h"],
		subscriptions: [{pattern: "uri.*"}, {pattern: "task.updated"}]}) { webhook { key } } }`)
	want = map[string]string{"client": "124", "url": "https://a.test", "name": "new", "status": "pending", "server": "true", "format": "json", "insecuressl": "true",
		"projects": "p", "groups": "g,h", "events": "uri.*,task.updated"}
	show("updated", "124", want)
	if got := w.send("admin", "GET", "/clients/124/webhooks", "", "").body; !strings.Contains(got, `<webhook id="`+key+`"`) {
		t.Errorf("the list is %s", got)
	}
	ask[any](w, "admin", `mutation { deleteWebhook(input: {id: "`+key+`"}) { deletedWebhookId } }`)
	show("deleted", "124", nil)
	if got := w.send("admin", "GET", "/clients/124/webhooks", "", "").body; got != "<webhooks/>" {
		t.Errorf("the list is %s", got)
	}
}

// TestWhoMay: the services are for administrators; in GraphQL a client's member
// sees its webhooks, but changes none.
func TestWhoMay(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bound := w.key(boundKey)
	w.tokens["bound"] = bound
	before := w.state()
	for _, test := range []struct {
		method, target, body string
		status               map[string]int
	}{
		{"GET", "/clients/123/webhooks", "", map[string]int{"member": 403, "other": 404, "viewer": 200, "bad": 401, "": 401, "bound": 200}},
		{"GET", "/clients/123/webhooks/789", "", map[string]int{"member": 403, "other": 404, "viewer": 200, "bad": 401, "": 401, "bound": 200}},
		{"POST", "/clients/123/webhooks", "url=https://a.test", map[string]int{"member": 403, "other": 404, "viewer": 403, "bad": 401, "": 401}},
		{"PATCH", "/clients/123/webhooks/789", "name=x", map[string]int{"member": 403, "other": 404, "viewer": 403, "bad": 401, "": 401}},
		{"PATCH", "/clients/123/webhooks/789", "newclient=124&name=x", map[string]int{"bound": 400}},
		{"DELETE", "/clients/123/webhooks/789", "", map[string]int{"member": 403, "other": 404, "viewer": 403, "bad": 401, "": 401}},
		{"GET", "/oauth/members/456/clients", "", map[string]int{"member": 200, "other": 404, "viewer": 403, "bad": 401, "": 401}},
		{"GET", "/oauth/members/456/clients/123", "", map[string]int{"member": 200, "other": 404, "viewer": 403, "bad": 401, "": 401}},
		{"GET", "/oauth/members/457/clients/124", "", map[string]int{"member": 404, "other": 200}},
		{"POST", "/oauth/members/456/clients", "name=x", map[string]int{"other": 404, "viewer": 403, "bad": 401, "": 401}},
		{"PATCH", "/oauth/members/456/clients/123", "member=457", map[string]int{"member": 400, "other": 404, "viewer": 403}},
		{"DELETE", "/oauth/members/456/clients/123", "", map[string]int{"other": 404, "viewer": 403, "bad": 401, "": 401, "bound": 403}},
	} {
		for as, want := range test.status {
			if answer := w.send(as, test.method, test.target, form, test.body); answer.StatusCode != want {
				t.Errorf("%s %s as %q: %d %s, want %d", test.method, test.target, as, answer.StatusCode, answer.body, want)
			}
		}
	}
	if after := w.state(); after != before {
		t.Error("something has changed")
	}
	if got := w.graphQL("member", `{ webhook(id: "789") { key } }`); !strings.Contains(got, `"key":"789"`) {
		t.Errorf("the member sees %s", got)
	}
	if got := w.graphQL("member", `mutation { updateWebhook(input: {id: "789", name: "x"}) { webhook { key } } }`); !strings.Contains(got, "FORBIDDEN") {
		t.Errorf("the member changes %s", got)
	}
}
