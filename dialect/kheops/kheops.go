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
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// An Authenticator finds out who presents a token. Its errors are *hook.Error:
// UNAUTHENTICATED for a bad one, UNAVAILABLE if that cannot be told now.
type Authenticator interface {
	Bearer(ctx context.Context, token hook.Secret) (*hook.Viewer, error)
}

// Options are what an API can be told.
type Options struct {
	// Host is the root URL of the Kheops whose albums these are, without a slash
	// at the end: the addresses of studies begin with it. Empty stands for where
	// the request was sent.
	Host string
	// Location is the zone of times without one. The default is UTC.
	Location *time.Location
	// Log receives the errors that callers see as an id only. The default
	// discards.
	Log *slog.Logger
}

// An API answers the requests of Kheops' clients.
type API struct {
	service       *hook.Service
	authenticator Authenticator
	host          string
	location      *time.Location
	log           *slog.Logger
}

// New returns the API over a service.
func New(service *hook.Service, authenticator Authenticator, options Options) *API {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.Location == nil {
		options.Location = time.UTC
	}
	return &API{service, authenticator, options.Host, options.Location, options.Log}
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
	// anyAccept and anyType are set where the checks of these headers are not
	// made: the trigger endpoint says nothing of what it answers, and the album's
	// own endpoints take no form.
	anyAccept, anyType bool
}

// An operation answers a request that is allowed to ask for it; keys are those
// in the path.
type operation func(a *API, w http.ResponseWriter, r *http.Request, keys []string)

// at returns the pattern of a path below an album, which has the form of ids in
// it (section 1). A slash at the end changes nothing, as in Jersey.
func at(path string) *regexp.Regexp {
	path = strings.ReplaceAll(path, "{webhook}", "([A-Za-z0-9]{20})")
	return regexp.MustCompile(`^(?:/api)?/albums/([A-Za-z0-9]{10})` + path + `/?$`)
}

// resources are those of section 3, and what the pages about webhooks of
// Kheops' web UI read of an album (section 8).
var resources = []resource{
	{path: at("/webhooks"), operations: map[string]operation{http.MethodGet: (*API).list, http.MethodPost: (*API).create}},
	{path: at("/webhooks/{webhook}"), operations: map[string]operation{
		http.MethodGet: (*API).get, http.MethodPatch: (*API).edit, http.MethodDelete: (*API).remove,
	}},
	{path: at("/webhooks/{webhook}/trigger"), operations: map[string]operation{http.MethodPost: (*API).trigger}, anyAccept: true},
	{path: at(""), operations: map[string]operation{http.MethodGet: (*API).album}, anyType: true},
	{path: at("/users"), operations: map[string]operation{http.MethodGet: (*API).users}, anyType: true},
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
	setHeaders(w, r)
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
	case !found.anyType && !isForm(r.Header):
		page(w, http.StatusUnsupportedMediaType)
		return
	case !found.anyAccept && !acceptsJSON(r.Header):
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
