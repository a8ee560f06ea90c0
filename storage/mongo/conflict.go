package mongo

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/hookgraph/hookgraph/storage"
)

const indexNotFound = 27

func hasCode(err error, code int) bool { return slices.Contains(driver.ErrorCodes(err), code) }

// refusal gives the error of a write its meaning: a duplicate is a conflict.
func (e *Engine) refusal(ctx context.Context, op storage.Op, err error) error {
	if !driver.IsDuplicateKeyError(err) {
		return e.failure(ctx, err)
	}
	conflict := &storage.Conflict{Collection: op.Collection.Name, Index: namedIndex(op.Collection, err.Error())}
	if conflict.Index == "" {
		if conflict.Index, err = e.takenIndex(ctx, op); err != nil {
			return err
		}
	}
	return conflict
}

// MongoDB says `... index: hg_name dup key: ...`, DocumentDB `Index 'hg_name'`.
var indexMention = regexp.MustCompile(`(?i)\bindex:? '?([^\s']+)`)

// namedIndex returns the declared name of the first index of the collection that
// the message mentions, "_id" for the key, empty if it mentions none.
func namedIndex(c *storage.Collection, message string) string {
	for _, mention := range indexMention.FindAllStringSubmatch(message, -1) {
		if mention[1] == idIndex {
			return "_id"
		}
		name, ours := strings.CutPrefix(mention[1], indexPrefix)
		if ours && slices.ContainsFunc(c.Indexes, func(x *storage.Index) bool { return x.Name == name }) {
			return name
		}
	}
	return ""
}

// takenIndex finds out which index refused a document where the server does not
// say: the key if a document has it, else the unique index that holds the values
// of another document, else (that one has just gone) the first unique one.
func (e *Engine) takenIndex(ctx context.Context, op storage.Op) (string, error) {
	if op.Kind == storage.Increment {
		return "_id", nil
	}
	collection := e.collections[op.Collection.Name]
	if op.Kind == storage.Insert {
		present, err := e.Get(ctx, op.Collection, op.Document.Lookup("_id").StringValue())
		if err != nil || present != nil {
			return "_id", err
		}
	}
	fallback := "_id"
	for _, x := range op.Collection.Indexes {
		if !x.Unique {
			continue
		}
		if fallback == "_id" {
			fallback = x.Name
		}
		filter := bson.D{}
		for _, k := range x.Keys {
			filter = append(filter, bson.E{Key: k, Value: op.Document.Lookup(k)})
		}
		docs, err := e.find(ctx, collection, stretch{filter: filter, hint: IndexName(x), limit: 1})
		if err != nil {
			return "", err
		}
		if slices.ContainsFunc(docs, func(doc bson.Raw) bool { return !doc.Lookup("_id").Equal(op.Document.Lookup("_id")) }) {
			return x.Name, nil
		}
	}
	return fallback, nil
}
