package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

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
	t        *testing.T
	url      string
	endpoint *graph.Endpoint

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
	endpoint := graph.NewHandler(service, resolvers.New(service), graph.Options{Introspection: true})
	handler := gateway.New(gateway.Options{
		Service: service, Authenticator: authenticator, Pages: web.PagesWith(assets), IsStream: graph.IsStream,
		GraphQL: endpoint,
	})
	s := &server{t: t, endpoint: endpoint}
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

// ask sends an operation, whose answer must be one without errors, and reads its
// data.
func (s *server) ask(query string, variables map[string]any, data any) {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), "POST", s.url+"/graphql", bytes.NewReader(body))
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
	answer := struct {
		Data   any
		Errors []any
	}{Data: data}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || len(answer.Errors) > 0 {
		s.t.Fatalf("%s is answered by %v, %v", query, answer.Errors, err)
	}
}

// createWebhook makes a webhook of the account.
func (s *server) createWebhook(url string) (id string) {
	s.t.Helper()
	var made struct {
		CreateWebhook struct{ Webhook struct{ ID string } }
	}
	s.ask("mutation($url: URL!) { createWebhook(input: {dialect: STANDARD, owner: {account: true}, url: $url}) { webhook { id } } }",
		map[string]any{"url": url}, &made)
	return made.CreateWebhook.Webhook.ID
}

// triggerWebhook makes an event for a webhook.
func (s *server) triggerWebhook(id, kind string) {
	s.t.Helper()
	s.ask("mutation($id: ID!, $type: String!) { triggerWebhook(input: {id: $id, type: $type}) { trigger { id } } }",
		map[string]any{"id": id, "type": kind}, nil)
}

// awaitSubscriptions waits until so many subscriptions are open.
func (s *server) awaitSubscriptions(want int) {
	s.t.Helper()
	for end := time.Now().Add(30 * time.Second); s.endpoint.Subscriptions() != want; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("%d subscriptions are open, not %d", s.endpoint.Subscriptions(), want)
		}
	}
}
