package kheops_test

import (
	"context"
	"io"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/dialect"
	"github.com/hookgraph/hookgraph/dialect/dialecttest"
	"github.com/hookgraph/hookgraph/dialect/kheops"
	"github.com/hookgraph/hookgraph/hook"
)

var _ dialect.Dialect = (*kheops.API)(nil)

const (
	adminKey  = dialecttest.AdminKey
	album     = "aB3dE5gH7j"
	otherRoom = "zZ9yY8xX7w"
	requestID = dialecttest.RequestID
)

// A gateway is the API over a database of its own, behind a server.
type gateway struct {
	service *hook.Service
	api     *kheops.API
	url     string
	store   *dialecttest.Store
	log     *dialecttest.Log
}

func open(t testing.TB) *gateway {
	t.Helper()
	s := dialecttest.Open(t, hook.Options{})
	g := &gateway{service: s.Service, store: s.Store, log: s.Log}
	g.api = kheops.New(s.Service, s.Auth, kheops.Options{Host: "https://kheops.example.org", Log: s.Log.Logger()})
	g.url = dialecttest.Serve(t, g.api)
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

func (g *gateway) do(t *testing.T, method, path string, headers ...string) *http.Response {
	t.Helper()
	return g.send(t, method, path, http.NoBody, headers...)
}

func (g *gateway) send(t *testing.T, method, path string, body io.Reader, headers ...string) *http.Response {
	t.Helper()
	return dialecttest.Send(t, method, g.url+path, body, headers...)
}
