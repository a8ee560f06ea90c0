package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/hookgraph/hookgraph/hook"
)

// The codes of errors that only HTTP has.
const (
	codeMethod   hook.Code = "METHOD_NOT_ALLOWED"
	codeTooLarge hook.Code = "TOO_LARGE"
	codeMedia    hook.Code = "UNSUPPORTED_MEDIA_TYPE"
)

var errMethod = &hook.Error{Code: codeMethod, Message: "the path does not have this method"}

var statuses = map[hook.Code]int{
	hook.Invalid:         http.StatusBadRequest,
	hook.NotFound:        http.StatusNotFound,
	hook.Conflict:        http.StatusConflict,
	hook.Stale:           http.StatusConflict,
	hook.Forbidden:       http.StatusForbidden,
	hook.Unauthenticated: http.StatusUnauthorized,
	hook.Unavailable:     http.StatusServiceUnavailable,
	hook.Internal:        http.StatusInternalServerError,
	codeMethod:           http.StatusMethodNotAllowed,
	codeTooLarge:         http.StatusRequestEntityTooLarge,
	codeMedia:            http.StatusUnsupportedMediaType,
}

// Failure is the form of an error at the gateway's own paths: the member
// "error" of an object.
type Failure struct {
	Code hook.Code `json:"code"`
	// Field is the parameter or the part of the input that is wrong.
	Field     string `json:"field,omitempty"`
	Message   string `json:"message"`
	RequestID string `json:"requestId,omitempty"`
}

// describe returns what callers are told about an error.
func describe(r *http.Request, err error) Failure {
	f := Failure{Code: hook.CodeOf(err), RequestID: hook.RequestID(r.Context())}
	var large *http.MaxBytesError
	var told *hook.Error
	switch {
	case errors.As(err, &large):
		f.Code, f.Message = codeTooLarge, "the body of the request is too large"
	case errors.Is(err, context.Canceled):
		f.Code, f.Message = hook.Unavailable, "the request was cut short: the gateway is stopping"
	case f.Code == hook.Internal:
		f.Message = "internal error"
	case errors.As(err, &told):
		f.Field, f.Message = told.Field, told.Message
	default:
		f.Message = "the request took too long"
	}
	return f
}

// fail answers a request for one of the gateway's own paths, or for none at
// all, with an error.
func (g *Gateway) fail(w http.ResponseWriter, r *http.Request, err error) {
	f := describe(r, err)
	begin(w, f)
	writeJSON(w, "application/json", statuses[f.Code], struct {
		Error Failure `json:"error"`
	}{f})
}

// graphQLCodes are the codes that GraphQL has under another name.
var graphQLCodes = map[hook.Code]hook.Code{
	hook.Invalid:  "BAD_USER_INPUT",
	codeTooLarge:  "BAD_USER_INPUT",
	hook.Internal: "INTERNAL_SERVER_ERROR",
}

// failGraphQL answers a GraphQL request that was not executed.
func (g *Gateway) failGraphQL(w http.ResponseWriter, r *http.Request, err error) {
	type extensions struct {
		Code      hook.Code `json:"code"`
		RequestID string    `json:"requestId"`
	}
	type graphQLError struct {
		Message    string     `json:"message"`
		Extensions extensions `json:"extensions"`
	}
	f := describe(r, err)
	begin(w, f)
	media := "application/json"
	// https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types
	if strings.Contains(r.Header.Get("Accept"), "application/graphql-response+json") {
		media = "application/graphql-response+json"
	}
	status := statuses[f.Code]
	if code := graphQLCodes[f.Code]; code != "" {
		f.Code = code
	}
	writeJSON(w, media+"; charset=utf-8", status, struct {
		Errors []graphQLError `json:"errors"`
	}{[]graphQLError{{f.Message, extensions{f.Code, f.RequestID}}}})
}

func begin(w http.ResponseWriter, f Failure) {
	if f.Code == hook.Unauthenticated {
		w.Header().Set("WWW-Authenticate", `Bearer realm="Hookgraph"`)
	}
}

func writeJSON(w http.ResponseWriter, media string, status int, body any) {
	w.Header().Set("Content-Type", media)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // fails only if the caller has left
}
