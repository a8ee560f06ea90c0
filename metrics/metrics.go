// Package metrics counts what the rooms of the gateway do and tells it to
// Prometheus. The rooms know nothing of it: they have functions and small
// interfaces that the program connects with a Set.
//
// The exposition is that of client_golang, the library of the Prometheus project
// itself. No label has values that somebody outside can choose.
package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

// Sources are asked when somebody reads the metrics; those that are nil are left
// out.
type Sources struct {
	// Totals are those of the service, Load that of the scheduler.
	Totals func() hook.Totals
	Load   func() delivery.Load
	// Subscriptions is how many GraphQL subscriptions are open.
	Subscriptions func() int
	// DatabaseBytes is what the embedded database takes on the disk, FreeBytes
	// what is free there; an error leaves the value out.
	DatabaseBytes, FreeBytes func() (int64, error)
}

// A Set is the metrics of one process.
type Set struct {
	registry *prometheus.Registry
	attempts attempts
	requests *prometheus.CounterVec
	graphQL  map[string]prometheus.Counter
}

// New returns a set without values.
func New() *Set {
	s := &Set{registry: prometheus.NewRegistry(), graphQL: map[string]prometheus.Counter{}}
	s.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	s.attempts = newAttempts(s.registry)
	s.requests = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "hookgraph_http_requests_total", Help: "Answers, by the part of the gateway that gave them and the class of the status.",
	}, []string{"room", "status"})
	operations := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "hookgraph_graphql_operations_total", Help: "GraphQL operations that ran.",
	}, []string{"type"})
	for _, kind := range []string{"query", "mutation", "subscription"} {
		s.graphQL[kind] = operations.WithLabelValues(kind)
	}
	s.registry.MustRegister(s.requests, operations)
	return s
}

// Connect adds what is asked for when the metrics are read. It is called once.
func (s *Set) Connect(from Sources) {
	s.registry.MustRegister(readings{from})
}

// Handler answers in the form that the request asks for: Prometheus' text, or
// OpenMetrics.
func (s *Set) Handler() http.Handler {
	return promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

// classes are the values of the label status.
var classes = [...]string{"none", "1xx", "2xx", "3xx", "4xx", "5xx"}

// class returns the class of a status, none for no status that there is.
func class(status int) int {
	if status < 100 || status > 599 {
		return 0
	}
	return status / 100
}

// Answered counts an answer of the gateway.
func (s *Set) Answered(room string, status int) {
	s.requests.WithLabelValues(room, classes[class(status)]).Inc()
}

// Operation counts a GraphQL operation.
func (s *Set) Operation(kind string) {
	if c := s.graphQL[kind]; c != nil {
		c.Inc()
	}
}
