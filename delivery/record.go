package delivery

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// record stores the outcome of a request and what follows from it, and returns
// the job of the next one.
func (d *delivery) record(ctx context.Context, at time.Time, o Outcome) (*job, error) {
	q, t := d.scheduler.queue, d.job.trigger
	a := attemptOf(at, o)
	if passed(o) {
		_, err := d.persist(ctx, func() (*hook.Trigger, error) { return q.Passed(ctx, t, a) })
		if err == nil {
			d.healthy(ctx)
		}
		return nil, err
	}
	switch {
	case o.ErrorKind == KindURL || o.ErrorKind == KindRequest:
		// Nothing was sent, and nothing ever will be.
		return nil, d.end(ctx, nil, o.Err.Error(), func() { d.unhealthy(ctx, o, false) })
	case o.StatusCode == http.StatusGone && d.policy.GoneDisables:
		return nil, d.end(ctx, &a, "", func() { d.disable(ctx, "the receiver answered 410 Gone") })
	}
	wait, again := d.policy.next(t.Tried()+1, o)
	if !again {
		return nil, d.end(ctx, &a, "", func() { d.failed(ctx, o) })
	}
	due := time.Now().Add(wait).UTC().Truncate(time.Millisecond)
	if d.policy.Ordered {
		// It keeps its place, and all others wait for it.
		d.delay(due)
		due = t.Due
	}
	body := hook.NewBody(t.Event, d.payload)
	next, err := d.persist(ctx, func() (*hook.Trigger, error) { return q.Retry(ctx, t, a, due, body) })
	if err != nil {
		return nil, err
	}
	d.unhealthy(ctx, o, true)
	return newJob(next, d.event), nil
}

// end records that the trigger has failed for good, then does what follows.
func (d *delivery) end(ctx context.Context, a *hook.Attempt, reason string, then func()) error {
	_, err := d.persist(ctx, func() (*hook.Trigger, error) {
		return d.scheduler.queue.Failed(ctx, d.job.trigger, a, reason)
	})
	if err == nil {
		then()
	}
	return err
}

// persistTries is how often an outcome is tried to be stored, with a pause of
// readPause, before the request is made again.
const persistTries = 60

// persist stores an outcome. The request has been made and should not be made
// again because the database was away for a moment.
func (d *delivery) persist(ctx context.Context, store func() (*hook.Trigger, error)) (*hook.Trigger, error) {
	for try := 1; ; try++ {
		t, err := store()
		if hook.CodeOf(err) != hook.Unavailable || ctx.Err() != nil || try == persistTries {
			return t, err
		}
		timer := time.NewTimer(readPause)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

func (d *delivery) delay(until time.Time) {
	d.scheduler.mu.Lock()
	defer d.scheduler.mu.Unlock()
	d.lane.next = maxTime(d.lane.next, until)
}

// failed does what follows when a trigger has failed for good.
func (d *delivery) failed(ctx context.Context, o Outcome) {
	if limit := int64(d.policy.FailuresDisable); limit > 0 {
		failures, err := d.scheduler.queue.Failures(ctx, d.webhook.Key)
		d.complain(err)
		if failures >= limit {
			d.disable(ctx, strconv.FormatInt(failures, 10)+" deliveries have failed one after the other")
			return
		}
	}
	d.unhealthy(ctx, o, false)
}

func (d *delivery) disable(ctx context.Context, reason string) {
	if !d.job.trigger.Farewell {
		d.complain(d.scheduler.queue.Disable(ctx, d.webhook.Key, reason))
	}
}

// complain logs that what follows from an outcome could not be stored. The
// outcome is; what follows comes with the next one.
func (d *delivery) complain(err error) {
	if err != nil {
		d.scheduler.options.Log.Warn("the state of a webhook could not be stored", "webhook", d.webhook.Key, "error", err)
	}
}

// healthy notes that a webhook that was not well is again.
func (d *delivery) healthy(ctx context.Context) {
	if (d.webhook.Health != hook.HealthActive || d.webhook.HealthReason != "") && !d.job.trigger.Farewell {
		d.complain(d.scheduler.queue.SetHealth(ctx, d.webhook.Key, hook.HealthActive, ""))
	}
}

// unhealthy notes how a webhook is after a failed request: WARNING while there
// are further ones to come, then ERROR if its receiver answers and UNREACHABLE
// if it does not. It is written only if that is news.
func (d *delivery) unhealthy(ctx context.Context, o Outcome, again bool) {
	health := hook.HealthWarning
	switch {
	case !again && (o.StatusCode == 0 || d.webhook.Dialect == hook.PageSeeder):
		health = hook.HealthUnreachable // PageSeeder, section 6.1
	case !again:
		health = hook.HealthError
	}
	worse := map[hook.Health]int{hook.HealthActive: 0, hook.HealthWarning: 1, hook.HealthError: 2, hook.HealthUnreachable: 2}
	if d.job.trigger.Farewell || worse[health] <= worse[d.webhook.Health] && (again || health == d.webhook.Health) {
		return
	}
	d.complain(d.scheduler.queue.SetHealth(ctx, d.webhook.Key, health, reasonOf(o)))
}

// reasonOf says in a sentence why a request failed.
func reasonOf(o Outcome) string {
	if o.Err != nil {
		return o.Err.Error()
	}
	text := "the receiver answered " + strconv.Itoa(o.StatusCode)
	if name := http.StatusText(o.StatusCode); name != "" {
		text += " " + name
	}
	return text
}

// maxHeaders is how much of the headers of an answer is kept, in bytes.
const maxHeaders = 4 << 10

func attemptOf(at time.Time, o Outcome) hook.Attempt {
	a := hook.Attempt{
		At: at.UTC().Truncate(time.Millisecond), Duration: o.Duration.Milliseconds(),
		StatusCode: int32(o.StatusCode), ErrorKind: o.ErrorKind,
		Body: strings.ToValidUTF8(string(o.Body), "\uFFFD"), Truncated: o.Truncated,
	}
	if o.Err != nil {
		a.Error = o.Err.Error()
	}
	for name, values := range o.Header {
		for _, value := range values {
			if name == "Set-Cookie" { // may be a credential of the receiver's
				value = "[secret]"
			}
			a.Headers = append(a.Headers, name+": "+strings.ToValidUTF8(value, "\uFFFD"))
		}
	}
	slices.Sort(a.Headers)
	size := 0
	for i, line := range a.Headers {
		if size += len(line); size > maxHeaders {
			a.Headers = a.Headers[:i]
			break
		}
	}
	return a
}
