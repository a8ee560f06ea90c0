package hook

import "context"

// PermittedWebhook returns a webhook of a dialect to a viewer who may do the
// action with it, who need not be allowed to look at it otherwise: NOT_FOUND for
// one of another dialect, else the errors of the operation of that action.
func (s *Service) PermittedWebhook(ctx context.Context, d Dialect, key, action string) (*Webhook, error) {
	v, err := needOwned(ctx, Webhooks, action)
	if err != nil {
		return nil, err
	}
	w, err := s.store.Webhooks().Get(ctx, key)
	if err != nil {
		return nil, err
	}
	if w == nil || w.Dialect != d {
		return nil, Missing(KindWebhook)
	}
	return w, s.permitOwned(ctx, v, KindWebhook, w.OwnerID(), Webhooks, action)
}
