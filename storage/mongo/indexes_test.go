package mongo_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/mongo"
	"github.com/hookgraph/hookgraph/storage/mongotest"
)

func letters(indexes ...*storage.Index) []*storage.Collection {
	return []*storage.Collection{{Name: "letters", Indexes: indexes}}
}

// reopen opens an engine with the declarations and closes it again.
func reopen(t *testing.T, database mongotest.Database, collections []*storage.Collection) error {
	t.Helper()
	engine, err := mongo.Open(t.Context(), database.URI, collections, mongo.Options{})
	if err != nil {
		return err
	}
	return engine.Close()
}

func lettersOf(t *testing.T, database mongotest.Database) *driver.Collection {
	t.Helper()
	client, err := driver.Connect(options.Client().ApplyURI(database.URI))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Disconnect(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return client.Database(database.Name).Collection("letters")
}

// indexes returns a line for each index of the collection.
func indexes(t *testing.T, letters *driver.Collection) []string {
	t.Helper()
	specs, err := letters.Indexes().ListSpecifications(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, spec := range specs {
		line := spec.Name + ":"
		elements, err := spec.KeysDocument.Elements()
		if err != nil {
			t.Fatal(err)
		}
		for _, element := range elements {
			line += " " + element.Key()
		}
		if spec.Unique != nil && *spec.Unique {
			line += " (unique)"
		}
		list = append(list, line)
	}
	slices.Sort(list)
	return list
}

// TestIndexes: opening makes what is declared, removes what an earlier version
// declared, and leaves what somebody else made.
func TestIndexes(t *testing.T) {
	t.Parallel()
	database := mongotest.Open(t)
	sender := &storage.Index{Name: "sender", Keys: []string{"sender", "sent"}}
	stamp := &storage.Index{Name: "stamp", Keys: []string{"stamp"}, Unique: true}
	tags := &storage.Index{Name: "tags", Keys: []string{"tags", "sent"}, Array: true}
	collection := lettersOf(t, database)

	for range 2 {
		if err := reopen(t, database, letters(sender, stamp, tags)); err != nil {
			t.Fatal(err)
		}
		want := []string{"_id_: _id", "hg_sender: sender sent _id", "hg_stamp: stamp (unique)", "hg_tags: tags sent _id"}
		if diff := cmp.Diff(want, indexes(t, collection)); diff != "" {
			t.Fatalf("indexes (-want +got):\n%s", diff)
		}
	}

	if _, err := collection.Indexes().CreateOne(t.Context(), driver.IndexModel{Keys: bson.D{{Key: "weight", Value: 1}}}); err != nil {
		t.Fatal(err)
	}
	renamed := &storage.Index{Name: "senderSent", Keys: sender.Keys}
	if err := reopen(t, database, letters(renamed, stamp)); err != nil {
		t.Fatal(err)
	}
	want := []string{"_id_: _id", "hg_senderSent: sender sent _id", "hg_stamp: stamp (unique)", "weight_1: weight"}
	if diff := cmp.Diff(want, indexes(t, collection)); diff != "" {
		t.Errorf("indexes of the next version (-want +got):\n%s", diff)
	}
}

// TestIndexWithOtherKeys: an index that changed under its name is refused by an
// error that tells what to do.
func TestIndexWithOtherKeys(t *testing.T) {
	t.Parallel()
	database := mongotest.Open(t)
	if err := reopen(t, database, letters(&storage.Index{Name: "sender", Keys: []string{"sender"}})); err != nil {
		t.Fatal(err)
	}
	for name, changed := range map[string]*storage.Index{
		"keys":   {Name: "sender", Keys: []string{"sender", "sent"}},
		"unique": {Name: "sender", Keys: []string{"sender"}, Unique: true},
	} {
		t.Run(name, func(t *testing.T) {
			err := reopen(t, database, letters(changed))
			if err == nil {
				t.Fatal("opened")
			}
			for _, want := range []string{"letters", "hg_sender", "drop it"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
		})
	}
}
