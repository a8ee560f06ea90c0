package sqlite

import (
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/storage"
)

// maxDocument is MongoDB's limit, kept here so that data can move there.
const maxDocument = 16 << 20

// A row is a document with what the tables hold of it beside its bytes.
type row struct {
	id      string
	version any // int64, or nil for a counter
	doc     []byte
	place   []byte    // of doc: the bytes of table.Sequence
	values  []any     // of table.columns
	entries [][][]any // for each of table.arrays its rows, without the id
}

// row reads the index keys of a document in one pass over its fields.
func (t *table) row(doc bson.Raw) (*row, error) {
	if len(doc) > maxDocument {
		return nil, fmt.Errorf("%s: a document of %d bytes is over the limit of %d", t.Name, len(doc), maxDocument)
	}
	fields, err := doc.Elements()
	if err != nil {
		return nil, fmt.Errorf("%s: the document is not valid BSON: %w", t.Name, err)
	}
	r := &row{doc: doc, values: make([]any, len(t.columns))}
	arrays := make([]bson.RawValue, len(t.arrays))
	hasID, rest := false, map[string]any(nil)
	for _, f := range fields {
		name, value := f.Key(), f.Value()
		switch name {
		case "_id":
			r.id, hasID = value.StringValueOK()
		case "version":
			if n, ok := value.Int64OK(); ok {
				r.version = n
			}
		}
		for i, c := range t.columns {
			if c == name {
				r.values[i] = scalar(value)
			}
			if i == t.sequence && c == name && value.Type == bson.TypeInt64 {
				r.place = value.Value
			}
		}
		for i, x := range t.arrays {
			if x.Keys[0] == name {
				arrays[i] = value
			} else if slices.Contains(x.Keys[1:], name) {
				if rest == nil {
					rest = map[string]any{}
				}
				rest[name] = scalar(value)
			}
		}
	}
	if !hasID || r.id == "" {
		return nil, fmt.Errorf("%s: the document has no string _id", t.Name)
	}
	if t.Counter {
		r.version = nil
	} else if r.version == nil {
		return nil, fmt.Errorf("%s: the document %s has no int64 version", t.Name, r.id)
	}
	for i, v := range r.values {
		if v == nil && i == t.sequence {
			r.values[i] = int64(0) // a document from before there was a sequence
		} else if v == nil {
			return nil, t.keyError(t.owners[i], t.columns[i])
		}
	}
	for i, x := range t.arrays {
		entries, err := t.entries(x, arrays[i], rest)
		if err != nil {
			return nil, err
		}
		r.entries = append(r.entries, entries)
	}
	return r, nil
}

// entries returns the rows of an array index, each value once and in order.
func (t *table) entries(x *storage.Index, array bson.RawValue, rest map[string]any) ([][]any, error) {
	tail := make([]any, len(x.Keys)-1)
	for i, k := range x.Keys[1:] {
		if tail[i] = rest[k]; tail[i] == nil {
			return nil, t.keyError(x.Name, k)
		}
	}
	if array.IsZero() {
		return nil, nil
	}
	wrong := &KeyError{Collection: t.Name, Index: x.Name, Key: x.Keys[0], Problem: "is not an array of strings"}
	list, ok := array.ArrayOK()
	if !ok {
		return nil, wrong
	}
	elements, err := list.Values()
	if err != nil {
		return nil, wrong
	}
	values := make([]string, len(elements))
	for i, v := range elements {
		if values[i], ok = v.StringValueOK(); !ok {
			return nil, wrong
		}
	}
	slices.Sort(values)
	var entries [][]any
	for _, v := range slices.Compact(values) {
		entries = append(entries, append([]any{v}, tail...))
	}
	return entries, nil
}

func (t *table) keyError(index, key string) error {
	return &KeyError{Collection: t.Name, Index: index, Key: key, Problem: "is missing, null or of a type that cannot be ordered"}
}

// scalar returns the SQL value of an index key, nil if it cannot be one.
func scalar(v bson.RawValue) any {
	switch v.Type {
	case bson.TypeString:
		return v.StringValue()
	case bson.TypeInt64:
		return v.Int64()
	case bson.TypeInt32:
		return int64(v.Int32())
	case bson.TypeDateTime:
		return v.DateTime()
	case bson.TypeBoolean:
		return flag(v.Boolean())
	}
	return nil
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// argument returns the SQL value of a query's value.
func argument(v any) (any, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case int64:
		return v, nil
	case bool:
		return flag(v), nil
	case time.Time:
		return v.UnixMilli(), nil
	}
	return nil, fmt.Errorf("a value of type %T cannot be looked up", v)
}
