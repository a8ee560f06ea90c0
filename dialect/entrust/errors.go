package entrust

import (
	"bytes"
	"context"
	"errors"
	"net/http"

	"github.com/hookgraph/hookgraph/hook"
)

// errorInfo is the body of every error (section 3.1). Generated clients refuse
// members that it does not list.
type errorInfo struct {
	Code    string `json:"errorCode"`
	Message string `json:"errorMessage"`
}

func fail(w http.ResponseWriter, status int, code, message string) {
	var body bytes.Buffer
	if err := write(&body, errorInfo{code, message}); err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	body.WriteTo(w)
}

// refuse answers with an error of the operation and logs it if callers are not
// told what it is.
func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if isInternal(err) {
		a.log.ErrorContext(r.Context(), "request failed", "dialect", hook.Entrust, "request", hook.RequestID(r.Context()), "error", err)
	}
	a.Fail(w, r, err)
}

// isInternal reports whether an error is for the log. A caller who has left is
// not.
func isInternal(err error) bool {
	return hook.CodeOf(err) == hook.Internal && !errors.Is(err, context.Canceled)
}

// Fail is the table from errors to answers. Codes and texts are those that
// clients are known to look at (section 3.2); for the others there is no
// published list. It does not log.
func (a *API) Fail(w http.ResponseWriter, r *http.Request, err error) {
	var e *hook.Error
	errors.As(err, &e)
	var tooLarge *http.MaxBytesError
	switch code := hook.CodeOf(err); {
	case errors.As(err, &tooLarge):
		fail(w, http.StatusRequestEntityTooLarge, "request_too_large", "the body is too large")
	case code == hook.Unauthenticated:
		fail(w, http.StatusUnauthorized, "invalid_session_token", "the Authorization header has no valid token")
	case code == hook.Forbidden && e.Missing != "":
		fail(w, http.StatusForbidden, "access_denied", string(e.Missing)+" required")
	case code == hook.Forbidden:
		fail(w, http.StatusForbidden, "access_denied", e.Message)
	case code == hook.NotFound && e.Kind == hook.KindWebhook:
		fail(w, http.StatusNotFound, "webhook_not_found", "there is no such webhook")
	case code == hook.NotFound:
		fail(w, http.StatusNotFound, "not_found", e.Message)
	case code == hook.Invalid:
		fail(w, http.StatusBadRequest, "invalid_parameter", e.Error())
	case code == hook.Unavailable, errors.Is(err, context.Canceled):
		fail(w, http.StatusServiceUnavailable, "service_unavailable", "the request cannot be answered now, try again later")
	default:
		fail(w, http.StatusInternalServerError, "internal_error", "internal error"+logged(r))
	}
}

// logged names the line in the log that tells more, if there is one.
func logged(r *http.Request) string {
	if id := hook.RequestID(r.Context()); id != "" {
		return ", request " + id
	}
	return ""
}
