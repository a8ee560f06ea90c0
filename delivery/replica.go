package delivery

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// ReplicaOptions are what a Replica can be told. All replicas on a database have
// the same Patience.
type ReplicaOptions struct {
	Log *slog.Logger
	// Beat lies between two signs of life, Patience is how long the others wait for
	// one before they take over.
	Beat, Patience time.Duration
	// Look lies between two looks at who delivers what.
	Look time.Duration
	// HandOver is how long requests that are under way may take until what they
	// belong to is given to another replica nevertheless.
	HandOver time.Duration
	// Poll lies between two looks for what other replicas have stored, Coalesce
	// between two messages about that.
	Poll, Coalesce time.Duration
}

// The defaults of ReplicaOptions.
const (
	DefaultBeat     = 2 * time.Second
	DefaultPatience = 8 * time.Second
	DefaultLook     = 500 * time.Millisecond
	DefaultHandOver = 5 * time.Second
	DefaultPoll     = 200 * time.Millisecond
	DefaultCoalesce = 100 * time.Millisecond
)

// A Replica has its scheduler deliver a fair share of the partitions that several
// processes on one database have between them.
//
// A replica that ends tells the others, one that is killed they notice by its
// beat. One that could not beat stops delivering before they take over: it makes
// no request later than three quarters of the patience after the beginning of
// its last good beat.
type Replica struct {
	queue     hook.Queue
	scheduler *Scheduler
	options   ReplicaOptions
	outbox    outbox

	// Of the goroutine that looks.
	roster roster
	// handing are the partitions that are being given up, and until when requests
	// under way are waited for.
	handing map[int32]time.Time
	told    [2]int // what was logged last

	mu     sync.Mutex
	self   *hook.Replica // nil if it has to join
	looked time.Time     // when it last knew who delivers what
	// until is how long it may deliver by its last beat. lapsed: that was over
	// once, so others may have taken over what it had; it delivers again when it
	// has leased that anew. lapses counts.
	until  time.Time
	lapsed bool
	lapses int
}

// NewReplica returns the replica that decides what a scheduler owns, and is told
// by it of what others are to deliver. It comes before the scheduler is used.
func NewReplica(service *hook.Service, scheduler *Scheduler, options ReplicaOptions) *Replica {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	options.Beat = cmp.Or(options.Beat, DefaultBeat)
	options.Patience = cmp.Or(options.Patience, DefaultPatience)
	options.Look = cmp.Or(options.Look, DefaultLook)
	options.HandOver = cmp.Or(options.HandOver, DefaultHandOver)
	options.Poll = cmp.Or(options.Poll, DefaultPoll)
	options.Coalesce = cmp.Or(options.Coalesce, DefaultCoalesce)
	r := &Replica{
		queue: service.Queue(), scheduler: scheduler, options: options, outbox: newOutbox(),
		roster: roster{patience: options.Patience}, handing: map[int32]time.Time{},
	}
	scheduler.foreign = r.outbox.put
	return r
}

// Run takes part until the context ends. Then it gives up what it has as soon as
// the requests under way are recorded; it returns when that is done, so the
// scheduler and the service end after it.
func (r *Replica) Run(ctx context.Context) {
	r.run(ctx)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.options.HandOver+leaveTime)
	defer cancel()
	if err := r.leave(ctx); err != nil {
		r.options.Log.Warn("the deliveries could not be handed over; the other replicas take them over later", "error", err)
	}
}

// leaveTime is how long the database may take to store that a replica ends.
const leaveTime = 5 * time.Second

func (r *Replica) run(ctx context.Context) {
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() { r.beatFromTimeToTime(ctx) })
	work.Go(func() { r.sendWakes(ctx) })
	work.Go(func() { r.receiveWakes(ctx) })
	r.lookFromTimeToTime(ctx)
}

// A complainer logs the first of several failures in a row.
type complainer struct {
	log     *slog.Logger
	about   string
	failing bool
}

func (c *complainer) of(ctx context.Context, err error) {
	if err != nil && !c.failing && ctx.Err() == nil {
		c.log.Warn(c.about, "error", err)
	}
	c.failing = err != nil
}

// sleep waits, and reports whether the context is still alive.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
