package entrust_test

import (
	"context"
	"iter"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/dialect"
	"github.com/hookgraph/hookgraph/dialect/dialecttest"
	"github.com/hookgraph/hookgraph/dialect/entrust"
	"github.com/hookgraph/hookgraph/hook"
)

var _ dialect.Dialect = (*entrust.API)(nil)

const (
	adminKey  = dialecttest.AdminKey
	webhooks  = "/api/web/v1/webhooks"
	requestID = dialecttest.RequestID
)

// A gateway is the API over a database of its own, behind a server.
type gateway struct {
	service *hook.Service
	api     *entrust.API
	url     string
	store   *dialecttest.Store
	log     *dialecttest.Log
}

func open(t testing.TB, location *time.Location) *gateway {
	t.Helper()
	s := dialecttest.Open(t, hook.Options{})
	g := &gateway{service: s.Service, store: s.Store, log: s.Log}
	g.api = entrust.New(s.Service, s.Auth, entrust.Options{Location: location, Log: s.Log.Logger()})
	g.url = dialecttest.Serve(t, g.api)
	return g
}

func admin(ctx context.Context) context.Context { return hook.WithViewer(ctx, hook.AdminViewer()) }

// importList takes over a list through the reader, which must refuse nothing.
func (g *gateway) importList(t testing.TB, list string) *hook.ImportSummary {
	t.Helper()
	summary, err := g.service.Import(admin(t.Context()), hook.Import{Dialect: hook.Entrust,
		Records: func() iter.Seq2[*hook.Record, error] { return g.api.Records(strings.NewReader(list)) }})
	if err != nil {
		t.Fatal(err)
	}
	if summary.Refused > 0 {
		t.Fatalf("refused: %+v", summary.Refusals)
	}
	return summary
}

// key makes an API key with one permission and returns its id and its token.
func (g *gateway) key(t testing.TB, permission hook.Permission, longLived bool) (id, token string) {
	t.Helper()
	k, secret, err := g.service.CreateAPIKey(admin(t.Context()), hook.APIKeyFields{
		Name: "key", Permissions: []hook.Permission{permission}, LongLived: longLived,
	})
	if err != nil {
		t.Fatal(err)
	}
	return k.Key, secret.Reveal()
}

func (g *gateway) do(t *testing.T, method, path string, headers ...string) *http.Response {
	t.Helper()
	return dialecttest.Send(t, method, g.url+path, nil, headers...)
}
