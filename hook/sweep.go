package hook

import (
	"context"
	"slices"
	"time"
)

// A sweep walks along the triggers and events in the order of their creation.
type sweep struct {
	*Service
	before  time.Time
	enough  func() (bool, error)
	events  []any // the position up to which events were looked at
	removed int
	done    bool
}

const (
	// sweepStep is how many triggers or events a step looks at.
	sweepStep = 250
	// bodyStep is how many events it reads the bodies of at once, which may be
	// large.
	bodyStep = 25
	// sweepPause lets others write between two steps.
	sweepPause = 10 * time.Millisecond
)

// rest ends a step: it reports whether there is another one.
func (w *sweep) rest(ctx context.Context) (on bool, err error) {
	if w.enough != nil && !w.done {
		if w.done, err = w.enough(); err != nil {
			return false, err
		}
	}
	if w.done {
		return false, nil
	}
	timer := time.NewTimer(sweepPause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case <-timer.C:
		return true, nil
	}
}

func (w *sweep) triggers(ctx context.Context) error {
	q := Query{List: ByCreated, Limit: sweepStep}
	for {
		found, err := w.store.Triggers().Find(ctx, q)
		if err != nil {
			return err
		}
		old := found
		if i := slices.IndexFunc(found, func(t *Trigger) bool { return !t.Created.Before(w.before) }); i >= 0 {
			old = found[:i]
		}
		if err := w.removeTriggers(ctx, old); err != nil {
			return err
		}
		if len(old) < sweepStep {
			return w.removeEvents(ctx, w.before)
		}
		last := old[len(old)-1]
		q.After = positionOf(last, q.List, 0)
		if on, err := w.rest(ctx); !on {
			return err
		}
		// Others of the last instant may have triggers in the next step.
		if err := w.removeEvents(ctx, last.Created); err != nil || w.done {
			return err
		}
	}
}

// removeTriggers removes those of the triggers that have ended, and counts them.
// One that somebody puts into the queue again meanwhile stays.
func (w *sweep) removeTriggers(ctx context.Context, triggers []*Trigger) error {
	var changes []Change
	var ended []*Trigger
	for _, t := range triggers {
		if !t.Open() && !t.Imported {
			ended, changes = append(ended, t), append(changes, Change{Kind: ChangeDiscard, Entity: t})
		}
	}
	if len(changes) == 0 {
		return nil
	}
	w.tally.noting.RLock() // a recount sees what is removed and counted, or neither
	defer w.tally.noting.RUnlock()
	if w.store.Atomic() {
		counts, err := w.removedOf(ctx, ended)
		if err != nil {
			return err
		}
		err = w.store.Write(ctx, append(changes, counts...)...)
		if err == nil {
			w.removed += len(ended)
		}
		if CodeOf(err) != Stale {
			return err
		}
	}
	// One by one: what is counted is exactly what was removed.
	var gone []*Trigger
	var failure error
	for i, change := range changes {
		if err := w.store.Write(ctx, change); err == nil {
			gone = append(gone, ended[i])
		} else if CodeOf(err) != Stale {
			failure = err
			break
		}
	}
	w.removed += len(gone)
	counts, err := w.removedOf(ctx, gone)
	if err == nil && len(counts) > 0 {
		err = w.store.Write(ctx, counts...)
	}
	if failure != nil {
		return failure
	}
	return err
}

// removedOf counts removed triggers in the Stats of their webhooks, if these are
// still there.
func (w *sweep) removedOf(ctx context.Context, triggers []*Trigger) ([]Change, error) {
	count := map[string]int64{}
	var keys []string
	for _, t := range triggers {
		if t.Farewell {
			continue
		}
		if count[t.Webhook]++; count[t.Webhook] == 1 {
			keys = append(keys, t.Webhook)
		}
	}
	webhooks, err := getMany(ctx, w.store.Webhooks(), keys)
	if err != nil {
		return nil, err
	}
	var changes []Change
	for i, key := range keys {
		if webhooks[i] != nil {
			changes = append(changes, Change{Kind: ChangeCount, Webhook: key, Add: Stats{Removed: count[key]}})
		}
	}
	return changes, nil
}

// removeEvents goes on with the events that were created before an instant.
func (w *sweep) removeEvents(ctx context.Context, before time.Time) error {
	for {
		found, err := w.store.Events().Find(ctx, Query{List: ByCreated, After: w.events, Limit: sweepStep})
		if err != nil {
			return err
		}
		old := found
		if i := slices.IndexFunc(found, func(e *Event) bool { return !e.Created.Before(before) }); i >= 0 {
			old = found[:i]
		}
		for some := range slices.Chunk(old, bodyStep) {
			if err := w.removeLonely(ctx, some); err != nil {
				return err
			}
		}
		if len(old) > 0 {
			w.events = positionOf(old[len(old)-1], ByCreated, 0)
		}
		if on, err := w.rest(ctx); !on || len(old) < sweepStep {
			return err
		}
	}
}

// removeLonely removes those of the events that are done and have no triggers,
// with their bodies.
func (w *sweep) removeLonely(ctx context.Context, events []*Event) error {
	keys := make([]any, len(events))
	for i, e := range events {
		keys[i] = e.Key
	}
	triggers, err := w.store.Triggers().FindEach(ctx, Query{List: TriggersByEvent, Equal: []any{""}, Limit: 1}, keys)
	if err != nil {
		return err
	}
	var lonely []*Event
	for i, e := range events {
		if len(triggers[i]) == 0 && e.State == EventDone {
			lonely = append(lonely, e)
		}
	}
	if len(lonely) == 0 {
		return nil
	}
	keys = keys[:0]
	for _, e := range lonely {
		keys = append(keys, e.Key)
	}
	bodies, err := w.store.Bodies().FindEach(ctx, Query{List: BodiesByEvent, Equal: []any{""}, Limit: MaxPage}, keys)
	if err != nil {
		return err
	}
	var changes []Change
	for i, e := range lonely {
		for _, b := range bodies[i] {
			changes = append(changes, remove(b))
		}
		changes = append(changes, Change{Kind: ChangeDiscard, Entity: e})
	}
	if err := w.store.Write(ctx, changes...); err != nil && CodeOf(err) != Stale {
		return err
	} else if err == nil {
		w.removed += len(lonely)
	}
	return nil // what has changed meanwhile is looked at the next time
}

// orphans removes bodies whose events were removed in another way.
func (w *sweep) orphans(ctx context.Context) error {
	q := Query{List: ByCreated, Limit: bodyStep}
	for {
		found, err := w.store.Bodies().Find(ctx, q)
		if err != nil {
			return err
		}
		old := found
		if i := slices.IndexFunc(found, func(b *Body) bool { return !b.Created.Before(w.before) }); i >= 0 {
			old = found[:i]
		}
		keys := make([]string, len(old))
		for i, b := range old {
			keys[i] = b.Event
		}
		events, err := getMany(ctx, w.store.Events(), keys)
		if err != nil {
			return err
		}
		var changes []Change
		for i, e := range events {
			if e == nil {
				changes = append(changes, remove(old[i]))
			}
		}
		if len(changes) > 0 {
			if err := w.store.Write(ctx, changes...); err != nil {
				return err
			}
		}
		if len(old) < bodyStep {
			return nil
		}
		q.After = positionOf(old[len(old)-1], q.List, 0)
		if on, err := w.rest(ctx); !on {
			return err
		}
	}
}
