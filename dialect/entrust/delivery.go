package entrust

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

// request returns the request that takes a body to a URL in the name of a
// webhook: signed with its token as of an instant, which differs from attempt to
// attempt. The error is hook.ErrUnknown for a token that nobody here knows.
func (a *API) request(ctx context.Context, w *hook.Webhook, url string, body []byte, at time.Time) (delivery.Request, error) {
	secrets, err := a.service.WebhookSecrets(ctx, w)
	if err != nil {
		return delivery.Request{}, err
	}
	own, err := a.service.WebhookHeaders(w)
	if err != nil {
		return delivery.Request{}, err
	}
	signatures, err := delivery.SignEntrust(url, at, body, secrets...)
	if err != nil {
		return delivery.Request{}, err
	}
	header := [][2]string{{"Content-Type", "application/json"}}
	for _, h := range signatures {
		if a.options.Signatures.have(h[0]) {
			header = append(header, h)
		}
	}
	return delivery.Request{URL: url, Header: delivery.WithOwn(header, own), Body: body, VerifyTLS: w.VerifyTLS}, nil
}

// have reports whether a header belongs to the generation.
func (s Signatures) have(header string) bool {
	older := strings.EqualFold(header, "x-sha2-signature")
	switch s {
	case MessageSignatures:
		return !older
	case BodySignature:
		return older
	}
	return true
}

// firstType returns the first event type that a webhook subscribes to.
func firstType(w *hook.Webhook) string {
	known := slices.IndexFunc(w.Subscriptions, func(s hook.Subscription) bool { return s.Pattern != hook.PatternAny })
	if known < 0 {
		return hook.EventTypes(hook.Entrust)[0].Name
	}
	return w.Subscriptions[known].Pattern
}
