package hook

import (
	"context"
	"time"
)

// A feedReader reads the changes that a feed passes on.
type feedReader[T any] struct {
	*feed[T]
	place int64
	// settled is that of the reading before.
	settled int64
	// seen is what was read in the time that is read again, where places are not
	// exact.
	seen map[string]sighting
}

// A sighting is the state in which an entity was read.
type sighting struct{ version, place int64 }

// begin returns a reader of what is committed from now on.
func (f *feed[T]) begin(ctx context.Context) (*feedReader[T], error) {
	r := &feedReader[T]{feed: f, seen: map[string]sighting{}}
	var err error
	r.settled = f.settled()
	if r.place, err = f.highest(ctx); err != nil || f.exact {
		return r, err
	}
	return r, r.read(ctx, func([]*T) {})
}

// run reads until the context ends.
func (r *feedReader[T]) run(ctx context.Context) {
	pass := func(page []*T) { r.add(ctx, page, r.place, r.settled) }
	for failed := false; ; {
		pause := feedPause
		switch {
		case failed:
			pause = feedRetry
		case !r.exact:
			pause = feedPoll
		}
		if !sleep(ctx, pause) {
			return
		}
		if r.exact && !failed {
			select {
			case <-r.wake:
			case <-ctx.Done():
				return
			}
		}
		err := r.read(ctx, pass)
		if err != nil && ctx.Err() == nil && !failed {
			r.log.WarnContext(ctx, "changes cannot be read; trying again", "error", err)
		}
		failed = err != nil
	}
}

func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// read reads all that has changed, page by page.
func (r *feedReader[T]) read(ctx context.Context, pass func(page []*T)) error {
	settled := r.feed.settled()
	after := []any{r.place, lastKey}
	if !r.exact {
		after = []any{r.place - feedOverlap.Microseconds(), ""}
	}
	for {
		page, err := r.find(ctx, Query{List: ByChanged, After: after, Limit: feedPage})
		if err != nil {
			return err
		}
		if len(page) > 0 {
			place, key := r.position(page[len(page)-1])
			after, r.place = []any{place, key}, max(r.place, place)
		}
		more := len(page) == feedPage
		if !r.exact {
			page = r.unseen(page)
		}
		pass(page)
		if !more {
			break
		}
	}
	r.settled = settled
	for key, s := range r.seen {
		if s.place < r.place-2*feedOverlap.Microseconds() {
			delete(r.seen, key)
		}
	}
	return nil
}

// unseen notes entities and returns those that were not seen in this state.
func (r *feedReader[T]) unseen(page []*T) []*T {
	var kept []*T
	for _, e := range page {
		key, now := asEntity(e).Base().Key, sighting{asEntity(e).Base().Version, placeOf(e)}
		if r.seen[key] != now {
			r.seen[key] = now
			kept = append(kept, e)
		}
	}
	return kept
}
