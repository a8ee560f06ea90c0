package delivery

import (
	"slices"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// maxWindow is how many triggers of a webhook are kept in memory; with fewer than
// minWindow more are read.
const (
	maxWindow = 64
	minWindow = 24
)

// maxKept is how much data the event of a waiting trigger may have, in bytes, to
// be kept in memory with it.
const maxKept = 4 << 10

// maxUnrecorded is how many requests of a webhook may have ended without being
// recorded yet, for each that may be under way. If the process is killed, these
// are made again.
const maxUnrecorded = 3

// A job is a trigger to be sent, with its event if that is at hand.
type job struct {
	trigger *hook.Trigger
	event   *hook.Event
}

func newJob(t *hook.Trigger, e *hook.Event) *job {
	if e != nil && len(e.Data) > maxKept {
		e = nil
	}
	return &job{trigger: t, event: e}
}

// A lane is the deliveries to one webhook.
type lane struct {
	webhook   string
	partition int32
	// window are the open triggers that are due first, in this order. more says
	// that the store may have others, none of them due before the last of the
	// window.
	window []*job
	more   bool

	// flying are the triggers whose requests are under way or not yet recorded;
	// sending counts those under way.
	flying  map[string]bool
	sending int

	// reading: a window is being read. finished are the triggers that were
	// recorded meanwhile: what is read may show them as they were before. stale:
	// the webhook has changed since. missed: the store has triggers that what is
	// being read may lack.
	reading  bool
	finished map[string]bool
	stale    bool
	missed   bool

	// known says that policy is the webhook's; until then one request goes first.
	known  bool
	policy Policy
	// limit is how many requests may be under way: fewer while they time out.
	limit int
	// held: the webhook is disabled or lacks something; only manual triggers go.
	held bool
	// next is the earliest instant of the next request.
	next    time.Time
	breaker breaker

	at      time.Time // when the agenda has it
	place   int
	starved bool
}

// lane returns the lane of a webhook.
func (s *Scheduler) lane(webhook string) *lane {
	l := s.lanes[webhook]
	if l == nil {
		l = &lane{webhook: webhook, partition: hook.PartitionOf(webhook), place: notThere, flying: map[string]bool{}, limit: 1}
		s.lanes[webhook] = l
	}
	return l
}

// add puts a trigger into the window that somebody else stored, unless it is there
// or was recorded meanwhile.
func (l *lane) add(j *job) {
	if !l.finished[j.trigger.Key] {
		l.put(j)
	}
}

// put puts a trigger into the window, unless it is there or the store has to be
// asked for it later.
func (l *lane) put(j *job) {
	key := j.trigger.Key
	if l.flying[key] || slices.ContainsFunc(l.window, func(w *job) bool { return w.trigger.Key == key }) {
		return
	}
	place, _ := slices.BinarySearchFunc(l.window, j, compareDue)
	if place == len(l.window) && l.more {
		l.missed = l.reading
		return
	}
	l.window = slices.Insert(l.window, place, j)
	if len(l.window) > maxWindow {
		l.window[maxWindow] = nil
		l.window, l.more, l.missed = l.window[:maxWindow], true, l.reading
	}
}

// compareDue orders jobs as the queue does.
func compareDue(a, b *job) int {
	if c := a.trigger.Due.Compare(b.trigger.Due); c != 0 {
		return c
	}
	switch {
	case a.trigger.Key < b.trigger.Key:
		return -1
	case a.trigger.Key > b.trigger.Key:
		return 1
	}
	return 0
}

// refresh forgets what is known of the webhook, since it has changed.
func (l *lane) refresh() {
	l.window, l.more, l.held, l.known = nil, true, false, false
	l.stale = l.reading
	l.breaker, l.next = breaker{}, time.Time{}
}

// abandon forgets the deliveries to a webhook that somebody else makes now.
// Requests under way are finished.
func (s *Scheduler) abandon(l *lane) {
	l.refresh()
	l.more = false
	s.agenda.remove(l)
	s.settle(l)
}

// take removes the first job that may be sent at an instant; nil if there is
// none. at is when to look again, zero if something else will tell.
func (l *lane) take(now time.Time) (j *job, at time.Time) {
	if most := l.most(); l.sending >= most || len(l.flying) >= (1+maxUnrecorded)*most {
		return nil, time.Time{}
	}
	i := 0
	if l.held {
		i = slices.IndexFunc(l.window, func(w *job) bool { return w.trigger.Manual })
	}
	if i < 0 || i >= len(l.window) {
		return nil, time.Time{}
	}
	at = l.window[i].trigger.Due
	for _, other := range []time.Time{l.next, l.breaker.probe} {
		if other.After(at) {
			at = other
		}
	}
	if at.After(now) {
		return nil, at
	}
	j = l.window[i]
	l.window = slices.Delete(l.window, i, i+1)
	return j, time.Time{}
}

// most is how many requests may be under way.
func (l *lane) most() int {
	if !l.known || l.breaker.open {
		return 1
	}
	return l.limit
}

// started notes that a request begins.
func (l *lane) started(key string, now time.Time) {
	l.flying[key] = true
	l.sending++
	rate := float64(l.policy.RatePerSecond)
	if catchUp := l.breaker.rate(now); catchUp > 0 && (rate == 0 || catchUp < rate) {
		rate = catchUp
	}
	if rate > 0 {
		l.next = maxTime(l.next, now).Add(time.Duration(float64(time.Second) / rate))
	}
}

// adapt lets fewer requests be under way while they time out.
func (l *lane) adapt(o Outcome) {
	switch {
	case o.ErrorKind == KindTimeout:
		l.limit = max(l.limit/2, 1)
	case passed(o):
		l.limit = min(l.limit+1, l.policy.Concurrency)
	}
}

// idle reports whether the lane can be forgotten: it has nothing to send and
// nothing to remember.
func (l *lane) idle() bool {
	return len(l.window) == 0 && !l.more && len(l.flying) == 0 && !l.reading && !l.breaker.open && !l.held &&
		(!l.known || l.limit >= l.policy.Concurrency)
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
