package delivery

import (
	"cmp"
	"container/heap"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// SchedulerOptions are what a Scheduler can be told.
type SchedulerOptions struct {
	Log *slog.Logger
	// MaxInFlight is how many requests may be under way at once.
	MaxInFlight int
	// ScanPause lies between two looks at the whole queue, which find what nobody
	// told of.
	ScanPause time.Duration
	// Foreign is told of webhooks whose triggers another replica delivers, when
	// something of theirs was stored here.
	Foreign func(webhook string)
	// Observer, if set, is told of requests.
	Observer Observer
}

// The defaults of SchedulerOptions.
const (
	DefaultMaxInFlight = 4096
	DefaultScanPause   = 30 * time.Second
)

// A Scheduler delivers the open triggers of the partitions that it owns. Each
// webhook has a lane of its own with a window of the triggers that are due
// first, so that it waits for nobody else's receiver, and memory follows the
// webhooks that have open triggers and not the triggers.
type Scheduler struct {
	queue   hook.Queue
	sender  *Sender
	forms   map[hook.Dialect]Form
	options SchedulerOptions

	ctx  context.Context // of the requests
	stop context.CancelFunc
	wake chan struct{} // the agenda is to be looked at
	scan chan struct{} // the queue is to be scanned
	work sync.WaitGroup

	mu       sync.Mutex
	lanes    map[string]*lane
	agenda   agenda
	owned    [hook.Partitions]bool
	inFlight int
	// starved are lanes that could send if there were not so much under way.
	starved []*lane
	ending  bool
}

var _ hook.Courier = (*Scheduler)(nil)

// NewScheduler returns a scheduler over the queue of a service. It owns no
// partitions yet.
func NewScheduler(service *hook.Service, sender *Sender, forms []Form, options SchedulerOptions) *Scheduler {
	options.MaxInFlight = cmp.Or(options.MaxInFlight, DefaultMaxInFlight)
	options.ScanPause = cmp.Or(options.ScanPause, DefaultScanPause)
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.Observer == nil {
		options.Observer = nobody{}
	}
	s := &Scheduler{
		queue: service.Queue(), sender: sender, forms: map[hook.Dialect]Form{}, options: options,
		wake: make(chan struct{}, 1), scan: make(chan struct{}, 1), lanes: map[string]*lane{},
	}
	for _, f := range forms {
		s.forms[f.Name()] = f
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// OwnAll makes the scheduler deliver everything.
func (s *Scheduler) OwnAll() {
	for p := range hook.Partitions {
		s.Own(int32(p))
	}
}

// Own takes over a partition. What waits there is found by the next scan, which
// begins at once.
func (s *Scheduler) Own(partition int32) {
	s.mu.Lock()
	s.owned[partition] = true
	s.mu.Unlock()
	poke(s.scan)
}

// Disown gives a partition up. Requests under way are finished; their outcome
// counts unless somebody else has sent the trigger meanwhile.
func (s *Scheduler) Disown(partition int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owned[partition] = false
	for key, l := range s.lanes {
		if hook.PartitionOf(key) == partition {
			l.window, l.more = nil, false
			s.settle(l)
		}
	}
}

// Owned reports whether a partition is delivered here.
func (s *Scheduler) Owned(partition int32) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.owned[partition]
}

// Flying returns how many requests of a partition are under way or not yet
// recorded.
func (s *Scheduler) Flying(partition int32) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for key, l := range s.lanes {
		if hook.PartitionOf(key) == partition {
			n += len(l.flying)
		}
	}
	return n
}

// InFlight returns how many requests are under way.
func (s *Scheduler) InFlight() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inFlight
}

// Take implements hook.Courier.
func (s *Scheduler) Take(event *hook.Event, triggers []*hook.Trigger) {
	var foreign []string
	s.mu.Lock()
	now := time.Now()
	for _, t := range triggers {
		if !s.owned[t.Partition] {
			foreign = append(foreign, t.Webhook)
			continue
		}
		l := s.lane(t.Webhook)
		l.add(&job{trigger: t, event: event})
		s.serve(l, now)
	}
	s.mu.Unlock()
	poke(s.wake)
	s.tellForeign(foreign)
}

// Look implements hook.Courier: it forgets what it knew of the webhook.
func (s *Scheduler) Look(webhook string) {
	s.mu.Lock()
	owned := s.owned[hook.PartitionOf(webhook)]
	if owned {
		l := s.lane(webhook)
		l.refresh()
		s.serve(l, time.Now())
	}
	s.mu.Unlock()
	if owned {
		poke(s.wake)
		return
	}
	s.tellForeign([]string{webhook})
}

func (s *Scheduler) tellForeign(webhooks []string) {
	if s.options.Foreign == nil {
		return
	}
	for _, webhook := range webhooks {
		s.options.Foreign(webhook)
	}
}

// poke tells a loop that there is something to do.
func poke(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run delivers until the context ends. Then it waits for the requests under way,
// as long as patience lets it.
func (s *Scheduler) Run(ctx context.Context, patience time.Duration) {
	var scanning sync.WaitGroup
	scanning.Go(func() { s.scanFromTimeToTime(ctx) })
	for ctx.Err() == nil {
		timer := time.NewTimer(s.due())
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-s.wake:
		}
		timer.Stop()
	}
	s.mu.Lock()
	s.ending = true
	s.mu.Unlock()
	scanning.Wait()
	cut := time.AfterFunc(patience, s.stop)
	s.work.Wait()
	cut.Stop()
	s.stop()
}

// longest is how long the agenda is left alone.
const longest = time.Minute

// due serves the lanes whose time has come and returns how long it is until the
// next one's.
func (s *Scheduler) due() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for len(s.agenda) > 0 {
		l := s.agenda[0]
		if wait := l.at.Sub(now); wait > 0 {
			return min(wait, longest)
		}
		heap.Remove(&s.agenda, 0)
		s.serve(l, now)
	}
	return longest
}
