package hook

import (
	"context"
	"time"
)

// Retention says how long what has ended is kept.
type Retention struct {
	// Age is how old it gets; 0 for any age.
	Age time.Duration
	// Size is how many bytes the database may have, by Used; 0 for any number.
	Size int64
	Used func(context.Context) (int64, error)
	// Pause lies between two looks, a minute by default.
	Pause time.Duration
}

const (
	retentionPause = time.Minute
	// ageEvery is after how many looks what is too old is removed.
	ageEvery = 60
	// sizeTarget is the part of Size that is left when there was too much.
	sizeTarget = 0.95
)

// RunRetention removes what has ended and is too old or too much, until the
// context ends. Where several processes share a database, the oldest of them
// does; two that do it at once do no harm.
func (s *Service) RunRetention(ctx context.Context, r Retention, failed func(error)) {
	if r.Pause == 0 {
		r.Pause = retentionPause
	}
	ticker := time.NewTicker(r.Pause)
	defer ticker.Stop()
	full := false
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if s.runs.younger.Load() {
			continue
		}
		if r.Age > 0 && n%ageEvery == 0 {
			if _, err := s.RemoveFinished(ctx, Now().Add(-r.Age), nil); err != nil && ctx.Err() == nil {
				failed(err)
			}
		}
		if r.Size > 0 {
			left, err := s.shrink(ctx, r)
			if err != nil && ctx.Err() == nil {
				failed(err)
			}
			if left && !full {
				s.log.WarnContext(ctx, "the database is larger than it should be, and nothing that has ended is left to remove", "bytes", r.Size)
			}
			full = left
		}
	}
}

// shrink removes what has ended, the oldest first, until the database is small
// enough; too reports that it is not.
func (s *Service) shrink(ctx context.Context, r Retention) (too bool, err error) {
	used, err := r.Used(ctx)
	if err != nil || used <= r.Size {
		return false, err
	}
	_, err = s.RemoveFinished(ctx, Now(), func() (bool, error) {
		used, err = r.Used(ctx)
		return used <= int64(sizeTarget*float64(r.Size)), err
	})
	return used > r.Size, err
}

// RemoveFinished removes triggers that have ended and events that have no
// triggers left, with their bodies, if they were created before an instant: the
// oldest first, in small steps with pauses, until enough, if given, says so. It
// returns how many triggers and events it has removed.
//
// Open triggers stay however old they are, with their events, and so do imported
// triggers. The counters of webhooks stay as they are.
func (s *Service) RemoveFinished(ctx context.Context, before time.Time, enough func() (bool, error)) (int, error) {
	w := &sweep{Service: s, before: before, enough: enough}
	err := w.triggers(ctx)
	if err == nil && !w.done {
		err = w.orphans(ctx)
	}
	return w.removed, err
}
