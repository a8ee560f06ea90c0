package storage_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

// batch is the number of events that one write publishes or finishes.
const batch = 32

// BenchmarkQueue is the way of events through the queue on SQLite, to disk:
// they are published with a trigger each, read back as a window of the queue,
// and finished with an attempt and the counters of their webhook. Each
// goroutine has a webhook and a partition.
func BenchmarkQueue(b *testing.B) {
	for _, goroutines := range []int{1, 2, 4} {
		b.Run(fmt.Sprintf("goroutines=%d", goroutines), func(b *testing.B) {
			engine, err := sqlite.Open(b.Context(), b.TempDir(), storage.Collections(), sqlite.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer engine.Close()
			store := storage.New(engine)
			var left atomic.Int64
			left.Store(int64(b.N))
			var wg sync.WaitGroup
			b.ReportAllocs()
			b.ResetTimer()
			for g := range goroutines {
				wg.Go(func() {
					q := queue{store: store, webhook: fmt.Sprintf("webhook-%013d", g), partition: int32(g)}
					for left.Add(-batch) > -batch {
						if err := q.round(b); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

type queue struct {
	store     *storage.Store
	webhook   string
	partition int32
	done      []hook.Change // events to mark with the next batch
}

func (q *queue) round(b *testing.B) error {
	if err := q.publish(b); err != nil {
		return err
	}
	window, err := q.store.Triggers().Find(b.Context(), hook.Query{
		List: hook.TriggersByQueue, Equal: []any{q.partition, q.webhook}, Limit: batch,
	})
	if err != nil {
		return err
	}
	if len(window) != batch {
		return fmt.Errorf("the window has %d triggers, not %d", len(window), batch)
	}
	return q.finish(b, window)
}

// publish stores events and their triggers and marks the events of the batch
// before as done.
func (q *queue) publish(b *testing.B) error {
	changes := q.done
	q.done = nil
	for range batch {
		e := newEvent(q.webhook)
		changes = append(changes, inserting(e),
			hook.Change{Kind: hook.ChangeInsert, Entity: newTrigger(e, q.webhook, q.partition), Present: true})
		q.done = append(q.done, replacing(e))
	}
	if err := q.store.Write(b.Context(), changes...); err != nil {
		return err
	}
	for _, c := range q.done {
		c.Entity.(*hook.Event).State = hook.EventDone
	}
	return nil
}

// finish stores the outcomes of a window; the counters are one change for all.
func (q *queue) finish(b *testing.B, window []*hook.Trigger) error {
	changes := make([]hook.Change, 0, batch+1)
	count := hook.Change{Kind: hook.ChangeCount, Webhook: q.webhook, Add: hook.Stats{Triggers: batch}}
	for _, read := range window {
		t := *read
		pass(&t)
		changes = append(changes, replacing(&t))
		if len(count.Last) < hook.LastTriggers {
			count.Last = append(count.Last, hook.LastTrigger{Trigger: t.Key, Status: t.Status})
		}
	}
	return q.store.Write(b.Context(), append(changes, count)...)
}

var payload = `{"uri":"` + strings.Repeat("/documents/report", 28) + `"}` // 488 bytes

func newEvent(webhook string) *hook.Event {
	now := hook.Now()
	return &hook.Event{
		Meta: hook.Meta{Key: hook.TimeKey(now), Created: now}, Dialect: hook.Standard, Type: "uri.modified",
		OccurredAt: now, Owner: hook.AccountOwner, Data: payload, BodyHash: make([]byte, 32),
		Targets: []string{webhook}, State: hook.EventFanout,
	}
}

func newTrigger(e *hook.Event, webhook string, partition int32) *hook.Trigger {
	return &hook.Trigger{
		Meta: hook.Meta{Key: hook.TimeKey(e.Created), Created: e.Created}, Webhook: webhook, Owner: e.Owner,
		Event: e.Key, EventType: e.Type, Status: hook.TriggerPending, Partition: partition, Due: e.Created,
	}
}

func pass(t *hook.Trigger) {
	t.Status, t.Partition = hook.TriggerPass, hook.ClosedPartition
	t.Attempts = append(t.Attempts, hook.Attempt{
		Number: 1, At: t.Due, Duration: 12, StatusCode: 200,
		Headers: []string{"Content-Type: application/json", "Date: Sun, 01 Mar 2026 12:00:00 GMT"}, Body: `{"ok":true}`,
	})
}

func newWebhook() *hook.Webhook {
	w := &hook.Webhook{
		Meta: hook.Meta{Key: "aB3dE6gH9jK2mN5pQ8sT", Version: 3, Created: epoch}, Dialect: hook.Kheops,
		Owner: "Album:aB3dE6gH9j", Name: "Reports", URL: "https://receiver.example.org/hooks/reports", Enabled: true,
		Health: hook.HealthActive, SecretState: hook.SecretSet, Secret: make([]byte, 60), Format: hook.FormatJSON,
		Detail: hook.DetailBasic, VerifyTLS: true, CreatedBy: "Member:1000000001", Modified: epoch.Add(time.Hour),
	}
	for i, pattern := range []string{"new_series", "remove_series", "new_user"} {
		w.Subscriptions = append(w.Subscriptions, hook.Subscription{ID: fmt.Sprint("subscription-", i), Pattern: pattern})
	}
	return w
}
