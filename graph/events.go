package graph

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

const mediaEvents = "text/event-stream"

// acceptsEvents reports whether a stream of events is asked for by its name.
func acceptsEvents(accept []string) bool {
	header := strings.Join(accept, ",")
	return strings.Contains(strings.ToLower(header), mediaEvents) && quality(header, mediaEvents) > 0
}

// serveEvents answers an operation as a stream of server-sent events: the
// distinct connections mode of the GraphQL over SSE protocol
// (github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md). Errors of all
// kinds are events. The id of an event is the cursor of its item, so that a
// client that connects again with Last-Event-ID misses nothing.
func (e *Endpoint) serveEvents(w http.ResponseWriter, r *http.Request, oc *graphql.OperationContext, errs gqlerror.List) {
	if !e.streams.enter(e.options.Streams.Connections) {
		w.Header().Set("Retry-After", "5")
		e.refuse(w, mediaJSON, http.StatusServiceUnavailable, "there are too many streams")
		return
	}
	defer e.streams.leave()
	ctx, end := context.WithCancelCause(r.Context())
	defer end(nil)
	token, _ := bearer(r.Header.Get("Authorization"))
	go e.watch(ctx, end, token)

	out := &eventWriter{w: w, control: http.NewResponseController(w)}
	_ = out.control.SetReadDeadline(time.Time{}) // or the server takes the caller for gone
	w.Header().Set("Content-Type", mediaEvents+"; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no") // proxies pass on each event
	var s *subscription
	switch {
	case errs != nil:
	case oc.Operation.Operation == ast.Subscription:
		if s, errs = e.subscribe(ctx, oc, r.Header.Get("Last-Event-ID")); s != nil {
			defer s.close()
		}
	case oc.Operation.Operation == ast.Mutation && r.Method != http.MethodPost:
		errs = gqlerror.List{errGetMutation}
	default:
		limited, cancel := context.WithTimeout(ctx, e.options.Limits.Time)
		answer := e.execute(limited, oc)
		cancel()
		out.next("", answer)
	}
	if errs != nil {
		out.next("", e.DispatchError(ctx, errs))
	}
	if s != nil {
		e.follow(ctx, s, out)
	}
	out.event("event: complete\ndata:\n\n")
}

// follow writes the items of a subscription, and a comment when there is none
// for some time. It returns when the stream has ended.
func (e *Endpoint) follow(ctx context.Context, s *subscription, out *eventWriter) {
	out.event(":\n\n") // the headers, and that all is well
	for out.err == nil {
		answer, cursor, err := s.next(ctx, e.options.Streams.Idle)
		switch {
		case err == nil && answer == nil:
			out.event(":\n\n")
		case err == nil:
			out.next(cursor, answer)
			if cursor == "" {
				return
			}
		default:
			if cause := context.Cause(ctx); cause != context.Canceled { // else the caller has left
				out.next("", &graphql.Response{Errors: gqlerror.List{e.present(ctx, cause)}})
			}
			return
		}
	}
}

// An eventWriter writes events, each as a whole. It stops at the first error.
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	err     error
}

func (o *eventWriter) next(id string, answer *graphql.Response) {
	text := make([]byte, 0, len(answer.Data)+128)
	text = append(text, "event: next\n"...)
	if id != "" {
		text = append(append(append(text, "id: "...), id...), '\n')
	}
	line := body(answer)
	for i, c := range line {
		if c == '\n' || c == '\r' { // between tokens: texts have none
			line[i] = ' '
		}
	}
	text = append(append(append(text, "data: "...), line...), "\n\n"...)
	o.event(string(text))
}

func (o *eventWriter) event(text string) {
	if o.err != nil {
		return
	}
	_ = o.control.SetWriteDeadline(time.Now().Add(writeTime))
	if _, o.err = o.w.Write([]byte(text)); o.err == nil {
		o.err = o.control.Flush()
	}
}
