package hook

import (
	"context"
	"math"
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
	// settled is the place up to which nothing is missing, wherever the feed goes on.
	settled int64
	// told are the versions that were read from the database lately, where the feed
	// may bring them again.
	told map[string]sighting

	ready   []arrival[T] // to be handed out
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
		f.settled = f.feed.settled()
		f.next, f.place = f.feed.now()
		f.live = true
		if f.feed.exact { // what was committed may not have arrived yet
			f.place, err = f.feed.highest(ctx)
		}
		return err
	}
	f.place, f.key, f.settled = position[0].(int64), position[1].(string), math.MaxInt64
	f.stepBack()
	return nil
}

// stepBack leaves the feed for the database. What arrives meanwhile is looked at
// afterwards, since it can have a place that was passed before.
func (f *Following[T]) stepBack() {
	f.live = false
	if f.settled < f.place {
		f.place, f.key = f.settled, ""
	}
	f.settled, f.told = f.feed.settled(), map[string]sighting{}
	f.next, _ = f.feed.now()
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
			a := f.ready[0]
			f.ready = f.ready[1:]
			place, key := f.feed.position(a.entity)
			if a.settled < place {
				place, key = a.settled, ""
			}
			return &Followed[T]{Cursor: f.service.vault.cursors.encode(f.scope, []any{place, key}), Node: a.entity}, nil
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
func (f *Following[T]) offer(ctx context.Context, page []arrival[T]) error {
	if err := f.service.stillThere(ctx, f.viewer); err != nil {
		return err
	}
	shown := make([]*T, len(page))
	for i, a := range page {
		shown[i] = a.entity
	}
	if err := hide(ctx, f.service, f.viewer, shown, f.entity, f.ownerOf); err != nil {
		return err
	}
	ready := make([]arrival[T], 0, len(page))
	for i, a := range page {
		if shown[i] != nil {
			ready = append(ready, a)
		}
	}
	f.ready, f.checked = ready, time.Now()
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
	wanted := slices.DeleteFunc(slices.Clone(page), func(a arrival[T]) bool { return !f.keep(a.entity) || f.known(a.entity) })
	if len(wanted) > 0 {
		if err := f.offer(ctx, wanted); err != nil {
			return err
		}
	}
	f.next = next
	for _, a := range page {
		f.place, f.settled = max(f.place, placeOf(a.entity)), a.settled
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
// was taken before; where places are not exact, before the first page was read.
func (f *Following[T]) catchUp(ctx context.Context) error {
	next, place := f.feed.now()
	if !f.feed.exact {
		next = f.next
	} else if f.place >= place {
		f.live, f.next = true, next
		return nil
	}
	select {
	case f.service.feeds().catching <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	settled := f.feed.settled()
	page, err := f.feed.find(ctx, Query{List: ByChanged, After: []any{f.place, f.key}, Limit: feedPage})
	<-f.service.feeds().catching
	if err != nil {
		return err
	}
	var wanted []arrival[T]
	for _, e := range page {
		if f.keep(e) {
			wanted = append(wanted, arrival[T]{e, min(settled, f.settled)})
		}
	}
	if len(wanted) > 0 {
		if err := f.offer(ctx, wanted); err != nil {
			return err
		}
	}
	for _, e := range page {
		if f.place, f.key = f.feed.position(e); !f.feed.exact {
			if len(f.told) >= maxTold { // then states are told twice
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
