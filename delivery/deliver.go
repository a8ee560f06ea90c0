package delivery

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// deliver makes one request of a trigger and records what comes of it.
func (s *Scheduler) deliver(l *lane, j *job) {
	d := &delivery{scheduler: s, lane: l, job: j}
	next, err := d.run(s.ctx)

	s.mu.Lock()
	defer s.mu.Unlock()
	defer poke(s.wake)
	key, now := j.trigger.Key, time.Now()
	delete(l.flying, key)
	if l.finished != nil {
		l.finished[key] = true
	}
	switch {
	case s.ctx.Err() != nil || s.ending && err != nil:
		// It stays open, and is delivered by whoever has the queue next.
	case errors.Is(err, errGivenUp):
	case errors.Is(err, errHold):
		l.held = true
		next = d.job
	case hook.CodeOf(err) == hook.Stale:
		// Somebody else has changed it: the store tells how it is.
		l.more, l.missed = true, l.reading
	case err != nil:
		s.options.Log.Warn("a trigger could not be worked on", "trigger", key, "webhook", l.webhook, "error", err)
		l.next = maxTime(l.next, now.Add(readPause))
		next = j
	}
	if next != nil && s.owned[next.trigger.Partition] {
		l.put(next) // a window that is being read may show it as it was before
	}
	if d.landed {
		s.serve(l, now)
	} else {
		s.landed(l, now)
	}
}

// errHold says that a webhook gets nothing until it is changed.
var errHold = errors.New("the webhook is disabled or lacks something")

// errGivenUp says that somebody else delivers to the webhook now.
var errGivenUp = errors.New("the partition was given up")

// A delivery is one request of a trigger on its way.
type delivery struct {
	scheduler *Scheduler
	lane      *lane
	job       *job
	webhook   *hook.Webhook
	event     *hook.Event
	form      Form
	policy    Policy
	payload   []byte
	landed    bool
}

// run returns the job of the next request, nil if there will be none.
func (d *delivery) run(ctx context.Context) (next *job, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			d.scheduler.options.Log.Error("panic", "trigger", d.job.trigger.Key, "panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
			next, err = nil, d.end(ctx, nil, "internal error", func() {})
		}
	}()
	s, t := d.scheduler, d.job.trigger
	if err := d.load(ctx); err != nil {
		return nil, err
	}
	if d.webhook == nil {
		// Gone, and its triggers with it; but not one that was stored meanwhile.
		_, err := s.queue.Failed(ctx, t, nil, "the webhook was deleted")
		return nil, err
	}
	d.learn()
	if !t.Manual && !t.Farewell && !d.webhook.Active() {
		return nil, errHold
	}
	if reason := d.lacking(); reason != "" {
		_, err := s.queue.Failed(ctx, t, nil, reason)
		return nil, err
	}
	request, err := d.request(ctx)
	var told *hook.Error
	switch {
	case errors.Is(err, hook.ErrUnknown):
		return nil, d.wait(ctx, err.Error())
	case errors.As(err, &told) && told.Code == hook.Invalid:
		_, err = s.queue.Failed(ctx, t, nil, told.Error())
		return nil, err
	case err != nil:
		return nil, err
	}
	at := time.Now()
	if !s.Owned(d.lane.partition) {
		return nil, errGivenUp
	}
	outcome := s.sender.Send(ctx, request)
	if outcome.ErrorKind == KindCanceled {
		return nil, ctx.Err()
	}
	d.ended(outcome)
	s.options.Observer.Attempted(d.webhook.Dialect, outcome)
	if t.Tried() == 0 && t.Before == 0 {
		s.options.Observer.FirstAttempted(at.Sub(t.Created))
	}
	return d.record(ctx, at, outcome)
}

// load reads the webhook and the event.
func (d *delivery) load(ctx context.Context) (err error) {
	q, t := d.scheduler.queue, d.job.trigger
	if t.Farewell {
		f, err := q.Farewell(ctx, t.Key)
		if err == nil && f != nil {
			d.webhook, d.event = &f.Webhook, &f.Event
		}
		return err
	}
	if d.webhook, err = q.Webhook(ctx, t.Webhook); err != nil || d.webhook == nil {
		return err
	}
	if d.event = d.job.event; d.event == nil {
		d.event, err = q.Event(ctx, t.Event)
	}
	return err
}

// learn tells the lane the webhook's policy.
func (d *delivery) learn() {
	d.form = d.scheduler.forms[d.webhook.Dialect]
	if d.form == nil {
		return
	}
	d.policy = d.form.Policy().of(d.webhook)
	s, l := d.scheduler, d.lane
	s.mu.Lock()
	defer s.mu.Unlock()
	if !l.known {
		l.known, l.policy, l.limit = true, d.policy, d.policy.Concurrency
		s.serve(l, time.Now())
	}
}

// lacking says why no request can be made of the trigger.
func (d *delivery) lacking() string {
	switch {
	case d.form == nil:
		return "there are no deliveries of dialect " + string(d.webhook.Dialect)
	case d.event == nil:
		return "the event is not kept any more"
	}
	return ""
}

// request makes the request. A trigger whose earlier request failed sends the
// same bytes again.
func (d *delivery) request(ctx context.Context) (r Request, err error) {
	t := d.job.trigger
	if t.Body != "" {
		if d.payload, err = d.scheduler.queue.Body(ctx, t.Body); err != nil {
			return r, err
		}
	}
	if d.payload == nil {
		if d.payload, err = d.form.Payload(ctx, d.webhook, d.event, t); err != nil {
			return r, err
		}
	}
	try := Try{Number: t.Tried() + 1, Of: max(d.policy.tries(), t.Tried()+1), At: time.Now()}
	if r, err = d.form.Request(ctx, d.webhook, t, d.payload, try); err != nil {
		return r, err
	}
	if d.policy.Timeout > 0 {
		r.Timeout = d.policy.Timeout
	}
	return r, nil
}

// wait notes why the trigger waits, once.
func (d *delivery) wait(ctx context.Context, reason string) error {
	t := d.job.trigger
	if t.Reason != reason {
		waiting, err := d.scheduler.queue.Wait(ctx, t, reason)
		if err != nil {
			return err
		}
		d.job = &job{trigger: waiting, event: d.job.event}
	}
	return errHold
}

// ended lets the lane go on: the request is over, and its outcome will be
// recorded. The next one of an ordered webhook waits for that.
func (d *delivery) ended(o Outcome) {
	s, l := d.scheduler, d.lane
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	l.adapt(o)
	if d.policy.HalfOpen {
		l.breaker.note(passed(o), now, s.options.FirstProbe, s.options.LongestProbe)
	}
	if !d.policy.Ordered {
		d.landed = true
		s.landed(l, now)
		poke(s.wake)
	}
}
