package storage_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/hook"
)

func TestEveryFieldComesBack(t *testing.T) {
	onEach(t, func(t *testing.T, b backend) {
		for _, k := range kinds {
			r := k.reader(b.store)
			want := filled(t, k, 1, 1000)
			insertAll(t, b.store, want)
			if v := want.Base().Version; v != 1 {
				t.Errorf("%s: the version is %d after the insert", k.name, v)
			}
			got, err := r.get(t.Context(), want.Base().Key)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: written (-) and read (+) differ:\n%s", k.name, diff)
			}

			key := want.Base().Key
			want = filled(t, k, 2, 1000)
			want.Base().Key, want.Base().Version = key, 1
			if err := b.store.Write(t.Context(), replacing(want)); err != nil {
				t.Fatal(err)
			}
			if v := want.Base().Version; v != 2 {
				t.Errorf("%s: the version is %d after the replacement", k.name, v)
			}
			if got, err = r.get(t.Context(), key); err != nil {
				t.Fatal(err)
			}
			if e, ok := got.(*hook.Event); ok { // which keeps its place
				want.(*hook.Event).Place = e.Place
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: replaced (-) and read (+) differ:\n%s", k.name, diff)
			}
		}
	})
}

// TestNothingIsNull proves that an entity without values can stand in every
// index.
func TestNothingIsNull(t *testing.T) {
	onEach(t, func(t *testing.T, b backend) {
		for _, k := range kinds {
			e := k.make()
			e.Base().Key = "1"
			insertAll(t, b.store, e)
			doc, err := b.engine.Get(t.Context(), declared(t, k.name), "1")
			if err != nil {
				t.Fatal(err)
			}
			noNull(t, k.name, doc)
			got, err := k.reader(b.store).get(t.Context(), "1")
			if err != nil {
				t.Fatal(err)
			}
			if got.Base().Created.Location() != e.Base().Created.UTC().Location() {
				t.Errorf("%s: times come back in %s", k.name, got.Base().Created.Location())
			}
		}
	})
}

func noNull(t *testing.T, path string, doc bson.Raw) {
	t.Helper()
	elements, err := doc.Elements()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range elements {
		at := path + "." + e.Key()
		switch v := e.Value(); v.Type {
		case bson.TypeNull, bson.TypeUndefined:
			t.Errorf("%s is null", at)
		case bson.TypeEmbeddedDocument:
			noNull(t, at, v.Document())
		case bson.TypeArray:
			noNull(t, at, bson.Raw(v.Array()))
		}
	}
}

func TestGetMany(t *testing.T) {
	onEach(t, func(t *testing.T, b backend) {
		for _, k := range kinds {
			one, two := filled(t, k, 1, 9), filled(t, k, 2, 9)
			insertAll(t, b.store, one, two)
			r := k.reader(b.store)
			got, err := r.getMany(t.Context(), []string{two.Base().Key, "none", one.Base().Key, two.Base().Key})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]hook.Entity{two, nil, one, two}, got); diff != "" {
				t.Errorf("%s: want (-), got (+):\n%s", k.name, diff)
			}
			if got, err = r.getMany(t.Context(), nil); err != nil || len(got) != 0 {
				t.Errorf("%s: no keys give %v, %v", k.name, got, err)
			}
			if e, err := r.get(t.Context(), "none"); err != nil || e != nil {
				t.Errorf("%s: an unknown key gives %v, %v", k.name, e, err)
			}
		}
	})
}

func TestRemove(t *testing.T) {
	onEach(t, func(t *testing.T, b backend) {
		for _, k := range kinds {
			e := filled(t, k, 1, 9)
			insertAll(t, b.store, e)
			e.Base().Version = 17
			// Twice: a removal that was cut short is run again.
			for range 2 {
				if err := b.store.Write(t.Context(), removing(e)); err != nil {
					t.Fatalf("%s: %v", k.name, err)
				}
			}
			if got, err := k.reader(b.store).get(t.Context(), e.Base().Key); err != nil || got != nil {
				t.Errorf("%s: the removed entity gives %v, %v", k.name, got, err)
			}
		}
	})
}

func TestPing(t *testing.T) {
	onEach(t, func(t *testing.T, b backend) {
		if err := b.store.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := b.engine.Close(); err != nil {
			t.Fatal(err)
		}
		if code := hook.CodeOf(b.store.Ping(t.Context())); code != hook.Unavailable {
			t.Errorf("a closed database answers with code %q", code)
		}
	})
}

// TestManyKeys crosses the number of keys that engines ask for at once.
func TestManyKeys(t *testing.T) {
	onEach(t, func(t *testing.T, b backend) {
		const n = 260
		var changes []hook.Change
		var keys []string
		for i := range n {
			d := &hook.Deletion{Meta: hook.Meta{Key: fmt.Sprint("key-", i), Created: epoch}, Node: "Webhook:1"}
			changes, keys = append(changes, inserting(d)), append(keys, d.Key)
		}
		if err := b.store.Write(t.Context(), changes...); err != nil {
			t.Fatal(err)
		}
		found, err := b.store.Deletions().GetMany(t.Context(), keys)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range found {
			if d == nil || d.Key != keys[i] {
				t.Fatalf("key %s gives %v", keys[i], d)
			}
		}
	})
}
