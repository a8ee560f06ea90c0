package delivery

import (
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// An Observer is told of requests as they are made. Its methods return at once
// and are called by many goroutines.
type Observer interface {
	// Attempted is told of each request and what came of it.
	Attempted(d hook.Dialect, o Outcome)
	// FirstAttempted is told how long an event had been published when the first
	// request of one of its triggers began.
	FirstAttempted(after time.Duration)
}

type nobody struct{}

func (nobody) Attempted(hook.Dialect, Outcome) {}
func (nobody) FirstAttempted(time.Duration)    {}

// Passed reports whether the receiver has taken the delivery.
func (o *Outcome) Passed() bool { return passed(*o) }

// A Load is how much a Scheduler has to do.
type Load struct {
	// InFlight is how many requests are under way, Lanes how many webhooks the
	// scheduler knows to have something open, Breakers how many of these are
	// probed only because they do not answer well.
	InFlight, Lanes, Breakers int
}

// Load returns how much the scheduler has to do.
func (s *Scheduler) Load() Load {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := Load{InFlight: s.inFlight, Lanes: len(s.lanes)}
	for _, one := range s.lanes {
		if one.breaker.open {
			l.Breakers++
		}
	}
	return l
}
