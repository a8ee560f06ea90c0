package graph_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

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
