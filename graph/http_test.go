package graph_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

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
		"PUT":                         {httptest.NewRequest(http.MethodPut, "/graphql", nil), 405, "BAD_REQUEST", "GET, HEAD, POST, OPTIONS"},
		"form":                        {withType(post("query="+secret), "application/x-www-form-urlencoded"), 415, "BAD_REQUEST", ""},
		"no media type":               {withType(post(query("{__typename}")), ""), 415, "BAD_REQUEST", ""},
		"text":                        {withType(post(query("{__typename}")), "text/plain"), 415, "BAD_REQUEST", ""},
		"latin1":                      {withType(post(query("{__typename}")), "application/json; charset=latin1"), 415, "BAD_REQUEST", ""},
		"utf-8":                       {withType(post(query("{__typename}")), "application/json; charset=UTF-8"), 200, "", ""},
		"not JSON":                    {post(secret), 400, "BAD_REQUEST", ""},
		"cut":                         {post(`{"query":"` + secret), 400, "BAD_REQUEST", ""},
		"empty":                       {post(""), 400, "BAD_REQUEST", ""},
		"null":                        {post("null"), 400, "BAD_REQUEST", ""},
		"batch":                       {post("[" + query("{__typename}") + "]"), 400, "BAD_REQUEST", ""},
		"two values":                  {post(query("{__typename}") + "{}"), 400, "BAD_REQUEST", ""},
		"number for query":            {post(`{"query":1}`), 400, "BAD_REQUEST", ""},
		"list for variables":          {post(`{"query":"{__typename}","variables":[]}`), 400, "BAD_REQUEST", ""},
		"text for extensions":         {post(`{"query":"{__typename}","extensions":"` + secret + `"}`), 400, "BAD_REQUEST", ""},
		"number for operationName":    {post(`{"query":"{__typename}","operationName":7}`), 400, "BAD_REQUEST", ""},
		"no query":                    {post(`{}`), 400, "BAD_REQUEST", ""},
		"too large":                   {post(`{"query":"` + strings.Repeat("x", 2<<20) + `"}`), 413, "BAD_REQUEST", ""},
		"GET without query":           {get(nil), 400, "BAD_REQUEST", ""},
		"GET with bad variables":      {get(url.Values{"query": {"{__typename}"}, "variables": {secret}}), 400, "BAD_REQUEST", ""},
		"GET with two queries":        {get(url.Values{"query": {"{__typename}", "{__typename}"}}), 400, "BAD_REQUEST", ""},
		"GET":                         {get(url.Values{"query": {"{__typename}"}}), 200, "", ""},
		"GET with cookies":            {cookie, 400, "BAD_REQUEST", ""},
		"GET with cookies, preflight": {allowedCookie, 200, "", ""},
		"GET of a mutation":           {get(url.Values{"query": {`mutation{deleteWebhook(input:{id:"1"}){deletedWebhookId}}`}}), 405, "BAD_REQUEST", "POST"},
		"unknown operation":           {post(`{"query":"query A{__typename} query B{__typename}"}`, "Accept", "application/graphql-response+json"), 400, "OPERATION_RESOLUTION_FAILURE", ""},
		"parse error":                 {post(query("{"), "Accept", "application/graphql-response+json"), 400, "GRAPHQL_PARSE_FAILED", ""},
		"parse error as JSON":         {post(query("{"), "Accept", "application/json"), 200, "GRAPHQL_PARSE_FAILED", ""},
		"unknown field":               {post(query("{nothing}"), "Accept", "application/graphql-response+json"), 400, "GRAPHQL_VALIDATION_FAILED", ""},
		"missing variable":            {post(query("query($id:ID!){node(id:$id){id}}"), "Accept", "application/graphql-response+json"), 400, "GRAPHQL_VALIDATION_FAILED", ""},
		"subscription":                {post(query("subscription{x}"), "Accept", "application/graphql-response+json"), 400, "GRAPHQL_VALIDATION_FAILED", ""},
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

// exponential is a document whose fragments double from one to the next.
func exponential(levels int) string {
	var b strings.Builder
	b.WriteString("{...f0}")
	for i := range levels {
		fmt.Fprintf(&b, " fragment f%d on Query{...f%d ...f%d}", i, i+1, i+1)
	}
	fmt.Fprintf(&b, " fragment f%d on Query{__typename}", levels)
	return b.String()
}

func repeat(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func TestOperationsThatAreTooLarge(t *testing.T) {
	t.Parallel()
	h := endpoint(t, graph.Options{})
	for name, text := range map[string]string{
		"1,000 aliases":        "{" + repeat(1000, "a%d:__typename ") + "}",
		"50 levels":            strings.Repeat("{client(id:1){webhooks{nodes", 17) + "{id" + strings.Repeat("}}}", 17) + "}",
		"50 levels of nothing": strings.Repeat("{a", 50) + strings.Repeat("}", 50),
		"50,000 levels":        strings.Repeat("{a", 50000) + strings.Repeat("}", 50000),
		"50,000 brackets":      "{a(b:" + strings.Repeat("[", 40000) + strings.Repeat("]", 40000) + ")}",
		"circular fragments":   "{...a} fragment a on Query{...b} fragment b on Query{...a}",
		"fragment in itself":   "{...a} fragment a on Query{...a}",
		"doubling fragments":   exponential(60),
		"100,000 tokens":       "{" + strings.Repeat("a ", 100000) + "}",
		"5,000 equal fields":   "{" + strings.Repeat("viewer{name}", 1600) + "}",
		"directives":           "{__typename " + strings.Repeat("@skip(if:false) ", 200) + "}",
		"cost":                 "{clients(first:100){nodes{webhooks(first:100){nodes{id}}}}}",
		"cost by variables":    "{a:clients(first:100){nodes{id webhooks(first:99){nodes{id}}}}}",
		"deep introspection":   "{__schema{types{fields{type{fields{type{fields{type{fields{name}}}}}}}}}}",
	} {
		started := time.Now()
		a := send(t, h, post(query(text), "Accept", "application/graphql-response+json"))
		if a.status < 400 || a.Data != nil || a.code() == "" {
			t.Errorf("%s: %d %.200s", name, a.status, a.text)
		}
		if len(a.text) > 4096 {
			t.Errorf("%s: the answer has %d bytes", name, len(a.text))
		}
		t.Logf("%s: %v: %.120s", name, time.Since(started), a.text)
	}
}

// A flood of refused operations leaves no memory behind.
func TestRefusedOperationsAreNotKept(t *testing.T) {
	h := endpoint(t, graph.Options{})
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	send(t, h, post(query("{__typename}")))
	before := heap()
	for i := range 200 {
		send(t, h, post(query(fmt.Sprintf("{%s}", repeat(1000, fmt.Sprintf("a%d_%%d:__typename ", i))))))
		send(t, h, post(query(fmt.Sprintf("{a%d}%s", i, strings.Repeat(" ", 50_000)))))
	}
	if grown := int64(heap()) - int64(before); grown > 4<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
}

func TestCacheOfDocumentsIsBounded(t *testing.T) {
	h := endpoint(t, graph.Options{Limits: graph.Limits{CacheBytes: 1 << 20}})
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for i := range 5000 {
		if a := send(t, h, post(query(fmt.Sprintf("{a%d:__typename viewer{name permissions member{id}}}", i)))); a.Errors != nil {
			t.Fatal(a.text)
		}
	}
	if grown := int64(heap()) - int64(before); grown > 8<<20 {
		t.Errorf("5,000 documents made the heap grow by %d bytes with a cache of 1 MiB", grown)
	}
}

func TestIntrospectionAndSuggestionsBySetting(t *testing.T) {
	t.Parallel()
	on, off := endpoint(t, graph.Options{Introspection: true}), endpoint(t, graph.Options{})
	const introspection, nearly = "{...q} fragment q on Query{__schema{queryType{name}}}", "{viewr{name}}"
	if a := send(t, on, post(query(introspection))); a.Errors != nil {
		t.Error(a.text)
	}
	if a := send(t, off, post(query(introspection))); a.code() != "GRAPHQL_VALIDATION_FAILED" || a.Data != nil {
		t.Error(a.text)
	}
	if a := send(t, on, post(query(nearly))); !strings.Contains(a.text, "viewer") {
		t.Error(a.text)
	}
	for _, text := range []string{nearly, "{viewer}", "{webhooks(frst:1){nodes{id}}}", "query($o:OwnerInpt){viewer{name}}", `{webhooks(filter:{dialct:KHEOPS}){nodes{id}}}`} {
		a := send(t, off, post(query(text)))
		if a.code() != "GRAPHQL_VALIDATION_FAILED" || strings.Contains(a.text, "Did you mean") {
			t.Errorf("%s: %s", text, a.text)
		}
	}
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func persisted(hash, text string) string {
	body := map[string]any{"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": hash}}}
	if text != "" {
		body["query"] = text
	}
	b, _ := json.Marshal(body)
	return string(b)
}

func TestAutomaticPersistedQueries(t *testing.T) {
	t.Parallel()
	h := endpoint(t, graph.Options{})
	const text = "{viewer{name}}"
	if a := send(t, h, post(persisted(hash(text), ""))); a.code() != "PERSISTED_QUERY_NOT_FOUND" || a.Errors[0].Message != "PersistedQueryNotFound" {
		t.Error(a.text)
	}
	if a := send(t, h, post(persisted(hash("other"), text))); a.status != 400 || a.Data != nil {
		t.Error(a.text)
	}
	if a := send(t, h, post(persisted(hash(text), text))); a.Errors != nil {
		t.Error(a.text)
	}
	if a := send(t, h, post(persisted(hash(text), ""))); a.Errors != nil || a.Data == nil {
		t.Error(a.text)
	}
	byGet := httptest.NewRequest(http.MethodGet, "/graphql?"+url.Values{
		"extensions": {`{"persistedQuery":{"version":1,"sha256Hash":"` + hash(text) + `"}}`},
	}.Encode(), nil)
	if a := send(t, h, byGet); a.Errors != nil {
		t.Error(a.text)
	}
	for _, bad := range []string{
		`{"extensions":{"persistedQuery":{"version":2,"sha256Hash":"` + hash(text) + `"}}}`,
		`{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"nothex"}}}`,
		`{"extensions":{"persistedQuery":{"version":1}}}`,
		`{"extensions":{"persistedQuery":7}}`,
	} {
		if a := send(t, h, post(bad)); len(a.Errors) != 1 || a.Data != nil {
			t.Errorf("%s: %s", bad, a.text)
		}
	}
}

func TestTrustedDocuments(t *testing.T) {
	t.Parallel()
	const trusted, other = "query Who{viewer{name}}", "{viewer{permissions}}"
	manifest := map[string]string{hash(trusted): trusted}
	h := endpoint(t, graph.Options{Trusted: manifest, TrustedOnly: true})
	for _, body := range []string{
		persisted(hash(trusted), ""), `{"documentId":"sha256:` + hash(trusted) + `"}`, `{"documentId":"` + hash(trusted) + `"}`, query(trusted),
	} {
		if a := send(t, h, post(body)); a.Errors != nil {
			t.Errorf("%s: %s", body, a.text)
		}
	}
	for _, body := range []string{query(other), persisted(hash(other), other), persisted(hash(other), ""), `{}`} {
		if a := send(t, h, post(body)); a.code() != "PERSISTED_QUERY_NOT_FOUND" || a.Data != nil {
			t.Errorf("%s: %s", body, a.text)
		}
	}
	open := endpoint(t, graph.Options{Trusted: manifest})
	for _, body := range []string{persisted(hash(trusted), ""), query(other)} {
		if a := send(t, open, post(body)); a.Errors != nil {
			t.Errorf("%s: %s", body, a.text)
		}
	}
}

func TestOneOfInVariables(t *testing.T) {
	t.Parallel()
	h := endpoint(t, graph.Options{})
	const text = `query($o:OwnerInput $f:WebhookFilterInput){a:webhooks(filter:{owner:$o}){nodes{id}} b:webhooks(filter:$f){nodes{id}}}`
	for variables, want := range map[string]string{
		`{"o":{"account":true}}`:           "",
		`{"f":{"owner":{"account":true}}}`: "",
		`{"o":null}`:                       "",
		`{}`:                               "",
		`{"o":{}}`:                         "GRAPHQL_VALIDATION_FAILED",
		`{"o":{"client":"1","album":"abcdefghij"}}`:           "GRAPHQL_VALIDATION_FAILED",
		`{"o":{"client":null}}`:                               "GRAPHQL_VALIDATION_FAILED",
		`{"f":{"owner":{"client":"1","album":"abcdefghij"}}}`: "GRAPHQL_VALIDATION_FAILED",
	} {
		a := send(t, h, post(`{"query":`+string(must(json.Marshal(text)))+`,"variables":`+variables+`}`))
		if a.code() != want {
			t.Errorf("%s: %q, want %q: %s", variables, a.code(), want, a.text)
		}
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func TestErrorsInAnAnswerAreBounded(t *testing.T) {
	t.Parallel()
	h := endpoint(t, graph.Options{Limits: graph.Limits{Errors: 5}})
	a := send(t, h, post(query("{"+repeat(50, `a%d:node(id:"x"){id} `)+"}")))
	if len(a.Errors) != 6 || !strings.Contains(a.Errors[5].Message, "45 more") {
		t.Errorf("%d errors: %s", len(a.Errors), a.text)
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

func TestManifestsOfTrustedDocuments(t *testing.T) {
	t.Parallel()
	const text = "query Who{viewer{name}}"
	for _, manifest := range []string{
		`{"` + hash(text) + `":"` + text + `"}`,
		`{"sha256:` + hash(text) + `":"` + text + `"}`,
		`{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"` + hash(text) + `","name":"Who","type":"query","body":"` + text + `"}]}`,
	} {
		trusted, err := graph.ReadTrusted(strings.NewReader(manifest))
		if err != nil || len(trusted) != 1 || trusted[hash(text)] != text {
			t.Errorf("%s: %v %v", manifest, trusted, err)
		}
	}
	for _, manifest := range []string{"", "[]", `{"a":1}`, `{"` + hash("other") + `":"` + text + `"}`, `{"operations":7}`} {
		if trusted, err := graph.ReadTrusted(strings.NewReader(manifest)); err == nil {
			t.Errorf("%s: %v", manifest, trusted)
		}
	}
	const unknown = "{nothing}"
	bad := graph.NewHandler(nil, nil, graph.Options{Trusted: map[string]string{hash(unknown): unknown}})
	if err := bad.CheckTrusted(); err == nil {
		t.Error("a trusted document that does not fit the schema is let through")
	}
}
