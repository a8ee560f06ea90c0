package delivery

import (
	"context"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// A Form is how a dialect delivers: what a webhook is told, what the requests
// look like, and what follows from their outcomes.
type Form interface {
	Name() hook.Dialect

	// Payload returns the body of all requests of a trigger. The same arguments
	// give the same bytes. It is INVALID if the data of the event lacks what its
	// type is about: no request can be made of it.
	Payload(ctx context.Context, w *hook.Webhook, e *hook.Event, t *hook.Trigger) ([]byte, error)

	// Request returns one request of a trigger, signed as of the instant of the
	// try. Its Timeout is left to the caller, who knows the webhook's policy. Its
	// error is hook.ErrUnknown if it has to be signed with a secret that nobody here
	// knows.
	Request(ctx context.Context, w *hook.Webhook, t *hook.Trigger, payload []byte, try Try) (Request, error)

	// Policy returns the dialect's policy, which a webhook's own overrides.
	Policy() Policy
}

// A Try is one of the requests that may be made of a trigger.
type Try struct {
	// Number counts from 1; Of is how many there may be.
	Number, Of int
	At         time.Time
}
