package delivery

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// A Policy says what passes, what is tried again and when, and what a webhook
// that fails comes to.
type Policy struct {
	// Delays lie between the end of a failed try and the next one: there is one
	// try more than there are delays.
	Delays []time.Duration
	// Spread moves a delay at random by up to this share of it, either way; Extra
	// adds up to this much.
	Spread float64
	Extra  time.Duration
	// Timeout limits one request.
	Timeout time.Duration
	// Retries tells whether a failed try is followed by another; nil: always.
	Retries func(Outcome) bool
	// RetryAfter: the header of that name is honoured, up to maxRetryAfter.
	RetryAfter bool
	// GoneDisables: status 410 disables the webhook.
	GoneDisables bool
	// FailuresDisable: so many failed triggers one after the other disable the
	// webhook; 0: never.
	FailuresDisable int
	// HalfOpen: a webhook that keeps failing is probed at growing intervals until
	// it answers, and then given what has waited at a bounded rate.
	HalfOpen bool
	// Concurrency is how many requests to one webhook are under way at once.
	Concurrency int
	// RatePerSecond limits the requests started in a second; 0: any number.
	RatePerSecond int
	// Ordered: a trigger is sent when the one before it has passed or failed.
	Ordered bool
}

// DefaultConcurrency is how many requests to one webhook are under way at once.
const DefaultConcurrency = 8

// of returns the policy for a webhook: its own settings override the dialect's.
func (p Policy) of(w *hook.Webhook) Policy {
	if p.Concurrency == 0 {
		p.Concurrency = DefaultConcurrency
	}
	own := w.RetryPolicy
	if own == nil {
		return p
	}
	if len(own.Delays) > 0 {
		p.Delays = make([]time.Duration, len(own.Delays))
		for i, s := range own.Delays {
			p.Delays[i] = time.Duration(s) * time.Second
		}
	}
	if own.Timeout > 0 {
		p.Timeout = time.Duration(own.Timeout) * time.Second
	}
	if own.Concurrency > 0 {
		p.Concurrency = int(own.Concurrency)
	}
	if own.RatePerSecond > 0 {
		p.RatePerSecond = int(own.RatePerSecond)
	}
	if own.Ordered {
		p.Ordered, p.Concurrency = true, 1
	}
	return p
}

// tries is how many requests may be made of a trigger.
func (p Policy) tries() int { return len(p.Delays) + 1 }

// maxRetryAfter bounds what a receiver can ask for.
const maxRetryAfter = 24 * time.Hour

// next returns how long to wait before the next try, after so many that have
// failed, the last with this outcome. ok is false if there is no next one.
func (p Policy) next(failed int, o Outcome) (wait time.Duration, ok bool) {
	if failed > len(p.Delays) || p.Retries != nil && !p.Retries(o) {
		return 0, false
	}
	wait = p.Delays[failed-1]
	if p.Spread > 0 {
		wait += time.Duration(p.Spread * (2*rand.Float64() - 1) * float64(wait))
	}
	if p.Extra > 0 {
		wait += rand.N(p.Extra)
	}
	if p.RetryAfter && o.StatusCode != 0 {
		wait = max(wait, retryAfter(o.Header, time.Now()))
	}
	return wait, true
}

// retryAfter reads the header of that name: seconds or a date (RFC 9110, section
// 10.2.3), up to maxRetryAfter; 0 if there is none or it makes no sense.
func retryAfter(header http.Header, now time.Time) time.Duration {
	text := header.Get("Retry-After")
	if text == "" {
		return 0
	}
	seconds, err := strconv.ParseUint(text, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return maxRetryAfter
	case err == nil:
		return time.Duration(min(seconds, uint64(maxRetryAfter/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(now), 0), maxRetryAfter)
	}
	return 0
}

// passed reports whether an answer says that the receiver has taken the event.
func passed(o Outcome) bool { return o.StatusCode >= 200 && o.StatusCode <= 299 }
