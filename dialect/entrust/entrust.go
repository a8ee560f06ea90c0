// Package entrust speaks the webhook part of the Entrust Identity as a Service
// Administration API. Sections named in comments are those of the compatibility
// specification of that API.
package entrust

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

// An Authenticator finds out who presents a credential. Its errors are
// *hook.Error: UNAUTHENTICATED for a bad one, UNAVAILABLE if that cannot be told
// now.
type Authenticator interface {
	Bearer(ctx context.Context, token hook.Secret) (*hook.Viewer, error)
	// Key checks an applicationId and its sharedSecret.
	Key(ctx context.Context, id string, secret hook.Secret) (*hook.Viewer, error)
}

// Options are what an API can be told.
type Options struct {
	// Location is the time zone of expiry dates, which do not say theirs. The
	// default is UTC.
	Location *time.Location
	// Log receives the errors that callers see as an id only. The default
	// discards.
	Log *slog.Logger
}

// An API answers the requests of Entrust's clients.
type API struct {
	service       *hook.Service
	authenticator Authenticator
	location      *time.Location
	log           *slog.Logger
}

// New returns the API over a service.
func New(service *hook.Service, authenticator Authenticator, options Options) *API {
	if options.Location == nil {
		options.Location = time.UTC
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	return &API{service, authenticator, options.Location, options.Log}
}

// Name returns ENTRUST.
func (*API) Name() hook.Dialect { return hook.Entrust }

// Prefixes returns where the API is: its clients expect the root of a host.
func (*API) Prefixes() []string { return []string{"/api/web"} }

// A resource is a form of path and the operations on it.
type resource struct {
	path       *regexp.Regexp
	operations map[string]operation
}

// An operation answers a request whose caller is known; keys are those in the
// path.
type operation func(a *API, w http.ResponseWriter, r *http.Request, keys []string)

var resources = []resource{
	{regexp.MustCompile(`^/api/web/v1/webhooks/?$`), map[string]operation{
		http.MethodGet: (*API).list,
	}},
}

// allow lists the methods of a resource.
func (s resource) allow() string {
	methods := []string{http.MethodOptions}
	for method := range s.operations {
		methods = append(methods, method)
	}
	if s.operations[http.MethodGet] != nil {
		methods = append(methods, http.MethodHead)
	}
	slices.Sort(methods)
	return strings.Join(methods, ", ")
}

// ServeHTTP answers unknown paths and methods, finds out who is calling and
// leaves the rest to the operation.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found, keys := match(r.URL.Path)
	if found == nil {
		fail(w, http.StatusNotFound, "not_found", "there is nothing at this path")
		return
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	answer := found.operations[method]
	if answer == nil && method != http.MethodOptions {
		w.Header().Set("Allow", found.allow())
		fail(w, http.StatusMethodNotAllowed, "method_not_allowed", "the methods here are "+found.allow())
		return
	}
	viewer, err := a.viewer(r)
	switch {
	case err != nil:
		a.refuse(w, r, err)
	case method == http.MethodOptions:
		// Clients ask whether their token is still good (section 4).
		w.Header().Set("Allow", found.allow())
		w.WriteHeader(http.StatusOK)
	default:
		answer(a, w, r.WithContext(hook.WithViewer(r.Context(), viewer)), keys)
	}
}

func match(path string) (*resource, []string) {
	for i := range resources {
		if parts := resources[i].path.FindStringSubmatch(path); parts != nil {
			return &resources[i], parts[1:]
		}
	}
	return nil, nil
}
