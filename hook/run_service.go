package hook

import (
	"context"
	"slices"
	"sync/atomic"
	"time"
)

// runs are the other processes as this one has seen them.
type runs struct {
	seen map[string]sightingOfRun
	// younger: another process that runs was there before this one.
	younger atomic.Bool
}

type sightingOfRun struct {
	version int64
	at      time.Time
}

const (
	// runPause lies between two signs of life.
	runPause = 10 * time.Second
	// runPatience is how long another process gives no sign of life before it
	// counts as gone. No clocks are compared.
	runPatience = time.Minute
)

// Recount finds processes that ended without having written what they counted,
// and counts the webhooks anew that they left behind. RunDeliveries calls it at
// the start and from time to time.
//
// Where others count at the same time on the same database, what they have not
// written yet, about a second, may be counted twice.
func (s *Service) Recount(ctx context.Context) error {
	if err := s.recountSuspects(ctx); err != nil {
		return err
	}
	found, err := s.store.Runs().Find(ctx, Query{List: ByCreated, Limit: MaxPage})
	if err != nil {
		return err
	}
	seen := map[string]sightingOfRun{}
	own := slices.IndexFunc(found, func(r *Run) bool { return r.Key == s.marks.run })
	younger := false
	for i, r := range found {
		if i == own {
			continue
		}
		last, known := s.runs.seen[r.Key]
		if !known || last.version != r.Version {
			last = sightingOfRun{r.Version, time.Now()}
		}
		if !s.store.Atomic() && time.Since(last.at) < runPatience {
			seen[r.Key] = last
			younger = younger || own < 0 || i < own
			continue
		}
		if err := s.recountRun(ctx, r); err != nil && CodeOf(err) != Stale {
			return err
		}
	}
	s.runs.seen = seen
	s.runs.younger.Store(younger)
	if s.store.Atomic() {
		return nil // there is nobody to be shown signs of life
	}
	if own < 0 {
		changes := s.mark()
		err := s.store.Write(ctx, changes...)
		s.marked(changes, err)
		return err
	}
	next := *found[own]
	return s.store.Write(ctx, replace(&next))
}

func (s *Service) recountFromTimeToTime(ctx context.Context, failed func(error)) {
	ticker := time.NewTicker(runPause)
	defer ticker.Stop()
	for {
		// STALE: another process has counted instead.
		if err := s.Recount(ctx); err != nil && CodeOf(err) != Stale && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// recountRun counts what a run has left behind. Others that want to do the same
// find it STALE.
func (s *Service) recountRun(ctx context.Context, r *Run) error {
	next := *r
	for {
		left, err := s.store.Uncounted().Find(ctx, Query{List: UncountedByRun, Equal: []any{r.Key}, Limit: recountStep})
		if err != nil {
			return err
		}
		if len(left) == 0 {
			return s.store.Write(ctx, remove(&next))
		}
		if err := s.store.Write(ctx, replace(&next)); err != nil {
			return err
		}
		var keys []string
		changes := make([]Change, len(left))
		for i, u := range left {
			if changes[i] = remove(u); !slices.Contains(keys, u.Webhook) {
				keys = append(keys, u.Webhook)
			}
		}
		if err := s.recount(ctx, keys); err != nil {
			return err
		}
		if err := s.store.Write(ctx, changes...); err != nil {
			return err
		}
	}
}

func (s *Service) recountSuspects(ctx context.Context) error {
	suspects := s.takeSuspects()
	for some := range slices.Chunk(suspects, recountStep) {
		if err := s.recount(ctx, some); err != nil {
			s.suspect(suspects...)
			return err
		}
	}
	return nil
}

// EndRun stores what was counted and notes that nothing is lacking. It is the
// last call before the database is closed.
func (s *Service) EndRun(ctx context.Context) error {
	if err := s.MarkFanned(ctx); err != nil {
		return err
	}
	if err := s.WriteStats(ctx); err != nil {
		return err
	}
	if err := s.recountSuspects(ctx); err != nil {
		return err
	}
	remove := removeAll(ctx, s, s.store.Uncounted(), UncountedByRun, []any{s.marks.run})
	for done := false; !done; {
		var err error
		if done, err = remove(); err != nil {
			return err
		}
	}
	s.marks.mu.Lock()
	s.marks.begun, s.marks.of = false, nil
	s.marks.mu.Unlock()
	return s.store.Write(ctx, Change{Kind: ChangeRemove, Entity: &Run{Meta{Key: s.marks.run}}})
}
