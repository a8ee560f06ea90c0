package mongo_test

import (
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// document returns one of the suites' parcels in its first version.
func document(t *testing.T, key string) bson.Raw {
	t.Helper()
	doc, err := bson.Marshal(bson.D{
		{Key: "_id", Value: key}, {Key: "version", Value: int64(1)}, {Key: "sender", Value: "anna"},
		{Key: "weight", Value: int64(1)}, {Key: "delivered", Value: false}, {Key: "due", Value: time.UnixMilli(0)},
		{Key: "code", Value: key}, {Key: "slip", Value: key},
	})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
