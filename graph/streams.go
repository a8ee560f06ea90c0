package graph

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// StreamLimits bound WebSockets and streams of events. Zero values stand for the
// defaults.
type StreamLimits struct {
	// Connections of all callers.
	Connections int
	// Operations of one WebSocket at a time.
	Operations int
	// Init is how long a WebSocket may take to introduce itself.
	Init time.Duration
	// Idle is the time between two signs of life.
	Idle time.Duration
	// Check is the time between two looks whether a credential is still good.
	Check time.Duration
}

func (l StreamLimits) orDefaults() StreamLimits {
	set := func(limit *time.Duration, value time.Duration) {
		if *limit == 0 {
			*limit = value
		}
	}
	if l.Connections == 0 {
		l.Connections = 1000
	}
	if l.Operations == 0 {
		l.Operations = 100
	}
	set(&l.Init, 10*time.Second)
	set(&l.Idle, 15*time.Second)
	set(&l.Check, time.Minute)
	return l
}

// writeTime is how long a caller may take to receive one message.
const writeTime = 30 * time.Second

// streams are the connections that stay open.
type streams struct {
	mu      sync.Mutex
	open    int
	closing chan struct{}
	closed  bool
	left    sync.WaitGroup
}

// enter counts a connection; it returns false if there are too many, or if they
// are being closed.
func (s *streams) enter(most int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.open >= most {
		return false
	}
	s.open++
	s.left.Add(1)
	return true
}

func (s *streams) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
	s.left.Done()
}

// Close ends all streams: WebSockets with the status 1001, streams of events with
// an UNAVAILABLE error. There will be no new ones. It returns when they have
// ended, or with the context.
func (e *Endpoint) Close(ctx context.Context) {
	e.streams.mu.Lock()
	if !e.streams.closed {
		e.streams.closed = true
		close(e.streams.closing)
	}
	e.streams.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		e.streams.left.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
}

// IsStream reports whether the answer of a request may go on without an end: it
// asks for a WebSocket, or accepts a stream of events.
func IsStream(r *http.Request) bool {
	return isUpgrade(r) || acceptsEvents(r.Header.Values("Accept"))
}

// errStopping is what streams are told at the end of the process.
var errStopping = &hook.Error{Code: hook.Unavailable, Message: "the gateway is stopping: subscribe again, with after"}

// bearer returns the token of an Authorization header.
func bearer(header string) (hook.Secret, bool) {
	scheme, token, found := strings.Cut(header, " ")
	return hook.Secret(token), found && strings.EqualFold(scheme, "Bearer")
}

// watch ends a context when the credential that the stream came with is no
// longer good, or the process stops; the cause says which.
func (e *Endpoint) watch(ctx context.Context, end context.CancelCauseFunc, token hook.Secret) {
	ticker := time.NewTicker(e.options.Streams.Check)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.streams.closing:
			end(errStopping)
			return
		case <-ticker.C:
		}
		if token == "" || e.options.Authenticate == nil {
			continue
		}
		limited, cancel := context.WithTimeout(ctx, e.options.Limits.Time)
		_, err := e.options.Authenticate(limited, token)
		cancel()
		if hook.CodeOf(err) == hook.Unauthenticated {
			end(err)
			return
		}
	}
}
