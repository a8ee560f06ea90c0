package mongo_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/event"

	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/enginetest"
	"github.com/hookgraph/hookgraph/storage/mongo"
	"github.com/hookgraph/hookgraph/storage/mongotest"
)

func TestMain(m *testing.M) { mongotest.Main(m) }

// open opens an engine on a database of its own, every command of which is
// checked against the declared indexes.
func open(t *testing.T, collections []*storage.Collection) storage.Engine {
	t.Helper()
	database := mongotest.Open(t)
	checker := mongotest.NewIndexChecker(collections)
	engine, err := mongo.Open(t.Context(), database.URI, collections, mongo.Options{
		Monitors: []*event.CommandMonitor{checker.Monitor()},
	})
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

func traits(t *testing.T) enginetest.Traits {
	return enginetest.Traits{DuplicateOnReplaceIsInternal: mongotest.Open(t).Traits.StandIn}
}
