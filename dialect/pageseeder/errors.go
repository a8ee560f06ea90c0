package pageseeder

import (
	"context"
	"errors"
	"net/http"

	"github.com/hookgraph/hookgraph/hook"
)

// A failure is the form of an error: its HTTP status, and the id that programs
// know it by, four hexadecimal digits.
type failure struct {
	status int
	id     string
}

// The failures. Section 4 names few ids and none of these but 0103; the others
// are made here of an F, which no known id begins with, and the status.
var (
	failInvalid         = failure{http.StatusBadRequest, "F400"}
	failTunnel          = failure{http.StatusBadRequest, "0103"}
	failUnauthenticated = failure{http.StatusUnauthorized, "F401"}
	failForbidden       = failure{http.StatusForbidden, "F403"}
	failNotFound        = failure{http.StatusNotFound, "F404"}
	failMethod          = failure{http.StatusMethodNotAllowed, "F405"}
	failConflict        = failure{http.StatusConflict, "F409"}
	failTooLarge        = failure{http.StatusRequestEntityTooLarge, "F413"}
	failInternal        = failure{http.StatusInternalServerError, "F500"}
	failUnavailable     = failure{http.StatusServiceUnavailable, "F503"}
)

var failures = map[hook.Code]failure{
	hook.Invalid:         failInvalid,
	hook.Unauthenticated: failUnauthenticated,
	hook.Forbidden:       failForbidden,
	hook.NotFound:        failNotFound,
	hook.Conflict:        failConflict,
	hook.Stale:           failConflict,
	hook.Unavailable:     failUnavailable,
	hook.Internal:        failInternal,
}

// A refusal is an error of the API's own, beside those of the operations.
type refusal struct {
	failure
	message string
	// allow lists the methods of a path that has others than the one asked for.
	allow string
}

func (r *refusal) Error() string { return r.message }

// errorElement is the body of an error.
type errorElement struct{ id, request, message string }

func (*errorElement) absent() bool { return false }

func (e *errorElement) fields(f fields) {
	f.text("id", &e.id, always)
	f.content("request", &e.request, always)
	f.content("message", &e.message, always)
}

// refuse answers with an error of an operation. What is behind an internal one
// is logged, under the id that the caller is told.
func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if form, _ := describe(r.Context(), err); form == failInternal {
		a.log.ErrorContext(r.Context(), "request failed", "dialect", hook.PageSeeder, "request", hook.RequestID(r.Context()), "error", err)
	}
	a.Fail(w, r, err)
}

// Fail implements dialect.Dialect. It does not log.
func (a *API) Fail(w http.ResponseWriter, r *http.Request, err error) {
	form, message := describe(r.Context(), err)
	header := w.Header()
	var refused *refusal
	switch {
	case form == failUnauthenticated:
		header["Www-Authenticate"] = challenges
	case errors.As(err, &refused) && refused.allow != "":
		header.Set("Allow", refused.allow)
	}
	format := formatOf(r)
	header.Set("Content-Type", format.contentType())
	header.Set("Vary", "Accept")
	w.WriteHeader(form.status)
	encoder := format.encoder(a.location)
	encoder.root("error", &errorElement{form.id, r.URL.EscapedPath(), message})
	// A caller who has gone is no concern of ours.
	_, _ = w.Write(encoder.written())
}

// describe returns what callers are told about an error.
func describe(ctx context.Context, err error) (failure, string) {
	var refused *refusal
	if errors.As(err, &refused) {
		return refused.failure, refused.message
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return failTooLarge, "the body of the request is too large"
	}
	// The caller has gone, or the gateway is going down.
	if errors.Is(err, context.Canceled) {
		return failUnavailable, "the request was cancelled"
	}
	form, known := failures[hook.CodeOf(err)]
	var told *hook.Error
	switch {
	case !known || form == failInternal:
		return failInternal, "internal error, request " + hook.RequestID(ctx)
	case errors.As(err, &told):
		return form, told.Error()
	}
	return form, "the request took too long"
}
