package hook

import "context"

// TestableWebhook returns a webhook for one request that tells nobody of an
// event, with another URL if one is given. The viewer needs WEBHOOKS:EDIT for its
// owner. A webhook that waits for its ping is a CONFLICT.
func (s *Service) TestableWebhook(ctx context.Context, key, url string) (*Webhook, error) {
	v, err := needOwned(ctx, Webhooks, Edit)
	if err != nil {
		return nil, err
	}
	w, err := s.store.Webhooks().Get(ctx, key)
	if err != nil {
		return nil, err
	}
	if w == nil {
		return nil, Missing(KindWebhook)
	}
	if err := s.permitOwned(ctx, v, KindWebhook, w.OwnerID(), Webhooks, Edit); err != nil {
		return nil, err
	}
	if w.AwaitsPing() {
		return nil, Conflictf("id", "the webhook waits for its first good ping")
	}
	if url == "" {
		return w, nil
	}
	if err := validWebhookURL(w.Dialect, "url", url); err != nil {
		return nil, err
	}
	other := *w
	other.URL = url
	return &other, nil
}

// PermitURLCheck checks that the viewer may ask where requests may go: who could
// make a webhook with the URL or give it to one.
func (s *Service) PermitURLCheck(ctx context.Context, url string) error {
	if _, err := needOwned(ctx, Webhooks, Edit); err != nil {
		if _, err := needOwned(ctx, Webhooks, Add); err != nil {
			return err
		}
	}
	return validText("url", url, maxWebhookURL)
}

// SignedWebhook returns a webhook that the viewer sees, with the secrets that its
// deliveries are signed with, none if they are not or nobody here knows it. The
// secrets must not reach a caller.
func (s *Service) SignedWebhook(ctx context.Context, key string) (*Webhook, []Secret, error) {
	w, err := s.Webhook(ctx, key)
	if err != nil {
		return nil, nil, err
	}
	secrets, err := s.WebhookSecrets(ctx, w)
	if err == ErrUnknown {
		err = nil
	}
	return w, secrets, err
}
