package storage

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/hook"
)

// TestDecodeStats compares the hand-written decoder with the library's.
func TestDecodeStats(t *testing.T) {
	t.Parallel()
	for _, s := range []hook.Stats{
		{Key: "a"},
		{Key: "b", Triggers: 1 << 40, Imported: 2, Removed: 7, Failures: -3, Last: []hook.LastTrigger{}},
		{Key: "c", Last: []hook.LastTrigger{{Trigger: "t", Status: hook.TriggerPass}, {Trigger: "u", Status: hook.TriggerFail}}},
	} {
		doc, err := bson.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		want, err := decode[hook.Stats](stats, doc)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeStats(doc)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
	}
	// What an engine writes: int32 where it fits, more fields, fewer fields.
	doc, err := bson.Marshal(bson.D{{Key: "_id", Value: "d"}, {Key: "triggers", Value: int32(4)}, {Key: "other", Value: true}, {Key: "last", Value: nil}})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := decodeStats(doc); err != nil || got.Triggers != 4 || got.Key != "d" || got.Last != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := decodeStats(nil); got != nil || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []bson.D{
		{{Key: "_id", Value: 1}}, {{Key: "triggers", Value: "x"}}, {{Key: "last", Value: "x"}}, {{Key: "last", Value: bson.A{1}}},
		{{Key: "last", Value: bson.A{bson.D{{Key: "trigger", Value: "x"}}}}},
	} {
		doc, err := bson.Marshal(bad)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decodeStats(doc); err == nil {
			t.Errorf("%v is read as %+v", bad, got)
		}
	}
	if _, err := decodeStats(bson.Raw{1, 2, 3}); err == nil {
		t.Error("a broken document is read")
	}
}
