package resolvers_test

import (
	"context"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/v2/event"

	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/mongo"
	"github.com/hookgraph/hookgraph/storage/mongotest"
)

func TestMain(m *testing.M) { mongotest.Main(m) }

// onEach runs a test on each engine. commands counts what MongoDB was sent.
func onEach(t *testing.T, run func(t *testing.T, g *gateway, commands *atomic.Int64)) {
	t.Run("sqlite", func(t *testing.T) { run(t, open(t), new(atomic.Int64)) })
	t.Run("mongo", func(t *testing.T) {
		var commands atomic.Int64
		engine, err := mongo.Open(t.Context(), mongotest.Open(t).URI, storage.Collections(), mongo.Options{
			Monitors: []*event.CommandMonitor{{
				Started: func(context.Context, *event.CommandStartedEvent) { commands.Add(1) },
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := engine.Close(); err != nil {
				t.Error(err)
			}
		})
		run(t, openOn(t, engine), &commands)
	})
}
