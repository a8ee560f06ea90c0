package graph_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/hookgraph/hookgraph/graph"
)

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

// chain is a list of fragments that spread the next one each.
func chain(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " fragment f%d on Query{...f%d}", i, i+1)
	}
	fmt.Fprintf(&b, " fragment f%d on Query{__typename}", n)
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
		"1,000 aliases":         "{" + repeat(1000, "a%d:__typename ") + "}",
		"50 levels":             strings.Repeat("{client(id:1){webhooks{nodes", 17) + "{id" + strings.Repeat("}}}", 17) + "}",
		"50 levels of nothing":  strings.Repeat("{a", 50) + strings.Repeat("}", 50),
		"50,000 levels":         strings.Repeat("{a", 50000) + strings.Repeat("}", 50000),
		"50,000 brackets":       "{a(b:" + strings.Repeat("[", 40000) + strings.Repeat("]", 40000) + ")}",
		"circular fragments":    "{...a} fragment a on Query{...b} fragment b on Query{...a}",
		"fragment in itself":    "{...a} fragment a on Query{...a}",
		"doubling fragments":    exponential(60),
		"100,000 tokens":        "{" + strings.Repeat("a ", 100000) + "}",
		"5,000 equal fields":    "{" + strings.Repeat("viewer{name}", 1600) + "}",
		"directives":            "{__typename " + strings.Repeat("@skip(if:false) ", 200) + "}",
		"one field 1,990 times": "{viewer{" + strings.Repeat("name ", 1990) + "}}",
		"nested 500 times":      "{" + strings.Repeat("viewer{name} ", 500) + "}",
		"unknown fragments":     "{" + repeat(1600, "...f%d ") + "}",
		"a chain of fragments":  "{...f0}" + chain(400),
		"many fragments":        "{" + repeat(300, "...f%d ") + "}" + repeat(300, "fragment f%d on Query{__typename} "),
		"cost":                  "{clients(first:100){nodes{webhooks(first:100){nodes{id}}}}}",
		"cost by variables":     "{a:clients(first:100){nodes{id webhooks(first:99){nodes{id}}}}}",
		"deep introspection":    "{__schema{types{fields{type{fields{type{fields{type{fields{name}}}}}}}}}}",
	} {
		started := time.Now()
		a := send(t, h, post(query(text), "Accept", "application/graphql-response+json"))
		if a.status < 400 || a.Data != nil || a.code() == "" {
			t.Errorf("%s: %d %.200s", name, a.status, a.text)
		}
		if len(a.text) > 4096 {
			t.Errorf("%s: the answer has %d bytes", name, len(a.text))
		}
		took := time.Since(started)
		t.Logf("%s: %v: %.120s", name, took, a.text)
		// It takes under 50 ms; what is quadratic takes seconds under the race
		// detector.
		if took > time.Second {
			t.Errorf("%s: refused after %v", name, took)
		}
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

func TestLongListsInVariables(t *testing.T) {
	t.Parallel()
	h := endpoint(t, graph.Options{})
	const nodes = `{"query":"query($ids:[ID!]!){nodes(ids:$ids){id}}","variables":{"ids":[%s"Webhook:1"]}}`
	const create = `{"query":"mutation($i:CreateWebhookInput!){createWebhook(input:$i){userErrors{message}}}","variables":{"i":{"dialect":"STANDARD","owner":{"account":true},"url":"https://a.example","subscriptions":[%s{"pattern":"a"}]}}}`
	for body, path := range map[string]string{
		fmt.Sprintf(nodes, strings.Repeat(`"Webhook:1",`, 50_000)):      `"path":["variable","ids"]`,
		fmt.Sprintf(create, strings.Repeat(`{"pattern":"a"},`, 50_000)): `"path":["variable","i","subscriptions"]`,
	} {
		a := send(t, h, post(body))
		if a.Data != nil || a.code() != "GRAPHQL_VALIDATION_FAILED" || a.Errors[0].Extensions["limit"] != "list" || !strings.Contains(a.text, path) {
			t.Error(a.text)
		}
	}
	if a := send(t, h, post(fmt.Sprintf(nodes, strings.Repeat(`"Webhook:1",`, 99)))); a.Errors != nil {
		t.Error(a.text)
	}
}

func TestMistakesAreNotRepeatedAtLength(t *testing.T) {
	t.Parallel()
	h := endpoint(t, graph.Options{Introspection: true})
	for text, want := range map[string]string{
		"{" + strings.Repeat("viewr ", 3) + "}":                                         "Did you mean",
		"{webhook(id:" + strings.Repeat("[", 150) + strings.Repeat("]", 150) + "){id}}": "ID cannot represent",
	} {
		if a := send(t, h, post(query(text))); !strings.Contains(a.text, want) {
			t.Errorf("%s: %s", text, a.text)
		}
	}
	for _, text := range []string{
		"{" + repeat(1900, "viewer%d ") + "}",
		"{" + strings.Repeat("w", 50_000) + "}",
		`{webhooks(first:"` + strings.Repeat("🎉", 20_000) + `"){nodes{id}}}`,
	} {
		a := send(t, h, post(query(text)))
		if a.code() != "GRAPHQL_VALIDATION_FAILED" || strings.Contains(a.text, "Did you mean") || len(a.text) > 20_000 {
			t.Errorf("%d bytes for %.30s: %.300s", len(a.text), text, a.text)
		}
		if !utf8.ValidString(a.text) {
			t.Errorf("%.30s: the answer is not UTF-8", text)
		}
	}
}

// Few bytes of introspection can ask for megabytes, which cost nothing by the
// fields of the schema.
func TestIntrospectionIsBounded(t *testing.T) {
	t.Parallel()
	h := endpoint(t, graph.Options{Introspection: true})
	const inner = "{types{name description fields{name description args{name description type{name}} type{name description}}}} "
	for name, text := range map[string]string{
		"many roots":   "{" + repeat(90, "a%d:__schema"+inner) + "}",
		"many types":   "{" + repeat(90, `a%d:__type(name:"Query"){fields{type{fields{name description args{name type{name}} type{name}}}}} `) + "}",
		"many lists":   "{__schema{" + repeat(90, "a%d:types{name description fields{name args{name description}}} ") + "}}",
		"by fragments": "{" + repeat(90, "a%d:__schema{...s} ") + "} fragment s on __Schema" + inner,
	} {
		a := send(t, h, post(query(text)))
		if a.Data != nil || a.code() != "GRAPHQL_VALIDATION_FAILED" || !strings.Contains(a.text, `"limit":"introspection"`) {
			t.Errorf("%s: %d bytes: %.200s", name, len(a.text), a.text)
		}
	}
	// What GraphiQL and the generators of code ask.
	const full = `query IntrospectionQuery {__schema{queryType{name kind} mutationType{name kind} subscriptionType{name kind}
		types{...FullType} directives{name description isRepeatable locations args(includeDeprecated:true){...InputValue}}}}
		fragment FullType on __Type{kind name description specifiedByURL isOneOf
		fields(includeDeprecated:true){name description args(includeDeprecated:true){...InputValue} type{...TypeRef} isDeprecated deprecationReason}
		inputFields(includeDeprecated:true){...InputValue} interfaces{...TypeRef}
		enumValues(includeDeprecated:true){name description isDeprecated deprecationReason} possibleTypes{...TypeRef}}
		fragment InputValue on __InputValue{name description type{...TypeRef} defaultValue isDeprecated deprecationReason}
		fragment TypeRef on __Type{kind name `
	deep := strings.Repeat("ofType{kind name ", 9) + strings.Repeat("}", 10)
	if a := send(t, h, post(query(full+deep))); a.Errors != nil {
		t.Errorf("%.300s", a.text)
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
