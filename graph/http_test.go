package graph_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/resolvers"
	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

// endpoint returns the endpoint over an empty database, for the admin viewer.
func endpoint(t testing.TB, options graph.Options) http.Handler {
	t.Helper()
	engine, err := sqlite.Open(context.Background(), t.TempDir(), storage.Collections(), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	vault, err := hook.NewVault(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	service := hook.NewService(storage.New(engine), vault, hook.Options{})
	handler := graph.NewHandler(service, resolvers.New(service), options)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r.WithContext(hook.WithViewer(r.Context(), hook.AdminViewer())))
	})
}

type answer struct {
	Data   json.RawMessage
	Errors []struct {
		Message    string
		Extensions map[string]any
	}
	status int
	header http.Header
	text   string
}

func (a answer) code() string {
	if len(a.Errors) == 0 {
		return ""
	}
	code, _ := a.Errors[0].Extensions["code"].(string)
	return code
}

func send(t testing.TB, h http.Handler, r *http.Request) answer {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), text: w.Body.String()}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
			t.Fatalf("%v: %s", err, w.Body)
		}
	}
	return a
}

func post(body string, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func query(text string) string {
	body, _ := json.Marshal(map[string]string{"query": text})
	return string(body)
}

func TestMediaTypes(t *testing.T) {
	t.Parallel()
	h := endpoint(t, graph.Options{})
	const graphQL, plain = "application/graphql-response+json; charset=utf-8", "application/json; charset=utf-8"
	for accept, want := range map[string]string{
		"":                                  plain,
		"*/*":                               plain,
		"application/*":                     plain,
		"application/json":                  plain,
		"application/graphql-response+json": graphQL,
		"application/graphql-response+json, application/json;q=0.9":             graphQL,
		"application/graphql-response+json;q=0.5, application/json;q=0.9":       plain,
		"application/json;q=0.5, application/graphql-response+json":             graphQL,
		"application/json, application/graphql-response+json":                   plain,
		"application/graphql-response+json, application/json":                   graphQL,
		"application/json;q=0, */*":                                             graphQL,
		"Application/GraphQL-Response+JSON, application/json":                   graphQL,
		"text/html, application/graphql-response+json;charset=utf-8, */*;q=0.1": graphQL,
		"text/html": "", "application/json;q=0": "", "application/json;charset=latin1": "", ";;;": "",
	} {
		r := post(query("{__typename}"))
		if accept != "" {
			r.Header.Set("Accept", accept)
		}
		a := send(t, h, r)
		if want == "" {
			if a.status != http.StatusNotAcceptable || a.Data != nil {
				t.Errorf("Accept %q: %d %s", accept, a.status, a.text)
			}
			continue
		}
		if got := a.header.Get("Content-Type"); got != want || a.status != 200 {
			t.Errorf("Accept %q: %d %s, want %s", accept, a.status, got, want)
		}
	}
}

func TestRequestsThatAreNotGraphQL(t *testing.T) {
	t.Parallel()
	h := endpoint(t, graph.Options{})
	secret := "do-not-repeat-me"
	get := func(values url.Values) *http.Request {
		return httptest.NewRequest(http.MethodGet, "/graphql?"+values.Encode(), nil)
	}
	withType := func(r *http.Request, media string) *http.Request {
		r.Header.Set("Content-Type", media)
		return r
	}
	cookie := get(url.Values{"query": {"{__typename}"}})
	cookie.Header.Set("Cookie", "a=b")
	allowedCookie := get(url.Values{"query": {"{__typename}"}})
	allowedCookie.Header.Set("Cookie", "a=b")
	allowedCookie.Header.Set("GraphQL-Require-Preflight", "1")
	for name, c := range map[string]struct {
		request *http.Request
		status  int
		code    string
		allow   string
	}{
		"PUT":                          {httptest.NewRequest(http.MethodPut, "/graphql", nil), 405, "BAD_REQUEST", "GET, HEAD, POST, OPTIONS"},
		"form":                         {withType(post("query="+secret), "application/x-www-form-urlencoded"), 415, "BAD_REQUEST", ""},
		"no media type":                {withType(post(query("{__typename}")), ""), 415, "BAD_REQUEST", ""},
		"text":                         {withType(post(query("{__typename}")), "text/plain"), 415, "BAD_REQUEST", ""},
		"latin1":                       {withType(post(query("{__typename}")), "application/json; charset=latin1"), 415, "BAD_REQUEST", ""},
		"utf-8":                        {withType(post(query("{__typename}")), "application/json; charset=UTF-8"), 200, "", ""},
		"not JSON":                     {post(secret), 400, "BAD_REQUEST", ""},
		"cut":                          {post(`{"query":"` + secret), 400, "BAD_REQUEST", ""},
		"empty":                        {post(""), 400, "BAD_REQUEST", ""},
		"null":                         {post("null"), 400, "BAD_REQUEST", ""},
		"batch":                        {post("[" + query("{__typename}") + "]"), 400, "BAD_REQUEST", ""},
		"two values":                   {post(query("{__typename}") + "{}"), 400, "BAD_REQUEST", ""},
		"number for query":             {post(`{"query":1}`), 400, "BAD_REQUEST", ""},
		"list for variables":           {post(`{"query":"{__typename}","variables":[]}`), 400, "BAD_REQUEST", ""},
		"text for extensions":          {post(`{"query":"{__typename}","extensions":"` + secret + `"}`), 400, "BAD_REQUEST", ""},
		"number for operationName":     {post(`{"query":"{__typename}","operationName":7}`), 400, "BAD_REQUEST", ""},
		"no query":                     {post(`{}`), 400, "BAD_REQUEST", ""},
		"too large":                    {post(`{"query":"` + strings.Repeat("x", 2<<20) + `"}`), 413, "BAD_REQUEST", ""},
		"GET without query":            {get(nil), 400, "BAD_REQUEST", ""},
		"GET with bad variables":       {get(url.Values{"query": {"{__typename}"}, "variables": {secret}}), 400, "BAD_REQUEST", ""},
		"GET with more than variables": {get(url.Values{"query": {"{__typename}"}, "variables": {"{}]" + secret}}), 400, "BAD_REQUEST", ""},
		"GET with two queries":         {get(url.Values{"query": {"{__typename}", "{__typename}"}}), 400, "BAD_REQUEST", ""},
		"GET":                          {get(url.Values{"query": {"{__typename}"}}), 200, "", ""},
		"GET with cookies":             {cookie, 400, "BAD_REQUEST", ""},
		"GET with cookies, preflight":  {allowedCookie, 200, "", ""},
		"GET of a mutation":            {get(url.Values{"query": {`mutation{deleteWebhook(input:{id:"1"}){deletedWebhookId}}`}}), 405, "BAD_REQUEST", "POST"},
		"unknown operation":            {post(`{"query":"query A{__typename} query B{__typename}"}`, "Accept", "application/graphql-response+json"), 400, "OPERATION_RESOLUTION_FAILURE", ""},
		"parse error":                  {post(query("{"), "Accept", "application/graphql-response+json"), 400, "GRAPHQL_PARSE_FAILED", ""},
		"parse error as JSON":          {post(query("{"), "Accept", "application/json"), 200, "GRAPHQL_PARSE_FAILED", ""},
		"unknown field":                {post(query("{nothing}"), "Accept", "application/graphql-response+json"), 400, "GRAPHQL_VALIDATION_FAILED", ""},
		"missing variable":             {post(query("query($id:ID!){node(id:$id){id}}"), "Accept", "application/graphql-response+json"), 400, "GRAPHQL_VALIDATION_FAILED", ""},
		"subscription":                 {post(query("subscription{x}"), "Accept", "application/graphql-response+json"), 400, "GRAPHQL_VALIDATION_FAILED", ""},
	} {
		a := send(t, h, c.request)
		if a.status != c.status || a.code() != c.code || a.header.Get("Allow") != c.allow {
			t.Errorf("%s: %d %s (Allow %q), want %d %s (Allow %q): %s", name, a.status, a.code(), a.header.Get("Allow"), c.status, c.code, c.allow, a.text)
		}
		if c.code != "" && strings.Contains(a.text, `"data"`) {
			t.Errorf("%s: a request error has a data member: %s", name, a.text)
		}
		if strings.Contains(a.text, secret) {
			t.Errorf("%s: the answer repeats the request: %s", name, a.text)
		}
	}
}

func TestDraftStatuses(t *testing.T) {
	t.Parallel()
	h := endpoint(t, graph.Options{DraftStatuses: true})
	const media = "application/graphql-response+json"
	for text, want := range map[string]int{
		"{nothing}": 422, "{": 400, "{__typename}": 200, `{__typename node(id:"x"){id}}`: 294,
	} {
		if a := send(t, h, post(query(text), "Accept", media)); a.status != want {
			t.Errorf("%s: %d, want %d: %s", text, a.status, want, a.text)
		}
	}
	if a := send(t, h, post(query("{nothing}"), "Accept", "application/json")); a.status != 200 {
		t.Errorf("application/json: %d", a.status)
	}
}

func TestCORS(t *testing.T) {
	t.Parallel()
	h := graph.AllowOrigins(endpoint(t, graph.Options{}), []string{"https://front.example.org"})
	preflight := func(origin string) http.Header {
		r := httptest.NewRequest(http.MethodOptions, "/graphql", nil)
		r.Header.Set("Origin", origin)
		r.Header.Set("Access-Control-Request-Method", "POST")
		r.Header.Set("Access-Control-Request-Headers", "authorization,content-type")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		_, _ = io.Copy(io.Discard, w.Body)
		return w.Header()
	}
	if got := preflight("https://front.example.org").Get("Access-Control-Allow-Origin"); got != "https://front.example.org" {
		t.Errorf("allowed origin: %q", got)
	}
	other := preflight("https://evil.example.org")
	if got := other.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("other origin: %q", got)
	}
	if !strings.Contains(strings.Join(other.Values("Vary"), ","), "Origin") {
		t.Error("the answer does not vary by Origin")
	}
}
