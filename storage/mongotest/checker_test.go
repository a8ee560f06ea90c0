package mongotest_test

import (
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/mongotest"
)

var declared = []*storage.Collection{
	{Name: "letters", Indexes: []*storage.Index{
		{Name: "sender", Keys: []string{"sender", "sent"}},
		{Name: "stamp", Keys: []string{"stamp"}, Unique: true},
		{Name: "tags", Keys: []string{"tags", "sent"}, Array: true},
	}},
	{Name: "tallies", Counter: true},
}

// verdict returns what the checker says of one command, in extended JSON.
func verdict(t *testing.T, command string) error {
	t.Helper()
	var doc bson.D
	if err := bson.UnmarshalExtJSON([]byte(command), false, &doc); err != nil {
		t.Fatalf("%v in %s", err, command)
	}
	raw, err := bson.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	checker := mongotest.NewIndexChecker(declared)
	checker.Monitor().Started(t.Context(), &event.CommandStartedEvent{CommandName: doc[0].Key, Command: raw})
	if checker.Seen(doc[0].Key) != 1 {
		t.Errorf("the checker has seen %d commands", checker.Seen(doc[0].Key))
	}
	return checker.Err()
}

func TestIndexCheckerAccepts(t *testing.T) {
	t.Parallel()
	for _, command := range []string{
		`{"find": "letters", "filter": {"_id": "a"}, "limit": 1}`,
		`{"find": "letters", "filter": {"_id": {"$in": ["a", "b"]}}, "hint": "_id_", "limit": 2}`,
		`{"find": "letters", "filter": {}, "sort": {"sender": 1, "sent": 1, "_id": 1}, "hint": "hg_sender", "limit": 9}`,
		`{"find": "letters", "filter": {"sender": "a"}, "sort": {"sent": -1, "_id": -1}, "hint": "hg_sender", "limit": 9}`,
		`{"find": "letters", "filter": {"sender": "a", "sent": {"$gte": 5, "$lt": 9}}, "sort": {"sent": 1, "_id": 1}, "hint": "hg_sender", "limit": 9}`,
		`{"find": "letters", "filter": {"sender": "a", "sent": {"$lte": 5}, "$or": [{"sent": {"$lt": 5}}, {"sent": 5, "_id": {"$lt": "x"}}]},
			"sort": {"sent": -1, "_id": -1}, "hint": "hg_sender", "limit": 9}`,
		`{"find": "letters", "filter": {"sender": "a", "sent": 5, "_id": {"$gt": "x"}}, "sort": {"_id": 1}, "hint": "hg_sender", "limit": 9}`,
		`{"find": "letters", "filter": {"stamp": {"$gt": "a"}}, "sort": {"stamp": 1}, "hint": "hg_stamp", "limit": 9}`,
		`{"find": "letters", "filter": {"tags": "red"}, "sort": {"sent": 1, "_id": 1}, "hint": "hg_tags", "limit": 9}`,
		`{"find": "letters", "filter": {"tags": {"$elemMatch": {"$gte": "a", "$lt": "c"}}}, "hint": "hg_tags"}`,
		`{"aggregate": "letters", "pipeline": [{"$match": {"sender": "a"}}, {"$limit": 9}, {"$group": {"_id": 1, "n": {"$sum": 1}}}], "hint": "hg_sender"}`,
		`{"insert": "letters", "documents": [{"_id": "a", "version": 1}]}`,
		`{"update": "letters", "updates": [{"q": {"_id": "a", "version": 1}, "u": {"_id": "a", "version": 2}}]}`,
		`{"delete": "letters", "deletes": [{"q": {"_id": "a", "version": 1}, "limit": 1}, {"q": {"_id": "b"}, "limit": 1}]}`,
		`{"findAndModify": "tallies", "query": {"_id": "a"}, "update": {"$inc": {"n": 1}}, "upsert": true}`,
		`{"ping": 1}`,
	} {
		if err := verdict(t, command); err != nil {
			t.Errorf("refused: %v", err)
		}
	}
}

func TestIndexCheckerRefuses(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]string{
		`{"find": "drafts", "filter": {"_id": "a"}}`:                                                                                                                                        "not declared",
		`{"find": "letters", "filter": {"_id": {"$in": ["a"]}}}`:                                                                                                                            "hint",
		`{"find": "letters", "filter": {"_id": {"$gt": "a"}}, "hint": "_id_"}`:                                                                                                              "find by _id",
		`{"find": "letters", "filter": {"sender": "a"}, "sort": {"sent": 1, "_id": 1}, "limit": 9}`:                                                                                         "hint",
		`{"find": "letters", "filter": {}, "sort": {"sent": 1, "_id": 1}, "hint": "hg_sent", "limit": 9}`:                                                                                   "hint",
		`{"find": "letters", "filter": {"sender": "a"}, "sort": {"sent": 1, "_id": 1}, "hint": "hg_sender"}`:                                                                                "no limit",
		`{"find": "letters", "filter": {"sender": "a"}, "sort": {"sent": 1}, "hint": "hg_sender", "limit": 9}`:                                                                              "sort",
		`{"find": "letters", "filter": {"sender": "a"}, "sort": {"_id": 1}, "hint": "hg_sender", "limit": 9}`:                                                                               "sort",
		`{"find": "letters", "filter": {"sender": "a"}, "sort": {"sent": 1, "_id": -1}, "hint": "hg_sender", "limit": 9}`:                                                                   "two directions",
		`{"find": "letters", "filter": {"sent": 5}, "sort": {"sender": 1, "sent": 1, "_id": 1}, "hint": "hg_sender", "limit": 9}`:                                                           "does not serve",
		`{"find": "letters", "filter": {"sender": "a", "read": true}, "sort": {"sent": 1, "_id": 1}, "hint": "hg_sender", "limit": 9}`:                                                      "does not serve",
		`{"find": "letters", "filter": {"sender": {"$gt": "a"}, "sent": 5}, "sort": {"sender": 1, "sent": 1, "_id": 1}, "hint": "hg_sender", "limit": 9}`:                                   "does not serve",
		`{"find": "letters", "filter": {"sender": {"$ne": "a"}}, "sort": {"sender": 1, "sent": 1, "_id": 1}, "hint": "hg_sender", "limit": 9}`:                                              "not a bound",
		`{"find": "letters", "filter": {"sender": "a", "$or": [{"sent": {"$lt": 5}}, {"sent": 5, "_id": {"$lt": "x"}}]}, "sort": {"sent": -1, "_id": -1}, "hint": "hg_sender", "limit": 9}`: "without a bound",
		`{"find": "letters", "filter": {"sender": "a", "sent": {"$lte": 5}, "$or": [{"sent": {"$lt": 5}}, {"sent": 5, "_id": {"$gt": "x"}}]},
			"sort": {"sent": -1, "_id": -1}, "hint": "hg_sender", "limit": 9}`: "position",
		`{"find": "letters", "filter": {"sender": "a", "sent": {"$lte": 5}, "$or": [{"sent": {"$lt": 5}}]}, "sort": {"sent": -1, "_id": -1}, "hint": "hg_sender", "limit": 9}`: "position",
		`{"find": "letters", "filter": {"tags": {"$gte": "a"}}, "sort": {"tags": 1, "sent": 1, "_id": 1}, "hint": "hg_tags", "limit": 9}`:                                      "array key",
		`{"aggregate": "letters", "pipeline": [{"$match": {"sender": "a"}}, {"$limit": 9}, {"$group": {"_id": 1}}]}`:                                                           "hint",
		`{"aggregate": "letters", "pipeline": [{"$match": {"sender": "a"}}, {"$group": {"_id": 1}}], "hint": "hg_sender"}`:                                                     "to a limit",
		`{"aggregate": "letters", "pipeline": [{"$match": {"sent": 5}}, {"$limit": 9}, {"$group": {"_id": 1}}], "hint": "hg_sender"}`:                                          "does not serve",
		`{"aggregate": "letters", "pipeline": [{"$lookup": {}}], "hint": "hg_sender"}`:                                                                                         "not a count",
		`{"update": "letters", "updates": [{"q": {"_id": "a"}, "u": {"version": 2}}]}`:                                                                                         "not by _id and version",
		`{"update": "letters", "updates": [{"q": {"_id": "a", "version": 1}, "u": {}}, {"q": {"sender": "a"}, "u": {}}]}`:                                                      "not by _id and version",
		`{"update": "letters", "updates": [{"q": {"_id": "a", "version": 1}, "u": {}, "upsert": true}]}`:                                                                       "upsert",
		`{"update": "tallies", "updates": [{"q": {"_id": "a", "version": 1}, "u": {}}]}`:                                                                                       "counter",
		`{"delete": "letters", "deletes": [{"q": {"sender": "a"}, "limit": 1}]}`:                                                                                               "delete by",
		`{"delete": "letters", "deletes": [{"q": {"_id": "a"}, "limit": 0}]}`:                                                                                                  "delete of many",
		`{"findAndModify": "letters", "query": {"_id": "a"}}`:                                                                                                                  "versioned",
		`{"findAndModify": "tallies", "query": {"n": 1}}`:                                                                                                                      "not by _id",
		`{"insert": "letters", "documents": [], "startTransaction": true}`:                                                                                                     "startTransaction",
		`{"mapReduce": "letters"}`: "not among those",
	} {
		if err := verdict(t, command); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("verdict %v, want %q, on %s", err, want, command)
		}
	}
}
