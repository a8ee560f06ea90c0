package enginetest

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/storage"
)

func increment(key string, inc map[string]int64) storage.Op {
	return storage.Op{Kind: storage.Increment, Collection: meters, Key: key, Inc: inc}
}

// wantMeter compares without regard to the order of fields, which engines may
// choose, but with regard to the types of values.
func wantMeter(t *testing.T, doc bson.Raw, want bson.M) {
	t.Helper()
	if doc == nil {
		t.Fatal("there is no document")
	}
	if err := doc.Validate(); err != nil {
		t.Fatalf("not valid BSON: %v", err)
	}
	var ordered bson.D
	if err := bson.Unmarshal(doc, &ordered); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, unordered(ordered)); diff != "" {
		t.Errorf("meter (-want +got):\n%s", diff)
	}
}

func unordered(d bson.D) bson.M {
	m := bson.M{}
	for _, e := range d {
		if inner, ok := e.Value.(bson.D); ok {
			e.Value = unordered(inner)
		}
		m[e.Key] = e.Value
	}
	return m
}

func meter(t *testing.T, e storage.Engine, key string) bson.Raw {
	t.Helper()
	doc, err := e.Get(t.Context(), meters, key)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func testIncrementMakes(t *testing.T, e storage.Engine, _ Traits) {
	results := write(t, e, storage.Op{
		Kind: storage.Increment, Collection: meters, Key: "m1",
		Inc:   map[string]int64{"count": 3, "hours.h12.pass": 1, "hours.h12.fail": -2},
		Set:   map[string]any{"last": "t1", "state.since": int64(7)},
		Unset: []string{"nothing"},
	})
	want := bson.M{
		"_id": "m1", "count": int64(3), "last": "t1",
		"hours": bson.M{"h12": bson.M{"pass": int64(1), "fail": int64(-2)}},
		"state": bson.M{"since": int64(7)},
	}
	wantMeter(t, results[0].Document, want)
	wantMeter(t, meter(t, e, "m1"), want)
	if meter(t, e, "m2") != nil {
		t.Error("another document was made")
	}
}

func testIncrementChanges(t *testing.T, e storage.Engine, _ Traits) {
	write(t, e, storage.Op{
		Kind: storage.Increment, Collection: meters, Key: "m1",
		Inc: map[string]int64{"count": 1, "hours.h1": 1, "hours.h2": 2, "most": math.MaxInt64 - 1},
		Set: map[string]any{"note": "old", "list": bson.A{"a", "b"}},
	})
	results := write(t, e, storage.Op{
		Kind: storage.Increment, Collection: meters, Key: "m1",
		Inc:   map[string]int64{"count": -5, "hours.h2": 1, "hours.h3": 1, "most": 1},
		Set:   map[string]any{"note": "new", "list": bson.A{"c"}},
		Unset: []string{"hours.h1"},
	})
	want := bson.M{
		"_id": "m1", "count": int64(-4), "most": int64(math.MaxInt64),
		"hours": bson.M{"h2": int64(3), "h3": int64(1)},
		"note":  "new", "list": bson.A{"c"},
	}
	wantMeter(t, results[0].Document, want)
	wantMeter(t, meter(t, e, "m1"), want)

	results = write(t, e, storage.Op{Kind: storage.Increment, Collection: meters, Key: "m1", Unset: []string{"hours", "most", "list"}})
	wantMeter(t, results[0].Document, bson.M{"_id": "m1", "count": int64(-4), "note": "new"})
	results = write(t, e, storage.Op{Kind: storage.Increment, Collection: meters, Key: "m1", Set: map[string]any{"note": nil}})
	wantMeter(t, results[0].Document, bson.M{"_id": "m1", "count": int64(-4), "note": nil})
}

func testIncrementRepeated(t *testing.T, e storage.Engine, _ Traits) {
	results := write(t, e,
		increment("m1", map[string]int64{"n": 1}),
		insert(newParcel("p1")),
		increment("m2", map[string]int64{"n": 10}),
		increment("m1", map[string]int64{"n": 1}),
	)
	wantMeter(t, results[0].Document, bson.M{"_id": "m1", "n": int64(1)})
	wantMeter(t, results[2].Document, bson.M{"_id": "m2", "n": int64(10)})
	wantMeter(t, results[3].Document, bson.M{"_id": "m1", "n": int64(2)})
	wantStored(t, e, newParcel("p1"))
}

func testCounterDelete(t *testing.T, e storage.Engine, _ Traits) {
	write(t, e, increment("m1", map[string]int64{"n": 1}))
	write(t, e, storage.Op{Kind: storage.Delete, Collection: meters, Key: "m1"})
	if meter(t, e, "m1") != nil {
		t.Error("the counter is still there")
	}
	results := write(t, e, increment("m1", map[string]int64{"n": 1}))
	wantMeter(t, results[0].Document, bson.M{"_id": "m1", "n": int64(1)})
}
