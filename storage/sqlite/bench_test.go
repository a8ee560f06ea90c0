package sqlite_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

// The shapes of the queue: an event, and for each webhook it reaches a trigger
// of about 600 bytes.
var (
	events = &storage.Collection{Name: "events", Indexes: []*storage.Index{
		{Name: "created", Keys: []string{"created"}},
		{Name: "owner", Keys: []string{"owner", "created"}},
	}}
	triggers = &storage.Collection{Name: "triggers", Indexes: []*storage.Index{
		{Name: "webhook", Keys: []string{"webhook", "created"}},
		{Name: "webhookStatus", Keys: []string{"webhook", "status", "created"}},
		{Name: "event", Keys: []string{"event", "created"}},
		{Name: "owner", Keys: []string{"owner", "created"}},
		{Name: "ownerStatus", Keys: []string{"owner", "status", "created"}},
		{Name: "created", Keys: []string{"created"}},
		{Name: "open", Keys: []string{"open", "partition", "webhook", "due"}},
	}}
)

type trigger struct {
	ID        string    `bson:"_id"`
	Version   int64     `bson:"version"`
	Webhook   string    `bson:"webhook"`
	Event     string    `bson:"event"`
	Owner     string    `bson:"owner"`
	Status    string    `bson:"status"`
	Open      bool      `bson:"open"`
	Partition int64     `bson:"partition"`
	Due       time.Time `bson:"due"`
	Created   time.Time `bson:"created"`
	Filler    string    `bson:"filler"`
}

func raw(b testing.TB, v any) bson.Raw {
	doc, err := bson.Marshal(v)
	if err != nil {
		b.Fatal(err)
	}
	return doc
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

func randomKey(n int) string {
	key := make([]byte, n)
	for i := range key {
		key[i] = letters[rand.IntN(len(letters))]
	}
	return string(key)
}

const webhooks = 200

var filler = strings.Repeat("x", 340)

func newTrigger(webhook int) trigger {
	now := time.Now()
	return trigger{
		ID: randomKey(30), Version: 1, Webhook: fmt.Sprintf("webhook%013d", webhook), Event: randomKey(20),
		Owner: fmt.Sprintf("Client:%d", webhook/4), Status: "PENDING", Open: true, Partition: int64(webhook % 64),
		Due: now, Created: now, Filler: filler,
	}
}

func newEvent(key string) bson.D {
	return bson.D{
		{Key: "_id", Value: key}, {Key: "version", Value: int64(1)}, {Key: "owner", Value: "Client:7"},
		{Key: "created", Value: time.Now()}, {Key: "data", Value: filler},
	}
}

func insertTrigger(b testing.TB, t trigger) storage.Op {
	return storage.Op{Kind: storage.Insert, Collection: triggers, Key: t.ID, Document: raw(b, t)}
}

// seeded returns an engine in dir with n finished triggers.
func seeded(b testing.TB, dir string, n int, opts sqlite.Options) (*sqlite.Engine, []string) {
	e := openAt(b, dir, queue, opts)
	keys := make([]string, 0, n)
	for len(keys) < n {
		var ops []storage.Op
		for range 500 {
			t := newTrigger(rand.IntN(webhooks))
			t.Open, t.Status = false, "PASS"
			ops, keys = append(ops, insertTrigger(b, t)), append(keys, t.ID)
		}
		if _, err := e.Write(b.Context(), ops...); err != nil {
			b.Fatal(err)
		}
	}
	return e, keys
}

// BenchmarkInsert: 32 callers, one document a write.
func BenchmarkInsert(b *testing.B) {
	var commits atomic.Int64
	e, _ := seeded(b, b.TempDir(), 0, sqlite.Options{OnCommit: func(int) { commits.Add(1) }})
	b.SetParallelism(16)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := e.Write(b.Context(), insertTrigger(b, newTrigger(rand.IntN(webhooks)))); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "inserts/s")
	b.ReportMetric(float64(b.N)/float64(commits.Load()), "writes/commit")
}

func BenchmarkGet(b *testing.B) {
	e, keys := seeded(b, b.TempDir(), 50_000, sqlite.Options{})
	b.ResetTimer()
	for b.Loop() {
		if doc, err := e.Get(b.Context(), triggers, keys[rand.IntN(len(keys))]); err != nil || doc == nil {
			b.Fatal(doc, err)
		}
	}
}

// BenchmarkGetParallel: four callers at once.
func BenchmarkGetParallel(b *testing.B) {
	e, keys := seeded(b, b.TempDir(), 50_000, sqlite.Options{})
	b.SetParallelism(2)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if doc, err := e.Get(b.Context(), triggers, keys[rand.IntN(len(keys))]); err != nil || doc == nil {
				b.Error(doc, err)
				return
			}
		}
	})
}

func BenchmarkGetMany20(b *testing.B) {
	e, keys := seeded(b, b.TempDir(), 50_000, sqlite.Options{})
	b.ResetTimer()
	for b.Loop() {
		i := rand.IntN(len(keys) - 20)
		if _, err := e.GetMany(b.Context(), triggers, keys[i:i+20]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFind20(b *testing.B) {
	e, _ := seeded(b, b.TempDir(), 50_000, sqlite.Options{})
	b.ResetTimer()
	for b.Loop() {
		docs, err := e.Find(b.Context(), storage.Query{
			Collection: triggers, Index: triggers.Index("webhook"), Reverse: true, Limit: 20,
			Equal: []any{fmt.Sprintf("webhook%013d", rand.IntN(webhooks))},
		})
		if err != nil || len(docs) != 20 {
			b.Fatal(len(docs), err)
		}
	}
}

// BenchmarkFindEach: the last five of 20 webhooks.
func BenchmarkFindEach(b *testing.B) {
	e, _ := seeded(b, b.TempDir(), 50_000, sqlite.Options{})
	values := make([]any, 20)
	b.ResetTimer()
	for b.Loop() {
		for i := range values {
			values[i] = fmt.Sprintf("webhook%013d", rand.IntN(webhooks))
		}
		found, err := e.FindEach(b.Context(), storage.Query{
			Collection: triggers, Index: triggers.Index("webhook"), Equal: []any{""}, Reverse: true, Limit: 5,
		}, values)
		if err != nil || len(found[19]) != 5 {
			b.Fatal(found, err)
		}
	}
}

func BenchmarkCount10000(b *testing.B) {
	e, _ := seeded(b, b.TempDir(), 50_000, sqlite.Options{})
	b.ResetTimer()
	for b.Loop() {
		n, err := e.Count(b.Context(), storage.Query{Collection: triggers, Index: triggers.Index("created"), Limit: 10_000})
		if err != nil || n != 10_000 {
			b.Fatal(n, err)
		}
	}
}

// BenchmarkQueue takes an event through the queue: in batches of 32, publish
// it with one trigger, refill the window of its webhook by index, and finish
// what is in it. An operation is an event.
func BenchmarkQueue(b *testing.B) {
	for _, callers := range []int{1, 4} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) { benchmarkQueue(b, callers) })
	}
}

func benchmarkQueue(b *testing.B, callers int) {
	e, _ := seeded(b, b.TempDir(), 20_000, sqlite.Options{})
	const batch = 32
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	done := make(chan error, callers)
	for caller := range callers {
		go func() {
			for round := 0; left.Add(-batch) > -batch; round++ {
				webhook := (round*callers + caller) % webhooks
				if err := throughQueue(b, e, webhook, batch); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range callers {
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

func throughQueue(b *testing.B, e *sqlite.Engine, webhook, batch int) error {
	var ops []storage.Op
	for range batch {
		t := newTrigger(webhook)
		ops = append(ops,
			storage.Op{Kind: storage.Insert, Collection: events, Key: t.Event, Document: raw(b, newEvent(t.Event))},
			insertTrigger(b, t))
	}
	if _, err := e.Write(b.Context(), ops...); err != nil {
		return err
	}
	due, err := e.Find(b.Context(), storage.Query{
		Collection: triggers, Index: triggers.Index("open"), Limit: batch,
		Equal: []any{true, int64(webhook % 64), fmt.Sprintf("webhook%013d", webhook)},
		To:    time.Now().Add(time.Second),
	})
	if err != nil {
		return err
	}
	if len(due) == 0 {
		return fmt.Errorf("webhook %d has nothing due", webhook)
	}
	ops = ops[:0]
	for _, doc := range due {
		var t trigger
		if err := bson.Unmarshal(doc, &t); err != nil {
			return err
		}
		t.Version, t.Status, t.Open = t.Version+1, "PASS", false
		ops = append(ops, storage.Op{
			Kind: storage.Replace, Collection: triggers, Key: t.ID, Version: t.Version - 1, Document: raw(b, t),
		})
	}
	_, err = e.Write(b.Context(), ops...)
	return err
}
