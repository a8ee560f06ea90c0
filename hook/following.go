package hook

import (
	"context"
	"slices"
	"time"
)

// A Followed is one entity in the last state that was known when it was read.
// The cursor leads on to what has changed after that.
type Followed[T any] struct {
	Cursor string
	Node   *T
}

// A Following tells of changes: the last state of every entity arrives, states in
// between may be left out. On an embedded database each state arrives once;
// elsewhere a cursor leads some seconds back, and what was told before has the
// same version. It belongs to one goroutine.
type Following[T any] struct {
	service *Service
	feed    *feed[T]
	viewer  *Viewer
	scope   string
	keep    func(*T) bool
	entity  string
	ownerOf func(*T) string

	// place and key are the position up to which all was looked at. live says that
	// the feed's arrivals from next on are what follows.
	place int64
	key   string
	live  bool
	next  uint64
	// told are the versions that were read from the database lately, where the feed
	// may bring them again.
	told map[string]sighting

	ready   []*T // to be handed out
	checked time.Time
}

const (
	// checkAgain is how long it counts that the viewer may see something.
	checkAgain = time.Second
	// checkIdle is how often a viewer is looked at who is told nothing.
	checkIdle = 15 * time.Second
	// maxTold bounds told; beyond it, states are told twice.
	maxTold = 1000
)

func (f *Following[T]) open(ctx context.Context, filter FollowFilter, after *string) (*Following[T], error) {
	var err error
	if f.viewer, err = needOwned(ctx, f.entity, View); err != nil {
		return nil, err
	}
	if filter.Webhook != "" {
		if _, err := f.service.Webhook(ctx, filter.Webhook); err != nil {
			return nil, err
		}
	}
	if !filter.Owner.IsZero() {
		if err := f.service.permitOwner(ctx, f.viewer, filter.Owner, f.entity, View); err != nil {
			return nil, err
		}
	}
	var position []any
	if after != nil {
		if position, err = f.service.vault.cursors.decode("after", f.scope, *after, []any{int64(0), ""}); err != nil {
			return nil, err
		}
	}
	if err := f.feed.join(ctx); err != nil {
		return nil, err
	}
	if err := f.start(ctx, position); err != nil {
		f.feed.leave()
		return nil, err
	}
	return f, nil
}

// start takes the position of a cursor, or the present.
func (f *Following[T]) start(ctx context.Context, position []any) (err error) {
	f.checked = time.Now()
	if position == nil {
		f.next, f.place = f.feed.now()
		f.live = true
		if f.feed.exact { // what was committed may not have arrived yet
			f.place, err = f.feed.highest(ctx)
		}
		return err
	}
	f.place, f.key = position[0].(int64), position[1].(string)
	f.stepBack()
	return nil
}

// stepBack leaves the feed for the database.
func (f *Following[T]) stepBack() {
	f.live = false
	if !f.feed.exact {
		f.place, f.key, f.told = f.place-feedOverlap.Microseconds(), "", map[string]sighting{}
	}
}

// Close ends the following.
func (f *Following[T]) Close() { f.feed.leave() }

// Next waits for the next change. When the context ends, Next can be called
// again with another one. UNAUTHENTICATED says that the viewer's credential is
// no longer what it was.
func (f *Following[T]) Next(ctx context.Context) (*Followed[T], error) {
	for {
		if len(f.ready) > 0 && time.Since(f.checked) > checkAgain {
			if err := f.offer(ctx, f.ready); err != nil {
				return nil, err
			}
		}
		if len(f.ready) > 0 {
			e := f.ready[0]
			f.ready = f.ready[1:]
			place, key := f.feed.position(e)
			return &Followed[T]{Cursor: f.service.vault.cursors.encode(f.scope, []any{place, key}), Node: e}, nil
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var err error
		if f.live {
			err = f.listen(ctx)
		} else {
			err = f.catchUp(ctx)
		}
		if err != nil {
			return nil, err
		}
	}
}

// offer makes ready what the viewer may see.
func (f *Following[T]) offer(ctx context.Context, page []*T) error {
	if err := f.service.stillThere(ctx, f.viewer); err != nil {
		return err
	}
	shown := slices.Clone(page)
	if err := hide(ctx, f.service, f.viewer, shown, f.entity, f.ownerOf); err != nil {
		return err
	}
	f.ready = slices.DeleteFunc(shown, func(e *T) bool { return e == nil })
	f.checked = time.Now()
	return nil
}

// listen takes what has arrived, or waits for something to arrive.
func (f *Following[T]) listen(ctx context.Context) error {
	page, next, grown, lost := f.feed.after(f.next)
	if lost {
		f.stepBack()
		return nil
	}
	if next == f.next {
		timer := time.NewTimer(checkIdle)
		defer timer.Stop()
		select {
		case <-grown:
		case <-ctx.Done():
		case <-timer.C:
			return f.service.stillThere(ctx, f.viewer)
		}
		return nil
	}
	if wanted := slices.DeleteFunc(slices.Clone(page), func(e *T) bool { return !f.keep(e) || f.known(e) }); len(wanted) > 0 {
		if err := f.offer(ctx, wanted); err != nil {
			return err
		}
	}
	f.next = next
	for _, e := range page {
		f.place = max(f.place, placeOf(e))
	}
	return nil
}

// known reports whether what arrived was read from the database before.
func (f *Following[T]) known(e *T) bool {
	if f.feed.exact {
		return placeOf(e) <= f.place
	}
	s, told := f.told[asEntity(e).Base().Key]
	return told && s == sighting{asEntity(e).Base().Version, placeOf(e)}
}

// catchUp reads a page from the database. With the last one the feed takes over:
// what was not there yet when the page was read arrives behind the number that
// was taken before.
func (f *Following[T]) catchUp(ctx context.Context) error {
	next, place := f.feed.now()
	if f.feed.exact && f.place >= place {
		f.live, f.next = true, next
		return nil
	}
	select {
	case f.service.feeds.catching <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	page, err := f.feed.find(ctx, Query{List: ByChanged, After: []any{f.place, f.key}, Limit: feedPage})
	<-f.service.feeds.catching
	if err != nil {
		return err
	}
	if wanted := slices.DeleteFunc(slices.Clone(page), func(e *T) bool { return !f.keep(e) }); len(wanted) > 0 {
		if err := f.offer(ctx, wanted); err != nil {
			return err
		}
	}
	for _, e := range page {
		if f.place, f.key = f.feed.position(e); !f.feed.exact {
			if len(f.told) >= maxTold {
				clear(f.told)
			}
			f.told[f.key] = sighting{asEntity(e).Base().Version, f.place}
		}
	}
	if len(page) < feedPage {
		if place > f.place {
			f.place, f.key = place, lastKey
		}
		f.live, f.next = true, next
	}
	return nil
}
