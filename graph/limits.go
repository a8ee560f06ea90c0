package graph

import (
	"slices"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Limits of one operation.
type Limits struct {
	// Cost is what the fields of an operation may cost: one each, a connection its
	// page size times what is asked of each object.
	Cost int
	// Depth is how deep fields may be nested; introspection is exempt.
	Depth int
	// Fields, Aliases and Directives count those of the document, fragments as
	// often as they are spread.
	Fields, Aliases, Directives int
	// Comparisons are those of selections that share a place in the answer.
	Comparisons int
	// Introspection is how many values __schema and __type may amount to, as an
	// estimate.
	Introspection int
	// Tokens of the document.
	Tokens int
	// List is the longest list in variables; those of literals are bounded by the
	// tokens.
	List int
	// Body is the longest request in bytes, Document the longest document.
	Body, Document int64
	// Errors in an answer.
	Errors int
	// Time an operation may take.
	Time time.Duration
	// CacheBytes bounds what parsed documents may take, as an estimate.
	CacheBytes int
}

func (l Limits) orDefaults() Limits {
	set := func(limit *int, value int) {
		if *limit == 0 {
			*limit = value
		}
	}
	set(&l.Cost, 10_000)
	set(&l.Depth, 15)
	set(&l.Fields, 2_000)
	set(&l.Aliases, 100)
	set(&l.Directives, 100)
	set(&l.Comparisons, 30_000)
	set(&l.Introspection, 150_000)
	set(&l.Tokens, 5_000)
	set(&l.List, 1_000)
	set(&l.Errors, 100)
	set(&l.CacheBytes, 16<<20)
	if l.Body == 0 {
		l.Body = 1 << 20
	}
	if l.Document == 0 {
		l.Document = 100_000
	}
	if l.Time == 0 {
		l.Time = defaultTime
	}
	return l
}

// limitError says which limit an operation exceeds.
func limitError(name string, have, most int) *gqlerror.Error {
	err := requestError(codeValidation, "the operation is too large: %s %d exceeds the limit of %d", name, have, most)
	err.Extensions["limit"] = name
	return err
}

// cut shortens a list of errors.
func (l Limits) cut(list gqlerror.List) gqlerror.List {
	if len(list) <= l.Errors {
		return list
	}
	left := len(list) - l.Errors
	return append(list[:l.Errors:l.Errors], requestError(codeBadRequest, "%d more errors are left out", left))
}

// size is what a selection set amounts to with its fragments spread.
type size struct {
	fields, aliases, directives, depth int
	// values is what the selections would amount to in introspection, and
	// introspected the sum of those that are in it.
	values, introspected int
	introspection        bool
}

// enormous stops sums long before they overflow.
const enormous = 1 << 30

func (s *size) add(o size) {
	s.fields = min(s.fields+o.fields, enormous)
	s.aliases = min(s.aliases+o.aliases, enormous)
	s.directives = min(s.directives+o.directives, enormous)
	s.values = min(s.values+o.values, enormous)
	s.introspected = min(s.introspected+o.introspected, enormous)
	s.depth = max(s.depth, o.depth)
	s.introspection = s.introspection || o.introspection
}

// measure sizes selection sets. Each fragment is sized once, so its cost is that
// of the document's text, also where fragments spread each other many times.
type measure struct {
	fragments map[string]*ast.FragmentDefinition
	sizes     map[string]size
	open      map[string]bool
	lengths   introspectionLengths
}

// check refuses a parsed document that is too large, before anything that is
// more than linear in its size looks at it.
func (l Limits) check(doc *ast.QueryDocument, introspection bool, lengths introspectionLengths) *gqlerror.Error {
	m := measure{fragments: map[string]*ast.FragmentDefinition{}, sizes: map[string]size{}, open: map[string]bool{}, lengths: lengths}
	for _, f := range doc.Fragments {
		m.fragments[f.Name] = f
	}
	var all size
	for _, op := range doc.Operations {
		s, err := m.selection(op.SelectionSet)
		if err != nil {
			return err
		}
		s.directives += len(op.Directives)
		all.add(s)
	}
	for _, f := range doc.Fragments {
		if _, err := m.fragment(f.Name); err != nil {
			return err
		}
	}
	if all.introspection && !introspection {
		return requestError(codeValidation, "introspection is turned off")
	}
	for _, c := range []struct {
		name       string
		have, most int
	}{
		{"fields", all.fields, l.Fields}, {"depth", all.depth, l.Depth},
		{"aliases", all.aliases, l.Aliases}, {"directives", all.directives, l.Directives},
		{"introspection", all.introspected, l.Introspection},
	} {
		if c.have > c.most {
			return limitError(c.name, c.have, c.most)
		}
	}
	return l.checkOverlaps(doc, m.fragments)
}

func (m *measure) selection(set ast.SelectionSet) (total size, err *gqlerror.Error) {
	for _, selection := range set {
		var s size
		switch node := selection.(type) {
		case *ast.Field:
			if s, err = m.selection(node.SelectionSet); err != nil {
				return s, err
			}
			s.fields++
			s.directives += len(node.Directives)
			if node.Alias != node.Name {
				s.aliases++
			}
			s.values = min(1+s.values*m.lengths.of(node.Name), enormous)
			if s.depth++; node.Name == "__schema" || node.Name == "__type" {
				s.depth, s.introspection, s.introspected = 0, true, s.values
				if node.Name == "__type" {
					s.introspected = min(s.values*largeType, enormous)
				}
			}
		case *ast.InlineFragment:
			if s, err = m.selection(node.SelectionSet); err != nil {
				return s, err
			}
			s.directives += len(node.Directives)
			node.Directives = withoutDefer(node.Directives)
		case *ast.FragmentSpread:
			if s, err = m.fragment(node.Name); err != nil {
				return s, err
			}
			s.directives += len(node.Directives)
			node.Directives = withoutDefer(node.Directives)
		}
		total.add(s)
	}
	return total, nil
}

// withoutDefer leaves @defer out: an answer is always whole, which a server is
// free to do.
func withoutDefer(list ast.DirectiveList) ast.DirectiveList {
	return slices.DeleteFunc(list, func(d *ast.Directive) bool { return d.Name == "defer" })
}

func (m *measure) fragment(name string) (size, *gqlerror.Error) {
	if s, done := m.sizes[name]; done {
		return s, nil
	}
	f := m.fragments[name]
	if f == nil {
		// The validator names it.
		return size{}, nil
	}
	if m.open[name] {
		return size{}, requestError(codeValidation, "the fragment %q spreads itself", name)
	}
	m.open[name] = true
	defer delete(m.open, name)
	s, err := m.selection(f.SelectionSet)
	s.directives += len(f.Directives)
	m.sizes[name] = s
	return s, err
}
