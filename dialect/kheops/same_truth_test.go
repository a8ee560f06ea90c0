package kheops_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/dialect/dialecttest"
	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/resolvers"
)

// A both is a gateway that is asked in GraphQL too, by the same person.
type both struct {
	*gateway
	t        *testing.T
	endpoint http.Handler
	viewer   *hook.Viewer
	token    string
}

// query asks in GraphQL and returns the data, or the code of the first error.
func (b *both) query(text string, variables map[string]any) (data map[string]any, code string) {
	b.t.Helper()
	body, err := json.Marshal(map[string]any{"query": text, "variables": variables})
	if err != nil {
		b.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	b.endpoint.ServeHTTP(w, r.WithContext(hook.WithViewer(r.Context(), b.viewer)))
	var answer struct {
		Data   map[string]any
		Errors []struct {
			Message    string
			Extensions map[string]any
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		b.t.Fatalf("%s: %v", w.Body, err)
	}
	if len(answer.Errors) > 0 {
		code, _ = answer.Errors[0].Extensions["code"].(string)
	}
	return answer.Data, code
}

// change runs a mutation that must succeed.
func (b *both) change(text string, variables map[string]any) map[string]any {
	b.t.Helper()
	data, code := b.query(text, variables)
	if code != "" {
		b.t.Fatalf("%s: %s", text, code)
	}
	for _, payload := range data {
		if list, _ := payload.(map[string]any)["userErrors"].([]any); len(list) > 0 {
			b.t.Fatalf("%s: %v", text, list)
		}
	}
	return data
}

// rest sends a request to the dialect and returns status and body.
func (b *both) rest(method, path, form string) (int, map[string]any) {
	b.t.Helper()
	headers := []string{"Authorization", "Bearer " + b.token}
	if method == http.MethodPost || method == http.MethodPatch {
		headers = append(headers, "Content-Type", "application/x-www-form-urlencoded")
	}
	response := b.send(b.t, method, path, strings.NewReader(form), headers...)
	var body map[string]any
	if text := readAll(b.t, response); strings.HasPrefix(text, "{") {
		if err := json.Unmarshal([]byte(text), &body); err != nil {
			b.t.Fatal(err)
		}
	}
	return response.StatusCode, body
}

// seen returns what GraphQL shows of a webhook, in the form of the dialect.
func (b *both) seen(key string) map[string]any {
	b.t.Helper()
	data, code := b.query(`query($id: ID!) { node(id: $id) { ... on Webhook {
		key dialect name url enabled secretState subscriptions { pattern } owner { ... on Album { key } } } } }`, map[string]any{"id": "Webhook:" + key})
	node, _ := data["node"].(map[string]any)
	if code != "" || node == nil {
		return nil
	}
	events := []any{}
	for _, s := range node["subscriptions"].([]any) {
		events = append(events, s.(map[string]any)["pattern"])
	}
	if got := node["owner"].(map[string]any)["key"]; got != album || node["dialect"] != "KHEOPS" {
		b.t.Errorf("owner %v, dialect %v", got, node["dialect"])
	}
	return map[string]any{"id": node["key"], "url": node["url"], "name": node["name"], "use_secret": node["secretState"] != "NONE",
		"events": events, "enabled": node["enabled"]}
}

// agree compares what both show, and returns it.
func (b *both) agree(key string) map[string]any {
	b.t.Helper()
	status, shown := b.rest("GET", webhooks+"/"+key, "")
	if status != http.StatusOK {
		shown = nil
	}
	delete(shown, "number_of_triggers")
	delete(shown, "triggers")
	if diff := cmp.Diff(b.seen(key), shown); diff != "" {
		b.t.Errorf("GraphQL and the dialect differ: %s", diff)
	}
	return shown
}

// TestSameTruth changes webhooks by the dialect and by GraphQL in turns.
func TestSameTruth(t *testing.T) {
	t.Parallel()
	g := open(t)
	g.importList(t, album, "[]")
	b := &both{gateway: g, t: t, token: g.member(t, "manager", true),
		endpoint: graph.NewHandler(g.service, resolvers.New(g.service), graph.Options{})}
	var err error
	if b.viewer, err = g.service.AuthenticateSubject(t.Context(), hook.Claims{Sub: "sub-manager"}, false); err != nil {
		t.Fatal(err)
	}

	status, made := b.rest("POST", webhooks, "url=http://h/&name=one&event=new_user&secret=s")
	if status != http.StatusCreated {
		t.Fatalf("%d %v", status, made)
	}
	key := made["id"].(string)
	if got := b.agree(key); got["use_secret"] != true || got["enabled"] != true {
		t.Errorf("%v", got)
	}
	id := map[string]any{"input": map[string]any{"id": "Webhook:" + key}}
	b.change(`mutation($input: DisableWebhookInput!) { disableWebhook(input: $input) { userErrors { message } } }`, id)
	if got := b.agree(key); got["enabled"] != false {
		t.Errorf("disabled in GraphQL: %v", got)
	}
	b.rest("PATCH", webhooks+"/"+key, "enabled=true&name=two&add_event=new_series&secret=")
	want := map[string]any{"id": key, "url": "http://h/", "name": "two", "use_secret": false, "events": []any{"new_series", "new_user"}, "enabled": true}
	status, got := b.rest("GET", webhooks+"/"+key, "")
	if delete(got, "number_of_triggers"); status != 200 || !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	b.change(`mutation($input: SetWebhookSecretInput!) { setWebhookSecret(input: $input) { userErrors { message } } }`,
		map[string]any{"input": map[string]any{"id": "Webhook:" + key, "secret": "t"}})
	b.change(`mutation($input: UpdateWebhookInput!) { updateWebhook(input: $input) { userErrors { message } } }`,
		map[string]any{"input": map[string]any{"id": "Webhook:" + key, "name": "three", "url": "http://h/3", "subscriptions": []any{map[string]any{"pattern": "delete_album"}}}})
	if got := b.agree(key); got["use_secret"] != true || got["name"] != "three" {
		t.Errorf("%v", got)
	}

	data := b.change(`mutation($input: CreateWebhookInput!) { createWebhook(input: $input) { webhook { key } userErrors { message } } }`,
		map[string]any{"input": map[string]any{"dialect": "KHEOPS", "owner": map[string]any{"album": album}, "name": "g", "url": "http:g", "subscriptions": []any{}}})
	other := data["createWebhook"].(map[string]any)["webhook"].(map[string]any)["key"].(string)
	if got := b.agree(other); got["name"] != "g" {
		t.Errorf("made in GraphQL: %v", got)
	}
	// A webhook of another dialect in the album is not the dialect's to show.
	data = b.change(`mutation($input: CreateWebhookInput!) { createWebhook(input: $input) { webhook { key } userErrors { message } } }`,
		map[string]any{"input": map[string]any{"dialect": "STANDARD", "owner": map[string]any{"album": album}, "url": "https://h.example/", "subscriptions": []any{}}})
	foreign := data["createWebhook"].(map[string]any)["webhook"].(map[string]any)["key"].(string)
	_, listed := g.list(t, "")
	if strings.Contains(listed, foreign) || !strings.Contains(listed, other) {
		t.Errorf("the list is %s", listed)
	}

	if status, _ := b.rest("POST", webhooks+"/"+key+"/trigger", "event=new_user&user=sub-manager"); status != http.StatusAccepted {
		t.Errorf("trigger: %d", status)
	}
	data, code := b.query(`query($id: ID!) { webhook(id: $id) { triggers(first: 1) { nodes { manual status event { type member { sub } data } } } } }`,
		map[string]any{"id": key})
	nodes := dig(data, "webhook", "triggers", "nodes").([]any)
	if code != "" || len(nodes) != 1 {
		t.Fatalf("%s, %v", code, data)
	}
	wantTrigger := map[string]any{"manual": true, "status": "PENDING", "event": map[string]any{"type": "new_user", "member": map[string]any{"sub": "sub-manager"}, "data": map[string]any{
		"source":   map[string]any{"email": "manager@example.org", "name": "Mx manager", "sub": "sub-manager", "is_admin": true, "member": "1000000000"},
		"new_user": map[string]any{"email": "manager@example.org", "name": "Mx manager", "sub": "sub-manager", "is_admin": true, "member": "1000000000"},
	}}}
	if diff := cmp.Diff(wantTrigger, nodes[0]); diff != "" {
		t.Error(diff)
	}

	if status, _ := b.rest("DELETE", webhooks+"/"+key, ""); status != http.StatusNoContent {
		t.Errorf("delete: %d", status)
	}
	if got := b.agree(key); got != nil {
		t.Errorf("deleted by the dialect: %v", got)
	}
	b.change(`mutation($input: DeleteWebhookInput!) { deleteWebhook(input: $input) { userErrors { message } } }`,
		map[string]any{"input": map[string]any{"id": "Webhook:" + other}})
	if got := b.agree(other); got != nil {
		t.Errorf("deleted in GraphQL: %v", got)
	}
}

func dig(v any, path ...string) any {
	for _, name := range path {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}

// TestSamePermissions asks as a member who is no admin: Kheops tells her that
// she may not, GraphQL shows her nothing of the webhook.
func TestSamePermissions(t *testing.T) {
	t.Parallel()
	g := open(t)
	g.importList(t, album, dialecttest.Read(t, "testdata/list.json"))
	b := &both{gateway: g, t: t, token: g.member(t, "reader", false),
		endpoint: graph.NewHandler(g.service, resolvers.New(g.service), graph.Options{})}
	var err error
	if b.viewer, err = g.service.AuthenticateSubject(t.Context(), hook.Claims{Sub: "sub-reader"}, false); err != nil {
		t.Fatal(err)
	}
	const key = "QAdfIstxuOvwkcm39WEO"
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		if status, body := b.rest(method, webhooks+"/"+key, "enabled=false"); status != http.StatusForbidden || body["message"] != "Authorization error" {
			t.Errorf("%s: %d %v", method, status, body)
		}
	}
	if got := b.seen(key); got != nil {
		t.Errorf("GraphQL shows %v", got)
	}
	for _, text := range []string{
		`mutation($input: DisableWebhookInput!) { disableWebhook(input: $input) { userErrors { message } } }`,
		`mutation($input: DeleteWebhookInput!) { deleteWebhook(input: $input) { userErrors { message } } }`,
	} {
		if _, code := b.query(text, map[string]any{"input": map[string]any{"id": "Webhook:" + key}}); code != "NOT_FOUND" {
			t.Errorf("%s: %q", text, code)
		}
	}
	w, err := g.service.Webhook(admin(t.Context()), key)
	if err != nil || !w.Enabled || w.Version != 1 {
		t.Errorf("%+v, %v", w, err)
	}
}
