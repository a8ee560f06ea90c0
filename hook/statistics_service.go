package hook

import (
	"context"
	"time"
)

// StatisticsByKey returns the statistics of webhooks for a number of hours, the
// running one included, in the order of the keys: empty ones for those that the
// viewer may not see.
func (s *Service) StatisticsByKey(ctx context.Context, keys []string, hours int) ([]*WebhookStatistics, error) {
	if hours < 1 || hours > StatisticsHours {
		return nil, Invalidf("hours", "must be between 1 and %d", StatisticsHours)
	}
	shown, err := s.shownWebhooks(ctx, keys)
	if err != nil {
		return nil, err
	}
	from := HourOf(Now()).Add(-time.Duration(hours-1) * time.Hour)
	found, err := s.hoursOf(ctx, keys, from)
	if err != nil {
		return nil, err
	}
	all := make([]*WebhookStatistics, len(keys))
	for i, key := range keys {
		all[i] = &WebhookStatistics{Webhook: key, WebhookHour: WebhookHour{Start: from}, Series: make([]*WebhookHour, hours)}
		for n := range hours {
			all[i].Series[n] = &WebhookHour{Start: from.Add(time.Duration(n) * time.Hour)}
		}
		if !shown[i] {
			continue
		}
		for _, h := range found[i] {
			if n := int(h.Start.Sub(from) / time.Hour); n >= 0 && n < hours {
				all[i].Series[n].merge(h)
				all[i].merge(h)
			}
		}
	}
	return all, nil
}

// hoursOf reads the hours of webhooks from an instant on, with what they lack in
// the store. An hour may occur twice.
func (s *Service) hoursOf(ctx context.Context, keys []string, from time.Time) ([][]*WebhookHour, error) {
	s.tally.stored.RLock()
	defer s.tally.stored.RUnlock()
	found, err := s.store.Hours(ctx, keys, from)
	if err != nil {
		return nil, err
	}
	for i, key := range keys {
		found[i] = append(found[i], s.tally.hoursOf(key)...)
	}
	return found, nil
}

// BacklogsByKey returns what webhooks have not been delivered yet, in the order
// of the keys: an empty backlog for those that the viewer may not see.
func (s *Service) BacklogsByKey(ctx context.Context, keys []string) ([]*Backlog, error) {
	shown, err := s.shownWebhooks(ctx, keys)
	if err != nil {
		return nil, err
	}
	all := make([]*Backlog, len(keys))
	var queries []Query
	var some []*Backlog
	for i, key := range keys {
		all[i] = &Backlog{Webhook: key, Exact: true}
		if shown[i] {
			some = append(some, all[i])
			queries = append(queries, Query{List: TriggersByQueue, Equal: []any{PartitionOf(key), key}, Limit: CountLimit})
		}
	}
	counted, err := s.store.Triggers().CountMany(ctx, queries)
	if err != nil {
		return nil, err
	}
	var waiting []*Backlog
	for i, n := range counted {
		if some[i].Open, some[i].Exact = n, n < CountLimit; n > 0 {
			waiting = append(waiting, some[i])
		}
	}
	return all, s.findOldest(ctx, waiting)
}

// openStatuses are those of open triggers. Imported ones may have them too, and
// are not open.
var openStatuses = []TriggerStatus{TriggerPending, TriggerRetrying}

// findOldest finds the open triggers that were created first.
func (s *Service) findOldest(ctx context.Context, backlogs []*Backlog) error {
	var queries []Query
	var of []*Backlog
	for _, b := range backlogs {
		for _, status := range openStatuses {
			queries = append(queries, Query{List: TriggersByWebhookAndStatus, Equal: []any{b.Webhook, status}, Limit: 1})
			of = append(of, b)
		}
	}
	// The second time is for those whose first trigger was imported.
	for len(queries) > 0 {
		found, err := s.store.Triggers().FindMany(ctx, queries)
		if err != nil {
			return err
		}
		var again []Query
		var againOf []*Backlog
		for i, triggers := range found {
			q, last := queries[i], (*Trigger)(nil)
			for _, t := range triggers {
				if last = t; t.Open() {
					break
				}
			}
			switch {
			case last == nil:
			case last.Open():
				if b := of[i]; b.Oldest == nil || last.Created.Before(*b.Oldest) {
					b.Oldest = &last.Created
				}
			case len(triggers) == q.Limit:
				q.After, q.Limit = positionOf(last, q.List, len(q.Equal)), MaxPage
				again, againOf = append(again, q), append(againOf, of[i])
			}
		}
		queries, of = again, againOf
	}
	return nil
}

// shownWebhooks tells which webhooks the viewer sees.
func (s *Service) shownWebhooks(ctx context.Context, keys []string) ([]bool, error) {
	shown := make([]bool, len(keys))
	v, err := needOwned(ctx, Webhooks, View)
	if err != nil {
		return nil, err
	}
	if v.isAdministrator() {
		for i := range shown {
			shown[i] = true
		}
		return shown, nil
	}
	webhooks, err := s.WebhooksByKey(ctx, keys)
	for i, w := range webhooks {
		shown[i] = w != nil
	}
	return shown, err
}
