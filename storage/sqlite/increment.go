package sqlite

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/storage"
)

// checkPaths refuses names that MongoDB would refuse too: an empty part, the
// key, and two changes of which one lies within the other.
func checkPaths(op storage.Op) error {
	var paths []string
	paths = slices.AppendSeq(paths, maps.Keys(op.Inc))
	paths = slices.AppendSeq(paths, maps.Keys(op.Set))
	paths = append(paths, op.Unset...)
	for _, p := range paths {
		parts := strings.Split(p, ".")
		if slices.Contains(parts, "") || strings.HasPrefix(p, "$") {
			return fmt.Errorf("%q is not the name of a field", p)
		}
		if parts[0] == "_id" {
			return fmt.Errorf("the key of a document cannot be changed")
		}
	}
	slices.Sort(paths)
	for i, p := range paths {
		for _, other := range paths[i+1:] {
			if other == p || strings.HasPrefix(other, p+".") {
				return fmt.Errorf("the changes of %q and %q meet", p, other)
			}
		}
	}
	return nil
}

// increment reads a counter document, changes it and writes it back.
func (w *writer) increment(c *change, result *storage.Result) (failure, err error) {
	present, err := w.current(c.table, c.Key)
	if err != nil {
		return nil, err
	}
	doc := bson.D{{Key: "_id", Value: c.Key}}
	if present != nil {
		doc = nil
		if err := bson.Unmarshal(present.doc, &doc); err != nil {
			return nil, fmt.Errorf("%s: read the document %q: %w", c.table.Name, c.Key, err)
		}
	}
	next, failure := changed(doc, c.Op)
	if failure != nil {
		return fmt.Errorf("%s: document %q: %w", c.table.Name, c.Key, failure), nil
	}
	r, failure := c.table.row(next)
	if failure != nil {
		return failure, nil
	}
	if present == nil {
		failure, err = w.insert(c.table, r)
	} else {
		failure, err = w.update(c.table, present, r)
	}
	result.Document = next
	return failure, err
}

// changed applies the changes in an order that does not depend on the map.
func changed(doc bson.D, op storage.Op) (bson.Raw, error) {
	var err error
	for _, path := range slices.Sorted(maps.Keys(op.Inc)) {
		if doc, err = alter(doc, path, path, add(path, op.Inc[path])); err != nil {
			return nil, err
		}
	}
	for _, path := range slices.Sorted(maps.Keys(op.Set)) {
		value := op.Set[path]
		if doc, err = alter(doc, path, path, func(any, bool) (any, error) { return value, nil }); err != nil {
			return nil, err
		}
	}
	for _, path := range op.Unset {
		doc = unset(doc, path)
	}
	return bson.Marshal(doc)
}

func add(path string, n int64) func(any, bool) (any, error) {
	return func(present any, found bool) (any, error) {
		var before int64
		switch v := present.(type) {
		case int64:
			before = v
		case int32:
			before = int64(v)
		default:
			if found {
				return nil, fmt.Errorf("%s is not an integer", path)
			}
		}
		if n > 0 && before > math.MaxInt64-n || n < 0 && before < math.MinInt64-n {
			return nil, fmt.Errorf("%s would overflow", path)
		}
		return before + n, nil
	}
}

// alter puts the result of f in the place of what path leads to, and makes the
// documents on the way. It tells f whether there was a value.
func alter(doc bson.D, whole, path string, f func(present any, found bool) (any, error)) (bson.D, error) {
	name, rest, nested := strings.Cut(path, ".")
	i := slices.IndexFunc(doc, func(e bson.E) bool { return e.Key == name })
	found := i >= 0
	if !found {
		doc, i = append(doc, bson.E{Key: name}), len(doc)
	}
	var err error
	if !nested {
		doc[i].Value, err = f(doc[i].Value, found)
		return doc, err
	}
	inner, ok := doc[i].Value.(bson.D)
	if !ok && found {
		return nil, fmt.Errorf("%s leads through a value that is not a document", whole)
	}
	doc[i].Value, err = alter(inner, whole, rest, f)
	return doc, err
}

func unset(doc bson.D, path string) bson.D {
	name, rest, nested := strings.Cut(path, ".")
	i := slices.IndexFunc(doc, func(e bson.E) bool { return e.Key == name })
	if i < 0 {
		return doc
	}
	if !nested {
		return slices.Delete(doc, i, i+1)
	}
	if inner, ok := doc[i].Value.(bson.D); ok {
		doc[i].Value = unset(inner, rest)
	}
	return doc
}
