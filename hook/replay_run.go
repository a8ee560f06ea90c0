package hook

import (
	"context"
	"time"
)

// replayPause lies between two steps of a replay.
const replayPause = 100 * time.Millisecond

// RunReplays works off the replays of the partitions that are owned here, until
// the context ends. failed is told of errors.
func (s *Service) RunReplays(ctx context.Context, owned func(partition int32) bool, failed func(error)) {
	ticker := time.NewTicker(replayPause)
	defer ticker.Stop()
	idle := 0
	for {
		// With nothing to do the partitions are looked at once a second: replays
		// that others have started are found then.
		if idle%10 == 0 || s.replaying.Swap(false) {
			n, err := s.stepReplays(ctx, owned)
			if err != nil && ctx.Err() == nil {
				failed(err)
			}
			if idle++; n > 0 {
				idle = 0
			}
		} else {
			idle++
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// stepReplays does one step of each replay and returns how many there are.
func (s *Service) stepReplays(ctx context.Context, owned func(int32) bool) (n int, err error) {
	open, err := s.store.Replays().Find(ctx, Query{List: ReplaysByOpen, After: []any{ClosedPartition, queueEnd, maxKeyText}, Limit: MaxPage})
	if err != nil {
		return 0, err
	}
	for _, r := range open {
		if !owned(r.Open) {
			continue
		}
		n++
		if err := s.stepReplay(ctx, r); err != nil && CodeOf(err) != Stale {
			return n, err
		}
	}
	return n, nil
}

// stepReplay puts the next triggers of a replay into the queue. The triggers come
// first: a step that was cut short is repeated, and finds them open.
func (s *Service) stepReplay(ctx context.Context, r *Replay) error {
	list, equal := r.list()
	limit := max(int(r.RatePerSecond)*int(replayPause/time.Millisecond)/1000, 1)
	q := Query{List: list, Equal: equal, After: []any{r.At, r.AtKey}, To: r.To, Limit: limit}
	if r.AtKey == "" {
		q.After, q.From = nil, r.From
	}
	found, err := s.store.Triggers().Find(ctx, q)
	if err != nil {
		return err
	}
	next := *r
	if err := s.requeue(ctx, &next, found); err != nil {
		return err
	}
	if len(found) > 0 {
		last := found[len(found)-1]
		next.At, next.AtKey = last.Created, last.Key
	}
	if len(found) < limit {
		next.end(ReplayDone)
	}
	err = s.store.Write(ctx, replace(&next))
	if CodeOf(err) != Stale {
		return err
	}
	// It was cancelled meanwhile: what this step has done counts all the same.
	cancelled, err := s.store.Replays().Get(ctx, r.Key)
	if err != nil || cancelled == nil || cancelled.State != ReplayCancelled {
		return err
	}
	last := *cancelled
	last.Queued, last.Skipped = next.Queued, next.Skipped
	return s.store.Write(ctx, replace(&last))
}

// requeue puts triggers into the queue again and counts them.
func (s *Service) requeue(ctx context.Context, r *Replay, found []*Trigger) error {
	keys := make([]string, len(found))
	for i, t := range found {
		keys[i] = t.Event
	}
	events, err := getMany(ctx, s.store.Events(), keys)
	if err != nil {
		return err
	}
	now := Now()
	touched := map[string]bool{}
	for i, old := range found {
		if events[i] == nil || old.Imported || old.Farewell {
			r.Skipped++
			continue
		}
		t := *old
		t.Before, t.Reason, t.Replay = t.lastNumber(), "", r.Key
		t.reopen(TriggerPending, now)
		switch err := s.store.Write(ctx, replace(&t)); {
		case CodeOf(err) == Stale:
			r.Skipped++
		case err != nil:
			return err
		default:
			r.Queued++
			touched[t.Webhook] = true
		}
	}
	for webhook := range touched {
		s.tally.changed(webhook)
		s.look(webhook)
	}
	return nil
}
