package graph

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/hookgraph/hookgraph/hook"
)

// A subscription is one that runs. It belongs to one goroutine, which asks for
// the answers one by one: nothing is prepared for a caller who does not read.
type subscription struct {
	endpoint *Endpoint
	oc       *graphql.OperationContext
	field    graphql.CollectedField
	source   *source
	marshal  func(context.Context) graphql.Marshaler
}

// A source is what the resolver of a subscription follows.
type source struct {
	// last is what the transport knows of the last item; "" if nothing.
	last string
	// pull waits for an item and hands it to the field; it returns its cursor.
	pull  func(context.Context) (cursor string, err error)
	close func()
}

type sourceKey struct{}

// Stream makes what a service follows the items of the subscription of the
// context.
func Stream[T, I any](ctx context.Context, f *hook.Following[T], err error, item func(*hook.Followed[T]) I) (<-chan I, error) {
	if err != nil {
		return nil, err
	}
	items, s := make(chan I, 1), ctx.Value(sourceKey{}).(*source)
	s.close = f.Close
	s.pull = func(ctx context.Context) (string, error) {
		next, err := f.Next(ctx)
		if err != nil {
			return "", err
		}
		items <- item(next) // the item before was taken: there is room
		return next.Cursor, nil
	}
	return items, nil
}

// After is where a subscription continues: behind the last item that the
// transport knows the caller to have, else where its argument says.
func After(ctx context.Context, argument *string) *string {
	if s := ctx.Value(sourceKey{}).(*source); s.last != "" {
		return &s.last
	}
	return argument
}

// subscribe starts a subscription; last is the id of the last item that the
// caller has got, if the transport tells. The errors are those of an operation
// that could not start.
func (e *Endpoint) subscribe(ctx context.Context, oc *graphql.OperationContext, last string) (*subscription, gqlerror.List) {
	ctx, cancel := context.WithTimeout(ctx, e.options.Limits.Time)
	defer cancel()
	s := &subscription{endpoint: e, oc: oc, source: &source{last: last}}
	fields := graphql.CollectFields(oc, oc.Operation.SelectionSet, []string{"Subscription"})
	if len(fields) != 1 || strings.HasPrefix(fields[0].Name, "__") {
		return nil, gqlerror.List{requestError(codeValidation, "a subscription has exactly one field, and none of introspection")}
	}
	s.field = fields[0]
	ctx = s.context(ctx)
	ctx = context.WithValue(ctx, sourceKey{}, s.source)
	s.marshal = newExecutionContext(oc, e.generated, nil)._Subscription(ctx, oc.Operation.SelectionSet)
	if errs := graphql.GetErrors(ctx); len(errs) > 0 || s.marshal == nil || s.source.pull == nil {
		s.stop()
		return nil, e.options.Limits.cut(errs)
	}
	e.following.Add(1)
	if e.options.Observe != nil {
		e.options.Observe(string(ast.Subscription))
	}
	return s, nil
}

// Subscriptions returns how many subscriptions are open.
func (e *Endpoint) Subscriptions() int { return int(e.following.Load()) }

// context is that of one answer: its errors and loaders are its own.
func (s *subscription) context(ctx context.Context) context.Context {
	ctx = graphql.WithOperationContext(ctx, s.oc)
	ctx = context.WithValue(ctx, loadersKey{}, &Loaders{service: s.endpoint.service})
	return graphql.WithResponseContext(ctx, s.endpoint.present, s.endpoint.recover)
}

func (s *subscription) close() {
	s.stop()
	s.endpoint.following.Add(-1)
}

func (s *subscription) stop() {
	if s.source.close != nil {
		s.source.close()
	}
}

// next waits for the next item for some time, and answers it within the limit
// of time. There is no answer if nothing has come. One without a cursor is the
// last one: its errors say why.
func (s *subscription) next(ctx context.Context, wait time.Duration) (answer *graphql.Response, cursor string, err error) {
	// Not a deadline: a database gives up in front of one.
	waiting, cancel := context.WithCancel(ctx)
	timer := time.AfterFunc(wait, cancel)
	cursor, err = s.source.pull(waiting)
	timer.Stop()
	ended := waiting.Err() != nil
	cancel()
	if err != nil && ended {
		return nil, "", ctx.Err()
	}
	// Errors have the path of the field.
	within := func(ctx context.Context) context.Context {
		ctx = graphql.WithFieldContext(s.context(ctx), &graphql.FieldContext{Object: "Subscription"})
		return graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: "Subscription", Field: s.field})
	}
	if err != nil {
		return &graphql.Response{Errors: gqlerror.List{s.endpoint.present(within(ctx), err)}}, "", nil
	}
	ctx, cancel = context.WithTimeout(ctx, s.endpoint.options.Limits.Time)
	defer cancel()
	ctx = within(ctx)
	defer func() {
		if p := recover(); p != nil {
			graphql.AddError(ctx, s.endpoint.recover(ctx, p))
			answer = &graphql.Response{Data: []byte("null"), Errors: graphql.GetErrors(ctx)}
		}
	}()
	var buf bytes.Buffer
	if data := s.marshal(ctx); data != nil {
		data.MarshalGQL(&buf)
	}
	answer = &graphql.Response{Data: buf.Bytes(), Errors: s.endpoint.options.Limits.cut(graphql.GetErrors(ctx))}
	// The field cannot be null: then the whole is.
	if len(answer.Data) == 0 || bytes.HasSuffix(answer.Data, []byte(`":null}`)) && bytes.Count(answer.Data, []byte{'{'}) == 1 {
		answer.Data = []byte("null")
	}
	return answer, cursor, nil
}
