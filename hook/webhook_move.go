package hook

import (
	"context"
	"errors"
)

// permitMove checks that the viewer, who may edit a webhook where it is, may add
// it to another owner. Its triggers stay with the owner for whom they were sent.
func (s *Service) permitMove(ctx context.Context, to ID) error {
	v, err := needOwned(ctx, Webhooks, Add)
	if err != nil {
		return err
	}
	err = s.permitOwner(ctx, v, to, Webhooks, Add)
	var missing *Error
	if errors.As(err, &missing) && missing.Code == NotFound {
		// What is not found is not the webhook.
		return Invalidf("owner", "there is no %s", clip(to.String()))
	}
	return err
}

// known are the subscriptions that a webhook may have beside those of the
// catalogue: those that it had, and with KeepUnknown all that it was given.
func (f *WebhookFields) known(old []Subscription, w *Webhook) []Subscription {
	if f.KeepUnknown {
		return w.Subscriptions
	}
	return old
}
