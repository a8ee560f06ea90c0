package kheops

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/hookgraph/hookgraph/hook"
)

// help is the same in every JSON error (section 5.1).
const help = "https://github.com/OsiriX-Foundation/kheops/wiki"

// page answers with what Kheops' servlet container makes of a status without a
// body: clients look at the status only.
func page(w http.ResponseWriter, status int) {
	title := strconv.Itoa(status) + " " + http.StatusText(status)
	w.Header().Set("Content-Type", "text/html;charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<!doctype html><html lang="en"><head><title>%s</title></head><body><h1>%[1]s</h1></body></html>`, title)
}

// object answers with Kheops' error object. Messages are a closed set (section
// 5.2); details are sentences of our own.
func object(w http.ResponseWriter, status int, message, detail string) {
	body := append([]byte(nil), `{"message":`...)
	body = appendText(body, message)
	body = append(body, `,"detail":`...)
	body = appendText(body, detail)
	body = append(body, `,"help":`...)
	body = appendText(body, help)
	body = append(body, '}')
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body)
}

// refuse answers with an error of the operation and logs it if callers are not
// told what it is.
func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if isInternal(err) {
		a.log.ErrorContext(r.Context(), "request failed", "dialect", hook.Kheops, "request", hook.RequestID(r.Context()), "error", err)
	}
	switch hook.CodeOf(err) {
	case hook.Invalid, hook.Conflict:
		object(w, http.StatusBadRequest, badParameter, err.Error())
	default:
		a.Fail(w, r, err)
	}
}

// isInternal reports whether an error is for the log. A caller who has left is
// not.
func isInternal(err error) bool {
	return hook.CodeOf(err) == hook.Internal && !errors.Is(err, context.Canceled)
}

// Fail is the table from errors to the answers of section 5.2. It does not log.
// What is invalid before an operation looks at its form is the path, which
// Kheops' container refuses.
func (a *API) Fail(w http.ResponseWriter, r *http.Request, err error) {
	setHeaders(w, r)
	var e *hook.Error
	errors.As(err, &e)
	var tooLarge *http.MaxBytesError
	switch code := hook.CodeOf(err); {
	case errors.As(err, &tooLarge):
		page(w, http.StatusRequestEntityTooLarge)
	case code == hook.Unauthenticated:
		page(w, http.StatusUnauthorized)
	case code == hook.Forbidden:
		object(w, http.StatusForbidden, "Authorization error", "You do not have the permission to do this with this album")
	case code == hook.NotFound && missing[e.Kind] != (refusal{}):
		found := missing[e.Kind]
		found.write(w)
	case code == hook.NotFound:
		page(w, http.StatusNotFound)
	case code == hook.Invalid:
		page(w, http.StatusBadRequest)
	case code == hook.Unavailable, code == hook.Stale, errors.Is(err, context.Canceled):
		object(w, http.StatusServiceUnavailable, internal, "The request cannot be answered now, try again later")
	default:
		object(w, http.StatusInternalServerError, internal, "The request could not be answered"+logged(r))
	}
}

// missing are the answers for what does not exist or is hidden.
var missing = map[hook.Kind]refusal{
	hook.KindAlbum:   {http.StatusNotFound, "Album Not Found", "There is no such album, or you are not a member of it"},
	hook.KindWebhook: {http.StatusNotFound, "Webhook Not Found", "There is no such webhook in this album"},
	hook.KindMember:  {http.StatusNotFound, "User Not Found", "There is no such user"},
}

const (
	// internal is the message for all that is not the caller's fault.
	internal = "Internal server error"
	// badParameter is the message for all that is wrong with a form.
	badParameter = "Bad Form Parameter"
)

// A refusal is an answer to a request that cannot be granted: an error object,
// or a page if there is no message.
type refusal struct {
	status          int
	message, detail string
}

func (f *refusal) write(w http.ResponseWriter) {
	if f.message == "" {
		page(w, f.status)
		return
	}
	object(w, f.status, f.message, f.detail)
}

// badForm is what is answered to a bad parameter.
func badForm(format string, args ...any) *refusal {
	return &refusal{http.StatusBadRequest, badParameter, fmt.Sprintf(format, args...)}
}

// logged names the line in the log that tells more, if there is one.
func logged(r *http.Request) string {
	if id := hook.RequestID(r.Context()); id != "" {
		return ", log id " + id
	}
	return ""
}
