package delivery

import (
	"math"
	"math/rand/v2"
	"time"
)

// A breaker keeps requests from a receiver that does not answer well: it is
// probed at growing intervals, and what has waited is then given to it at a
// growing rate.
type breaker struct {
	failed   int
	open     bool
	interval time.Duration
	// probe is when the next request may go.
	probe time.Time
	// closed is when the receiver answered again; zero if it never failed.
	closed time.Time
}

const (
	// breakAfter is how many requests fail, one after the other, before the
	// breaker opens.
	breakAfter = 5
	// probeSpread moves an interval at random, either way.
	probeSpread = 0.2
	// catchUpRate is how many requests a second a receiver gets that has just
	// answered again; it doubles each second for catchUpTime.
	catchUpRate = 20.0
	catchUpTime = 8 * time.Second
)

// note takes an outcome into account, with the first and the longest interval
// between two probes. It reports whether the breaker has opened or closed.
func (b *breaker) note(good bool, now time.Time, first, longest time.Duration) (changed bool) {
	if good {
		changed = b.open
		if b.open {
			*b = breaker{closed: now}
		}
		b.failed = 0
		return changed
	}
	b.failed++
	switch {
	case b.open:
		b.interval = min(2*b.interval, longest)
	case b.failed >= breakAfter:
		b.open, b.interval, changed = true, first, true
	default:
		return false
	}
	spread := time.Duration(probeSpread * (2*rand.Float64() - 1) * float64(b.interval))
	b.probe = now.Add(b.interval + spread)
	return changed
}

// rate is how many requests a second may go, 0 for any number.
func (b *breaker) rate(now time.Time) float64 {
	since := now.Sub(b.closed)
	if b.closed.IsZero() || since > catchUpTime {
		return 0
	}
	return catchUpRate * math.Exp2(since.Seconds())
}
