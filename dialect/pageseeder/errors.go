package pageseeder

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/hookgraph/hookgraph/hook"
)

// A failure is the form of an error: its HTTP status, and the id that programs
// know it by, four hexadecimal digits.
type failure struct {
	status int
	id     string
}

// The failures. Section 4 names a few ids; the others are made here of an F,
// which no known id begins with, and the status.
var (
	failTunnel          = failure{http.StatusBadRequest, "0103"}
	failMember          = failure{http.StatusNotFound, "0106"}
	failMissing         = failure{http.StatusBadRequest, "0201"}
	failPingStatus      = failure{statusPing, "170A"}
	failPingSecret      = failure{statusPing, "170B"}
	failPingConnection  = failure{statusPing, "170C"}
	failInvalid         = failure{http.StatusBadRequest, "F400"}
	failUnauthenticated = failure{http.StatusUnauthorized, "F401"}
	failForbidden       = failure{http.StatusForbidden, "F403"}
	failNotFound        = failure{http.StatusNotFound, "F404"}
	failMethod          = failure{http.StatusMethodNotAllowed, "F405"}
	failConflict        = failure{http.StatusConflict, "F409"}
	failTooLarge        = failure{http.StatusRequestEntityTooLarge, "F413"}
	failMedia           = failure{http.StatusUnsupportedMediaType, "F415"}
	failInternal        = failure{http.StatusInternalServerError, "F500"}
	failUnknown         = failure{statusUnknown, "F501"}
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
	// oauth is the code of RFC 6749, section 5.2, at the token endpoint.
	oauth string
}

func (r *refusal) Error() string { return r.message }

// errorElement is the body of an error. The members of OAuth are for JSON.
type errorElement struct {
	id, request, message    string
	oauth, oauthDescription string
}

func (*errorElement) absent() bool { return false }

func (e *errorElement) fields(f fields) {
	f.text("id", &e.id, always)
	f.content("request", &e.request, always)
	f.content("message", &e.message, always)
	f.text("error", &e.oauth, optional)
	f.text("error_description", &e.oauthDescription, optional)
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
	if errors.As(err, &refused) && refused.allow != "" {
		header.Set("Allow", refused.allow)
	}
	if form == failUnauthenticated {
		header["Www-Authenticate"] = challenges
	}
	format := formatOf(r)
	header.Set("Content-Type", format.contentType())
	header.Set("Vary", "Accept")
	w.WriteHeader(form.status)
	encoder := format.encoder(a.location)
	shown := &errorElement{id: form.id, request: r.URL.EscapedPath(), message: message}
	if refused != nil && refused.oauth != "" && format == formatJSON {
		shown.oauth, shown.oauthDescription = refused.oauth, message
	}
	encoder.root("error", shown)
	// A caller who has gone is no concern of ours.
	_, _ = w.Write(encoder.written())
}

// parameterNames are the parameters behind the fields of the model.
var parameterNames = map[string]string{
	"subscriptions": "events", "verifyTls": "insecuressl", "serverEvents": "server", "detail": "object", "health": "status",
	"owner": "newclient", "clientUri": "client-uri", "redirectUri": "redirect-uri", "grantType": "grant-type",
	"accessTokenMaxAge": "access-token-max-age", "refreshTokenMaxAge": "refresh-token-max-age",
	"webhookSecret": "webhook-secret", "clientSecret": "client-secret",
}

// parameterOf returns what callers know a field by.
func parameterOf(field string) string {
	name, _, _ := strings.Cut(field, ".")
	if parameter := parameterNames[name]; parameter != "" {
		return parameter
	}
	return name
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
		if told.Code == hook.NotFound && told.Kind == hook.KindMember {
			form = failMember
		}
		if told.Field == "" {
			return form, told.Message
		}
		return form, parameterOf(told.Field) + ": " + told.Message
	}
	return form, "the request took too long"
}
