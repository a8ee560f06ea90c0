package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/hookgraph/hookgraph/hook"
)

// codes are the extensions.code of top-level errors.
var codes = map[hook.Code]string{
	hook.Invalid:         "BAD_USER_INPUT",
	hook.NotFound:        "NOT_FOUND",
	hook.Conflict:        "CONFLICT",
	hook.Stale:           "STALE",
	hook.Forbidden:       "FORBIDDEN",
	hook.Unauthenticated: "UNAUTHENTICATED",
	hook.Unavailable:     "UNAVAILABLE",
	hook.Internal:        "INTERNAL_SERVER_ERROR",
}

// UserErrors returns the user errors of a mutation that failed in a way that
// the caller can correct; any other error is returned as it is.
func UserErrors(err error) ([]*UserError, error) {
	var e *hook.Error
	if !errors.As(err, &e) {
		return []*UserError{}, err
	}
	var code UserErrorCode
	switch e.Code {
	case hook.Invalid:
		code = UserErrorCodeInvalid
	case hook.Conflict:
		code = UserErrorCodeConflict
	case hook.Stale:
		code = UserErrorCodeStale
	default:
		return []*UserError{}, err
	}
	var field []string
	if e.Field != "" {
		field = strings.Split(e.Field, ".")
	}
	return []*UserError{{Code: code, Field: field, Message: e.Message}}, nil
}

// present gives an error of a resolver its form. What is internal is logged
// once, here, and shown without its cause.
func present(log *slog.Logger) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		var parsed *gqlerror.Error
		if errors.As(err, &parsed) && parsed.Extensions["code"] != nil {
			return parsed
		}
		out := &gqlerror.Error{Path: graphql.GetPath(ctx), Extensions: map[string]any{}}
		var argument []string
		if parsed != nil {
			out.Locations = parsed.Locations
			argument = below(parsed.Path, out.Path)
		}
		code := hook.CodeOf(err)
		var e *hook.Error
		switch {
		case errors.As(err, &e):
			out.Message = e.Error()
			if e.Field != "" {
				argument = strings.Split(e.Field, ".")
			} else if argument != nil {
				out.Message = strings.Join(argument, ".") + ": " + e.Message
			}
			if argument != nil {
				out.Extensions["field"] = argument
			}
		case code == hook.Unavailable:
			out.Message = "the answer took too long"
		case errors.Is(err, context.Canceled):
			out.Message = "the request was cancelled"
			code = hook.Unavailable
		default:
			id := hook.RequestID(ctx)
			log.ErrorContext(ctx, "internal error", "requestId", id, "path", out.Path.String(), "error", err)
			out.Message = "internal error"
			out.Extensions["requestId"] = id
		}
		out.Extensions["code"] = codes[code]
		return out
	}
}

// below is the rest of a path that leads on from the path of a field: the place
// in its arguments of a value that no scalar took.
func below(path, field ast.Path) []string {
	if len(path) <= len(field) || len(field) == 0 {
		return nil
	}
	var rest []string
	for _, element := range path[len(field):] {
		rest = append(rest, fmt.Sprint(element))
	}
	return rest
}
