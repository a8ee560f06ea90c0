package web_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/hookgraph/hookgraph/auth"
	"github.com/hookgraph/hookgraph/gateway"
	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/resolvers"
	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/sqlite"
	"github.com/hookgraph/hookgraph/web"
)

const adminKey = "the-admin-key-of-these-tests-0123456789"

// A server is a gateway over an empty database, with GraphQL and the pages. It
// notes what it is asked.
type server struct {
	t   *testing.T
	url string

	mu   sync.Mutex
	seen []string
}

func serve(t *testing.T, assets fs.FS) *server {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), t.TempDir(), storage.Collections(), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	vault, err := hook.NewVault([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	service := hook.NewService(storage.New(engine), vault, hook.Options{})
	authenticator, err := auth.New(service, auth.Options{AdminKey: adminKey})
	if err != nil {
		t.Fatal(err)
	}
	handler := gateway.New(gateway.Options{
		Service: service, Authenticator: authenticator, Pages: web.PagesWith(assets),
		GraphQL: graph.NewHandler(service, resolvers.New(service), graph.Options{Introspection: true}),
	})
	s := &server{t: t}
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.note(r)
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(listener.Close)
	s.url = listener.URL
	return s
}

func (s *server) note(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, fmt.Sprintf("%s %s [%s] [%s]", r.Method, r.RequestURI, r.Header.Get("Authorization"), r.Header.Get("Referer")))
}

// requests returns what the gateway was asked: method, target, credential and
// referrer.
func (s *server) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.seen...)
}

// createWebhook makes a webhook of the account.
func (s *server) createWebhook(url string) {
	s.t.Helper()
	body := fmt.Sprintf(`{"query":"mutation($url: URL!) { createWebhook(input: {dialect: STANDARD, owner: {account: true}, url: $url}) { webhook { id } } }",
		"variables":{"url":%q}}`, url)
	r, err := http.NewRequestWithContext(s.t.Context(), "POST", s.url+"/graphql", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+adminKey)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		s.t.Fatalf("createWebhook answers %s", response.Status)
	}
}
