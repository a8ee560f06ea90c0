package delivery

import (
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// serve starts what may be sent to a webhook now and puts the lane into the
// agenda for what comes later. The lock is held.
func (s *Scheduler) serve(l *lane, now time.Time) {
	s.agenda.remove(l)
	switch {
	case s.ending:
		return
	case !s.owned[l.partition]:
		s.abandon(l)
		return
	case !s.delivers(l.partition, now):
		return // the partition is about to be given up
	}
	var at time.Time
	for {
		if s.crowded(l) {
			s.starve(l)
			break
		}
		var j *job
		if j, at = l.take(now); j == nil {
			break
		}
		l.started(j.trigger.Key, now)
		s.inFlight++
		s.work.Go(func() { s.deliver(l, j) })
	}
	if l.more && !l.reading && len(l.window) < minWindow && !(l.held && len(l.window) > 0) {
		s.read(l)
	}
	if !at.IsZero() {
		s.agenda.put(l, at)
	}
	s.settle(l)
}

// settle forgets a lane that has nothing to do.
func (s *Scheduler) settle(l *lane) {
	if l.idle() {
		s.agenda.remove(l)
		// The webhook may have another one by now, if its partition came back.
		if s.lanes[l.webhook] == l {
			delete(s.lanes, l.webhook)
		}
	}
}

// crowded reports whether so much is under way that a webhook has to wait. From
// half of what is allowed on a webhook gets no second request, so that those
// that hang leave room for all others.
func (s *Scheduler) crowded(l *lane) bool {
	return s.inFlight >= s.options.MaxInFlight || s.inFlight >= s.options.MaxInFlight/2 && l.sending > 0
}

func (s *Scheduler) starve(l *lane) {
	if !l.starved && len(l.window) > 0 {
		l.starved = true
		s.starved = append(s.starved, l)
	}
}

// landed notes that a request has ended: others may begin.
func (s *Scheduler) landed(l *lane, now time.Time) {
	l.sending--
	s.inFlight--
	s.serve(l, now)
	for n := len(s.starved); n > 0 && s.inFlight < s.options.MaxInFlight; n-- {
		first := s.starved[0]
		s.starved = s.starved[1:]
		first.starved = false
		s.serve(first, now)
	}
}

// read fetches the window of a lane.
func (s *Scheduler) read(l *lane) {
	l.reading, l.finished, l.stale, l.missed = true, map[string]bool{}, false, false
	limit := maxWindow + len(l.flying)
	s.work.Go(func() {
		triggers, events, err := s.window(l.webhook, limit)
		s.mu.Lock()
		defer s.mu.Unlock()
		defer poke(s.wake)
		finished := l.finished
		l.reading, l.finished = false, nil
		now := time.Now()
		switch {
		case s.ending:
			return
		case err != nil:
			s.options.Log.Warn("the queue of a webhook could not be read", "webhook", l.webhook, "error", err)
			s.agenda.put(l, now.Add(readPause))
			return
		case !l.stale:
			l.more = len(triggers) == limit
			for i, t := range triggers {
				if !finished[t.Key] && s.owned[t.Partition] {
					l.merge(newJob(t, events[i]))
				}
			}
			l.more = l.more || l.missed
		}
		s.serve(l, now)
	})
}

// window reads the triggers of a webhook that are due first, and their events.
func (s *Scheduler) window(webhook string, limit int) ([]*hook.Trigger, []*hook.Event, error) {
	triggers, err := s.queue.Window(s.ctx, webhook, limit)
	if err != nil || len(triggers) == 0 {
		return nil, nil, err
	}
	events, err := s.queue.Events(s.ctx, triggers)
	return triggers, events, err
}

// readPause is how long the queue is left alone that could not be read.
const readPause = time.Second

// merge adds a job that was read. What is in the window is at least as new.
func (l *lane) merge(j *job) {
	more := l.more
	l.more = false // it is in the part of the queue that was read
	l.add(j)
	l.more = l.more || more
}
