// Package hook is the domain of Hookgraph: members, clients, albums, webhooks,
// events and triggers, their rules and ids, and the Service through which
// everything is read and changed. It knows no HTTP, no GraphQL and no database.
package hook

import (
	"context"
	"errors"
	"fmt"
)

// A Code says what kind of failure an Error is. Every API has one table from
// codes to its own form.
type Code string

// The codes of errors.
const (
	// Invalid input that the caller can correct; Field names it.
	Invalid Code = "INVALID"
	// NotFound stands for objects that do not exist and for those that the
	// viewer may not see.
	NotFound Code = "NOT_FOUND"
	// Conflict with something that exists; Field names the value that is taken.
	Conflict Code = "CONFLICT"
	// Stale: the object was changed since the version that the caller named.
	Stale Code = "STALE"
	// Forbidden: the viewer lacks the permission that the message names.
	Forbidden Code = "FORBIDDEN"
	// Unauthenticated: no credential, or a bad one.
	Unauthenticated Code = "UNAUTHENTICATED"
	// Unavailable: the database cannot be reached; the same call may succeed
	// later.
	Unavailable Code = "UNAVAILABLE"
	// Internal is any other error; its message is not shown to callers.
	Internal Code = "INTERNAL"
)

// An Error is a failure that callers are told about.
type Error struct {
	Code Code
	// Field is the path of the input that is wrong, such as "url" or
	// "subscriptions.2.pattern"; empty if no single field is.
	Field string
	// Message is a sentence for people. It holds no secret.
	Message string
	// Kind is the kind of the object that was not found or is in the way, if
	// any.
	Kind Kind
	// Missing is the permission that a FORBIDDEN error asks for, if any.
	Missing Permission
	cause   error
}

func (e *Error) Error() string {
	if e.Field != "" {
		return fmt.Sprintf("%s: %s", e.Field, e.Message)
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.cause }

// CodeOf returns the code of err: Internal for errors that are not an *Error,
// Unavailable for a deadline that passed or a caller who has gone.
func CodeOf(err error) Code {
	var e *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Code
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return Unavailable
	}
	return Internal
}

// Invalidf returns an INVALID error about a field.
func Invalidf(field, format string, args ...any) *Error {
	return &Error{Code: Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// Conflictf returns a CONFLICT error about a field.
func Conflictf(field, format string, args ...any) *Error {
	return &Error{Code: Conflict, Field: field, Message: fmt.Sprintf(format, args...)}
}

// Unavailablef returns an UNAVAILABLE error with its cause, which callers are
// not shown.
func Unavailablef(cause error, format string, args ...any) *Error {
	return &Error{Code: Unavailable, Message: fmt.Sprintf(format, args...), cause: cause}
}

// Missing returns the NOT_FOUND error for an object of a kind.
func Missing(kind Kind) *Error {
	return &Error{Code: NotFound, Kind: kind, Message: fmt.Sprintf("%s not found", kind)}
}

func staleError(kind Kind, have int64) *Error {
	return &Error{Code: Stale, Kind: kind, Field: "version",
		Message: fmt.Sprintf("the %s was changed meanwhile: its version is now %d", kind.noun(), have)}
}
