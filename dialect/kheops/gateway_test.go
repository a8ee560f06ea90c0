package kheops_test

import (
	"bytes"
	"context"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hookgraph/hookgraph/auth"
	"github.com/hookgraph/hookgraph/dialect"
	"github.com/hookgraph/hookgraph/dialect/kheops"
	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

var _ dialect.Dialect = (*kheops.API)(nil)

const (
	adminKey  = "0123456789abcdefghijklmnopqrstuv"
	album     = "aB3dE5gH7j"
	otherRoom = "zZ9yY8xX7w"
	requestID = "Q7rXw2LmN0pR5tVx7yBd"
)

// A gateway is the API over a database of its own, behind a server.
type gateway struct {
	service *hook.Service
	api     *kheops.API
	url     string
	store   *faulty
	log     *logBuffer
}

func open(t testing.TB) *gateway {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), t.TempDir(), storage.Collections(), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	vault, err := hook.NewVault(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	g := &gateway{store: &faulty{Store: storage.New(engine)}, log: new(logBuffer)}
	g.service = hook.NewService(g.store, vault, hook.Options{})
	authenticator, err := auth.New(g.service, auth.Options{AdminKey: adminKey})
	if err != nil {
		t.Fatal(err)
	}
	g.api = kheops.New(g.service, authenticator, kheops.Options{Host: "https://kheops.example.org", Log: slog.New(slog.NewTextHandler(g.log, nil))})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.api.ServeHTTP(w, r.WithContext(hook.WithRequestID(r.Context(), requestID)))
	}))
	t.Cleanup(server.Close)
	g.url = server.URL
	return g
}

func admin(ctx context.Context) context.Context { return hook.WithViewer(ctx, hook.AdminViewer()) }

// importList takes over a list through the reader, which must refuse nothing.
func (g *gateway) importList(t testing.TB, album, list string) *hook.ImportSummary {
	t.Helper()
	summary, err := g.service.Import(admin(t.Context()), hook.Import{Dialect: hook.Kheops, Album: album,
		Records: func() iter.Seq2[*hook.Record, error] { return g.api.Records(strings.NewReader(list)) }})
	if err != nil {
		t.Fatal(err)
	}
	if summary.Refused > 0 {
		t.Fatalf("refused: %+v", summary.Refusals)
	}
	return summary
}

// member makes a member of the album and returns a token that acts as the member.
func (g *gateway) member(t *testing.T, name string, albumAdmin bool) string {
	t.Helper()
	ctx := admin(t.Context())
	m, err := g.service.CreateMember(ctx, hook.MemberFields{Username: hook.Set(name), Sub: hook.Set("sub-" + name),
		Email: hook.Set(name + "@example.org"), FirstName: hook.Set("Mx"), Surname: hook.Set(name)})
	if err != nil {
		t.Fatal(err)
	}
	g.join(t, m, albumAdmin)
	_, token, err := g.service.CreateAPIKey(ctx, hook.APIKeyFields{Name: name, Permissions: []hook.Permission{hook.PermissionAll}, Member: m.Key})
	if err != nil {
		t.Fatal(err)
	}
	return token.Reveal()
}

// join puts a member into the album without telling its webhooks.
func (g *gateway) join(t *testing.T, m *hook.Member, isAdmin bool) {
	t.Helper()
	found, err := g.store.Albums().Get(t.Context(), album)
	if err != nil || found == nil {
		t.Fatalf("the album: %v, %v", found, err)
	}
	next := *found
	next.Members = append(slices.Clone(found.Members), hook.AlbumMember{Member: m.Key, IsAdmin: isAdmin})
	slices.SortFunc(next.Members, func(a, b hook.AlbumMember) int { return strings.Compare(a.Member, b.Member) })
	if err := g.store.Write(t.Context(), hook.Change{Kind: hook.ChangeReplace, Entity: &next}); err != nil {
		t.Fatal(err)
	}
}

// do sends a request; headers are pairs of a name and a value.
func (g *gateway) do(t *testing.T, method, path string, headers ...string) *http.Response {
	t.Helper()
	return g.send(t, method, path, http.NoBody, headers...)
}

// send is do with a body.
func (g *gateway) send(t *testing.T, method, path string, body io.Reader, headers ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, g.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	// Without this the client adds a header that makes golden files longer.
	r.Header["User-Agent"] = nil
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A faulty store fails on demand when webhooks are read.
type faulty struct {
	hook.Store
	mu sync.Mutex
	// reads is how many more succeed before err.
	reads int
	err   error
}

func (f *faulty) failAfter(reads int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads, f.err = reads, err
}

func (f *faulty) Webhooks() hook.Collection[hook.Webhook] {
	return faultyWebhooks{f.Store.Webhooks(), f}
}

type faultyWebhooks struct {
	hook.Collection[hook.Webhook]
	store *faulty
}

func (c faultyWebhooks) Find(ctx context.Context, q hook.Query) ([]*hook.Webhook, error) {
	c.store.mu.Lock()
	defer c.store.mu.Unlock()
	if c.store.err != nil {
		if c.store.reads == 0 {
			return nil, c.store.err
		}
		c.store.reads--
	}
	return c.Collection.Find(ctx, q)
}

// A logBuffer is written by the server and read by the test.
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
