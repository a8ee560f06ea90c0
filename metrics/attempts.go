package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

// attempts are the requests to receivers. Every counter is looked up at the
// start: counting one is an addition.
type attempts struct {
	of    map[hook.Dialect]*attemptsOf
	first prometheus.Histogram
}

type attemptsOf struct {
	passed   prometheus.Counter
	statuses [len(classes)]prometheus.Counter
	kinds    map[string]prometheus.Counter
	other    prometheus.Counter
	duration prometheus.Observer
}

var kinds = []string{
	delivery.KindURL, delivery.KindRequest, delivery.KindBlocked, delivery.KindDNS, delivery.KindConnect, delivery.KindTLS,
	delivery.KindTimeout, delivery.KindReset, delivery.KindProtocol,
}

func newAttempts(registry prometheus.Registerer) attempts {
	total := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "hookgraph_attempts_total",
		Help: "Requests to receivers, by dialect and outcome: pass, the class of a status that is none, or the kind of error.",
	}, []string{"dialect", "outcome"})
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "hookgraph_attempt_duration_seconds", Help: "How long requests to receivers took.",
		Buckets: prometheus.ExponentialBuckets(0.001, 2, 17), // to 65 s
	}, []string{"dialect"})
	a := attempts{of: map[hook.Dialect]*attemptsOf{}, first: prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "hookgraph_first_attempt_delay_seconds", Help: "How long an event had been published when the first request of a trigger began.",
		Buckets: prometheus.ExponentialBuckets(0.0005, 4, 14), // to nine hours
	})}
	for _, d := range hook.Dialects {
		one := &attemptsOf{passed: total.WithLabelValues(string(d), "pass"), other: total.WithLabelValues(string(d), "other"),
			duration: duration.WithLabelValues(string(d)), kinds: map[string]prometheus.Counter{}}
		for i, name := range classes {
			one.statuses[i] = total.WithLabelValues(string(d), name)
		}
		for _, kind := range kinds {
			one.kinds[kind] = total.WithLabelValues(string(d), kind)
		}
		a.of[d] = one
	}
	registry.MustRegister(total, duration, a.first)
	return a
}

var _ delivery.Observer = (*Set)(nil)

// Attempted implements delivery.Observer.
func (s *Set) Attempted(d hook.Dialect, o delivery.Outcome) {
	one := s.attempts.of[d]
	if one == nil {
		return
	}
	one.duration.Observe(o.Duration.Seconds())
	switch counter := one.kinds[o.ErrorKind]; {
	case o.Passed():
		one.passed.Inc()
	case o.StatusCode != 0:
		one.statuses[class(o.StatusCode)].Inc()
	case counter != nil:
		counter.Inc()
	default:
		one.other.Inc()
	}
}

// FirstAttempted implements delivery.Observer.
func (s *Set) FirstAttempted(after time.Duration) { s.attempts.first.Observe(after.Seconds()) }
