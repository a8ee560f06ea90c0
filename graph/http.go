package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// ServeHTTP answers by GraphQL over HTTP (graphql.github.io/graphql-over-http):
// POST with JSON, and GET for queries.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	case http.MethodOptions:
		w.Header().Set("Allow", allow)
		w.WriteHeader(http.StatusNoContent)
		return
	default:
		w.Header().Set("Allow", allow)
		e.refuse(w, mediaJSON, http.StatusMethodNotAllowed, "use POST, or GET for queries")
		return
	}
	media := negotiate(r.Header.Values("Accept"))
	if media == "" {
		e.refuse(w, mediaJSON, http.StatusNotAcceptable, "answers are "+mediaGraphQL+" or "+mediaJSON)
		return
	}
	var params *graphql.RawParams
	var status int
	var err error
	if r.Method == http.MethodPost {
		params, status, err = e.readPost(w, r)
	} else {
		params, status, err = readGet(r)
	}
	if err != nil {
		e.refuse(w, media, status, err.Error())
		return
	}
	params.Headers = r.Header
	answer, ran := e.run(r, params)
	e.write(w, media, e.status(w, media, answer, ran), answer)
}

const (
	allow        = "GET, HEAD, POST, OPTIONS"
	mediaJSON    = "application/json"
	mediaGraphQL = "application/graphql-response+json"
)

// status is that of an answer: 200 wherever the operation ran. A request error
// is 400 for application/graphql-response+json; clients of application/json
// expect 200 (section 6.4).
func (e *Endpoint) status(w http.ResponseWriter, media string, answer *graphql.Response, ran bool) int {
	if ran {
		if e.options.DraftStatuses && media == mediaGraphQL && len(answer.Errors) > 0 && answer.Data != nil {
			return 294
		}
		return http.StatusOK
	}
	err := answer.Errors[0]
	code, _ := err.Extensions["code"].(string)
	switch {
	case err == errGetMutation:
		w.Header().Set("Allow", http.MethodPost)
		return http.StatusMethodNotAllowed
	case code == codeBadRequest:
		return http.StatusBadRequest
	case media == mediaJSON:
		return http.StatusOK
	case e.options.DraftStatuses && code == codeValidation:
		return http.StatusUnprocessableEntity
	}
	return http.StatusBadRequest
}

// readPost reads the parameters of a POST request.
func (e *Endpoint) readPost(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, int, error) {
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != mediaJSON || !isUTF8(params["charset"]) {
		return nil, http.StatusUnsupportedMediaType, errors.New("the Content-Type must be " + mediaJSON)
	}
	if r.ContentLength > e.options.Limits.Body {
		return nil, http.StatusRequestEntityTooLarge, errors.New("the request is too large")
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, e.options.Limits.Body))
	decoder.UseNumber()
	var sent *request
	if err := decoder.Decode(&sent); err != nil {
		return nil, badBody(err), bodyError(err)
	}
	// What follows the object must be white space.
	if _, err := decoder.Token(); err != io.EOF || sent == nil {
		return nil, badBody(err), bodyError(err)
	}
	return sent.params(), 0, nil
}

// A request is what a client sends as JSON.
type request struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
	Extensions    map[string]any `json:"extensions"`
	DocumentID    string         `json:"documentId"`
}

func badBody(err error) int {
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}

// bodyError says what is wrong with a body without repeating any of it.
func bodyError(err error) error {
	var tooLarge *http.MaxBytesError
	var mismatch *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &tooLarge):
		return errors.New("the request is too large")
	case errors.As(err, &mismatch) && mismatch.Field != "":
		return typeError(mismatch.Field)
	case errors.As(err, &syntax):
		return fmt.Errorf("the body is not JSON from byte %d on (a line end within a text is written as \\n)", syntax.Offset)
	}
	return errors.New("the body must be one JSON object")
}

func typeError(field string) error {
	if field == "variables" || field == "extensions" {
		return errors.New(field + " must be an object")
	}
	return errors.New(field + " must be a string")
}

// params are the parameters that the rest works with.
func (q *request) params() *graphql.RawParams {
	if q.DocumentID != "" {
		if q.Extensions == nil {
			q.Extensions = map[string]any{}
		}
		q.Extensions["persistedQuery"] = map[string]any{
			"version": json.Number("1"), "sha256Hash": strings.TrimPrefix(q.DocumentID, "sha256:"),
		}
	}
	return &graphql.RawParams{Query: q.Query, OperationName: q.OperationName, Variables: q.Variables, Extensions: q.Extensions}
}

// readGet reads the parameters of a GET request. A browser sends one with its
// cookies from any page; what proves a script of an allowed origin is a header
// that makes it ask first.
func readGet(r *http.Request) (*graphql.RawParams, int, error) {
	if r.Header.Get("Cookie") != "" && r.Header.Get("Apollo-Require-Preflight") == "" &&
		r.Header.Get("X-Apollo-Operation-Name") == "" && r.Header.Get("GraphQL-Require-Preflight") == "" {
		return nil, http.StatusBadRequest, errors.New("a GET request with cookies needs the header GraphQL-Require-Preflight")
	}
	query := r.URL.Query()
	for _, name := range []string{"query", "operationName", "variables", "extensions", "documentId"} {
		if len(query[name]) > 1 {
			return nil, http.StatusBadRequest, errors.New(name + " occurs twice")
		}
	}
	sent := request{Query: query.Get("query"), OperationName: query.Get("operationName"), DocumentID: query.Get("documentId")}
	for name, to := range map[string]*map[string]any{"variables": &sent.Variables, "extensions": &sent.Extensions} {
		text := query.Get(name)
		if text == "" {
			continue
		}
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		if decoder.Decode(to) != nil {
			return nil, http.StatusBadRequest, typeError(name)
		}
		if _, err := decoder.Token(); err != io.EOF {
			return nil, http.StatusBadRequest, typeError(name)
		}
	}
	return sent.params(), 0, nil
}

func isUTF8(charset string) bool { return charset == "" || strings.EqualFold(charset, "utf-8") }

// refuse answers a request that is not GraphQL over HTTP. What was sent is not
// repeated.
func (e *Endpoint) refuse(w http.ResponseWriter, media string, status int, message string) {
	e.write(w, media, status, &graphql.Response{Errors: gqlerror.List{requestError(codeBadRequest, "%s", message)}})
}

// write writes an answer. A request error has no data member; an operation that
// ran has one, null if an error reached the root.
func (e *Endpoint) write(w http.ResponseWriter, media string, status int, answer *graphql.Response) {
	body := make([]byte, 0, len(answer.Data)+64)
	body = append(body, '{')
	if answer.Data != nil {
		body = append(append(body, `"data":`...), answer.Data...)
	}
	if len(answer.Errors) > 0 {
		errs, err := json.Marshal(answer.Errors)
		if err != nil {
			errs = []byte(`[{"message":"internal error","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]`)
		}
		if len(body) > 1 {
			body = append(body, ',')
		}
		body = append(append(body, `"errors":`...), errs...)
	}
	body = append(body, '}')
	w.Header().Set("Content-Type", media+"; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
