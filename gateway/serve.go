package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// ServeHTTP answers a request in the form of the room it belongs to.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	id := requestID(r.Header)
	header := w.Header()
	header.Set("X-Request-Id", id)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")

	path, err := normalise(r.URL)
	room := g.find(path)
	ctx := hook.WithRequestID(r.Context(), id)
	if room.endless == nil || !room.endless(r) {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, room.time)
		defer cancel()
	}
	caller := r.Context()
	r = at(r.WithContext(ctx), path)
	a := &answer{ResponseWriter: w}
	defer func() {
		status := a.status
		if status >= http.StatusInternalServerError && left(caller) {
			status = 0
		}
		g.note(r, status, time.Since(begun))
		g.observe(room.name, status)
	}()
	defer g.catch(room, a, r)

	if err == nil {
		err = limit(w, r, room.body)
	}
	if err != nil {
		room.fail(a, r, err)
		return
	}
	room.serve(a, r)
	if a.status == 0 && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		room.fail(a, r, hook.Unavailablef(ctx.Err(), "the request took longer than %s", room.time))
	}
}

// at returns the request with a normalised path. RequestURI keeps what was sent.
func at(r *http.Request, path string) *http.Request {
	r.URL = &url.URL{Path: path, RawQuery: r.URL.RawQuery, ForceQuery: r.URL.ForceQuery}
	return r
}

// catch answers a request whose room panicked. If the answer has begun, the
// connection is cut, so that nobody takes it for whole.
func (g *Gateway) catch(room *room, a *answer, r *http.Request) {
	cause := recover()
	if cause == nil {
		return
	}
	if cause == http.ErrAbortHandler {
		panic(cause)
	}
	g.log.ErrorContext(r.Context(), "panic", "request", hook.RequestID(r.Context()), "method", r.Method, "path", r.URL.Path,
		"panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
	if a.status != 0 {
		panic(http.ErrAbortHandler)
	}
	for _, name := range []string{"Content-Length", "Content-Encoding", "Etag", "Last-Modified", "Location"} {
		a.Header().Del(name)
	}
	room.fail(a, r, errors.New("panic"))
}

// left reports whether a caller did not wait for the answer: what it was told then
// is no failure. A server that stops cancels with a cause.
func left(caller context.Context) bool { return context.Cause(caller) == context.Canceled }

// note writes the access log. It has the path without the query, which may hold
// a secret. Headers stay out for the same reason. The status is 0 if nobody waited
// for it.
func (g *Gateway) note(r *http.Request, status int, took time.Duration) {
	level := slog.LevelDebug
	if status >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	g.log.Log(r.Context(), level, "answered", "request", hook.RequestID(r.Context()), "method", r.Method, "path", r.URL.Path,
		"status", status, "took", took)
}

// report logs an error that callers are not told.
func (g *Gateway) report(r *http.Request, err error) {
	var large *http.MaxBytesError
	if hook.CodeOf(err) != hook.Internal || errors.Is(err, context.Canceled) || errors.As(err, &large) {
		return
	}
	g.log.ErrorContext(r.Context(), "internal error", "request", hook.RequestID(r.Context()), "path", r.URL.Path, "error", err)
}
