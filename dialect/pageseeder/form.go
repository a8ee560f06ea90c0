package pageseeder

import (
	"context"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

var _ delivery.Form = (*API)(nil)

// policy: whatever fails is tried again (section 7).
var policy = delivery.Policy{Delays: retryDelays, Timeout: deliveryTimeout}

// Policy implements delivery.Form.
func (*API) Policy() delivery.Policy { return policy }

// Payload implements delivery.Form.
func (a *API) Payload(_ context.Context, w *hook.Webhook, e *hook.Event, _ *hook.Trigger) ([]byte, error) {
	event, err := newWebevent(w, e)
	if err != nil {
		return nil, err
	}
	return a.payload(w, event), nil
}

// Request implements delivery.Form. A ping that was published carries the
// handshake like any other, if the webhook has one; nobody waits for its echo.
func (a *API) Request(ctx context.Context, w *hook.Webhook, t *hook.Trigger, payload []byte, _ delivery.Try) (delivery.Request, error) {
	var handshake hook.Secret
	if t.EventType == typePing {
		var err error
		if handshake, err = a.service.WebhookHandshake(w); err != nil {
			return delivery.Request{}, err
		}
	}
	return a.request(ctx, w, payload, handshake)
}

// request makes the request that carries a payload to a webhook: signed if its
// client has a webhook secret, and with the handshake of a ping, which other
// requests have not. The spelling of the headers is the contract (section 1,
// no. 1).
func (a *API) request(ctx context.Context, w *hook.Webhook, payload []byte, handshake hook.Secret) (delivery.Request, error) {
	secrets, err := a.service.WebhookSecrets(ctx, w)
	if err != nil {
		return delivery.Request{}, err
	}
	own, err := a.service.WebhookHeaders(w)
	if err != nil {
		return delivery.Request{}, err
	}
	header := [][2]string{{"Content-Type", contentTypes[w.Format]}}
	if handshake != "" {
		header = append(header, [2]string{"X-PS-Secret", handshake.Reveal()})
	}
	if len(secrets) > 0 {
		header = append(header, delivery.SignPageSeeder(payload, secrets[0], signatureEncoding)...)
	}
	return delivery.Request{URL: w.URL, Header: delivery.WithOwn(header, own), Body: payload, VerifyTLS: w.VerifyTLS}, nil
}

var contentTypes = map[hook.PayloadFormat]string{hook.FormatXML: xmlContentType, hook.FormatJSON: jsonContentType}
