package graph_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hookgraph/hookgraph/graph"
)

// FuzzRequest sends anything as a request. Whatever it is, the answer is JSON of
// one of the two media types with a status that says whose mistake it was, a
// request error has no data, and nothing fails inside.
func FuzzRequest(f *testing.F) {
	for _, seed := range []struct{ body, accept, contentType string }{
		{query("{viewer{name}}"), "", "application/json"},
		{`{"query":"query A($id:ID!){node(id:$id){id}}","operationName":"A","variables":{"id":"Webhook:789"}}`, "*/*", "application/json"},
		{`{"query":"query($o:OwnerInput){webhooks(filter:{owner:$o} first:3){nodes{id} totalCount}}","variables":{"o":{"client":"1"}}}`, "application/graphql-response+json", "application/json"},
		{`{"query":"mutation($i:CreateWebhookInput!){createWebhook(input:$i){webhook{id} userErrors{code}}}","variables":{"i":{"dialect":"STANDARD","owner":{"account":true},"url":"https://a.example"}}}`, "", "application/json; charset=utf-8"},
		{persisted(hash("{viewer{name}}"), "{viewer{name}}"), "application/json;q=0.1", "application/json"},
		{`{"documentId":"sha256:00"}`, "", "application/json"},
		{"query={viewer{name}}&variables={}", "", "GET"},
		{exponential(3), "", "GET"},
		{"[", "text/html", "text/plain"},
		{`{"query":"{a(b:\"\ud800\")}"}`, "", "application/json"},
		{`{"query":"{__schema{types{name}}}"}`, "", "application/json"},
	} {
		f.Add(seed.body, seed.accept, seed.contentType)
	}
	h := endpoint(f, graph.Options{Introspection: true})
	f.Fuzz(func(t *testing.T, body, accept, contentType string) {
		r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
		if contentType == "GET" {
			r = httptest.NewRequest(http.MethodGet, "/graphql?query="+url.QueryEscape(body), nil)
			r.URL.RawQuery = body
		}
		r.Header["Accept"], r.Header["Content-Type"] = []string{accept}, []string{contentType}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		var answer struct {
			Data   json.RawMessage
			Errors []struct {
				Message    string
				Extensions struct{ Code string }
			}
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || !utf8.Valid(w.Body.Bytes()) {
			t.Fatalf("%v: %q", err, w.Body)
		}
		if media := w.Header().Get("Content-Type"); !strings.HasPrefix(media, "application/json;") && !strings.HasPrefix(media, "application/graphql-response+json;") {
			t.Errorf("media type %q", media)
		}
		if w.Code >= 500 || w.Code != 200 && answer.Data != nil {
			t.Errorf("status %d: %q", w.Code, w.Body)
		}
		if answer.Data == nil && len(answer.Errors) == 0 {
			t.Errorf("neither data nor errors: %q", w.Body)
		}
		for _, e := range answer.Errors {
			if e.Extensions.Code == "" || e.Extensions.Code == "INTERNAL_SERVER_ERROR" || e.Message == "" {
				t.Errorf("error %+v: %q", e, w.Body)
			}
		}
	})
}
