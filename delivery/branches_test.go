package delivery_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/event"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/mongo"
	"github.com/hookgraph/hookgraph/storage/mongotest"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

func TestMain(m *testing.M) { mongotest.Main(m) }

// A town has several offices on one database.
type town struct {
	t testing.TB
	// open returns the database as another process would.
	open    func() storage.Engine
	form    *plainForm
	options delivery.ReplicaOptions
}

// openTown returns a town on the database of the test's. Its policy has no delays
// to speak of.
func openTown(t testing.TB, options delivery.ReplicaOptions, open func() storage.Engine) *town {
	form := &plainForm{dialect: hook.Standard, policy: delivery.Policy{Delays: []time.Duration{time.Millisecond, time.Millisecond}, Timeout: 5 * time.Second}}
	return &town{t, open, form, options}
}

// openSQLite returns a town whose offices share what is otherwise one process's.
func openSQLite(t testing.TB) *town {
	t.Helper()
	engine, err := sqlite.Open(context.Background(), t.TempDir(), storage.Collections(), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return openTown(t, swift, func() storage.Engine { return engine })
}

// onEachStore runs a test on each database.
func onEachStore(t *testing.T, run func(t *testing.T, o *town)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		run(t, openSQLite(t))
	})
	t.Run("mongo", func(t *testing.T) {
		t.Parallel()
		database := mongotest.Open(t)
		run(t, openTown(t, slow, func() storage.Engine {
			checker := mongotest.NewIndexChecker(storage.Collections())
			engine, err := mongo.Open(context.Background(), database.URI, storage.Collections(),
				mongo.Options{Monitors: []*event.CommandMonitor{checker.Monitor()}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := engine.Close(); err != nil {
					t.Error(err)
				}
				if err := checker.Err(); err != nil {
					t.Errorf("commands that no declared index serves: %v", err)
				}
			})
			return engine
		}))
	})
}

func (f *plainForm) set(p delivery.Policy) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.policy = p
}

// swift are options with which replicas notice each other soon. slow ones suit a
// database that has one write at a time.
var (
	swift = delivery.ReplicaOptions{
		Beat: 200 * time.Millisecond, Patience: 2 * time.Second, Look: 50 * time.Millisecond,
		HandOver: time.Second, Poll: 50 * time.Millisecond, Coalesce: 20 * time.Millisecond,
	}
	slow = delivery.ReplicaOptions{Look: 250 * time.Millisecond, HandOver: time.Second}
)

// A branch is one of several offices that share the deliveries.
type branch struct {
	*office
	// kill ends it without a word to the others: requests under way are cut. pause
	// only ends its beats: it notices nothing.
	kill, pause func()
	// away: it can store nothing.
	away atomic.Bool
}

// A shaky store can be made to refuse writes.
type shaky struct {
	hook.Store
	away *atomic.Bool
}

func (s *shaky) Write(ctx context.Context, changes ...hook.Change) error {
	if s.away.Load() {
		return hook.Unavailablef(nil, "the database is not available")
	}
	return s.Store.Write(ctx, changes...)
}

// branch opens an office that takes part.
func (o *town) branch(options delivery.ReplicaOptions) *branch {
	o.t.Helper()
	b := &branch{}
	b.office = o.service(&b.away)
	options.Log = slog.New(slog.NewTextHandler(o.t.Output(), nil))
	replica := delivery.NewReplica(b.Service, b.scheduler, options)
	b.DeliverBy(b.scheduler)
	sharing, leave := context.WithCancel(context.Background())
	delivering, end := context.WithCancel(context.Background())
	var taking, running sync.WaitGroup
	taking.Go(func() { replica.RunUntilKilled(sharing) })
	running.Go(func() { b.scheduler.Run(delivering, time.Millisecond) })
	var once sync.Once
	b.stop = func() {
		once.Do(func() {
			leave()
			taking.Wait()
			replica.Run(sharing) // which has ended: it only leaves
			end()
			running.Wait()
		})
	}
	b.pause = func() {
		once.Do(func() {
			leave()
			taking.Wait()
			o.t.Cleanup(func() {
				end()
				running.Wait()
			})
		})
	}
	b.kill = func() {
		once.Do(func() {
			leave()
			end()
			taking.Wait()
			running.Wait()
		})
	}
	o.t.Cleanup(b.stop)
	return b
}

func everything() []int32 {
	all := make([]int32, hook.Partitions)
	for p := range all {
		all[p] = int32(p)
	}
	return all
}

// service opens an office that delivers nothing yet.
func (o *town) service(away *atomic.Bool) *office {
	o.t.Helper()
	vault, err := hook.NewVault([]byte(strings.Repeat("k", 32)))
	if err != nil {
		o.t.Fatal(err)
	}
	p := &office{t: o.t, form: o.form, store: storage.New(o.open())}
	p.Service = hook.NewService(&shaky{Store: p.store, away: away}, vault, hook.Options{})
	p.admin = hook.WithViewer(context.Background(), hook.AdminViewer())
	sender := delivery.NewSender(delivery.Options{AllowPrivate: local})
	o.t.Cleanup(sender.Close)
	p.scheduler = delivery.NewScheduler(p.Service, sender, []delivery.Form{o.form}, delivery.SchedulerOptions{})
	return p
}

// owned returns how many partitions a branch delivers.
func (b *branch) owned() (n int) {
	for _, p := range everything() {
		if b.scheduler.Owned(p) {
			n++
		}
	}
	return n
}

// patiently waits for a condition as eventually does, on a database that has
// other tests, too.
func patiently(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}
