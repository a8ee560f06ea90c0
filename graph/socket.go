package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/rs/cors"

	"github.com/hookgraph/hookgraph/hook"
)

// protocol is the subprotocol of WebSockets
// (github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md).
const protocol = "graphql-transport-ws"

// The statuses with which the protocol closes a socket.
const (
	statusBadRequest   websocket.StatusCode = 4400
	statusUnauthorized websocket.StatusCode = 4401
	statusForbidden    websocket.StatusCode = 4403
	statusProtocol     websocket.StatusCode = 4406
	statusInitTimeout  websocket.StatusCode = 4408
	statusTaken        websocket.StatusCode = 4409
	statusInitTwice    websocket.StatusCode = 4429
)

// A closure is why a socket is closed.
type closure struct {
	status websocket.StatusCode
	reason string
}

func (c *closure) Error() string { return c.reason }

func isUpgrade(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// originAllowed reports whether the page that opens a socket may: browsers ask
// nobody before, and send their cookies and the network's trust along.
func (e *Endpoint) originAllowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" { // no browser
		return true
	}
	if u, err := url.Parse(origin); err == nil && strings.EqualFold(u.Host, r.Host) {
		return true
	}
	return len(e.options.Origins) > 0 && cors.New(cors.Options{AllowedOrigins: e.options.Origins}).OriginAllowed(r)
}

// A socket is a connection of graphql-transport-ws.
type socket struct {
	endpoint *Endpoint
	conn     *websocket.Conn
	ctx      context.Context
	viewing  context.Context // ctx with the viewer
	end      context.CancelCauseFunc
	running  sync.WaitGroup

	mu         sync.Mutex
	introduced bool // connection_init has come
	ready      bool // and was acknowledged
	operations map[string]*context.CancelFunc
}

// A message is one of the protocol.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// serveSocket speaks graphql-transport-ws until the connection ends.
func (e *Endpoint) serveSocket(w http.ResponseWriter, r *http.Request) {
	if !e.originAllowed(r) {
		e.refuse(w, mediaJSON, http.StatusForbidden, "pages of this origin may not open a WebSocket")
		return
	}
	if !e.streams.enter(e.options.Streams.Connections) {
		w.Header().Set("Retry-After", "5")
		e.refuse(w, mediaJSON, http.StatusServiceUnavailable, "there are too many streams")
		return
	}
	defer e.streams.leave()
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{protocol}, InsecureSkipVerify: true})
	if err != nil {
		return // and was answered
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(e.options.Limits.Body)
	// The server forgets a connection that it has handed over: its context may end
	// before the socket is closed properly. Reading tells when the caller leaves.
	ctx, end := context.WithCancelCause(context.WithoutCancel(r.Context()))
	s := &socket{endpoint: e, conn: conn, ctx: ctx, viewing: ctx, end: end, operations: map[string]*context.CancelFunc{}}
	if conn.Subprotocol() != protocol {
		_ = conn.Close(statusProtocol, "Subprotocol not acceptable")
		return
	}
	token, _ := bearer(r.Header.Get("Authorization"))
	go s.keepAlive()
	err = s.receive(token)
	end(err)
	s.running.Wait()
	cause := context.Cause(ctx)
	var c *closure
	switch {
	case errors.As(cause, &c):
	case errors.Is(cause, errStopping):
		c = &closure{websocket.StatusGoingAway, "the gateway is stopping"}
	case hook.CodeOf(cause) == hook.Unauthenticated:
		c = &closure{statusForbidden, "Forbidden"}
	default:
		return // the caller has left
	}
	_ = conn.Close(c.status, c.reason[:min(len(c.reason), 120)])
}

// keepAlive closes a socket that does not introduce itself in time, and one
// whose caller gives no sign of life.
func (s *socket) keepAlive() {
	limits := s.endpoint.options.Streams
	init := time.NewTimer(limits.Init)
	defer init.Stop()
	ticker := time.NewTicker(limits.Idle)
	defer ticker.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-s.endpoint.streams.closing:
			s.end(errStopping)
			return
		case <-init.C:
			s.mu.Lock()
			late := !s.ready
			s.mu.Unlock()
			if late {
				s.end(&closure{statusInitTimeout, "Connection initialisation timeout"})
				return
			}
		case <-ticker.C:
			ctx, cancel := context.WithTimeout(s.ctx, writeTime)
			err := s.conn.Ping(ctx)
			cancel()
			if err != nil {
				s.end(err)
				return
			}
		}
	}
}

// receive reads messages until the connection or its context ends.
func (s *socket) receive(token hook.Secret) error {
	messages := make(chan message)
	ended := make(chan error, 1)
	go func() {
		for {
			// A context that ends would cut the connection before it is closed properly.
			m, err := s.read(context.WithoutCancel(s.ctx))
			if err != nil {
				ended <- err
				return
			}
			select {
			case messages <- m:
			case <-s.ctx.Done():
				// goes on reading: the closing handshake needs it
			}
		}
	}()
	for {
		select {
		case <-s.ctx.Done():
			return context.Cause(s.ctx)
		case err := <-ended:
			return err
		case m := <-messages:
			if err := s.handle(m, token); err != nil {
				return err
			}
		}
	}
}

func (s *socket) read(ctx context.Context) (m message, err error) {
	kind, text, err := s.conn.Read(ctx)
	if err != nil {
		return m, err
	}
	if kind != websocket.MessageText || json.Unmarshal(text, &m) != nil {
		return m, &closure{statusBadRequest, "Invalid message"}
	}
	return m, nil
}

func (s *socket) handle(m message, token hook.Secret) error {
	s.mu.Lock()
	ready := s.ready
	s.mu.Unlock()
	switch m.Type {
	case "connection_init":
		if s.introduced {
			return &closure{statusInitTwice, "Too many initialisation requests"}
		}
		s.introduced = true
		return s.introduce(m.Payload, token)
	case "ping":
		return s.write(message{Type: "pong", Payload: m.Payload})
	case "pong":
		return nil
	case "subscribe":
		if !ready {
			return &closure{statusUnauthorized, "Unauthorized"}
		}
		return s.subscribe(m)
	case "complete":
		s.complete(m.ID)
		return nil
	}
	return &closure{statusBadRequest, "Invalid message type"}
}

// introduce takes the credential of a connection_init: the member Authorization
// of its payload, as the header would have it.
func (s *socket) introduce(payload json.RawMessage, token hook.Secret) error {
	var sent map[string]any
	if len(payload) > 0 && json.Unmarshal(payload, &sent) != nil {
		return &closure{statusBadRequest, "The payload of connection_init must be an object"}
	}
	given, found := sent["Authorization"]
	if !found {
		given, found = sent["authorization"]
	}
	if found && given != nil {
		text, _ := given.(string)
		var ok bool
		if token, ok = bearer(text); !ok || s.endpoint.options.Authenticate == nil {
			return &closure{statusForbidden, "Forbidden"}
		}
		ctx, cancel := context.WithTimeout(s.ctx, s.endpoint.options.Limits.Time)
		viewer, err := s.endpoint.options.Authenticate(ctx, token)
		cancel()
		switch {
		case hook.CodeOf(err) == hook.Unauthenticated:
			return &closure{statusForbidden, "Forbidden"}
		case err != nil:
			return &closure{websocket.StatusTryAgainLater, "The credential cannot be checked now"}
		}
		s.viewing = hook.WithViewer(s.ctx, viewer)
	}
	s.mu.Lock()
	s.ready = true
	s.mu.Unlock()
	go s.endpoint.watch(s.ctx, s.end, token)
	return s.write(message{Type: "connection_ack"})
}

// write sends a message. A caller who does not take it in time is cut off.
func (s *socket) write(m message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode a message: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), writeTime)
	defer cancel()
	return s.conn.Write(ctx, websocket.MessageText, text)
}
