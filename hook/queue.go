package hook

import (
	"context"
	"math"
	"strings"
	"time"
)

// A Queue is how the room delivery works off the open triggers. The triggers
// collection is the queue; what is said here is on disk when a method returns.
// Nobody's permissions are asked for.
type Queue struct{ *Service }

// Queue returns the queue of the service.
func (s *Service) Queue() Queue { return Queue{s} }

// queueEnd lies behind every place of a webhook in the queue.
var queueEnd = time.UnixMilli(math.MaxInt64 / 2_000_000).UTC()

// maxKeyText lies behind every key.
var maxKeyText = strings.Repeat("~", maxKey)

// A Waiting webhook has open triggers, the first due at an instant.
type Waiting struct {
	Webhook string
	Due     time.Time
}

// NextWaiting returns the first webhook behind a given one, in the order of their
// keys, that has open triggers in a partition; nil at the end. Its cost does not
// depend on how many triggers a webhook has.
func (q Queue) NextWaiting(ctx context.Context, partition int32, behind string) (*Waiting, error) {
	query := Query{List: TriggersByQueue, Equal: []any{partition}, Limit: 1}
	if behind != "" {
		query.After = []any{behind, queueEnd, maxKeyText}
	}
	found, err := q.store.Triggers().Find(ctx, query)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &Waiting{found[0].Webhook, found[0].Due}, nil
}

// Window returns the open triggers of a webhook that are due first.
func (q Queue) Window(ctx context.Context, webhook string, limit int) ([]*Trigger, error) {
	return q.store.Triggers().Find(ctx, Query{List: TriggersByQueue, Equal: []any{PartitionOf(webhook), webhook}, Limit: limit})
}

// Webhook returns a webhook, or nil.
func (q Queue) Webhook(ctx context.Context, key string) (*Webhook, error) {
	return q.store.Webhooks().Get(ctx, key)
}

// Trigger returns a trigger, or nil.
func (q Queue) Trigger(ctx context.Context, key string) (*Trigger, error) {
	return q.store.Triggers().Get(ctx, key)
}

// Event returns an event, or nil.
func (q Queue) Event(ctx context.Context, key string) (*Event, error) {
	return q.store.Events().Get(ctx, key)
}

// Events returns the events of triggers, in their order, nil where there is none.
func (q Queue) Events(ctx context.Context, triggers []*Trigger) ([]*Event, error) {
	keys := make([]string, len(triggers))
	for i, t := range triggers {
		keys[i] = t.Event
	}
	return getMany(ctx, q.store.Events(), keys)
}

// Farewell returns what a trigger needs whose webhook is gone, or nil.
func (q Queue) Farewell(ctx context.Context, key string) (*Farewell, error) {
	return q.store.Farewells().Get(ctx, key)
}

// Body returns the bytes of a body that was stored, nil if there is none.
func (q Queue) Body(ctx context.Context, key string) ([]byte, error) {
	b, err := q.store.Bodies().Get(ctx, key)
	if err != nil || b == nil {
		return nil, err
	}
	return b.Data, nil
}

// Passed records that a request of a trigger was taken by its receiver.
func (q Queue) Passed(ctx context.Context, t *Trigger, a Attempt) (*Trigger, error) {
	return q.record(ctx, t, &a, nil, func(t *Trigger) { t.close(TriggerPass) })
}

// Failed records that the last request of a trigger failed: there will be no
// other. reason is empty, or says why there was no request at all.
func (q Queue) Failed(ctx context.Context, t *Trigger, a *Attempt, reason string) (*Trigger, error) {
	return q.record(ctx, t, a, nil, func(t *Trigger) {
		t.close(TriggerFail)
		t.Reason = reason
	})
}

// Retry records that a request of a trigger failed, and when the next one is
// due. It keeps the body for that one.
func (q Queue) Retry(ctx context.Context, t *Trigger, a Attempt, due time.Time, body *Body) (*Trigger, error) {
	return q.record(ctx, t, &a, body, func(t *Trigger) {
		t.reopen(TriggerRetrying, due)
		t.Body, t.Reason = body.Key, ""
	})
}

// Wait records why a trigger waits.
func (q Queue) Wait(ctx context.Context, t *Trigger, reason string) (*Trigger, error) {
	return q.record(ctx, t, nil, nil, func(t *Trigger) { t.Reason = reason })
}

// record stores an outcome and returns the trigger as it is now. It is STALE if
// somebody else has changed it meanwhile, or it is gone.
func (q Queue) record(ctx context.Context, t *Trigger, a *Attempt, body *Body, change func(*Trigger)) (*Trigger, error) {
	next := *t
	if a != nil {
		a.Number = t.lastNumber() + 1
		next.Attempts = append(t.Attempts[max(len(t.Attempts)-MaxAttempts+1, 0):len(t.Attempts):len(t.Attempts)], *a)
	}
	change(&next)
	changes := []Change{replace(&next)}
	if body != nil && t.Body != body.Key {
		changes = []Change{{Kind: ChangeInsert, Entity: body, Present: true}, replace(&next)}
	}
	if next.Farewell && !next.Open() {
		changes = append(changes, remove(&Farewell{Meta: Meta{Key: next.Key}}))
	}
	if next.Farewell {
		if err := q.store.Write(ctx, changes...); err != nil {
			return nil, err
		}
		return &next, nil
	}
	if err := q.writeCounted(ctx, []string{next.Webhook}, changes, func() { q.tally.recorded(&next, a) }); err != nil {
		return nil, err
	}
	return &next, nil
}

// Failures returns how many triggers of a webhook have failed since the last
// good one.
func (q Queue) Failures(ctx context.Context, webhook string) (int64, error) {
	stats, err := q.stats(ctx, []string{webhook})
	if err != nil {
		return 0, err
	}
	return stats[0].Failures, nil
}

// SetHealth stores what delivery has found about a webhook. A webhook that waits
// for its ping, or has gone, stays as it is.
func (q Queue) SetHealth(ctx context.Context, key string, health Health, reason string) error {
	return q.change(ctx, key, "", func(w *Webhook) bool {
		if w.Health == HealthPending || w.Health == health && w.HealthReason == reason {
			return false
		}
		w.Health, w.HealthReason = health, reason
		return true
	})
}

// Disable turns a webhook off because of what its deliveries have found, with an
// entry in the audit log.
func (q Queue) Disable(ctx context.Context, key, reason string) error {
	return q.change(ctx, key, "disableWebhook", func(w *Webhook) bool {
		if !w.Enabled {
			return false
		}
		w.Enabled, w.Health, w.HealthReason = false, HealthError, reason
		return true
	})
}

func (q Queue) change(ctx context.Context, key, operation string, change func(*Webhook) bool) error {
	for try := 0; ; try++ {
		w, err := q.store.Webhooks().Get(ctx, key)
		if err != nil || w == nil {
			return err
		}
		next := *w
		if !change(&next) {
			return nil
		}
		changes := []Change{replace(&next)}
		if operation != "" {
			changes = append(changes, insert(auditEntry(ctx, operation, w.GetID(), auditChanges(w, &next))))
		}
		err = q.store.Write(ctx, changes...)
		if CodeOf(err) != Stale || try == maxRetries {
			return err
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
}
