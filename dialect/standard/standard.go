// Package standard delivers by the specification Standard Webhooks 1.0. It has
// no API of its own: webhooks of this dialect are kept through GraphQL.
package standard

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

// A Form is the dialect STANDARD.
type Form struct{ service *hook.Service }

var _ delivery.Form = (*Form)(nil)

// New returns the dialect over a service.
func New(service *hook.Service) *Form { return &Form{service} }

// Name implements delivery.Form.
func (*Form) Name() hook.Dialect { return hook.Standard }

// policy is what the specification recommends: many tries over days, which slow
// down where the receiver asks for it.
var policy = delivery.Policy{
	Delays: []time.Duration{
		5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
	},
	Spread:       0.2,
	Timeout:      15 * time.Second,
	RetryAfter:   true,
	GoneDisables: true,
	HalfOpen:     true,
}

// Policy implements delivery.Form.
func (*Form) Policy() delivery.Policy { return policy }

// timestampFormat has milliseconds, as instants here have.
const timestampFormat = "2006-01-02T15:04:05.000Z"

// Payload implements delivery.Form. The data is the event's, to the byte.
func (*Form) Payload(_ context.Context, _ *hook.Webhook, e *hook.Event, _ *hook.Trigger) ([]byte, error) {
	if !json.Valid([]byte(e.Data)) {
		return nil, hook.Invalidf("data", "is not JSON")
	}
	eventType, err := json.Marshal(e.Type)
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, len(e.Data)+len(eventType)+64)
	b = append(append(b, `{"type":`...), eventType...)
	b = e.OccurredAt.UTC().AppendFormat(append(b, `,"timestamp":"`...), timestampFormat)
	b = append(append(b, `","data":`...), e.Data...)
	return append(b, '}'), nil
}

// Request implements delivery.Form. The key of the trigger is the id of the
// message: the same for all tries, by which receivers know a repetition.
func (f *Form) Request(ctx context.Context, w *hook.Webhook, t *hook.Trigger, payload []byte, try delivery.Try) (delivery.Request, error) {
	secrets, err := f.service.WebhookSecrets(ctx, w)
	if err != nil {
		return delivery.Request{}, err
	}
	own, err := f.service.WebhookHeaders(w)
	if err != nil {
		return delivery.Request{}, err
	}
	signatures, err := delivery.SignStandard(t.Key, try.At, payload, secrets...)
	if err != nil {
		return delivery.Request{}, err
	}
	header := append([][2]string{{"content-type", "application/json"}}, signatures...)
	header = append(header, [2]string{"user-agent", delivery.DefaultUserAgent})
	return delivery.Request{URL: w.URL, Header: delivery.WithOwn(header, own), Body: payload, VerifyTLS: w.VerifyTLS}, nil
}
