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
	a.Fail(w, r, err)
}

// isInternal reports whether an error is for the log. A caller who has left is
// not.
func isInternal(err error) bool {
	return hook.CodeOf(err) == hook.Internal && !errors.Is(err, context.Canceled)
}

// Fail is the table from errors to the answers of section 5.2. It does not log.
func (a *API) Fail(w http.ResponseWriter, r *http.Request, err error) {
	setHeaders(w)
	var e *hook.Error
	errors.As(err, &e)
	var tooLarge *http.MaxBytesError
	switch code := hook.CodeOf(err); {
	case errors.As(err, &tooLarge):
		page(w, http.StatusRequestEntityTooLarge)
	case code == hook.Unauthenticated:
		page(w, http.StatusUnauthorized)
	case code == hook.Forbidden:
		object(w, http.StatusForbidden, "Authorization error", "You do not have the permission to manage the webhooks of this album")
	case code == hook.NotFound && e.Kind == hook.KindAlbum:
		object(w, http.StatusNotFound, "Album Not Found", "There is no such album, or you are not a member of it")
	case code == hook.Unavailable, errors.Is(err, context.Canceled):
		object(w, http.StatusServiceUnavailable, internal, "The request cannot be answered now, try again later")
	default:
		object(w, http.StatusInternalServerError, internal, "The request could not be answered"+logged(r))
	}
}

// internal is the message for all that is not the caller's fault.
const internal = "Internal server error"

// logged names the line in the log that tells more, if there is one.
func logged(r *http.Request) string {
	if id := hook.RequestID(r.Context()); id != "" {
		return ", log id " + id
	}
	return ""
}
