// Package gateway is the HTTP server: it finds the room that a request belongs
// to and gives every room what all of them need, which is a request id, a
// normalised path, limits of time and size, and an answer when it panics.
package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/hookgraph/hookgraph/dialect"
	"github.com/hookgraph/hookgraph/hook"
)

// A Service has the operations that the gateway's own paths need. *hook.Service
// is one.
type Service interface {
	Ready(ctx context.Context) error
	Import(ctx context.Context, in hook.Import) (*hook.ImportSummary, error)
	PublishEvents(ctx context.Context, publications []hook.Publication) ([]hook.Published, error)
}

// An Authenticator tells who sends a request to GraphQL or one of the gateway's
// own paths: nil if it carries no credential, UNAUTHENTICATED if a bad one.
type Authenticator interface {
	Viewer(r *http.Request) (*hook.Viewer, error)
}

// Options are the rooms of the house and the limits.
type Options struct {
	Service       Service
	Authenticator Authenticator
	Dialects      []dialect.Dialect
	// GraphQL answers /graphql. The context carries the viewer, if there is one.
	GraphQL http.Handler
	// IsStream tells which requests for GraphQL go on as long as the caller wants;
	// nil: none.
	IsStream func(*http.Request) bool
	// AllowOrigins, if set, is put around GraphQL and the check of credentials: a
	// page of another origin must be able to read that its credential is bad.
	AllowOrigins func(http.Handler) http.Handler
	// Pages answer GET at exact paths, such as "/".
	Pages map[string]http.Handler
	// Metrics, if set, answers /metrics: on this machine for everybody, for others
	// with a key.
	Metrics http.Handler
	// Observe, if set, is told of each answer: the room that gave it, which is the
	// name of a dialect in lower case, graphql, one of the gateway's own paths or
	// other.
	Observe func(room string, status int)
	Limits  Limits
	// Log receives panics, internal errors, answers of 500 and above, and at
	// debug level every answer. The default discards.
	Log *slog.Logger
}

// Limits of a request. Zero stands for the default.
type Limits struct {
	// Time that a request may take, 30 s; ImportTime that an import may, 1 h.
	Time, ImportTime time.Duration
	// Body is the longest body in bytes, 1 MiB; ImportBody that of an import, 1 GiB;
	// EventsBody that of events, 32 MiB: as many as are allowed, each with as much
	// data as is allowed.
	Body, ImportBody, EventsBody int64
}

const (
	defaultTime       = 30 * time.Second
	defaultImportTime = time.Hour
	defaultBody       = 1 << 20
	defaultImportBody = 1 << 30
	defaultEventsBody = 32 << 20
)

// A Gateway is the handler of all paths.
type Gateway struct {
	service       Service
	authenticator Authenticator
	dialects      []dialect.Dialect
	log           *slog.Logger
	observe       func(room string, status int)
	limits        Limits
	exact         map[string]*room
	prefixes      map[string]*room
	other         *room
	// large has an element for each large body of events that is in memory.
	large chan struct{}
}

// New returns the handler of all paths.
func New(options Options) *Gateway {
	g := &Gateway{
		service: options.Service, authenticator: options.Authenticator, dialects: options.Dialects,
		log: options.Log, limits: options.Limits, observe: options.Observe,
		exact: map[string]*room{}, prefixes: map[string]*room{}, large: make(chan struct{}, largeBodies),
	}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	if g.observe == nil {
		g.observe = func(string, int) {}
	}
	setDefault(&g.limits.Time, defaultTime)
	setDefault(&g.limits.ImportTime, defaultImportTime)
	setDefault(&g.limits.Body, defaultBody)
	setDefault(&g.limits.ImportBody, defaultImportBody)
	setDefault(&g.limits.EventsBody, defaultEventsBody)
	g.own("/healthz", g.alive, http.MethodGet)
	g.own("/readyz", g.ready, http.MethodGet)
	imports := g.own("/import", g.takeImport, http.MethodPost)
	imports.time, imports.body = g.limits.ImportTime, g.limits.ImportBody
	g.own("/events", g.takeEvents, http.MethodPost).body = g.limits.EventsBody
	if options.Metrics != nil {
		g.own("/metrics", g.metrics(options.Metrics), http.MethodGet)
	}
	for path, page := range options.Pages {
		g.own(path, func(w http.ResponseWriter, r *http.Request) error {
			page.ServeHTTP(w, r)
			return nil
		}, http.MethodGet).name = "pages"
	}
	g.other = g.newRoom("other", g.nothing, g.fail)
	var graphQL http.Handler = g.graphQL(options.GraphQL)
	if options.AllowOrigins != nil {
		graphQL = options.AllowOrigins(graphQL)
	}
	g.exact["/graphql"] = g.newRoom("graphql", graphQL.ServeHTTP, g.failGraphQL)
	g.exact["/graphql"].endless = options.IsStream
	for _, d := range options.Dialects {
		for _, prefix := range d.Prefixes() {
			g.prefixes[prefix] = g.newRoom(strings.ToLower(string(d.Name())), d.ServeHTTP, d.Fail)
		}
	}
	return g
}

func setDefault[T time.Duration | int64](limit *T, value T) {
	if *limit <= 0 {
		*limit = value
	}
}
