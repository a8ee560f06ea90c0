package hook

import (
	"context"
	"errors"
)

// ErrUnknown says that a webhook has a secret that nobody here knows: it was
// imported. Its deliveries wait until it is set.
var ErrUnknown = errors.New("the webhook's secret is unknown: it was imported without it")

// WebhookSecrets returns the secrets that sign a webhook's deliveries now: the
// current one and, during a rotation, the previous one; none if deliveries are
// not signed; ErrUnknown if it cannot be known. Those of PageSeeder's webhooks
// are their client's. It is for signing: no permission is asked for, so that
// the result must not reach a caller.
func (s *Service) WebhookSecrets(ctx context.Context, w *Webhook) ([]Secret, error) {
	if w.SecretState == SecretUnknown {
		return nil, ErrUnknown
	}
	if w.Dialect == PageSeeder {
		c, err := s.store.Clients().Get(ctx, w.ClientKey())
		if err != nil || c == nil || !c.HasWebhookSecret() {
			return nil, err
		}
		return s.open(c.GetID(), c.WebhookSecret)
	}
	if w.SecretState != SecretSet {
		return nil, nil
	}
	if w.PreviousSecret == nil || w.PreviousSecretUntil == nil || !w.PreviousSecretUntil.After(Now()) {
		return s.open(w.GetID(), w.Secret)
	}
	return s.open(w.GetID(), w.Secret, w.PreviousSecret)
}

// WebhookHeaders returns the headers of a webhook's own with their values in
// clear, for its deliveries. The same holds as for WebhookSecrets.
func (s *Service) WebhookHeaders(w *Webhook) ([][2]string, error) {
	var headers [][2]string
	for _, h := range w.Headers {
		values, err := s.open(w.GetID(), h.Value)
		if err != nil {
			return nil, err
		}
		headers = append(headers, [2]string{h.Name, values[0].Reveal()})
	}
	return headers, nil
}

// WebhookHandshake returns what the receiver of a PageSeeder webhook must send
// back to a ping; empty if the webhook has none yet. The same holds as for
// WebhookSecrets.
func (s *Service) WebhookHandshake(w *Webhook) (Secret, error) {
	if len(w.Handshake) == 0 {
		return "", nil
	}
	return s.vault.Open(w.GetID(), w.Handshake)
}

func (s *Service) open(node ID, sealed ...Sealed) ([]Secret, error) {
	secrets := make([]Secret, len(sealed))
	for i, one := range sealed {
		var err error
		if secrets[i], err = s.vault.Open(node, one); err != nil {
			return nil, err
		}
	}
	return secrets, nil
}
