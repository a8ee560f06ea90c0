// Package enginetest is the contract of storage.Engine as test suites, which
// every engine runs.
package enginetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/storage"
)

// An Opener opens an engine on a fresh, empty database with the collections,
// and registers what is to be cleaned up after the test.
type Opener func(t *testing.T, collections []*storage.Collection) storage.Engine

// Traits name where an engine, or what stands in for its database, departs
// from the others.
type Traits struct {
	// Atomic: a write that ends early has changed nothing. Without it the
	// operations before the failed one may stay; those after it never run.
	Atomic bool
	// DuplicateOnReplaceIsInternal: a unique value that Replace finds taken is
	// refused with some error, not with a Conflict.
	DuplicateOnReplaceIsInternal bool
}

// Parcels have keys of every type; Meters are counters.
var (
	bySender    = &storage.Index{Name: "sender", Keys: []string{"sender"}}
	byWeight    = &storage.Index{Name: "weight", Keys: []string{"weight"}}
	byDue       = &storage.Index{Name: "due", Keys: []string{"due"}}
	byDelivered = &storage.Index{Name: "delivered", Keys: []string{"sender", "delivered", "due"}}
	byLabel     = &storage.Index{Name: "labels", Keys: []string{"labels", "weight"}, Array: true}
	byCode      = &storage.Index{Name: "code", Keys: []string{"code"}, Unique: true}
	bySlip      = &storage.Index{Name: "slip", Keys: []string{"sender", "slip"}, Unique: true}

	parcels = &storage.Collection{
		Name:    "parcels",
		Indexes: []*storage.Index{bySender, byWeight, byDue, byDelivered, byLabel, byCode, bySlip},
	}
	meters = &storage.Collection{Name: "meters", Counter: true}
)

// Collections returns the declarations that the suites open engines with.
func Collections() []*storage.Collection { return []*storage.Collection{parcels, meters} }

type parcel struct {
	ID        string    `bson:"_id"`
	Version   int64     `bson:"version"`
	Sender    string    `bson:"sender"`
	Weight    int64     `bson:"weight"`
	Delivered bool      `bson:"delivered"`
	Due       time.Time `bson:"due"`
	Labels    []string  `bson:"labels,omitempty"`
	Code      string    `bson:"code"`
	Slip      string    `bson:"slip"`
	Note      string    `bson:"note,omitempty"`
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// newParcel returns a parcel whose unique values are its own.
func newParcel(id string, edit ...func(*parcel)) parcel {
	p := parcel{ID: id, Version: 1, Sender: "anna", Weight: 10, Due: noon, Code: id, Slip: id}
	for _, f := range edit {
		f(&p)
	}
	return p
}

func (p parcel) raw() bson.Raw {
	doc, err := bson.Marshal(p)
	if err != nil {
		panic(err) // the type has no field that could not be marshalled
	}
	return doc
}

func insert(p parcel) storage.Op {
	return storage.Op{Kind: storage.Insert, Collection: parcels, Key: p.ID, Document: p.raw()}
}

// replace puts p, as the next version, in place of the given version.
func replace(p parcel, version int64) storage.Op {
	p.Version = version + 1
	return storage.Op{Kind: storage.Replace, Collection: parcels, Key: p.ID, Version: version, Document: p.raw()}
}

func remove(key string, version int64) storage.Op {
	return storage.Op{Kind: storage.Delete, Collection: parcels, Key: key, Version: version}
}

func lenient(op storage.Op) storage.Op {
	op.Lenient = true
	return op
}

func write(t *testing.T, e storage.Engine, ops ...storage.Op) []storage.Result {
	t.Helper()
	results, err := e.Write(t.Context(), ops...)
	if err != nil {
		t.Fatalf("write: %v", err)
	}
	if len(results) != len(ops) {
		t.Fatalf("write of %d operations has %d results", len(ops), len(results))
	}
	return results
}

func writeParcels(t *testing.T, e storage.Engine, list ...parcel) {
	t.Helper()
	for len(list) > 0 {
		n := min(len(list), 100)
		var ops []storage.Op
		for _, p := range list[:n] {
			ops = append(ops, insert(p))
		}
		write(t, e, ops...)
		list = list[n:]
	}
}

// stored returns a parcel as it is in the database, nil if it is not there.
func stored(t *testing.T, e storage.Engine, key string) *parcel {
	t.Helper()
	doc, err := e.Get(t.Context(), parcels, key)
	if err != nil {
		t.Fatalf("get %s: %v", key, err)
	}
	if doc == nil {
		return nil
	}
	return decode(t, doc)
}

func decode(t *testing.T, doc bson.Raw) *parcel {
	t.Helper()
	var p parcel
	if err := bson.Unmarshal(doc, &p); err != nil {
		t.Fatalf("decode: %v", err)
	}
	p.Due = p.Due.UTC()
	return &p
}

func wantStored(t *testing.T, e storage.Engine, want parcel) {
	t.Helper()
	if diff := cmp.Diff(&want, stored(t, e, want.ID)); diff != "" {
		t.Errorf("stored parcel %s (-want +got):\n%s", want.ID, diff)
	}
}

func wantGone(t *testing.T, e storage.Engine, key string) {
	t.Helper()
	if p := stored(t, e, key); p != nil {
		t.Errorf("parcel %s is stored: %+v", key, *p)
	}
}

func find(t *testing.T, e storage.Engine, q storage.Query) []string {
	t.Helper()
	q.Collection = parcels
	docs, err := e.Find(t.Context(), q)
	if err != nil {
		t.Fatalf("find: %v", err)
	}
	return keys(t, docs)
}

// keys returns the keys of documents, never nil.
func keys(t *testing.T, docs []bson.Raw) []string {
	t.Helper()
	list := []string{}
	for _, d := range docs {
		list = append(list, decode(t, d).ID)
	}
	return list
}

func wantFound(t *testing.T, e storage.Engine, q storage.Query, want ...string) {
	t.Helper()
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(want, find(t, e, q)); diff != "" {
		t.Errorf("found by %s (-want +got):\n%s", q.Index.Name, diff)
	}
}

// wantOpError checks how a write ended early.
func wantOpError(t *testing.T, err error, position int) error {
	t.Helper()
	var failed *storage.OpError
	if !errors.As(err, &failed) {
		t.Fatalf("the write ended with %v, want an OpError", err)
	}
	if failed.Position != position {
		t.Errorf("operation %d is said to have failed, want %d", failed.Position, position)
	}
	return failed.Err
}

func wantConflict(t *testing.T, err error, index string) {
	t.Helper()
	var conflict *storage.Conflict
	if !errors.As(err, &conflict) {
		t.Fatalf("error %v, want a Conflict", err)
	}
	if diff := cmp.Diff(&storage.Conflict{Collection: "parcels", Index: index}, conflict); diff != "" {
		t.Errorf("conflict (-want +got):\n%s", diff)
	}
}

func wantStale(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, storage.ErrStale) {
		t.Errorf("error %v, want ErrStale", err)
	}
}

func wantUnavailable(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("%s: error %v, want ErrUnavailable", what, err)
	}
}
