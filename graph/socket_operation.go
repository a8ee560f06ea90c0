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
		return s.write(*failed(m.ID, gqlerror.List{requestError(codeBadRequest, "the connection has too many operations")}))
	}
	s.running.Go(func() {
		defer cancel()
		last, err := s.run(ctx, m.ID, sent.params())
		// The id is free before the caller knows that the operation has ended.
		s.forget(m.ID, &cancel)
		if err == nil && last != nil && ctx.Err() == nil {
			err = s.write(*last)
		}
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

// run runs an operation, sends its answers and returns the message that ends it;
// nil if the caller wants none. Its error ends the connection.
func (s *socket) run(ctx context.Context, id string, params *graphql.RawParams) (last *message, err error) {
	e := s.endpoint
	oc, errs := e.CreateOperationContext(ctx, params)
	if errs != nil {
		return failed(id, e.options.Limits.cut(errs)), nil
	}
	if oc.Operation.Operation != ast.Subscription {
		limited, cancel := context.WithTimeout(ctx, e.options.Limits.Time)
		answer := e.execute(limited, oc)
		cancel()
		return &message{ID: id, Type: "complete"}, s.next(ctx, id, answer)
	}
	subscribed, errs := e.subscribe(ctx, oc, "")
	if errs != nil {
		return failed(id, errs), nil
	}
	defer subscribed.close()
	for {
		answer, cursor, err := subscribed.next(ctx, e.options.Streams.Idle)
		switch {
		case err == nil && answer == nil:
			continue
		case err != nil: // the caller has completed it, or the socket is closed
			return nil, nil
		case cursor == "":
			return failed(id, answer.Errors), nil
		}
		if err := s.next(ctx, id, answer); err != nil {
			return nil, err
		}
	}
}

func (s *socket) next(ctx context.Context, id string, answer *graphql.Response) error {
	if ctx.Err() != nil {
		return nil
	}
	return s.write(message{ID: id, Type: "next", Payload: body(answer)})
}

// failed is the message that ends an operation by its errors.
func failed(id string, errs gqlerror.List) *message {
	text, err := json.Marshal(errs)
	if err != nil {
		text = []byte(`[{"message":"internal error","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]`)
	}
	return &message{ID: id, Type: "error", Payload: text}
}
