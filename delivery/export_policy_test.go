package delivery

import (
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// Next is how long the policy waits after so many failed tries.
func (p Policy) Next(failed int, o Outcome) (time.Duration, bool) { return p.next(failed, o) }

// Of is the policy for a webhook.
func (p Policy) Of(w *hook.Webhook) Policy { return p.of(w) }

// Tries is how many requests may be made of a trigger.
func (p Policy) Tries() int { return p.tries() }

// Passed reports whether the receiver has taken the event.
func Passed(o Outcome) bool { return passed(o) }
