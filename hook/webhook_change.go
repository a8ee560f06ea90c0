package hook

import "context"

// ChangeWebhook changes a webhook by what change says of its present state,
// such as one subscription more, so that no other change in between is lost.
// change may run again and must not touch the webhook. Unlike that of
// UpdateWebhook, its Secret is stored: empty removes it where the dialect
// allows that.
func (s *Service) ChangeWebhook(ctx context.Context, key string, version *int64, change func(*Webhook) (WebhookFields, error)) (*Webhook, error) {
	return s.updateWebhook(ctx, key, version, "updateWebhook", func(w *Webhook) error {
		present := *w
		fields, err := change(&present)
		if err != nil {
			return err
		}
		if err := s.applyFields(ctx, &fields, w); err != nil {
			return err
		}
		if !fields.Secret.Given {
			return nil
		}
		w.PreviousSecret, w.PreviousSecretUntil = nil, nil
		return s.seal(w, fields.Secret.Value, true)
	})
}

// applyFields changes a webhook and checks what comes of it.
func (s *Service) applyFields(ctx context.Context, fields *WebhookFields, w *Webhook) error {
	known, was := w.Subscriptions, w.Owner
	fields.apply(w)
	if fields.Owner.Given {
		w.Owner = fields.Owner.Value.String()
	}
	if err := w.validate(fields.known(known, w)); err != nil {
		return err
	}
	if w.Owner != was {
		if err := s.permitMove(ctx, w.OwnerID()); err != nil {
			return err
		}
	}
	if fields.Enabled.Given && w.Enabled {
		if err := w.mayEnable(); err != nil {
			return err
		}
	}
	return s.applyHeaders(fields, w)
}

// CheckWebhookURL checks a URL by the rules of a dialect, for callers whose
// order of checks is not that of the operations. The error is INVALID, under
// the field url.
func CheckWebhookURL(d Dialect, url string) error { return validWebhookURL(d, "url", url) }
