package sqlite_test

import (
	"fmt"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

var (
	byPlace = &storage.Index{Name: "place", Keys: []string{"place"}}
	mails   = &storage.Collection{Name: "letters", Indexes: []*storage.Index{byPlace}, Sequence: "place"}
	stamps  = &storage.Collection{Name: "stamps", Indexes: []*storage.Index{byPlace}, Sequence: "place", Placed: true}
	post    = []*storage.Collection{mails, stamps}
)

func letter(t *testing.T, key string, version, place int64) bson.Raw {
	return raw(t, bson.D{{Key: "_id", Value: key}, {Key: "version", Value: version}, {Key: "place", Value: place}})
}

// placeOf returns where a document says that it stands and where its index has it.
func placeOf(t *testing.T, e *sqlite.Engine, c *storage.Collection, key string) int64 {
	t.Helper()
	doc, err := e.Get(t.Context(), c, key)
	if err != nil || doc == nil {
		t.Fatalf("%s: %v, %v", key, doc, err)
	}
	place, _ := doc.Lookup("place").AsInt64OK()
	found, err := e.Find(t.Context(), storage.Query{Collection: c, Index: byPlace, Equal: []any{place}, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range found {
		if other.Lookup("_id").StringValue() == key {
			return place
		}
	}
	t.Errorf("%s says that it is at %d, the index does not have it there", key, place)
	return place
}

// TestPlacesAreInTheOrderOfCommits: whoever has read up to a place never misses
// what is committed later, whatever places the writers ask for.
func TestPlacesAreInTheOrderOfCommits(t *testing.T) {
	t.Parallel()
	e := openAt(t, t.TempDir(), post, sqlite.Options{})
	const writers, writes = 8, 60
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range writes {
				// Places far apart and falling; the second document is refused sometimes,
				// which undoes the first.
				key := fmt.Sprintf("%d-%d", w, i)
				ops := []storage.Op{{Kind: storage.Insert, Collection: mails, Document: letter(t, key, 1, int64(1000*(writers-w)-i))}}
				if i%5 == 0 {
					ops = append(ops, storage.Op{Kind: storage.Insert, Collection: stamps, Document: letter(t, fmt.Sprint("shared", i), 1, 5)})
				}
				_, err := e.Write(t.Context(), ops...)
				if err != nil && i%5 != 0 {
					t.Error(err)
				}
			}
		})
	}
	read := map[string]int64{}
	last := int64(-1)
	follow := func() {
		for {
			page, err := e.Find(t.Context(), storage.Query{Collection: mails, Index: byPlace, From: last + 1, Limit: 7})
			if err != nil {
				t.Fatal(err)
			}
			for _, doc := range page {
				last = doc.Lookup("place").Int64()
				read[doc.Lookup("_id").StringValue()]++
			}
			if len(page) < 7 {
				return
			}
		}
	}
	ended := make(chan struct{})
	go func() { group.Wait(); close(ended) }()
	for running := true; running; {
		select {
		case <-ended:
			running = false
		default:
		}
		follow()
	}
	n, err := e.Count(t.Context(), storage.Query{Collection: mails, Index: byPlace, Limit: 10_000})
	if err != nil || n != len(read) || n < writers*writes*4/5 {
		t.Errorf("%d of %d letters were read (%v)", len(read), n, err)
	}
	for key, times := range read {
		if times != 1 {
			t.Errorf("%s was read %d times", key, times)
		}
	}
}

// TestPlaces: a change moves a document to the end, unless its collection keeps
// places; an engine that is opened again goes on behind the highest.
func TestPlaces(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := openAt(t, dir, post, sqlite.Options{})
	write := func(kind storage.OpKind, c *storage.Collection, key string, version, place int64) {
		t.Helper()
		o := storage.Op{Kind: kind, Collection: c, Key: key, Version: version - 1, Document: letter(t, key, version, place)}
		if kind == storage.Insert {
			o.Version = 0
		}
		if _, err := e.Write(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(c *storage.Collection, key string, want int64) {
		t.Helper()
		if got := placeOf(t, e, c, key); got != want {
			t.Errorf("%s of %s is at %d, want %d", key, c.Name, got, want)
		}
	}
	write(storage.Insert, mails, "a", 1, 100)
	write(storage.Insert, stamps, "s", 1, 100)
	write(storage.Insert, mails, "b", 1, 50)
	expect(mails, "a", 100)
	expect(stamps, "s", 101)
	expect(mails, "b", 102)
	write(storage.Replace, mails, "a", 2, 100)
	write(storage.Replace, stamps, "s", 2, 7)
	expect(mails, "a", 103)
	expect(stamps, "s", 101)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = openAt(t, dir, post, sqlite.Options{})
	write(storage.Insert, stamps, "later", 1, 1)
	expect(stamps, "later", 104)

	without := raw(t, bson.D{{Key: "_id", Value: "x"}, {Key: "version", Value: int64(1)}, {Key: "place", Value: "first"}})
	if _, err := e.Write(t.Context(), storage.Op{Kind: storage.Insert, Collection: mails, Document: without}); err == nil {
		t.Error("a document without a place was stored")
	}
}

// TestOlderDocumentsStandAtTheBeginning: a file from before there was a sequence
// opens, and its documents can be changed.
func TestOlderDocumentsStandAtTheBeginning(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := openAt(t, dir, []*storage.Collection{{Name: "letters"}, {Name: "stamps"}}, sqlite.Options{})
	for _, c := range post {
		old := &storage.Collection{Name: c.Name}
		doc := raw(t, bson.D{{Key: "_id", Value: "old"}, {Key: "version", Value: int64(1)}})
		if _, err := e.Write(t.Context(), storage.Op{Kind: storage.Insert, Collection: old, Document: doc}); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = openAt(t, dir, post, sqlite.Options{})
	for _, c := range post {
		found, err := e.Find(t.Context(), storage.Query{Collection: c, Index: byPlace, Equal: []any{int64(0)}, Limit: 2})
		if err != nil || len(found) != 1 {
			t.Fatalf("%s: %d documents at the beginning, %v", c.Name, len(found), err)
		}
		o := storage.Op{Kind: storage.Replace, Collection: c, Key: "old", Version: 1, Document: letter(t, "old", 2, 70)}
		if _, err := e.Write(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if got, want := placeOf(t, e, c, "old"), map[string]int64{"letters": 70, "stamps": 0}[c.Name]; got != want {
			t.Errorf("%s: at %d after a change, want %d", c.Name, got, want)
		}
	}
}
