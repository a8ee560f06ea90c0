package sqlite

import (
	"fmt"
	"strings"

	"github.com/hookgraph/hookgraph/storage"
)

// A shape is what the text of a reading statement depends on; the values are
// always bound.
type shape struct {
	collection string
	index      string
	what       what
	equal      int
	keys       int // of GetMany
	from, to   bool
	after      bool
	reverse    bool
}

type what int

const (
	ping what = iota
	get
	getMany
	find
	findValues // with the value of the array key before the document
	count
	findKeys
)

// A stretch is a query that was found sound.
type stretch struct {
	shape
	table *table
	index *storage.Index
	args  []any // without the limit
}

// stretch checks a query against its index and binds its values.
func (e *Engine) stretch(q storage.Query, w what) (*stretch, error) {
	t, err := e.table(q.Collection)
	if err != nil {
		return nil, err
	}
	s := &stretch{table: t, shape: shape{collection: t.Name, what: w, equal: len(q.Equal), reverse: q.Reverse}}
	for _, x := range t.Indexes {
		if q.Index != nil && x.Name == q.Index.Name {
			s.index, s.shape.index = x, x.Name
		}
	}
	wrong := func(format string, args ...any) (*stretch, error) {
		return nil, fmt.Errorf("%s: a query "+format, append([]any{t.Name}, args...)...)
	}
	switch {
	case q.Index == nil:
		return wrong("names no index")
	case s.index == nil:
		return wrong("names the index %s, which is not declared", q.Index.Name)
	case q.Limit <= 0:
		return wrong("has the limit %d", q.Limit)
	case len(q.Equal) > len(s.index.Keys):
		return wrong("has %d values for the %d keys of index %s", len(q.Equal), len(s.index.Keys), s.index.Name)
	case q.After != nil && len(q.After) != len(s.index.Keys)-len(q.Equal)+1:
		return wrong("continues after %d values, index %s needs %d", len(q.After), s.index.Name, len(s.index.Keys)-len(q.Equal)+1)
	}
	for _, v := range q.Equal {
		if err := s.bind(v); err != nil {
			return wrong("of index %s: %w", s.index.Name, err)
		}
	}
	if err := s.bounds(q); err != nil {
		return wrong("of index %s: %w", s.index.Name, err)
	}
	return s, nil
}

func (s *stretch) bind(values ...any) error {
	for _, v := range values {
		a, err := argument(v)
		if err != nil {
			return err
		}
		s.args = append(s.args, a)
	}
	return nil
}

// bounds binds From, To and After. SQLite seeks to one bound at either end
// only, so of From (or To, in reverse) and After the farther one is kept.
func (s *stretch) bounds(q storage.Query) error {
	s.from, s.to, s.after = q.From != nil, q.To != nil, q.After != nil
	if s.after {
		position, err := argument(q.After[0])
		if err != nil {
			return err
		}
		bound := q.From
		if q.Reverse {
			bound = q.To
		}
		if bound != nil {
			limit, err := argument(bound)
			if err != nil {
				return err
			}
			outside := before(position, limit)
			if q.Reverse {
				outside = !outside
			}
			switch {
			case outside: // the position lies before the whole stretch
				s.after = false
			case q.Reverse:
				s.to = false
			default:
				s.from = false
			}
		}
	}
	if s.from {
		if err := s.bind(q.From); err != nil {
			return err
		}
	}
	if s.to {
		if err := s.bind(q.To); err != nil {
			return err
		}
	}
	if s.after {
		return s.bind(q.After...)
	}
	return nil
}

// before orders two values of one key.
func before(a, b any) bool {
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		return ok && a < b
	case int64:
		b, ok := b.(int64)
		return ok && a < b
	}
	return false
}

// text puts the statement together. The index is named, so that SQLite takes
// no other, and ordered by, so that it need not sort.
func (s *stretch) text() string {
	columns := append(quoteAll(s.index.Keys), quote(idColumn))
	from := fmt.Sprintf("%s INDEXED BY %s", quote(s.table.Name), quote(s.table.indexName(s.index)))
	what := quote(docColumn)
	if s.index.Array {
		from = quote(s.table.indexName(s.index)) + " AS i"
		for i, c := range columns {
			columns[i] = "i." + c
		}
	}
	switch s.what {
	case count:
		what = "1"
	case findKeys:
		what = columns[len(columns)-1]
	case find, findValues:
		if s.index.Array {
			what = "d." + quote(docColumn)
			from += fmt.Sprintf(" CROSS JOIN %s AS d ON d.%s = i.%s", quote(s.table.Name), quote(idColumn), quote(idColumn))
		}
		if s.what == findValues {
			what = columns[0] + ", " + what
		}
	}
	text := fmt.Sprintf("SELECT %s FROM %s%s", what, from, s.where(columns))
	if s.what == count {
		return fmt.Sprintf("SELECT COUNT(*) FROM (%s LIMIT ?)", text)
	}
	order := columns[s.equal:]
	if s.index.Unique {
		order = columns[s.equal : len(columns)-1] // it does not hold the key
	}
	for i, c := range order {
		if s.reverse {
			c += " DESC"
		}
		if i == 0 {
			text += " ORDER BY " + c
		} else {
			text += ", " + c
		}
	}
	return text + " LIMIT ?"
}

func (s *stretch) where(columns []string) string {
	var conditions []string
	for _, c := range columns[:s.equal] {
		conditions = append(conditions, c+" = ?")
	}
	if s.from {
		conditions = append(conditions, columns[s.equal]+" >= ?")
	}
	if s.to {
		conditions = append(conditions, columns[s.equal]+" < ?")
	}
	if s.after {
		comparison := ">"
		if s.reverse {
			comparison = "<"
		}
		rest := columns[s.equal:]
		conditions = append(conditions, fmt.Sprintf("(%s) %s (%s)", strings.Join(rest, ", "), comparison, marks(len(rest))))
	}
	if len(conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(conditions, " AND ")
}
