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
	var triggers []*Trigger
	for start := 0; start < len(e.Targets); start += fanoutStep {
		keys := e.Targets[start:min(start+fanoutStep, len(e.Targets))]
		webhooks, err := s.store.Webhooks().GetMany(ctx, keys)
		if err != nil {
			return err
		}
		var changes []Change
		for _, w := range webhooks {
			if w != nil {
				t := newTrigger(e, w.Key, w.Owner)
				triggers = append(triggers, t)
				changes = append(changes, Change{Kind: ChangeInsert, Entity: t, Present: true})
			}
		}
		if len(changes) == 0 {
			continue
		}
		if err := s.store.Write(ctx, changes...); err != nil {
			return err
		}
	}
	if err := s.store.Write(ctx, done(e)); err != nil && CodeOf(err) != Stale {
		return err
	}
	// Some of them may have been delivered already: the queue knows.
	for _, t := range triggers {
		s.look(t.Webhook)
	}
	return nil
}
