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
	// FirstProbe and LongestProbe are the intervals at which a webhook that keeps
	// failing is probed: each is twice the one before.
	FirstProbe, LongestProbe time.Duration
	// Observer, if set, is told of requests.
	Observer Observer
}

// The defaults of SchedulerOptions.
const (
	DefaultMaxInFlight  = 4096
	DefaultScanPause    = 30 * time.Second
	DefaultFirstProbe   = 10 * time.Second
	DefaultLongestProbe = 5 * time.Minute
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

	mu     sync.Mutex
	lanes  map[string]*lane
	agenda agenda
	owned  [hook.Partitions]bool
	unseen [hook.Partitions]bool // owned, and not scanned yet
	// until is when the partitions are not to be delivered any more, unless that
	// is put off; zero for never.
	until    time.Time
	inFlight int
	// starved are lanes that could send if there were not so much under way.
	starved []*lane
	ending  bool

	// foreign is told of webhooks that another replica delivers to, when something
	// of theirs was stored here: changed if it was more than a new trigger.
	foreign func(webhook string, changed bool)
}

var _ hook.Courier = (*Scheduler)(nil)

// NewScheduler returns a scheduler over the queue of a service. It owns no
// partitions yet.
func NewScheduler(service *hook.Service, sender *Sender, forms []Form, options SchedulerOptions) *Scheduler {
	options.MaxInFlight = cmp.Or(options.MaxInFlight, DefaultMaxInFlight)
	options.ScanPause = cmp.Or(options.ScanPause, DefaultScanPause)
	options.FirstProbe = cmp.Or(options.FirstProbe, DefaultFirstProbe)
	options.LongestProbe = cmp.Or(options.LongestProbe, DefaultLongestProbe)
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
	s.Own(allPartitions()...)
}

func allPartitions() []int32 {
	all := make([]int32, hook.Partitions)
	for p := range all {
		all[p] = int32(p)
	}
	return all
}

// Own takes over partitions. What waits there is found by a scan, which begins
// at once.
func (s *Scheduler) Own(partitions ...int32) {
	s.mu.Lock()
	var fresh [hook.Partitions]bool
	for _, p := range partitions {
		fresh[p] = !s.owned[p]
		s.unseen[p] = s.unseen[p] || fresh[p]
		s.owned[p] = true
	}
	if fresh == [hook.Partitions]bool{} {
		s.mu.Unlock()
		return
	}
	for _, l := range s.lanes {
		// A request of before is under way: the scan would take the lane for known.
		if fresh[l.partition] {
			l.more, l.missed = true, l.reading
		}
	}
	s.mu.Unlock()
	poke(s.scan)
}

// Disown gives partitions up. Requests under way are finished; their outcome
// counts unless somebody else has sent the trigger meanwhile.
func (s *Scheduler) Disown(partitions ...int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.owned
	for _, p := range partitions {
		s.owned[p], s.unseen[p] = false, false
	}
	if s.owned == before {
		return
	}
	for _, l := range s.lanes {
		if !s.owned[l.partition] {
			s.abandon(l)
		}
	}
}

// DeliverUntil has the scheduler deliver what it owns until an instant, which is
// put off again and again: a process that was paused makes no further request.
func (s *Scheduler) DeliverUntil(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until = at
}

// delivers reports whether requests of a partition may be made. The lock is held.
func (s *Scheduler) delivers(partition int32, now time.Time) bool {
	return s.owned[partition] && (s.until.IsZero() || now.Before(s.until))
}

// delivering returns the partitions that are delivered here.
func (s *Scheduler) delivering() (partitions []int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for p := range s.owned {
		if s.delivers(int32(p), now) {
			partitions = append(partitions, int32(p))
		}
	}
	return partitions
}

// Owned reports whether a partition is delivered here.
func (s *Scheduler) Owned(partition int32) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.delivers(partition, time.Now())
}

// Flying returns how many requests of a partition are under way or not yet
// recorded.
func (s *Scheduler) Flying(partition int32) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, l := range s.lanes {
		if l.partition == partition {
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
		if !s.delivers(t.Partition, now) {
			foreign = append(foreign, t.Webhook)
			continue
		}
		l := s.lane(t.Webhook)
		l.add(newJob(t, event))
		s.serve(l, now)
	}
	s.mu.Unlock()
	poke(s.wake)
	for _, webhook := range foreign {
		s.tell(webhook, false)
	}
}

// Look implements hook.Courier: it forgets what it knew of the webhook.
func (s *Scheduler) Look(webhook string) { s.look(webhook, true) }

// Stored tells that triggers of a webhook were stored, by somebody who does not
// have them at hand. What is known of the webhook stays.
func (s *Scheduler) Stored(webhook string) { s.look(webhook, false) }

func (s *Scheduler) look(webhook string, changed bool) {
	s.mu.Lock()
	now := time.Now()
	delivers := s.delivers(hook.PartitionOf(webhook), now)
	if delivers {
		l := s.lane(webhook)
		if changed {
			l.refresh()
		} else {
			l.more, l.missed = true, l.reading
		}
		s.serve(l, now)
	}
	s.mu.Unlock()
	if !delivers {
		s.tell(webhook, changed)
		return
	}
	poke(s.wake)
}

// tell tells the replica that delivers to a webhook.
func (s *Scheduler) tell(webhook string, changed bool) {
	if s.foreign != nil {
		s.foreign(webhook, changed)
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
