package resolvers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/resolvers"
	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

// A gateway is the endpoint over a database of its own.
type gateway struct {
	service  *hook.Service
	store    *watched
	vault    *hook.Vault
	endpoint *graph.Endpoint
	log      *logBuffer
}

const requestID = "Q7rXw2LmN0pR5tVx7yBd"

func open(t *testing.T) *gateway {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), t.TempDir(), storage.Collections(), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	return openOn(t, engine)
}

func openOn(t *testing.T, engine storage.Engine) *gateway {
	t.Helper()
	vault, err := hook.NewVault(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	g := &gateway{store: &watched{Store: storage.New(engine), reads: map[string]int{}}, vault: vault, log: new(logBuffer)}
	g.service = hook.NewService(g.store, vault, hook.Options{})
	g.sendBy(resolvers.Sending{})
	return g
}

// sendBy puts what sends requests behind the endpoint.
func (g *gateway) sendBy(sending resolvers.Sending) {
	g.endpoint = graph.NewHandler(g.service, resolvers.New(g.service).With(sending),
		graph.Options{Log: slog.New(slog.NewJSONHandler(g.log, nil)), Introspection: true})
}

// An answer is what the endpoint answers.
type answer struct {
	Data   map[string]any
	Errors []answerError
	// raw is the whole of it.
	raw string
}

type answerError struct {
	Message    string
	Path       []any
	Extensions map[string]any
}

func (e answerError) code() string { s, _ := e.Extensions["code"].(string); return s }

type vars = map[string]any

// ask sends a document as a viewer; nil is nobody.
func (g *gateway) ask(t *testing.T, v *hook.Viewer, query string, variables vars) answer {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	return g.send(t, v, string(body))
}

// send sends the body of a request.
func (g *gateway) send(t *testing.T, v *hook.Viewer, body string) answer {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	ctx := hook.WithRequestID(r.Context(), requestID)
	if v != nil {
		ctx = hook.WithViewer(ctx, v)
	}
	w := httptest.NewRecorder()
	g.endpoint.ServeHTTP(w, r.WithContext(ctx))
	a := answer{raw: w.Body.String()}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("status %d, answer %q: %v", w.Code, w.Body, err)
	}
	return a
}

// get is ask for what must succeed.
func (g *gateway) get(t *testing.T, v *hook.Viewer, query string, variables vars) answer {
	t.Helper()
	a := g.ask(t, v, query, variables)
	if len(a.Errors) > 0 {
		t.Fatalf("errors in %s", a.raw)
	}
	return a
}

// at returns the value at a path of names and, in lists, positions.
func (a answer) at(path ...any) any {
	var v any = a.Data
	for _, step := range path {
		switch s := step.(type) {
		case string:
			object, _ := v.(map[string]any)
			v = object[s]
		case int:
			list, _ := v.([]any)
			if s >= len(list) {
				return nil
			}
			v = list[s]
		}
	}
	return v
}

// text is at for a text, "" if there is none.
func (a answer) text(path ...any) string { s, _ := a.at(path...).(string); return s }

// each returns the values of a field of the elements of a list.
func (a answer) each(field string, path ...any) []any {
	list, _ := a.at(path...).([]any)
	values := make([]any, len(list))
	for i, e := range list {
		object, _ := e.(map[string]any)
		values[i] = object[field]
	}
	return values
}

// errorsAre checks the code and the first message of the top-level errors.
func (a answer) errorsAre(t *testing.T, code, message string) {
	t.Helper()
	if len(a.Errors) == 0 {
		t.Fatalf("no error in %s, want %s", a.raw, code)
	}
	if got := a.Errors[0]; got.code() != code || !strings.Contains(got.Message, message) {
		t.Errorf("error %s, want %s with %q", a.raw, code, message)
	}
}

// userErrorIs checks the one user error of a mutation, and that its object is
// null.
func (a answer) userErrorIs(t *testing.T, mutation, object, code, field, message string) {
	t.Helper()
	if len(a.Errors) > 0 {
		t.Fatalf("top-level errors in %s", a.raw)
	}
	if got := a.at(mutation, object); got != nil {
		t.Errorf("%s is %v beside user errors", object, got)
	}
	var path any
	if field != "" {
		var names []any
		for name := range strings.SplitSeq(field, ".") {
			names = append(names, name)
		}
		path = names
	}
	list, _ := a.at(mutation, "userErrors").([]any)
	if len(list) != 1 {
		t.Fatalf("user errors %s, want one", a.raw)
	}
	if got := a.text(mutation, "userErrors", 0, "code"); got != code {
		t.Errorf("code %s, want %s: %s", got, code, a.raw)
	}
	if diff := cmp.Diff(path, a.at(mutation, "userErrors", 0, "field")); diff != "" {
		t.Errorf("field of %s (-want +got):\n%s", a.raw, diff)
	}
	if got := a.text(mutation, "userErrors", 0, "message"); !strings.Contains(got, message) {
		t.Errorf("message %q, want %q in it", got, message)
	}
}

func admin() *hook.Viewer { return hook.AdminViewer() }

func adminContext(t *testing.T) context.Context { return hook.WithViewer(t.Context(), admin()) }

// logBuffer gathers log lines.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
