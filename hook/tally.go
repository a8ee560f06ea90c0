package hook

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// A tally counts what happens to the triggers of webhooks between two writes of
// their Stats: one write a second and webhook, however many triggers there are.
type tally struct {
	mu    sync.Mutex
	since map[string]*counts
	// writing are those on their way into the store.
	writing map[string]*counts
	// stored is held while some of them arrive there, so that nobody reads them
	// twice or not at all.
	stored sync.RWMutex
	flush  sync.Mutex
	// noting is held for reading while triggers are stored and then counted, so
	// that a recount finds them in both places or in neither.
	noting sync.RWMutex
}

// counts are what the Stats of a webhook lack.
type counts struct {
	triggers int64
	// failures are those since the last good trigger, if there was one since the
	// last write (passed), else those to be added.
	failures int64
	passed   bool
	hours    []*WebhookHour
}

func (t *tally) of(webhook string) *counts {
	c := t.since[webhook]
	if c == nil {
		if t.since == nil {
			t.since = map[string]*counts{}
		}
		c = &counts{}
		t.since[webhook] = c
	}
	return c
}

// countedWebhooks returns the webhooks of triggers in whose Stats they are.
func countedWebhooks(triggers []*Trigger) []string {
	webhooks := make([]string, 0, len(triggers))
	for _, t := range triggers {
		if !t.Farewell {
			webhooks = append(webhooks, t.Webhook)
		}
	}
	return webhooks
}

func (t *tally) created(triggers []*Trigger) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, one := range triggers {
		if !one.Farewell {
			t.of(one.Webhook).triggers++
		}
	}
}

// changed notes that the latest triggers of a webhook look different.
func (t *tally) changed(webhook string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.of(webhook)
}

// recorded notes what has become of a trigger: a is its last request, if there
// was one.
func (t *tally) recorded(next *Trigger, a *Attempt) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.of(next.Webhook)
	if a != nil || !next.Open() {
		hourIn(&c.hours, HourOf(Now())).record(next, a)
	}
	switch {
	case next.Open():
	case next.Status == TriggerPass:
		c.passed, c.failures = true, 0
	default:
		c.failures++
	}
}

// add puts what a later tally has counted on top.
func (c *counts) add(later *counts) {
	c.triggers += later.triggers
	if later.passed {
		c.passed, c.failures = true, 0
	}
	c.failures += later.failures
	for _, h := range later.hours {
		hourIn(&c.hours, h.Start).merge(h)
	}
}

// hoursOf returns the hours of a webhook that are not in the store.
func (t *tally) hoursOf(webhook string) []*WebhookHour {
	t.mu.Lock()
	defer t.mu.Unlock()
	var hours []*WebhookHour
	for _, c := range []*counts{t.writing[webhook], t.since[webhook]} {
		if c == nil {
			continue
		}
		for _, h := range c.hours {
			hourIn(&hours, h.Start).merge(h)
		}
	}
	return hours
}

// failuresOf returns the failures of a webhook with these counts, whose Stats
// have so many.
func (c *counts) failuresOf(stored int64) int64 {
	if c.passed {
		return c.failures
	}
	return stored + c.failures
}

// lacking returns what the Stats of a webhook lack, nil for nothing.
func (t *tally) lacking(webhook string) *counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	first, second := t.writing[webhook], t.since[webhook]
	if first == nil && second == nil {
		return nil
	}
	sum := &counts{}
	for _, c := range []*counts{first, second} {
		if c != nil {
			sum.add(c)
		}
	}
	return sum
}

// begin returns the webhooks whose counts are to be written.
func (t *tally) begin() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.writing, t.since = t.since, nil
	return slices.Collect(maps.Keys(t.writing))
}

// written forgets the counts of some webhooks.
func (t *tally) written(webhooks []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, webhook := range webhooks {
		delete(t.writing, webhook)
	}
}

// end keeps for the next time what was not written.
func (t *tally) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for webhook, c := range t.writing {
		if later := t.since[webhook]; later != nil {
			c.add(later)
		}
		*t.of(webhook) = *c
	}
	t.writing = nil
}

// tallyStep is how many Stats one write changes.
const tallyStep = 100

// WriteStats stores what was counted since it was called last.
func (s *Service) WriteStats(ctx context.Context) error {
	s.tally.flush.Lock()
	defer s.tally.flush.Unlock()
	defer s.tally.end()
	for some := range slices.Chunk(s.tally.begin(), tallyStep) {
		if err := s.writeStats(ctx, some); err != nil {
			s.suspect(some...)
			s.meter.statsErrors.Add(1)
			return err
		}
	}
	return nil
}

func (s *Service) writeStats(ctx context.Context, keys []string) error {
	s.tally.stored.Lock()
	defer s.tally.stored.Unlock()
	stored, err := s.store.Stats(ctx, keys)
	if err != nil {
		return err
	}
	last, err := s.latest(ctx, keys)
	if err != nil {
		return err
	}
	webhooks, err := s.store.Webhooks().GetMany(ctx, keys)
	if err != nil {
		return err
	}
	var changes []Change
	for i, key := range keys {
		if webhooks[i] == nil { // deleted, with its counters
			continue
		}
		c := s.tally.writing[key] // changed by nobody else
		changes = append(changes, Change{Kind: ChangeCount, Webhook: key, Last: last[i], Hours: c.hours,
			Add: Stats{Triggers: c.triggers, Failures: c.failuresOf(stored[i].Failures) - stored[i].Failures}})
	}
	if len(changes) > 0 {
		if err := s.store.Write(ctx, changes...); err != nil {
			return err
		}
	}
	s.tally.written(keys)
	return nil
}

// stats reads the counters of webhooks with what they lack in the store.
func (s *Service) stats(ctx context.Context, keys []string) ([]*Stats, error) {
	s.tally.stored.RLock()
	defer s.tally.stored.RUnlock()
	stored, err := s.store.Stats(ctx, keys)
	if err != nil {
		return nil, err
	}
	return s.withTally(ctx, stored)
}

// latest reads the latest triggers of webhooks as Stats shows them.
func (s *Service) latest(ctx context.Context, webhooks []string) ([][]LastTrigger, error) {
	values := make([]any, len(webhooks))
	for i, key := range webhooks {
		values[i] = key
	}
	found, err := s.store.Triggers().FindEach(ctx, Query{List: TriggersByWebhook, Equal: []any{""}, Reverse: true, Limit: LastTriggers}, values)
	if err != nil {
		return nil, err
	}
	all := make([][]LastTrigger, len(webhooks))
	for i, triggers := range found {
		all[i] = make([]LastTrigger, len(triggers))
		for j, t := range triggers {
			all[i][j] = LastTrigger{Trigger: t.Key, Status: t.Status}
		}
	}
	return all, nil
}

// withTally returns Stats with what they lack.
func (s *Service) withTally(ctx context.Context, stored []*Stats) ([]*Stats, error) {
	var keys []string
	var places []int
	all := make([]*Stats, len(stored))
	copy(all, stored)
	for i, one := range stored {
		if one == nil {
			continue
		}
		if lacking := s.tally.lacking(one.Key); lacking != nil {
			sum := *one
			sum.Triggers += lacking.triggers
			sum.Failures = lacking.failuresOf(one.Failures)
			all[i] = &sum
			keys, places = append(keys, one.Key), append(places, i)
		}
	}
	if len(keys) == 0 {
		return all, nil
	}
	last, err := s.latest(ctx, keys)
	for i := range last {
		all[places[i]].Last = last[i]
	}
	return all, err
}
