package resolvers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/resolvers"
)

// limited serves an endpoint with its own limits of streams. token is what it
// knows; once revoked is closed it knows none.
func (g *gateway) limited(t *testing.T, limits graph.StreamLimits, revoked <-chan struct{}) (*graph.Endpoint, string) {
	t.Helper()
	e := graph.NewHandler(g.service, resolvers.New(g.service), graph.Options{Streams: limits,
		Authenticate: func(_ context.Context, token hook.Secret) (*hook.Viewer, error) {
			select {
			case <-revoked:
			default:
				if token == "token" {
					return admin(), nil
				}
			}
			return nil, &hook.Error{Code: hook.Unauthenticated, Message: "the credential is not valid"}
		}})
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	return e, server.URL
}

func dial(t *testing.T, address string) *websocket.Conn {
	t.Helper()
	conn, response, err := websocket.Dial(t.Context(), address, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Fatalf("%v, %v", response, err)
	}
	t.Cleanup(func() { conn.CloseNow() })
	return conn
}

func say(t *testing.T, conn *websocket.Conn, text string) {
	t.Helper()
	if err := conn.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func hear(t *testing.T, conn *websocket.Conn) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, text, err := conn.Read(ctx)
	return string(text), err
}

func TestSocketLimits(t *testing.T) {
	t.Parallel()
	g := open(t)
	revoked := make(chan struct{})
	_, address := g.limited(t, graph.StreamLimits{Connections: 2, Operations: 2, Init: 300 * time.Millisecond, Idle: 20 * time.Millisecond, Check: 20 * time.Millisecond}, revoked)
	silent, conn := dial(t, address), dial(t, address)
	say(t, conn, `{"type":"connection_init","payload":{"Authorization":"Bearer token"}}`)
	if text, err := hear(t, conn); err != nil || text != `{"type":"connection_ack"}` {
		t.Fatal(text, err)
	}
	if _, response, err := websocket.Dial(t.Context(), address, nil); err == nil || response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a third connection: %v", err)
	}
	for i := range 3 {
		say(t, conn, fmt.Sprintf(`{"id":"%d","type":"subscribe","payload":{"query":"subscription { eventPublished { cursor } }"}}`, i))
	}
	if text, err := hear(t, conn); err != nil || !strings.Contains(text, `"id":"2","type":"error"`) || !strings.Contains(text, "too many operations") {
		t.Errorf("the third operation: %s, %v", text, err)
	}
	say(t, conn, `{"id":"0","type":"complete"}`)
	say(t, conn, `{"id":"3","type":"subscribe","payload":{"query":"{ viewer { name } }"}}`)
	if text, err := hear(t, conn); err != nil || !strings.Contains(text, `"id":"3","type":"next"`) {
		t.Errorf("after one was completed: %s, %v", text, err)
	}
	if _, err := hear(t, silent); websocket.CloseStatus(err) != 4408 {
		t.Errorf("without an introduction: %v", err)
	}
	close(revoked)
	for err := error(nil); err == nil; {
		if _, err = hear(t, conn); err != nil && websocket.CloseStatus(err) != 4403 {
			t.Errorf("with a token that is no longer good: %v", err)
		}
	}
}

// TestIdleStreams: a stream of events shows signs of life, and ends as a whole.
func TestIdleStreams(t *testing.T) {
	t.Parallel()
	g := open(t)
	g.seed(t)
	e, _ := g.limited(t, graph.StreamLimits{Idle: 10 * time.Millisecond}, nil)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.ServeHTTP(w, r.WithContext(hook.WithViewer(r.Context(), admin())))
	}))
	t.Cleanup(server.Close)
	s := follow(t, server.URL, "webhooks", nil)
	for comments := 0; comments < 5; {
		if !s.lines.Scan() {
			t.Fatal(s.lines.Err())
		}
		switch s.lines.Text() {
		case ":":
			comments++
		case "":
		default:
			t.Fatalf("%q", s.lines.Text())
		}
	}
	if _, err := g.service.EnableWebhook(adminContext(t), orders, false); err != nil {
		t.Fatal(err)
	}
	s.next("webhookChanged")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	go e.Close(ctx)
	if name, _, a := s.event(); name != "next" || len(a.Errors) != 1 || a.Errors[0].code() != "UNAVAILABLE" {
		t.Errorf("at the end: %s %s", name, a.raw)
	}
	if name, _, _ := s.event(); name != "complete" {
		t.Errorf("then: %s", name)
	}
	e.Close(ctx)
	if ctx.Err() != nil {
		t.Error("not all streams have ended")
	}
}
