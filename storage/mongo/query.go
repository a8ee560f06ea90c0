package mongo

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/storage"
)

// A stretch is a query in MongoDB's words.
type stretch struct {
	filter bson.D
	// sort is empty where at most one document can match.
	sort  bson.D
	hint  string
	limit int
}

// positions returns the fields that order the documents of the query: the keys
// behind those of Equal, then `_id`.
func positions(q storage.Query) []string {
	fields := make([]string, 0, len(q.Index.Keys)+1)
	fields = append(fields, q.Index.Keys[len(q.Equal):]...)
	return append(fields, "_id")
}

// newStretch translates a query that checkQuery has passed and whose array key,
// if it has one, is bound by Equal.
func newStretch(q storage.Query) stretch {
	s := stretch{filter: bson.D{}, hint: IndexName(q.Index), limit: q.Limit}
	for i, v := range q.Equal {
		s.filter = append(s.filter, bson.E{Key: q.Index.Keys[i], Value: stored(v)})
	}
	fields := positions(q)
	if b := boundsOf(q, len(fields) == 1).document(); len(b) > 0 {
		s.filter = append(s.filter, bson.E{Key: fields[0], Value: b})
	}
	if len(q.After) > 0 && len(fields) > 1 {
		s.filter = append(s.filter, bson.E{Key: "$or", Value: ladder(fields, q)})
	}
	s.sort = sortOf(q, fields)
	return s
}

// ladder states that a document lies behind the position of the query: its first
// field does, or is equal and the second does, and so on. MongoDB reads no index
// range from it, so the bound on the first field stands beside it.
func ladder(fields []string, q storage.Query) bson.A {
	operator := "$gt"
	if q.Reverse {
		operator = "$lt"
	}
	steps := make(bson.A, len(fields))
	for i, field := range fields {
		step := bson.D{}
		for j := range i {
			step = append(step, bson.E{Key: fields[j], Value: stored(q.After[j])})
		}
		steps[i] = append(step, bson.E{Key: field, Value: bson.D{{Key: operator, Value: stored(q.After[i])}}})
	}
	return steps
}

// sortOf orders by fields in the one direction of the query. The keys of a
// unique index order its documents without `_id`, which it does not hold.
func sortOf(q storage.Query, fields []string) bson.D {
	if q.Index.Unique {
		fields = fields[:len(fields)-1]
	}
	direction := int32(1)
	if q.Reverse {
		direction = -1
	}
	order := bson.D{}
	for _, field := range fields {
		order = append(order, bson.E{Key: field, Value: direction})
	}
	return order
}

// bounds are the least and the greatest value of a field, nil where open.
type bounds struct {
	low, high           any
	lowStrict, highOpen bool
}

// boundsOf joins From and To with the position to continue behind, which itself
// is out of bounds only if the field alone is the position.
func boundsOf(q storage.Query, alone bool) bounds {
	b := bounds{low: q.From, high: q.To, highOpen: true}
	if len(q.After) == 0 {
		return b
	}
	at := q.After[0]
	if q.Reverse {
		if b.high == nil || compare(at, b.high) < 0 {
			b.high, b.highOpen = at, alone
		}
		return b
	}
	if b.low == nil || compare(at, b.low) >= 0 {
		b.low, b.lowStrict = at, alone
	}
	return b
}

func (b bounds) document() bson.D {
	d := bson.D{}
	if b.low != nil {
		operator := "$gte"
		if b.lowStrict {
			operator = "$gt"
		}
		d = append(d, bson.E{Key: operator, Value: stored(b.low)})
	}
	if b.high != nil {
		operator := "$lte"
		if b.highOpen {
			operator = "$lt"
		}
		d = append(d, bson.E{Key: operator, Value: stored(b.high)})
	}
	return d
}

// stored gives a value of a query its type in the database.
func stored(v any) any {
	if t, ok := v.(time.Time); ok {
		return bson.NewDateTimeFromTime(t)
	}
	return v
}

// compare orders two values of the same type; checkQuery has seen to that.
func compare(a, b any) int {
	switch a := a.(type) {
	case string:
		return strings.Compare(a, b.(string))
	case int64:
		return cmp.Compare(a, b.(int64))
	case time.Time:
		return a.Compare(b.(time.Time))
	case bool:
		return cmp.Compare(rank(a), rank(b.(bool)))
	}
	return 0
}

// rank orders false before true.
func rank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// checkQuery refuses what no stretch of the index is, before a server could
// take it for something else.
func checkQuery(q storage.Query) error {
	switch {
	case q.Collection == nil || q.Index == nil:
		return errors.New("a query names a collection and one of its indexes")
	case q.Limit <= 0:
		return fmt.Errorf("query of index %s: the limit must be positive", q.Index.Name)
	case len(q.Equal) > len(q.Index.Keys):
		return fmt.Errorf("query of index %s: %d values for %d keys", q.Index.Name, len(q.Equal), len(q.Index.Keys))
	case len(q.After) > 0 && len(q.After) != len(positions(q)):
		return fmt.Errorf("query of index %s: a position of %d values, there are %d fields",
			q.Index.Name, len(q.After), len(positions(q)))
	}
	for _, v := range append(append([]any{}, q.Equal...), q.After...) {
		if kindOf(v) == "" {
			return fmt.Errorf("query of index %s: values of type %T are not stored", q.Index.Name, v)
		}
	}
	kind := ""
	for _, v := range []any{q.From, q.To, first(q.After)} {
		if v == nil {
			continue
		}
		if kind != "" && kind != kindOf(v) || kindOf(v) == "" {
			return fmt.Errorf("query of index %s: bounds of the types %T, %T and %T", q.Index.Name, q.From, q.To, first(q.After))
		}
		kind = kindOf(v)
	}
	return nil
}

func first(values []any) any {
	if len(values) == 0 {
		return nil
	}
	return values[0]
}

// kindOf names the type of a value of a query, empty if it may not occur.
func kindOf(v any) string {
	switch v.(type) {
	case string:
		return "string"
	case int64:
		return "int64"
	case bool:
		return "bool"
	case time.Time:
		return "date"
	}
	return ""
}
