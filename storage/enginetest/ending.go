package enginetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/storage"
)

// calls are all operations of an engine, with the given context.
func calls(ctx context.Context, e storage.Engine) map[string]error {
	q := storage.Query{Collection: parcels, Index: bySender, Equal: []any{"anna"}, Limit: 5}
	failures := map[string]error{}
	_, failures["write"] = e.Write(ctx, insert(newParcel("late")))
	_, failures["get"] = e.Get(ctx, parcels, "p1")
	_, failures["get many"] = e.GetMany(ctx, parcels, []string{"p1", "p2"})
	_, failures["find"] = e.Find(ctx, q)
	_, failures["find each"] = e.FindEach(ctx, q, []any{"anna", "boris"})
	_, failures["count"] = e.Count(ctx, q)
	failures["ping"] = e.Ping(ctx)
	return failures
}

func testCancelled(t *testing.T, e storage.Engine, _ Traits) {
	write(t, e, insert(newParcel("p1")))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, err := range calls(ctx, e) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v, want context.Canceled", name, err)
		}
	}
	wantGone(t, e, "late")
	wantStored(t, e, newParcel("p1"))
}

func testExpired(t *testing.T, e storage.Engine, _ Traits) {
	write(t, e, insert(newParcel("p1")))
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	for name, err := range calls(ctx, e) {
		wantUnavailable(t, name, err)
	}
	wantGone(t, e, "late")
	wantStored(t, e, newParcel("p1"))
}

func testClosed(t *testing.T, e storage.Engine, _ Traits) {
	write(t, e, insert(newParcel("p1")))
	if err := e.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	for name, err := range calls(t.Context(), e) {
		wantUnavailable(t, name, err)
	}
	if err := e.Close(); err != nil {
		t.Errorf("close again: %v", err)
	}
}
