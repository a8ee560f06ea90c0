package entrust_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/dialect"
	"github.com/hookgraph/hookgraph/dialect/dialecttest"
	"github.com/hookgraph/hookgraph/dialect/entrust"
	whole "github.com/hookgraph/hookgraph/gateway"
	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/resolvers"
)

// A house is the gateway as it is served, with GraphQL, over a database with a
// few webhooks.
type house struct {
	*gateway
	sender *sender
	// app and secret are of an application that may do everything with webhooks.
	app, secret     string
	viewer, nothing string
}

const accountID = "0f5b1c1e-7a52-4c39-9b6f-2d8d2f6a9a10"

func openHouse(t testing.TB, options ...entrust.Options) *house {
	t.Helper()
	return openLimited(t, whole.Limits{}, options...)
}

func openLimited(t testing.TB, limits whole.Limits, options ...entrust.Options) *house {
	t.Helper()
	service := dialecttest.Open(t, hook.Options{EntrustLimit: 4, AccountID: accountID})
	h := &house{gateway: &gateway{service: service.Service, store: service.Store, log: service.Log}, sender: new(sender)}
	var o entrust.Options
	if len(options) > 0 {
		o = options[0]
	}
	o.Sender = h.sender
	h.api = entrust.New(h.service, service.Auth, o)
	server := httptest.NewServer(whole.New(whole.Options{
		Service: h.service, Authenticator: service.Auth, Dialects: []dialect.Dialect{h.api},
		GraphQL: graph.NewHandler(h.service, resolvers.New(h.service), graph.Options{}),
		Limits:  limits,
	}))
	t.Cleanup(server.Close)
	h.url = server.URL
	h.furnish(t)
	return h
}

func (h *house) furnish(t testing.TB) {
	t.Helper()
	h.importList(t, unexpired(dialecttest.Read(t, "testdata/list.json")))
	h.importList(t, `[
		{"id":"8f2b1d3e-5c47-4e0a-9a6b-0000000000a1","name":"known","callbackUrl":"https://known.example/x","enabled":true,"events":[{"type":"user.updated"}],"expiryDate":null},
		{"id":"8f2b1d3e-5c47-4e0a-9a6b-0000000000a2","name":"idle","callbackUrl":"https://idle.example/","enabled":false,"events":[{"type":"user.updated"}],"expiryDate":null}]`)
	for _, key := range []string{"a1", "a2"} {
		if _, err := h.service.SetWebhookSecret(admin(t.Context()), "8f2b1d3e-5c47-4e0a-9a6b-0000000000"+key, nil, "kZ3vQ0m9bWq7Yx2R"); err != nil {
			t.Fatal(err)
		}
	}
	client, _, err := h.service.CreateClient(admin(t.Context()), hook.ClientFields{Name: hook.Set("other")})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.service.CreateWebhook(admin(t.Context()), hook.PageSeeder, client.GetID(), hook.WebhookFields{
		Name: hook.Set("other"), URL: hook.Set("https://other.example/"),
	}); err != nil {
		t.Fatal(err)
	}
	var token string
	h.app, token = h.key(t, "WEBHOOKS:ALL", true)
	h.secret = token[len(token)-43:]
	_, h.viewer = h.key(t, "WEBHOOKS:VIEW", false)
	_, h.nothing = h.key(t, "EVENTS:VIEW", false)
}

// credential returns the value of an Authorization header.
func (h *house) credential(t testing.TB, name string) string {
	t.Helper()
	switch name {
	case "":
		return adminKey
	case "none":
		return ""
	case "viewer":
		return "Bearer " + h.viewer
	case "nothing":
		return h.nothing
	case "long-lived":
		return h.app + "," + h.secret
	case "session":
		s, err := h.service.OpenSession(t.Context(), h.app, hook.Secret(h.secret), false)
		if err != nil {
			t.Fatal(err)
		}
		return s.Token.Reveal()
	}
	return "an old token"
}

// A sender answers instead of receivers, by the host of the URL.
type sender struct {
	mu   sync.Mutex
	sent []delivery.Request
}

func (s *sender) Send(ctx context.Context, r delivery.Request) delivery.Outcome {
	switch r.URL {
	case "https://panic.example/":
		panic("what nobody thought of")
	case "https://slow.example/":
		<-ctx.Done()
		return delivery.Outcome{ErrorKind: delivery.KindCanceled, Err: ctx.Err()}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, r)
	var code int
	if n, _ := fmt.Sscanf(r.URL, "https://%d.example", &code); n == 1 {
		return delivery.Outcome{StatusCode: code}
	}
	if strings.HasPrefix(r.URL, "https://down.example") {
		return delivery.Outcome{ErrorKind: delivery.KindConnect, Err: &net.OpError{Op: "dial", Err: fmt.Errorf("nobody is at home")}}
	}
	return delivery.Outcome{StatusCode: http.StatusNoContent}
}

// take returns what was sent and forgets it.
func (s *sender) take() []delivery.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	sent := s.sent
	s.sent = nil
	return sent
}
