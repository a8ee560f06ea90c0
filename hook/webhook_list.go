package hook

import (
	"context"
	"iter"
	"strings"
)

// WebhookFilter chooses webhooks; the zero filter chooses all.
type WebhookFilter struct {
	// Owner is a client, an album or the account.
	Owner   ID
	Dialect Dialect
	Health  Health
	Enabled *bool
	// Name is contained in the webhook's name, ignoring case.
	Name string
}

// Webhooks lists the webhooks that the viewer sees. Owner, dialect and health
// are served by indexes, in this order; what else is asked for filters what the
// index gives.
func (s *Service) Webhooks(ctx context.Context, filter WebhookFilter, order Order, args PageArgs) (*Connection[Webhook], error) {
	v, err := needOwned(ctx, Webhooks, View)
	if err != nil {
		return nil, err
	}
	l := listing[Webhook]{collection: s.store.Webhooks(), name: "webhooks", newestFirst: order.reverse()}
	l.list = order.choose(ByCreated, ByName)
	byOwner := order.choose(WebhooksByOwner, WebhooksByOwnerAndName)
	dialect, health := filter.Dialect, filter.Health
	switch {
	case !filter.Owner.IsZero():
		if err := s.permitOwner(ctx, v, filter.Owner, Webhooks, View); err != nil {
			return nil, err
		}
		l.list, l.equal = byOwner, []any{filter.Owner.String()}
	case v.Global && dialect != "":
		l.list, l.equal = order.choose(WebhooksByDialect, WebhooksByDialectAndName), []any{string(dialect)}
		dialect = ""
	case v.Global && health != "":
		l.list, l.equal = order.choose(WebhooksByHealth, WebhooksByHealthAndName), []any{string(health)}
		health = ""
	}
	if filter.Owner.IsZero() {
		if err := restrict(ctx, s, v, &l, Webhooks, byOwner, func(w *Webhook) string { return w.Owner }); err != nil {
			return nil, err
		}
	}
	if dialect != "" {
		l.filter("dialect "+string(dialect), func(w *Webhook) bool { return w.Dialect == dialect })
	}
	if health != "" {
		l.filter("health "+string(health), func(w *Webhook) bool { return w.Health == health })
	}
	if filter.Enabled != nil {
		want, name := *filter.Enabled, "disabled"
		if want {
			name = "enabled"
		}
		l.filter(name, func(w *Webhook) bool { return w.Active() == want })
	}
	if filter.Name != "" {
		part := fold(filter.Name)
		l.filter("name "+part, func(w *Webhook) bool { return strings.Contains(w.NameKey, part) })
	}
	return l.page(ctx, s.vault, args)
}

// OwnerWebhooks are the webhooks of an owner in a dialect, in the order of that
// dialect's API: PAGESEEDER by number, KHEOPS the newest first, the others the
// oldest first.
type OwnerWebhooks struct {
	store Store
	query Query
}

// WebhooksOf returns the list that a dialect's API shows. The viewer must be
// allowed to administer the owner's webhooks, not just to look at them: the
// APIs of the dialects are for administrators.
func (s *Service) WebhooksOf(ctx context.Context, d Dialect, owner ID) (*OwnerWebhooks, error) {
	v, err := needOwned(ctx, Webhooks, View)
	if err != nil {
		return nil, err
	}
	if err := s.permitOwner(ctx, v, owner, Webhooks, View); err != nil {
		return nil, err
	}
	if owner.Kind == KindClient && !v.Global && v.Owner.IsZero() {
		return nil, &Error{Code: Forbidden, Missing: Webhooks + ":" + View, Message: "only an administrator may do this"}
	}
	q := Query{List: WebhooksByList, Equal: []any{WebhookList(d, owner.String())}, Limit: MaxPage}
	switch d {
	case PageSeeder:
		q.List = WebhooksByNumber
	case Kheops:
		q.Reverse = true
	}
	return &OwnerWebhooks{s.store, q}, nil
}

// usualPages are the pages of a list that others may ask for soon. What is behind
// them belongs to a list so long that remembering it would drive out the rest.
const usualPages = 10

// Pages reads the list page by page, from an offset, up to a limit (negative:
// to the end). If url is given, only webhooks with exactly that URL count.
func (l *OwnerWebhooks) Pages(ctx context.Context, offset, limit int, url *string) iter.Seq2[[]*Webhook, error] {
	return func(yield func([]*Webhook, error) bool) {
		q := l.query
		offset := max(offset, 0)
		for n := 0; limit != 0; n++ {
			q.Passing = n >= usualPages
			if q.Limit = MaxPage; limit > 0 && url == nil {
				q.Limit = min(q.Limit, offset+limit)
			}
			page, err := l.store.Webhooks().Find(ctx, q)
			if err != nil {
				yield(nil, err)
				return
			}
			ended := len(page) < q.Limit
			if !ended {
				q.After = positionOf(page[len(page)-1], q.List, len(q.Equal))
			}
			if url != nil {
				page = withURL(page, *url)
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

// Webhook returns the webhook of a key, NOT_FOUND if the list does not have it.
func (l *OwnerWebhooks) Webhook(ctx context.Context, key string) (*Webhook, error) {
	w, err := l.store.Webhooks().Get(ctx, key)
	if err == nil && (w == nil || w.List != l.query.Equal[0]) {
		err = Missing(KindWebhook)
	}
	if err != nil {
		return nil, err
	}
	return w, nil
}

// Total counts the list.
func (l *OwnerWebhooks) Total(ctx context.Context, url *string) (int, error) {
	if url == nil {
		q := l.query
		q.Reverse, q.Limit = false, exactCount
		return l.store.Webhooks().Count(ctx, q)
	}
	n := 0
	for page, err := range l.Pages(ctx, 0, -1, url) {
		if err != nil {
			return 0, err
		}
		n += len(page)
	}
	return n, nil
}

func withURL(page []*Webhook, url string) []*Webhook {
	var kept []*Webhook
	for _, w := range page {
		if w.URL == url {
			kept = append(kept, w)
		}
	}
	return kept
}

// WebhookStats returns the counters of webhooks, in the order of the keys; zero
// counters for those that the viewer may not see.
func (s *Service) WebhookStats(ctx context.Context, keys []string) ([]*Stats, error) {
	v, err := needOwned(ctx, Webhooks, View)
	if err != nil {
		return nil, err
	}
	stats, err := s.stats(ctx, keys)
	if err != nil || v.isAdministrator() {
		return stats, err
	}
	webhooks, err := s.WebhooksByKey(ctx, keys)
	if err != nil {
		return nil, err
	}
	for i, w := range webhooks {
		if w == nil {
			stats[i] = &Stats{Key: keys[i]}
		}
	}
	return stats, nil
}
