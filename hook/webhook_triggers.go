package hook

import (
	"context"
	"iter"
)

// WebhookTriggers reads the triggers of a webhook, as an operation returned it,
// page by page, the latest first, from an offset, up to a limit (negative: to
// the end).
func (s *Service) WebhookTriggers(ctx context.Context, w *Webhook, offset, limit int) iter.Seq2[[]*Trigger, error] {
	return func(yield func([]*Trigger, error) bool) {
		v, err := needOwned(ctx, Webhooks, View)
		if err == nil {
			err = s.permitOwned(ctx, v, KindWebhook, w.OwnerID(), Webhooks, View)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		q := Query{List: TriggersByWebhook, Equal: []any{w.Key}, Reverse: true}
		offset := max(offset, 0)
		for limit != 0 {
			if q.Limit = MaxPage; limit > 0 {
				q.Limit = min(q.Limit, offset+limit)
			}
			page, err := s.store.Triggers().Find(ctx, q)
			if err != nil {
				yield(nil, err)
				return
			}
			ended := len(page) < q.Limit
			if !ended {
				q.After = positionOf(page[len(page)-1], q.List, len(q.Equal))
			}
			skip := min(offset, len(page))
			page, offset = page[skip:], offset-skip
			if limit > 0 {
				page = page[:min(limit, len(page))]
				limit -= len(page)
			}
			if len(page) > 0 && !yield(page, nil) || ended {
				return
			}
		}
	}
}
