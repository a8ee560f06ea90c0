package mongo

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/hookgraph/hookgraph/storage"
)

// overArray reports whether the stretch spans several values of an array key.
// MongoDB sorts such documents by their least value, be it in the stretch or
// not, which is not the order of the index.
func overArray(q storage.Query) bool { return q.Index.Array && len(q.Equal) == 0 }

// findOverArray reads the whole stretch and orders it here, so its cost follows
// the stretch and not the page. No list of the gateway is read that way; lists
// over an array key fix its value.
func (e *Engine) findOverArray(ctx context.Context, collection *driver.Collection, q storage.Query) ([]bson.Raw, error) {
	within := boundsOf(q, false)
	if within.low == nil {
		// The least string: the stretch has no document without a value.
		within.low = ""
	}
	filter := bson.D{{Key: q.Index.Keys[0], Value: bson.D{{Key: "$elemMatch", Value: within.document()}}}}
	docs, err := e.find(ctx, collection, stretch{filter: filter, hint: IndexName(q.Index)})
	if err != nil {
		return nil, err
	}
	var entries []entry
	for _, doc := range docs {
		if at, ok := firstEntry(doc, q); ok {
			entries = append(entries, entry{at, doc})
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return directed(q, a.at, b.at) })
	entries = entries[:min(len(entries), q.Limit)]

	found := make([]bson.Raw, len(entries))
	for i, x := range entries {
		found[i] = x.doc
	}
	return found, nil
}

// An entry is a document at a position of the index.
type entry struct {
	at  []any
	doc bson.Raw
}

// firstEntry returns the first position of the document in the stretch, in the
// direction of reading.
func firstEntry(doc bson.Raw, q storage.Query) (at []any, ok bool) {
	values, _ := doc.Lookup(q.Index.Keys[0]).Array().Values()
	rest := make([]any, 0, len(q.Index.Keys))
	for _, field := range append(slices.Clone(q.Index.Keys[1:]), "_id") {
		rest = append(rest, doc.Lookup(field))
	}
	for _, v := range values {
		s, isString := v.StringValueOK()
		if !isString || q.From != nil && s < q.From.(string) || q.To != nil && s >= q.To.(string) {
			continue
		}
		position := append([]any{s}, rest...)
		if len(q.After) > 0 && directed(q, position, q.After) <= 0 {
			continue
		}
		if at == nil || directed(q, position, at) < 0 {
			at = position
		}
	}
	return at, at != nil
}

// directed compares two positions in the direction of reading.
func directed(q storage.Query, a, b []any) int {
	c := slices.CompareFunc(a, b, func(x, y any) int { return compareStored(x, y) })
	if q.Reverse {
		return -c
	}
	return c
}

// compareStored compares values of one key, each of a query or of a document.
func compareStored(x, y any) int {
	a, b := rawValue(x), rawValue(y)
	if n, ok := a.AsInt64OK(); ok {
		m, _ := b.AsInt64OK()
		return cmp.Compare(n, m)
	}
	switch a.Type {
	case bson.TypeString:
		t, _ := b.StringValueOK()
		return cmp.Compare(a.StringValue(), t)
	case bson.TypeDateTime:
		t, _ := b.DateTimeOK()
		return cmp.Compare(a.DateTime(), t)
	}
	return bytes.Compare(a.Value, b.Value)
}

func rawValue(v any) bson.RawValue {
	if raw, ok := v.(bson.RawValue); ok {
		return raw
	}
	// The types that checkQuery lets through all have a form in BSON.
	kind, data, _ := bson.MarshalValue(stored(v))
	return bson.RawValue{Type: kind, Value: data}
}
