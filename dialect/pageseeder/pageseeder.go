// Package pageseeder answers as PageSeeder's webhook services do, in XML and
// JSON, and reads what they return. "Section" in its comments is one of the
// specification of that API.
package pageseeder

import (
	"context"
	"log/slog"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/dialect"
	"github.com/hookgraph/hookgraph/hook"
)

// An API is the dialect PAGESEEDER.
type API struct {
	service       *hook.Service
	authenticator Authenticator
	sender        Sender
	location      *time.Location
	log           *slog.Logger
}

var _ dialect.Dialect = (*API)(nil)

// An Authenticator turns a token (an API key's, the admin key or a JWT) into its
// viewer. A bad one is UNAUTHENTICATED.
type Authenticator interface {
	Bearer(ctx context.Context, token hook.Secret) (*hook.Viewer, error)
}

// A Sender sends a request to a receiver. *delivery.Sender is one.
type Sender interface {
	Send(ctx context.Context, r delivery.Request) delivery.Outcome
}

// Options are what the dialect can be told.
type Options struct {
	// Location is the time zone of the dates it writes; UTC by default.
	Location *time.Location
	// Sender sends pings. Without one, the ping service is UNAVAILABLE.
	Sender Sender
	// Log receives internal errors, which callers are not shown. The default
	// discards.
	Log *slog.Logger
}

// New returns the dialect over the operations of a service.
func New(service *hook.Service, authenticator Authenticator, options Options) *API {
	if options.Location == nil {
		options.Location = time.UTC
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	return &API{service: service, authenticator: authenticator, sender: options.Sender, location: options.Location, log: options.Log}
}

// Name implements dialect.Dialect.
func (*API) Name() hook.Dialect { return hook.PageSeeder }

// Prefixes implements dialect.Dialect. Programs call the services below /ps;
// the service pages write them without it.
func (*API) Prefixes() []string { return []string{"/ps", "/clients", "/oauth"} }
