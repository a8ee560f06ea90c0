package storage_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/event"

	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/mongo"
	"github.com/hookgraph/hookgraph/storage/mongotest"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

func TestMain(m *testing.M) { mongotest.Main(m) }

// A backend is a fresh, empty database of one test. What the test reads and
// writes is checked against the declared indexes when it ends.
type backend struct {
	engine storage.Engine
	store  *storage.Store
	// atomic: a write that fails has changed nothing.
	atomic bool
	// oddConflicts: a unique value that a replacement takes is refused, but not
	// as a conflict.
	oddConflicts bool
	// another returns a store that shares the database, as another process
	// would where the engine allows for that.
	another func(t *testing.T) *storage.Store
}

// onEach runs a test on each engine.
func onEach(t *testing.T, run func(t *testing.T, b backend)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		run(t, openSQLite(t))
	})
	t.Run("mongo", func(t *testing.T) {
		t.Parallel()
		run(t, openMongo(t))
	})
}

func openSQLite(t *testing.T) backend {
	t.Helper()
	dir, plans := t.TempDir(), &plans{statements: map[string][]any{}}
	engine, err := sqlite.Open(t.Context(), dir, storage.Collections(), sqlite.Options{OnQuery: plans.add})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		plans.check(t, dir)
	})
	store := storage.New(engine)
	return backend{
		engine: engine, store: store, atomic: true,
		another: func(*testing.T) *storage.Store { return storage.New(engine) },
	}
}

func openMongo(t *testing.T) backend {
	t.Helper()
	database := mongotest.Open(t)
	open := func(t *testing.T) storage.Engine {
		t.Helper()
		checker := mongotest.NewIndexChecker(storage.Collections())
		engine, err := mongo.Open(t.Context(), database.URI, storage.Collections(),
			mongo.Options{Monitors: []*event.CommandMonitor{checker.Monitor()}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := engine.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
			if err := checker.Err(); err != nil {
				t.Errorf("commands that no declared index serves: %v", err)
			}
		})
		return engine
	}
	engine := open(t)
	return backend{
		engine: engine, store: storage.New(engine), oddConflicts: database.Traits.StandIn,
		another: func(t *testing.T) *storage.Store { return storage.New(open(t)) },
	}
}
