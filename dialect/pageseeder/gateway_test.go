package pageseeder_test

import (
	"context"
	"flag"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/dialect/pageseeder"
	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/storage"
)

var update = flag.Bool("update", false, "write the golden files")

// tokens is an authenticator that knows some tokens. It notes the last it saw.
type tokens struct {
	viewers map[hook.Secret]*hook.Viewer
	last    string
	err     error
}

func (s *tokens) Bearer(_ context.Context, token hook.Secret) (*hook.Viewer, error) {
	s.last = token.Reveal()
	if s.err != nil {
		return nil, s.err
	}
	if v := s.viewers[token]; v != nil {
		return v, nil
	}
	return nil, &hook.Error{Code: hook.Unauthenticated, Message: "the credential is not valid"}
}

// newTokens knows the administrator, a member who owns clients, and a key that
// may look at webhooks only.
func newTokens() *tokens {
	return &tokens{viewers: map[hook.Secret]*hook.Viewer{
		"admin":  hook.AdminViewer(),
		"member": {Name: "member", Permissions: hook.PermissionSet{hook.PermissionAll}, Member: "456"},
		"events": {Name: "events", Permissions: hook.PermissionSet{"EVENTS:VIEW"}, Global: true},
	}}
}

// A gateway is the dialect over a database of its own.
type gateway struct {
	*pageseeder.API
	service *hook.Service
	tokens  *tokens
}

func newGateway(t testing.TB, wrap func(hook.Store) hook.Store) *gateway {
	t.Helper()
	var store hook.Store = storage.New(openEngine(t))
	if wrap != nil {
		store = wrap(store)
	}
	vault, err := hook.NewVault(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	g := &gateway{service: hook.NewService(store, vault, hook.Options{}), tokens: newTokens()}
	g.API = pageseeder.New(g.service, g.tokens, pageseeder.Options{Location: sydney(t)})
	return g
}

func sydney(t testing.TB) *time.Location {
	t.Helper()
	location, err := time.LoadLocation("Australia/Sydney")
	if err != nil {
		t.Fatal(err)
	}
	return location
}

// take imports records and wants none of them refused.
func (g *gateway) take(t testing.TB, records func() iter.Seq2[*hook.Record, error]) {
	t.Helper()
	summary, err := g.service.Import(hook.WithViewer(t.Context(), hook.AdminViewer()),
		hook.Import{Dialect: hook.PageSeeder, Records: records})
	if err != nil {
		t.Fatal(err)
	}
	if summary.Refused > 0 {
		t.Fatalf("refused: %+v", summary.Refusals)
	}
}

// takeText imports what another server listed.
func (g *gateway) takeText(t testing.TB, text string) {
	t.Helper()
	g.take(t, func() iter.Seq2[*hook.Record, error] { return g.Records(strings.NewReader(text)) })
}

// get asks as the administrator.
func (g *gateway) get(t testing.TB, path string) *http.Response {
	t.Helper()
	return g.do(httptest.NewRequest(http.MethodGet, path, nil))
}

func (g *gateway) do(r *http.Request) *http.Response {
	if r.Header.Get("Authorization") == "" {
		r.Header.Set("Authorization", "Bearer admin")
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return w.Result()
}

func body(t testing.TB, r *http.Response) string {
	t.Helper()
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func fixture(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// golden compares with a file of testdata, which -update writes.
func golden(t testing.TB, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(filepath.Join("testdata", name), []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := fixture(t, name); got != want {
		t.Errorf("%s:\n got %s\nwant %s", name, got, want)
	}
}
