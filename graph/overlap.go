package graph

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// overlaps counts how often the validator compares selections to find out
// whether those of the same response name can be merged: each with each of the
// same place, which is quadratic where a short document repeats one field or
// spreads many fragments.
type overlaps struct {
	fragments map[string]*ast.FragmentDefinition
	most      int
	count     int
}

// checkOverlaps refuses a document whose validation would take too long. The
// document must be free of circles.
func (l Limits) checkOverlaps(doc *ast.QueryDocument, fragments map[string]*ast.FragmentDefinition) *gqlerror.Error {
	o := overlaps{fragments: fragments, most: l.Comparisons}
	var sets []ast.SelectionSet
	for _, op := range doc.Operations {
		sets = append(sets, op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		sets = append(sets, f.SelectionSet)
	}
	for _, set := range sets {
		if o.place([]ast.SelectionSet{set}); o.count > o.most {
			return limitError("comparisons", o.count, o.most)
		}
	}
	return nil
}

// place counts for selection sets that are merged into one.
func (o *overlaps) place(sets []ast.SelectionSet) {
	here := merged{fields: map[string][]ast.SelectionSet{}}
	for _, set := range sets {
		o.collect(set, &here)
	}
	o.count += pairs(here.spreads)
	for _, same := range here.fields {
		if o.count += pairs(len(same)); o.count > o.most {
			return
		}
		o.place(same)
	}
}

// merged are the fields of one place by response name, and the number of
// fragments spread there.
type merged struct {
	fields  map[string][]ast.SelectionSet
	spreads int
}

// collect visits each selection as often as it is spread, and no more of them
// than comparisons are allowed.
func (o *overlaps) collect(set ast.SelectionSet, into *merged) {
	for _, selection := range set {
		if o.count++; o.count > o.most {
			return
		}
		switch node := selection.(type) {
		case *ast.Field:
			into.fields[node.Alias] = append(into.fields[node.Alias], node.SelectionSet)
		case *ast.InlineFragment:
			o.collect(node.SelectionSet, into)
		case *ast.FragmentSpread:
			into.spreads++
			if f := o.fragments[node.Name]; f != nil {
				o.collect(f.SelectionSet, into)
			}
		}
	}
}

func pairs(n int) int { return n * (n - 1) / 2 }
