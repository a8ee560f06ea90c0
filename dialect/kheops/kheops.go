// Package kheops speaks the webhook API of Kheops albums. Sections named in
// comments are those of the compatibility specification of that API.
package kheops

import (
	"context"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/hookgraph/hookgraph/hook"
)

// An Authenticator finds out who presents a token. Its errors are *hook.Error:
// UNAUTHENTICATED for a bad one, UNAVAILABLE if that cannot be told now.
type Authenticator interface {
	Bearer(ctx context.Context, token hook.Secret) (*hook.Viewer, error)
}

// Options are what an API can be told.
type Options struct {
	// Log receives the errors that callers see as an id only. The default
	// discards.
	Log *slog.Logger
}

// An API answers the requests of Kheops' clients.
type API struct {
	service       *hook.Service
	authenticator Authenticator
	log           *slog.Logger
}

// New returns the API over a service.
func New(service *hook.Service, authenticator Authenticator, options Options) *API {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	return &API{service, authenticator, options.Log}
}

// Name returns KHEOPS.
func (*API) Name() hook.Dialect { return hook.Kheops }

// Prefixes returns where the API is: behind Kheops' reverse proxy, and at the
// root, where its Authorization service has it.
func (*API) Prefixes() []string { return []string{"/api/albums", "/albums"} }

// A resource is a form of path and the operations on it.
type resource struct {
	path       *regexp.Regexp
	operations map[string]operation
}

// An operation answers a request that is allowed to ask for it; keys are those
// in the path.
type operation func(a *API, w http.ResponseWriter, r *http.Request, keys []string)

// resources have the forms of ids in their paths (section 1). A slash at the
// end changes nothing, as in Jersey.
var resources = []resource{
	{regexp.MustCompile(`^(?:/api)?/albums/([A-Za-z0-9]{10})/webhooks/?$`), map[string]operation{
		http.MethodGet: (*API).list,
	}},
}

// allow lists the methods of a resource: its own, and those that Jersey adds.
func (s resource) allow() string {
	methods := []string{http.MethodOptions}
	for method := range s.operations {
		methods = append(methods, method)
	}
	if s.operations[http.MethodGet] != nil {
		methods = append(methods, http.MethodHead)
	}
	slices.Sort(methods)
	return strings.Join(methods, ",")
}

// ServeHTTP makes the checks of section 2 in their order, up to who is calling.
// What the caller may do is for the operation.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	setHeaders(w)
	found, keys := match(r.URL.Path)
	if found == nil {
		page(w, http.StatusNotFound)
		return
	}
	method := r.Method
	switch method {
	case http.MethodOptions:
		w.Header().Set("Allow", found.allow())
		w.WriteHeader(http.StatusOK)
		return
	case http.MethodHead:
		method = http.MethodGet
	}
	answer := found.operations[method]
	switch {
	case answer == nil:
		w.Header().Set("Allow", found.allow())
		page(w, http.StatusMethodNotAllowed)
		return
	case !isForm(r.Header):
		page(w, http.StatusUnsupportedMediaType)
		return
	case !acceptsJSON(r.Header):
		page(w, http.StatusNotAcceptable)
		return
	}
	token, ok := credential(r.Header)
	if !ok {
		w.Header()["Www-Authenticate"] = []string{"Basic", "Bearer"}
		page(w, http.StatusUnauthorized)
		return
	}
	viewer, err := a.authenticator.Bearer(r.Context(), token)
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	answer(a, w, r.WithContext(hook.WithViewer(r.Context(), viewer)), keys)
}

func match(path string) (*resource, []string) {
	for i := range resources {
		if parts := resources[i].path.FindStringSubmatch(path); parts != nil {
			return &resources[i], parts[1:]
		}
	}
	return nil, nil
}
