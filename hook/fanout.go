package hook

import (
	"context"
	"sync"
	"time"
)

// fanoutPatience is how old an event is whose triggers somebody else completes.
const fanoutPatience = 5 * time.Second

// fanned are events whose triggers are all stored, to be marked as done.
type fanned struct {
	mu     sync.Mutex
	events []*Event
}

func (f *fanned) add(e *Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, e)
}

// take returns some of them.
func (f *fanned) take() []*Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := min(len(f.events), fanoutStep)
	taken := f.events[:n:n]
	f.events = f.events[n:]
	return taken
}

// MarkFanned marks the events whose triggers this process has stored. What it
// does not come to do, CompleteFanouts finds.
func (s *Service) MarkFanned(ctx context.Context) error {
	for {
		events := s.fanned.take()
		if len(events) == 0 {
			return nil
		}
		changes := make([]Change, len(events))
		for i, e := range events {
			changes[i] = done(e)
		}
		// An event that went meanwhile ends the write: then one by one.
		if err := s.store.Write(ctx, changes...); CodeOf(err) == Stale {
			for _, e := range events {
				if err := s.store.Write(ctx, done(e)); err != nil && CodeOf(err) != Stale {
					return err
				}
			}
		} else if err != nil {
			return err
		}
	}
}

func done(e *Event) Change {
	next := *e
	next.State = EventDone
	return replace(&next)
}

// CompleteFanouts stores the triggers of events whose publisher ended before it
// had stored all of them.
func (s *Service) CompleteFanouts(ctx context.Context) error {
	// The own clock wrote most of them; on another replica's a trigger is stored
	// twice at worst, which is ignored.
	before := Now().Add(-fanoutPatience)
	for {
		open, err := s.store.Events().Find(ctx, Query{List: EventsByState, Equal: []any{string(EventFanout)}, Limit: MaxPage})
		if err != nil {
			return err
		}
		for _, e := range open {
			if e.Created.After(before) {
				return nil
			}
			if err := s.completeFanout(ctx, e); err != nil {
				return err
			}
		}
		if len(open) < MaxPage {
			return nil
		}
	}
}

// completeFanout stores the triggers of an event that are missing and marks it.
func (s *Service) completeFanout(ctx context.Context, e *Event) error {
	var webhooks []string
	for start := 0; start < len(e.Targets); start += fanoutStep {
		keys := e.Targets[start:min(start+fanoutStep, len(e.Targets))]
		some, err := s.completeTriggers(ctx, e, keys)
		if err != nil {
			return err
		}
		webhooks = append(webhooks, some...)
	}
	if err := s.store.Write(ctx, done(e)); err != nil && CodeOf(err) != Stale {
		return err
	}
	// Some of them may have been delivered already: the queue knows.
	for _, webhook := range webhooks {
		s.look(webhook)
	}
	return nil
}

// completeTriggers stores the triggers of an event for some webhooks, and
// returns those that there are. Triggers that are there already were counted by
// whoever stored them.
func (s *Service) completeTriggers(ctx context.Context, e *Event, keys []string) (webhooks []string, err error) {
	found, err := s.store.Webhooks().GetMany(ctx, keys)
	if err != nil {
		return nil, err
	}
	var triggers, missing []*Trigger
	for _, w := range found {
		if w != nil {
			webhooks, triggers = append(webhooks, w.Key), append(triggers, newTrigger(e, w.Key, w.Owner))
		}
	}
	triggerKeys := make([]string, len(triggers))
	for i, t := range triggers {
		triggerKeys[i] = t.Key
	}
	present, err := s.store.Triggers().GetMany(ctx, triggerKeys)
	if err != nil {
		return nil, err
	}
	var changes []Change
	for i, t := range triggers {
		if present[i] == nil {
			missing = append(missing, t)
			changes = append(changes, Change{Kind: ChangeInsert, Entity: t, Present: true})
		}
	}
	if len(missing) == 0 {
		return webhooks, nil
	}
	return webhooks, s.writeCounted(ctx, countedWebhooks(missing), changes, func() {
		s.tally.created(missing)
		s.meter.triggers.Add(int64(len(missing)))
	})
}
