package hook

import (
	"context"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// A feed reads the changes of one kind of entities for all who follow them, as
// long as somebody does, and keeps the latest of them: the window. A follower
// that finds its place there is served from memory; one that is further behind
// reads the database, where each entity stands once, in its last state. So
// nothing is kept for slow followers, however many changes they miss.
type feed[T any] struct {
	find func(context.Context, Query) ([]*T, error)
	// exact: places are in the order of commits and each commit is told. Otherwise
	// the database is asked from time to time, and what writers of other clocks may
	// have placed before what was read is read again.
	exact bool
	weigh func(*T) int
	log   *slog.Logger

	followed atomic.Bool
	wake     chan struct{}

	mu        sync.Mutex
	followers int
	stop      context.CancelFunc
	window    []arrival[T]      // in their order; without an entity where a later state follows
	first     uint64            // number of the arrival that stands at the beginning
	latest    map[string]uint64 // key -> number of its arrival in the window
	bytes     int
	place     int64         // the highest that was read
	grown     chan struct{} // closed when the window grows
}

// An arrival is an entity as it was read, in the order in which entities were
// found to have changed.
type arrival[T any] struct {
	entity *T
	// settled is the place up to which nothing arrives later than this.
	settled int64
}

const (
	// feedPause is the least time between two reads, so that many commits are read
	// together.
	feedPause = 20 * time.Millisecond
	// feedPoll is the time between two reads of a database that does not tell.
	feedPoll = 300 * time.Millisecond
	// feedOverlap is how far clocks and the time that a write takes may put changes
	// of several writers out of order.
	feedOverlap = 3 * time.Second
	// feedRetry is the time until the database is asked again that has failed.
	feedRetry = time.Second
	feedPage  = 200
	// The window has at most so many changes and about so many bytes.
	windowLength = 1024
	windowBytes  = 8 << 20
)

// lastKey sorts behind every key: together with a place it is the position
// behind all that have the place.
const lastKey = "\U0010ffff"

func newFeed[T any](find func(context.Context, Query) ([]*T, error), exact bool, log *slog.Logger, weigh func(*T) int) *feed[T] {
	return &feed[T]{find: find, exact: exact, log: log, weigh: weigh, wake: make(chan struct{}, 1), grown: make(chan struct{})}
}

// tell says that a commit has changed something.
func (f *feed[T]) tell() {
	if f.followed.Load() {
		select {
		case f.wake <- struct{}{}:
		default: // it will be looked at
		}
	}
}

// join has the feed run until leave. What is committed from now on will arrive.
func (f *feed[T]) join(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.followers++; f.followers > 1 {
		return nil
	}
	f.followed.Store(true)
	r, err := f.begin(ctx)
	if err != nil {
		f.followers = 0
		f.followed.Store(false)
		return err
	}
	f.place, f.latest = r.place, map[string]uint64{}
	var running context.Context
	running, f.stop = context.WithCancel(context.WithoutCancel(ctx))
	go r.run(running)
	return nil
}

func (f *feed[T]) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.followers--; f.followers == 0 {
		f.followed.Store(false)
		f.stop()
		f.first += uint64(len(f.window))
		f.window, f.latest, f.bytes = nil, nil, 0
	}
}

// highest returns the highest place that an entity has.
func (f *feed[T]) highest(ctx context.Context) (int64, error) {
	last, err := f.find(ctx, Query{List: ByChanged, Reverse: true, Limit: 1})
	if err != nil || len(last) == 0 {
		return 0, err
	}
	return placeOf(last[0]), nil
}

// position returns the position behind an entity in the order of changes.
func (f *feed[T]) position(e *T) (place int64, key string) {
	if f.exact { // nothing else has the place
		return placeOf(e), lastKey
	}
	return placeOf(e), asEntity(e).Base().Key
}

// settled returns the place up to which all changes are found by a reading that
// begins now.
func (f *feed[T]) settled() int64 {
	if f.exact {
		return math.MaxInt64
	}
	return time.Now().Add(-feedOverlap).UnixMicro()
}

func placeOf[T any](e *T) int64 { return any(e).(interface{ Placed() *Place }).Placed().Changed }

// add puts what was read into the window, unless the feed has been stopped.
func (f *feed[T]) add(ctx context.Context, page []*T, place, settled int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	f.place = max(f.place, place)
	if len(page) == 0 {
		return
	}
	for _, e := range page {
		key := asEntity(e).Base().Key
		if number, ok := f.latest[key]; ok {
			f.drop(number - f.first)
		}
		f.latest[key] = f.first + uint64(len(f.window))
		f.window = append(f.window, arrival[T]{e, settled})
		f.bytes += f.weigh(e)
	}
	for len(f.window) > windowLength || f.bytes > windowBytes && len(f.window) > 0 {
		if e := f.window[0].entity; e != nil {
			delete(f.latest, asEntity(e).Base().Key)
			f.drop(0)
		}
		f.window, f.first = f.window[1:], f.first+1
	}
	close(f.grown)
	f.grown = make(chan struct{})
}

// drop forgets a change of the window whose entity has changed again.
func (f *feed[T]) drop(at uint64) {
	f.bytes -= f.weigh(f.window[at].entity)
	f.window[at].entity = nil
}

// now returns the number of the next arrival and the place up to which all
// changes have arrived before it.
func (f *feed[T]) now() (next uint64, place int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.first + uint64(len(f.window)), f.place
}

// after returns some arrivals from a number on, the number to go on with, and
// what is closed when there are more. lost says that the window no longer
// reaches back so far.
func (f *feed[T]) after(next uint64) (page []arrival[T], then uint64, grown <-chan struct{}, lost bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if next < f.first {
		return nil, next, nil, true
	}
	end := f.first + uint64(len(f.window))
	for ; next < end && len(page) < feedPage; next++ {
		if a := f.window[next-f.first]; a.entity != nil {
			page = append(page, a)
		}
	}
	return page, next, f.grown, false
}
