package hook

import "context"

// recountStep is how many webhooks are counted anew while everybody who counts
// waits.
const recountStep = 20

// recount makes the Stats of some webhooks right again: the number of triggers,
// the failures since the last good one and the latest triggers. Statistics by
// the hour stay as they are.
func (s *Service) recount(ctx context.Context, keys []string) error {
	s.tally.flush.Lock()
	defer s.tally.flush.Unlock()
	// What is stored is counted, too, and the other way round.
	s.tally.noting.Lock()
	defer s.tally.noting.Unlock()
	s.tally.stored.Lock()
	defer s.tally.stored.Unlock()
	webhooks, err := s.store.Webhooks().GetMany(ctx, keys)
	if err != nil {
		return err
	}
	stored, err := s.store.Stats(ctx, keys)
	if err != nil {
		return err
	}
	last, err := s.latest(ctx, keys)
	if err != nil {
		return err
	}
	var changes []Change
	for i, w := range webhooks {
		if w == nil { // deleted, with its counters
			continue
		}
		count := s.countTriggers
		if w.Dialect == Kheops && w.Source != "" {
			count = s.examineTriggers
		}
		triggers, failures, err := count(ctx, w.Key)
		if err != nil {
			return err
		}
		lacking := s.tally.lacking(w.Key)
		if lacking == nil {
			lacking = &counts{}
		}
		add := Stats{Triggers: triggers + stored[i].Removed - stored[i].Triggers - lacking.triggers}
		if !lacking.passed { // else what is stored does not matter
			add.Failures = failures - lacking.failures - stored[i].Failures
		}
		changes = append(changes, Change{Kind: ChangeCount, Webhook: w.Key, Add: add, Last: last[i]})
	}
	if len(changes) == 0 {
		return nil
	}
	return s.store.Write(ctx, changes...)
}

// countTriggers counts the triggers of a webhook that has none from an import,
// and those that failed since the last good one.
func (s *Service) countTriggers(ctx context.Context, webhook string) (triggers, failures int64, err error) {
	n, err := s.store.Triggers().Count(ctx, Query{List: TriggersByWebhook, Equal: []any{webhook}, Limit: exactCount})
	if err != nil {
		return 0, 0, err
	}
	passed, err := s.store.Triggers().Find(ctx, Query{List: TriggersByWebhookAndStatus, Equal: []any{webhook, TriggerPass}, Reverse: true, Limit: 1})
	if err != nil {
		return 0, 0, err
	}
	failed := Query{List: TriggersByWebhookAndStatus, Equal: []any{webhook, TriggerFail}, Limit: exactCount}
	if len(passed) > 0 {
		failed.After = positionOf(passed[0], failed.List, len(failed.Equal))
	}
	f, err := s.store.Triggers().Count(ctx, failed)
	return int64(n), int64(f), err
}

// examineTriggers counts like countTriggers for a webhook whose triggers may be
// imported: no list tells them apart.
func (s *Service) examineTriggers(ctx context.Context, webhook string) (triggers, failures int64, err error) {
	passed := false
	q := Query{List: TriggersByWebhook, Equal: []any{webhook}, Reverse: true, Limit: fanoutStep}
	for {
		found, err := s.store.Triggers().Find(ctx, q)
		if err != nil {
			return 0, 0, err
		}
		for _, t := range found {
			if t.Imported {
				continue
			}
			triggers++
			passed = passed || t.Status == TriggerPass
			if t.Status == TriggerFail && !passed {
				failures++
			}
		}
		if len(found) < q.Limit {
			return triggers, failures, nil
		}
		q.After = positionOf(found[len(found)-1], q.List, len(q.Equal))
	}
}
