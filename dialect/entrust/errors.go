package entrust

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

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
	var tooLarge *http.MaxBytesError
	var media *mediaError
	var test *testError
	return hook.CodeOf(err) == hook.Internal && !errors.Is(err, context.Canceled) && !errors.Is(err, hook.ErrUnknown) &&
		!errors.As(err, &tooLarge) && !errors.As(err, &media) && !errors.As(err, &test)
}

// Fail is the table from errors to answers. Codes and texts are those that
// clients are known to look at (section 3.2); for the others there is no
// published list. It does not log.
func (a *API) Fail(w http.ResponseWriter, r *http.Request, err error) {
	var e *hook.Error
	errors.As(err, &e)
	var tooLarge *http.MaxBytesError
	var media *mediaError
	var test *testError
	switch code := hook.CodeOf(err); {
	case errors.As(err, &tooLarge):
		fail(w, http.StatusRequestEntityTooLarge, codeTooLarge, "the body is too large")
	case errors.As(err, &media):
		fail(w, http.StatusUnsupportedMediaType, codeMediaType, media.Error())
	case errors.As(err, &test):
		fail(w, http.StatusBadRequest, codeTestFailed, test.Error())
	case errors.Is(err, hook.ErrUnknown):
		fail(w, http.StatusBadRequest, codeUnknownToken, "the webhook was imported without its token: set it before a test, or make a new webhook")
	case code == hook.Unauthenticated:
		fail(w, http.StatusUnauthorized, codeBadToken, "the Authorization header has no valid token")
	case code == hook.Forbidden && e.Missing != "":
		fail(w, http.StatusForbidden, codeAccessDenied, string(e.Missing)+" required")
	case code == hook.Forbidden:
		fail(w, http.StatusForbidden, codeAccessDenied, e.Message)
	case code == hook.NotFound && e.Kind == hook.KindWebhook:
		fail(w, http.StatusNotFound, codeUnknownWebhook, "there is no such webhook")
	case code == hook.NotFound:
		fail(w, http.StatusNotFound, "not_found", e.Message)
	case code == hook.Conflict, code == hook.Stale:
		fail(w, http.StatusConflict, cmp.Or(conflicts[e.Field], codeConflict), e.Message)
	case code == hook.Invalid:
		fail(w, http.StatusBadRequest, codeInvalid, inWords(e))
	case code == hook.Unavailable, errors.Is(err, context.Canceled):
		fail(w, http.StatusServiceUnavailable, "service_unavailable", "the request cannot be answered now, try again later")
	default:
		fail(w, http.StatusInternalServerError, "internal_error", "internal error"+logged(r))
	}
}

// conflicts are the codes of conflicts by the field that is in the way (section
// 12, no. 15 and 16).
var conflicts = map[string]string{"expiresAt": codeExpired, "enabled": codeLimit}

// members are the names that the API has for fields of a webhook.
var members = strings.NewReplacer("subscriptions", "events", "pattern", "type", "url", "callbackUrl", "expiresAt", "expiry")

// inWords names the member of the request that is wrong.
func inWords(e *hook.Error) string {
	told := *e
	if told.Field != "callbackUrl" {
		told.Field = members.Replace(told.Field)
	}
	return told.Error()
}

// logged names the line in the log that tells more, if there is one.
func logged(r *http.Request) string {
	if id := hook.RequestID(r.Context()); id != "" {
		return ", request " + id
	}
	return ""
}
