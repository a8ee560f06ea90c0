// Package entrust speaks the webhook part of the Entrust Identity as a Service
// Administration API. Sections named in comments are those of the compatibility
// specification of that API.
package entrust

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
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

// A Sender sends the request of a test call. *delivery.Sender is one.
type Sender interface {
	Send(ctx context.Context, r delivery.Request) delivery.Outcome
}

// Options are what an API can be told.
type Options struct {
	// Location is the time zone of expiry dates, which do not say theirs. The
	// default is UTC.
	Location *time.Location
	// Sender sends tests. Without one they fail.
	Sender Sender
	// Signatures are those of deliveries; the default is both.
	Signatures Signatures
	// TokenForm is that of new tokens; the default has a prefix.
	TokenForm TokenForm
	// SecureCookie keeps the cookie of a login off plain HTTP. It is set for a
	// gateway that others reach by https only.
	SecureCookie bool
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
	options       Options
	// accountID is the account's once it was read: it never changes.
	accountID atomic.Pointer[string]
}

// New returns the API over a service.
func New(service *hook.Service, authenticator Authenticator, options Options) *API {
	if options.Location == nil {
		options.Location = time.UTC
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	return &API{service: service, authenticator: authenticator, location: options.Location, log: options.Log, options: options}
}

// Name returns ENTRUST.
func (*API) Name() hook.Dialect { return hook.Entrust }

// Prefixes returns where the API is: its clients expect the root of a host.
func (*API) Prefixes() []string { return []string{"/api/web"} }

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
	operation := found.operations[method]
	if operation == nil && method != http.MethodOptions {
		w.Header().Set("Allow", found.allow())
		fail(w, http.StatusMethodNotAllowed, "method_not_allowed", "the methods here are "+found.allow())
		return
	}
	if !found.open && !isPreflight(r) {
		viewer, err := a.viewer(r)
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		r = r.WithContext(hook.WithViewer(r.Context(), viewer))
	}
	if method == http.MethodOptions {
		// Clients ask whether their token is still good (section 4), browsers what
		// the methods are.
		w.Header().Set("Allow", found.allow())
		w.WriteHeader(http.StatusOK)
		return
	}
	if err := operation(a, w, r, keys); err != nil {
		a.refuse(w, r, err)
	}
}

// isPreflight reports whether a browser asks what a page may do, which it does
// without a token. Pages of other origins are told nothing that lets them go on.
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != ""
}
