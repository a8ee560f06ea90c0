package delivery

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// A Sampler is a Form whose events need data of some form.
type Sampler interface {
	// Sample returns the data of an event that did not happen, as JSON text.
	Sample(eventType string) string
}

// A Tester sends webhooks requests that tell of nothing, to see what comes of
// them.
type Tester struct {
	sender *Sender
	forms  map[hook.Dialect]Form
}

// NewTester returns a tester for webhooks of the dialects of the forms.
func NewTester(sender *Sender, forms []Form) *Tester {
	t := &Tester{sender: sender, forms: map[hook.Dialect]Form{}}
	for _, f := range forms {
		t.forms[f.Name()] = f
	}
	return t
}

// Test sends a webhook one request, signed and in the form of a delivery of the
// first type that it subscribes to, and waits for the answer. Nothing of it is
// stored. It is a CONFLICT if there is no secret to sign it with.
func (t *Tester) Test(ctx context.Context, w *hook.Webhook) (hook.Attempt, error) {
	form := t.forms[w.Dialect]
	if form == nil {
		return hook.Attempt{}, hook.Unavailablef(nil, "there are no deliveries of dialect %s", w.Dialect)
	}
	now := hook.Now()
	event := &hook.Event{
		Meta: hook.Meta{Key: hook.TimeKey(now), Created: now}, Dialect: w.Dialect, Type: sampleType(w), OccurredAt: now, Owner: w.Owner, Data: `{"test":true}`,
	}
	if s, ok := form.(Sampler); ok {
		event.Data = s.Sample(event.Type)
	}
	trigger := &hook.Trigger{
		Meta: hook.Meta{Key: hook.TimeKey(now), Created: now}, Webhook: w.Key, Owner: w.Owner, Event: event.Key, EventType: event.Type, Manual: true,
		Status: hook.TriggerPending, Due: now,
	}
	payload, err := form.Payload(ctx, w, event, trigger)
	if err != nil {
		return hook.Attempt{}, err
	}
	at := time.Now()
	request, err := form.Request(ctx, w, trigger, payload, Try{Number: 1, Of: 1, At: at})
	if errors.Is(err, hook.ErrUnknown) {
		return hook.Attempt{}, hook.Conflictf("id", "%s", err)
	}
	if err != nil {
		return hook.Attempt{}, err
	}
	if limit := form.Policy().of(w).Timeout; limit > 0 {
		request.Timeout = limit
	}
	outcome := t.sender.Send(ctx, request)
	if outcome.ErrorKind == KindCanceled {
		return hook.Attempt{}, ctx.Err()
	}
	a := attemptOf(at, outcome)
	a.Number = 1
	return a, nil
}

// sampleType returns the first event type that a webhook subscribes to. Pings
// have their own way.
func sampleType(w *hook.Webhook) string {
	catalogue := slices.DeleteFunc(hook.EventTypes(w.Dialect), func(t hook.EventType) bool { return t.Scope == "admin" })
	for _, s := range append(slices.Clone(w.Subscriptions), hook.Subscription{Pattern: hook.PatternAny}) {
		object, some := strings.CutSuffix(s.Pattern, "*")
		switch {
		case w.Dialect == hook.Standard && object == "":
			return "webhook.test"
		case w.Dialect == hook.Standard && some:
			return object + "test"
		case w.Dialect == hook.Standard:
			return s.Pattern
		}
		for _, t := range catalogue {
			if t.Name == s.Pattern || some && strings.HasPrefix(t.Name, object) {
				return t.Name
			}
		}
	}
	return ""
}
