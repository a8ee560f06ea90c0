package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// A socket is a WebSocket that a test holds.
type socket struct {
	t    *testing.T
	conn *websocket.Conn
	// passing is the id of a subscription whose items no longer matter.
	passing string
}

type socketMessage struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

func (g *running) socket(header http.Header, protocols ...string) (*socket, *http.Response) {
	g.t.Helper()
	conn, response, err := websocket.Dial(g.t.Context(), g.address+"/graphql", &websocket.DialOptions{HTTPHeader: header, Subprotocols: protocols})
	if err != nil {
		return nil, response
	}
	g.t.Cleanup(func() { conn.CloseNow() })
	return &socket{t: g.t, conn: conn}, response
}

func (s *socket) send(text string) {
	s.t.Helper()
	if err := s.conn.Write(s.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *socket) read() (m socketMessage, err error) {
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	_, text, err := s.conn.Read(ctx)
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	return m, err
}

// want reads a message of a type, whose payload contains a text.
func (s *socket) want(kind, id, contains string) string {
	s.t.Helper()
	m, err := s.read()
	for err == nil && s.passing != "" && m.ID == s.passing {
		m, err = s.read()
	}
	if err != nil || m.Type != kind || m.ID != id || !strings.Contains(string(m.Payload), contains) {
		s.t.Fatalf("read %s %q %s, %v; want %s %q with %s", m.Type, m.ID, m.Payload, err, kind, id, contains)
	}
	return string(m.Payload)
}

// provoke does something again and again until a subscription, which may not
// have begun when it is done first, tells of it. It returns what that told.
func (s *socket) provoke(id string, do func()) string {
	s.t.Helper()
	told := make(chan string)
	go func() {
		for {
			m, err := s.read()
			if err != nil || m.ID == id {
				told <- string(m.Payload)
				return
			}
		}
	}()
	for {
		do()
		select {
		case payload := <-told:
			s.send(`{"type":"ping"}`)
			for m, err := s.read(); m.Type != "pong"; m, err = s.read() {
				if err != nil {
					s.t.Fatal(err)
				}
			}
			return payload
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// wantClosed reads until the socket is closed.
func (s *socket) wantClosed(what string, status websocket.StatusCode) {
	s.t.Helper()
	for {
		m, err := s.read()
		if err == nil {
			s.t.Logf("%s: read %s %s", what, m.Type, m.Payload)
			continue
		}
		if got := websocket.CloseStatus(err); got != status {
			s.t.Errorf("%s: closed with %d (%v), want %d", what, got, err, status)
		}
		return
	}
}

const (
	wsProtocol = "graphql-transport-ws"
	initAdmin  = `{"type":"connection_init","payload":{"Authorization":"Bearer ` + testKey + `"}}`
	// makeWebhook makes one whose changes can be followed.
	makeWebhook = `mutation { createWebhook(input: {dialect: STANDARD, owner: {account: true}, name: "w", url: "https://hooks.example.org/"}) { webhook { id } } }`
)

func webhookOf(data map[string]any) string {
	return data["createWebhook"].(map[string]any)["webhook"].(map[string]any)["id"].(string)
}

func TestWebSocket(t *testing.T) {
	t.Parallel()
	g := start(t, t.TempDir())
	s, _ := g.socket(nil, wsProtocol)
	s.send(initAdmin)
	s.want("connection_ack", "", "")
	s.send(`{"type":"ping","payload":{"n":1}}`)
	s.want("pong", "", `{"n":1}`)
	s.send(`{"id":"q","type":"subscribe","payload":{"query":"{ viewer { name } }"}}`)
	s.want("next", "q", `{"data":{"viewer":{"name":"admin key"}}}`)
	s.want("complete", "q", "")
	s.send(`{"id":"w","type":"subscribe","payload":{"query":"subscription { webhookChanged { webhookId cursor webhook { enabled } } }"}}`)
	made := 0
	if item := s.provoke("w", func() {
		made++
		s.send(fmt.Sprintf(`{"id":"m%d","type":"subscribe","payload":{"query":%s}}`, made, quoted(makeWebhook)))
	}); !strings.Contains(item, `"enabled":true`) {
		t.Error(item)
	}
	s.send(`{"id":"w","type":"complete"}`)
	s.passing = "w"
	s.send(`{"id":"x","type":"subscribe","payload":{"query":"subscription { webhookChanged(after: \"x\") { cursor } }"}}`)
	s.want("error", "x", `"BAD_USER_INPUT"`)
	s.send(`{"id":"x","type":"subscribe","payload":{"query":"subscription { nothing }"}}`)
	s.want("error", "x", `"GRAPHQL_VALIDATION_FAILED"`)
	s.send(`{"id":"w","type":"subscribe","payload":{"query":"subscription { webhookChanged { cursor } }"}}`)
	s.send(`{"id":"w","type":"subscribe","payload":{"query":"subscription { webhookChanged { cursor } }"}}`)
	s.wantClosed("an id that is taken", 4409)
}

func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

func TestWebSocketRefusals(t *testing.T) {
	t.Parallel()
	g := start(t, t.TempDir(), "--cors-origins", "https://app.example.org")
	for _, c := range []struct {
		what     string
		messages []string
		status   websocket.StatusCode
	}{
		{"no JSON", []string{"hello"}, 4400},
		{"an unknown type", []string{`{"type":"start"}`}, 4400},
		{"no query", []string{initAdmin, `{"id":"1","type":"subscribe"}`}, 4400},
		{"no id", []string{initAdmin, `{"type":"subscribe","payload":{"query":"{ viewer { name } }"}}`}, 4400},
		{"not introduced", []string{`{"id":"1","type":"subscribe","payload":{"query":"{ viewer { name } }"}}`}, 4401},
		{"a wrong key", []string{`{"type":"connection_init","payload":{"authorization":"Bearer wrong"}}`}, 4403},
		{"another scheme", []string{`{"type":"connection_init","payload":{"Authorization":"Basic eDp5"}}`}, 4403},
		{"a payload that is no object", []string{`{"type":"connection_init","payload":[1]}`}, 4400},
		{"introduced twice", []string{initAdmin, initAdmin}, 4429},
		{"a long message", []string{strings.Repeat(" ", 1<<20+1)}, websocket.StatusMessageTooBig},
	} {
		s, _ := g.socket(nil, wsProtocol)
		for _, m := range c.messages {
			s.send(m)
		}
		s.wantClosed(c.what, c.status)
	}
	s, _ := g.socket(nil, "graphql-ws")
	s.wantClosed("the older protocol", 4406)

	// Without a credential the fields that need one say so.
	s, _ = g.socket(nil, wsProtocol)
	s.send(`{"type":"connection_init"}`)
	s.want("connection_ack", "", "")
	s.send(`{"id":"1","type":"subscribe","payload":{"query":"subscription { eventPublished { cursor } }"}}`)
	s.want("error", "1", `"UNAUTHENTICATED"`)

	for origin, allowed := range map[string]bool{"https://evil.example.org": false, "https://app.example.org": true, g.address: true, "null": false} {
		s, response := g.socket(http.Header{"Origin": {origin}}, wsProtocol)
		if (s != nil) != allowed || !allowed && response.StatusCode != http.StatusForbidden {
			t.Errorf("origin %s: %v", origin, response.Status)
		}
	}
	if s, response := g.socket(http.Header{"Authorization": {"Bearer wrong"}}, wsProtocol); s != nil || response.StatusCode != http.StatusUnauthorized {
		t.Errorf("a wrong key in the header: %v", response.Status)
	}
	s, _ = g.socket(http.Header{"Authorization": {"Bearer " + testKey}}, wsProtocol)
	s.send(`{"type":"connection_init"}`)
	s.want("connection_ack", "", "")
	s.send(`{"id":"1","type":"subscribe","payload":{"query":"{ viewer { name } }"}}`)
	s.want("next", "1", "admin key")
}

// events opens a stream of events.
func (g *running) events(query string) (lines *bufio.Scanner, close func()) {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(g.t.Context(), time.Minute)
	body, _ := json.Marshal(map[string]string{"query": query})
	r, err := http.NewRequestWithContext(ctx, "POST", g.address+"/graphql", strings.NewReader(string(body)))
	if err != nil {
		g.t.Fatal(err)
	}
	r.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"text/event-stream"}, "Authorization": {"Bearer " + testKey}}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { response.Body.Close(); cancel() })
	return bufio.NewScanner(response.Body), cancel
}

// nextData returns the data of the next event; "" at the end.
func nextData(lines *bufio.Scanner) string {
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			return data
		}
	}
	return ""
}

// TestStreamsAcrossARestart: who stops the gateway does not wait for streams;
// they are told, and go on behind their cursors with the next one.
func TestStreamsAcrossARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	g := start(t, dir)
	const query = `subscription { webhookChanged%s { cursor webhookId webhook { enabled } } }`
	lines, _ := g.events(strings.Replace(query, "%s", "", 1))
	s, _ := g.socket(nil, wsProtocol)
	s.send(initAdmin)
	s.want("connection_ack", "", "")
	id := webhookOf(g.graph(makeWebhook))
	first := nextData(lines)
	var item struct {
		Data struct {
			WebhookChanged struct{ Cursor, WebhookID string }
		}
	}
	if err := json.Unmarshal([]byte(first), &item); err != nil || item.Data.WebhookChanged.WebhookID != id {
		t.Fatalf("%s, %v", first, err)
	}
	g.graph(`mutation { disableWebhook(input: {id: "` + id + `"}) { webhook { id } } }`)
	if told := nextData(lines); !strings.Contains(told, `"enabled":false`) {
		t.Fatal(told)
	}
	begun := time.Now()
	ended := make(chan struct{})
	go func() { g.end(); close(ended) }()
	if told := nextData(lines); !strings.Contains(told, `"UNAVAILABLE"`) {
		t.Errorf("at the end the stream says %q", told)
	}
	s.wantClosed("the stop", websocket.StatusGoingAway)
	<-ended
	if took := time.Since(begun); took > grace {
		t.Errorf("it took %s to stop", took)
	}
	if strings.Contains(g.err.String(), "cut") {
		t.Error(g.err.String())
	}

	g = start(t, dir)
	lines, _ = g.events(strings.Replace(query, "%s", `(after: "`+item.Data.WebhookChanged.Cursor+`")`, 1))
	if told := nextData(lines); !strings.Contains(told, `"enabled":false`) || !strings.Contains(told, id) {
		t.Errorf("behind the cursor comes %s", told)
	}
}

// TestStreamsEndWithTheKey: a key that is revoked is told no more.
func TestStreamsEndWithTheKey(t *testing.T) {
	t.Parallel()
	g := start(t, t.TempDir())
	made := g.graph(`mutation { createApiKey(input: {name: "k", permissions: ["WEBHOOKS:VIEW"]}) { token apiKey { id } } }`)["createApiKey"].(map[string]any)
	s, _ := g.socket(nil, wsProtocol)
	s.send(`{"type":"connection_init","payload":{"Authorization":"Bearer ` + made["token"].(string) + `"}}`)
	s.want("connection_ack", "", "")
	s.send(`{"id":"1","type":"subscribe","payload":{"query":"subscription { webhookChanged { webhookId } }"}}`)
	s.send(`{"id":"2","type":"subscribe","payload":{"query":"subscription { eventPublished { cursor } }"}}`)
	s.want("error", "2", `"FORBIDDEN"`)
	s.provoke("1", func() { g.graph(makeWebhook) })
	g.graph(`mutation { revokeApiKey(input: {id: "` + made["apiKey"].(map[string]any)["id"].(string) + `"}) { apiKeyId: userErrors { code } } }`)
	g.graph(makeWebhook)
	for {
		m, err := s.read()
		if err == nil && m.Type == "next" { // of what was made before
			continue
		}
		if err != nil || m.Type != "error" || !strings.Contains(string(m.Payload), `"UNAUTHENTICATED"`) {
			t.Errorf("read %s %s, %v", m.Type, m.Payload, err)
		}
		return
	}
}
