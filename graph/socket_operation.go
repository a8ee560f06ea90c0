package graph

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// subscribe starts an operation of any kind.
func (s *socket) subscribe(m message) error {
	decoder := json.NewDecoder(strings.NewReader(string(m.Payload)))
	decoder.UseNumber()
	var sent *request
	if err := decoder.Decode(&sent); err != nil || sent == nil || m.ID == "" {
		return &closure{statusBadRequest, "Invalid subscribe message"}
	}
	ctx, cancel := context.WithCancel(s.viewing)
	s.mu.Lock()
	taken, full := s.operations[m.ID] != nil, len(s.operations) >= s.endpoint.options.Streams.Operations
	if !taken && !full {
		s.operations[m.ID] = &cancel
	}
	s.mu.Unlock()
	switch {
	case taken:
		cancel()
		return &closure{statusTaken, "Subscriber for " + m.ID[:min(len(m.ID), 60)] + " already exists"}
	case full:
		cancel()
		return s.fail(m.ID, gqlerror.List{requestError(codeBadRequest, "the connection has too many operations")})
	}
	s.running.Go(func() {
		defer cancel()
		err := s.run(ctx, m.ID, sent.params())
		s.forget(m.ID, &cancel)
		if err != nil {
			s.end(err)
		}
	})
	return nil
}

// complete ends an operation that the caller wants no more of.
func (s *socket) complete(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel := s.operations[id]; cancel != nil {
		(*cancel)()
		delete(s.operations, id)
	}
}

// forget frees the id of an operation that has ended, unless another has it
// already.
func (s *socket) forget(id string, cancel *context.CancelFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.operations[id] == cancel {
		delete(s.operations, id)
	}
}

// run runs an operation and sends its answers. Its error ends the connection.
func (s *socket) run(ctx context.Context, id string, params *graphql.RawParams) error {
	e := s.endpoint
	oc, errs := e.CreateOperationContext(ctx, params)
	if errs != nil {
		return s.fail(id, e.options.Limits.cut(errs))
	}
	if oc.Operation.Operation != ast.Subscription {
		limited, cancel := context.WithTimeout(ctx, e.options.Limits.Time)
		answer := e.execute(limited, oc)
		cancel()
		return s.last(ctx, id, s.next(ctx, id, answer))
	}
	subscribed, errs := e.subscribe(ctx, oc, "")
	if errs != nil {
		if ctx.Err() != nil {
			return nil
		}
		return s.fail(id, errs)
	}
	defer subscribed.close()
	for {
		answer, cursor, err := subscribed.next(ctx)
		switch {
		case err != nil: // the caller has completed it, or the socket is closed
			return nil
		case cursor == "":
			return s.fail(id, answer.Errors)
		}
		if err := s.next(ctx, id, answer); err != nil {
			return err
		}
	}
}

func (s *socket) next(ctx context.Context, id string, answer *graphql.Response) error {
	if ctx.Err() != nil {
		return nil
	}
	return s.write(message{ID: id, Type: "next", Payload: body(answer)})
}

// last ends an operation that has sent its only answer. Its id is free before
// the caller knows.
func (s *socket) last(ctx context.Context, id string, err error) error {
	if err != nil || ctx.Err() != nil {
		return err
	}
	s.complete(id)
	return s.write(message{ID: id, Type: "complete"})
}

// fail ends an operation by its errors.
func (s *socket) fail(id string, errs gqlerror.List) error {
	text, err := json.Marshal(errs)
	if err != nil {
		return err
	}
	return s.write(message{ID: id, Type: "error", Payload: text})
}
