package entrust_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// graph asks GraphQL and returns the data as compact JSON.
func (h *house) graph(t *testing.T, query string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	return h.call(t, "POST", "/graphql", "Bearer "+adminKey, string(body))
}

func (h *house) call(t *testing.T, method, path, authorization, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, h.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", authorization)
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

const seen = `{ name url enabled expiresAt secretState dialect owner { __typename } subscriptions { pattern filter } }`

// TestOneTruth changes webhooks by each API and looks at them by the other.
func TestOneTruth(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	id := func(answer string) string {
		_, rest, _ := strings.Cut(answer, `"id":"`)
		id, _, _ := strings.Cut(strings.TrimPrefix(rest, "Webhook:"), `"`)
		return id
	}
	expect := func(what, got, want string) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	inGraph := func(key string) string { return h.graph(t, `{ webhook(id: "Webhook:`+key+`") `+seen+` }`) }
	rest := func(method, key, body string) string {
		t.Helper()
		return h.call(t, method, webhooks+"/"+key, adminKey, body)
	}

	// What REST does shows in the graph.
	made := h.call(t, "POST", webhooks, adminKey, `{"name":"rest","callbackUrl":"https://h.example/1","events":[{"type":"user.created","filter":"[]"}]}`)
	key := id(made)
	expect("made by REST", inGraph(key), `{"data":{"webhook":{"name":"rest","url":"https://h.example/1","enabled":true,"expiresAt":null,"secretState":"SET","dialect":"ENTRUST","owner":null,"subscriptions":[{"pattern":"user.created","filter":"[]"}]}}}`)
	rest("PUT", key, `{"name":"changed","callbackUrl":"https://h.example/2","enabled":false,"events":[{"type":"user.deleted"}]}`)
	expect("changed by REST", inGraph(key), `{"data":{"webhook":{"name":"changed","url":"https://h.example/2","enabled":false,"expiresAt":null,"secretState":"SET","dialect":"ENTRUST","owner":null,"subscriptions":[{"pattern":"user.deleted","filter":null}]}}}`)
	rest("DELETE", key, "")
	expect("deleted by REST", inGraph(key), `{"data":{"webhook":null}}`)

	// What GraphQL does shows in REST.
	made = h.graph(t, `mutation { createWebhook(input: {dialect: ENTRUST, owner: {account: true}, name: "graph", url: "https://h.example/3", subscriptions: [{pattern: "grid.created"}]}) { webhook { id } userErrors { message } } }`)
	key = id(made)
	event := func() string { // ids of events are made by the gateway
		_, rest, _ := strings.Cut(rest("GET", key, ""), `"events":[{"id":"`)
		id, _, _ := strings.Cut(rest, `"`)
		return id
	}()
	expect("made by GraphQL", rest("GET", key, ""), `{"id":"`+key+`","name":"graph","callbackUrl":"https://h.example/3","enabled":true,"events":[{"id":"`+event+`","type":"grid.created"}],"expired":false,"expiryDate":null}`)
	for _, change := range []string{
		`updateWebhook(input: {id: "Webhook:` + key + `", name: null, url: "https://h.example/4", expiresAt: "2900-01-02T03:04:05.678Z"}) { userErrors { message } }`,
		`disableWebhook(input: {id: "Webhook:` + key + `"}) { userErrors { message } }`,
	} {
		if answer := h.graph(t, "mutation { "+change+" }"); !strings.Contains(answer, `"userErrors":[]`) {
			t.Fatal(answer)
		}
	}
	expect("changed by GraphQL", rest("GET", key, ""), `{"id":"`+key+`","callbackUrl":"https://h.example/4","enabled":false,"events":[{"id":"`+event+`","type":"grid.created"}],"expired":false,"expiryDate":"2900-01-02T03:04:05"}`)

	// The limit of the harness is 4: both count the same webhooks.
	for _, name := range []string{"a", "b"} {
		if got := h.call(t, "POST", webhooks, adminKey, `{"name":"`+name+`",`+minimal[1:]); !strings.Contains(got, `"token":`) {
			t.Fatal(got)
		}
	}
	const limited = `{"userErrors":[{"code":"CONFLICT","field":["enabled"],"message":"4 webhooks are active, and at most 4 may be: disable one first"}]}`
	expect("enabled by GraphQL at the limit", h.graph(t, `mutation { enableWebhook(input: {id: "Webhook:`+key+`"}) { userErrors { code field message } } }`), `{"data":{"enableWebhook":`+limited+`}}`)
	expect("updated by GraphQL at the limit", h.graph(t, `mutation { updateWebhook(input: {id: "Webhook:`+key+`", enabled: true}) { userErrors { code field message } } }`), `{"data":{"updateWebhook":`+limited+`}}`)
	expect("made by GraphQL at the limit", h.graph(t, `mutation { createWebhook(input: {dialect: ENTRUST, owner: {account: true}, url: "https://h.example/3", subscriptions: [{pattern: "grid.created"}]}) { userErrors { code field message } } }`), `{"data":{"createWebhook":`+limited+`}}`)

	h.graph(t, `mutation { deleteWebhook(input: {id: "Webhook:`+key+`"}) { userErrors { message } } }`)
	expect("deleted by GraphQL", rest("GET", key, ""), `{"errorCode":"webhook_not_found","errorMessage":"there is no such webhook"}`)

	// Who may not is refused by both.
	expect("REST without permission", h.call(t, "DELETE", named, h.viewer, ""), `{"errorCode":"access_denied","errorMessage":"WEBHOOKS:REMOVE required"}`)
	refused := h.call(t, "POST", "/graphql", "Bearer "+h.viewer, `{"query":"mutation { deleteWebhook(input: {id: \"Webhook:8f2b1d3e-5c47-4e0a-9a6b-0000000000a1\"}) { deletedWebhookId } }"}`)
	if !strings.Contains(refused, `"code":"FORBIDDEN"`) || !strings.Contains(refused, "WEBHOOKS:REMOVE required") {
		t.Error(refused)
	}
}
