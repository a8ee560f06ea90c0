package mongo_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/enginetest"
	"github.com/hookgraph/hookgraph/storage/mongo"
)

// writing opens an engine on a server that answers one command so.
func writing(t *testing.T, command string, response bson.D, op storage.Op) ([]storage.Result, error) {
	t.Helper()
	uri := fakeServer(t, map[string]bson.D{
		"listIndexes": commandError(26, "ns does not exist"),
		command:       response,
	})
	engine, err := mongo.Open(t.Context(), uri, enginetest.Collections(), mongo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	op.Collection = collectionOf(op)
	op.Key = "p1"
	if op.Kind == storage.Insert || op.Kind == storage.Replace {
		op.Document = document(t, "p1")
	}
	return engine.Write(t.Context(), op)
}

func collectionOf(op storage.Op) *storage.Collection {
	if op.Kind == storage.Increment {
		return enginetest.Collections()[1]
	}
	return enginetest.Collections()[0]
}

func writeErrors(code int, message string) bson.D {
	return bson.D{{Key: "n", Value: 0}, {Key: "ok", Value: 1}, {Key: "writeErrors", Value: bson.A{
		bson.D{{Key: "index", Value: 0}, {Key: "code", Value: code}, {Key: "errmsg", Value: message}},
	}}}
}

func commandError(code int, message string) bson.D {
	return bson.D{{Key: "ok", Value: 0}, {Key: "code", Value: code}, {Key: "errmsg", Value: message}}
}

// TestDuplicates: the index of a conflict, from the messages of MongoDB 8,
// DocumentDB and one of a server that hides an index name in a value.
func TestDuplicates(t *testing.T) {
	t.Parallel()
	const prefix = "E11000 duplicate key error collection: hookgraph.parcels "
	for name, c := range map[string]struct{ message, index string }{
		"key":        {prefix + `index: _id_ dup key: { _id: "p1" }`, "_id"},
		"unique":     {prefix + `index: hg_code dup key: { code: "p1" }`, "code"},
		"two keys":   {prefix + `index: hg_slip dup key: { sender: "anna", slip: "p1" }`, "slip"},
		"in a value": {prefix + `index: hg_code dup key: { code: "index: _id_" }`, "code"},
		"documentdb": {"Duplicate key violation on the requested collection: Index 'hg_slip'", "slip"},
	} {
		for kind, op := range map[string]storage.OpKind{"insert": storage.Insert, "update": storage.Replace} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				want := &storage.Conflict{Collection: "parcels", Index: c.index}
				_, err := writing(t, kind, writeErrors(11000, c.message), storage.Op{Kind: op, Version: 1})
				var failed *storage.OpError
				var conflict *storage.Conflict
				if !errors.As(err, &failed) || !errors.As(failed.Err, &conflict) {
					t.Fatalf("error %v, want a Conflict in an OpError", err)
				}
				if diff := cmp.Diff(want, conflict); diff != "" {
					t.Errorf("conflict (-want +got):\n%s", diff)
				}
				results, err := writing(t, kind, writeErrors(11000, c.message), storage.Op{Kind: op, Version: 1, Lenient: true})
				if err != nil {
					t.Fatalf("lenient: %v", err)
				}
				if diff := cmp.Diff(error(want), results[0].Err); diff != "" {
					t.Errorf("lenient result (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestNotNow: what a replica set says while it changes its primary, or when its
// majority does not confirm a write, is a matter of availability; lenient or not.
func TestNotNow(t *testing.T) {
	t.Parallel()
	unconfirmed := bson.D{{Key: "n", Value: 1}, {Key: "ok", Value: 1}, {Key: "writeConcernError", Value: bson.D{
		{Key: "code", Value: 64}, {Key: "codeName", Value: "WriteConcernTimeout"}, {Key: "errmsg", Value: "waiting for replication timed out"},
	}}}
	commands := map[storage.OpKind]string{
		storage.Insert: "insert", storage.Replace: "update", storage.Delete: "delete", storage.Increment: "findAndModify",
	}
	for name, response := range map[string]bson.D{
		"not primary":        commandError(10107, "not primary"),
		"stepping down":      commandError(11602, "operation was interrupted"),
		"shutting down":      commandError(91, "The server is in quiesce mode and will shut down"),
		"out of time":        commandError(50, "operation exceeded time limit"),
		"without a majority": unconfirmed,
	} {
		for kind, command := range commands {
			t.Run(name+" "+command, func(t *testing.T) {
				t.Parallel()
				for _, lenient := range []bool{false, true} {
					_, err := writing(t, command, response, storage.Op{Kind: kind, Version: 1, Lenient: lenient})
					if !errors.Is(err, storage.ErrUnavailable) {
						t.Errorf("lenient %t: %v, want ErrUnavailable", lenient, err)
					}
				}
			})
		}
	}
}

// TestRefused: what the server finds wrong with an operation is neither a
// conflict nor an outage.
func TestRefused(t *testing.T) {
	t.Parallel()
	_, err := writing(t, "update", writeErrors(10334, "BSONObj size is invalid"), storage.Op{Kind: storage.Replace, Version: 1})
	var conflict *storage.Conflict
	if err == nil || errors.Is(err, storage.ErrUnavailable) || errors.Is(err, storage.ErrStale) || errors.As(err, &conflict) {
		t.Errorf("error %v", err)
	}
}

// TestObserve: an observer hears of every command, also of one that fails.
func TestObserve(t *testing.T) {
	t.Parallel()
	uri := fakeServer(t, map[string]bson.D{
		"listIndexes": commandError(26, "ns does not exist"),
		"find":        commandError(91, "shutting down"),
	})
	outcomes := map[string]bool{}
	engine, err := mongo.Open(t.Context(), uri, enginetest.Collections(), mongo.Options{
		Timeout: shortTimeout, // until then the driver repeats the find
		Observe: func(command string, took time.Duration, ok bool) {
			if took <= 0 {
				t.Errorf("command %s took %v", command, took)
			}
			outcomes[command] = ok
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Get(t.Context(), enginetest.Collections()[0], "p1"); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("get: %v, want ErrUnavailable", err)
	}
	if err := engine.Close(); err != nil {
		t.Error(err)
	}
	want := map[string]bool{"ping": true, "listIndexes": false, "createIndexes": true, "find": false}
	if diff := cmp.Diff(want, outcomes); diff != "" {
		t.Errorf("observed (-want +got):\n%s", diff)
	}
}
