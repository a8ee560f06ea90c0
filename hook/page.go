package hook

import (
	"context"
	"slices"
	"strings"
	"time"
)

// PageArgs are the arguments of a Relay connection.
type PageArgs struct {
	First  *int
	After  *string
	Last   *int
	Before *string
}

// The sizes of pages.
const (
	DefaultPage = 20
	MaxPage     = 100
	// MaxExamined is how many entities a page with a filter that no index serves
	// looks at before it is given back short.
	MaxExamined = 1000
)

func (p PageArgs) size() (n int, backward bool, err error) {
	switch {
	case p.First != nil && p.Last != nil:
		return 0, false, Invalidf("last", "first and last must not be given together")
	case p.First != nil:
		if *p.First < 1 || *p.First > MaxPage {
			return 0, false, Invalidf("first", "must be between 1 and %d", MaxPage)
		}
		return *p.First, false, nil
	case p.Last != nil:
		if *p.Last < 1 || *p.Last > MaxPage {
			return 0, false, Invalidf("last", "must be between 1 and %d", MaxPage)
		}
		return *p.Last, true, nil
	}
	return DefaultPage, false, nil
}

// A Connection is one page of a list.
type Connection[T any] struct {
	Nodes       []*T
	HasNext     bool
	HasPrevious bool
	// Start and End are cursors to go on from; they can lie outside of the nodes
	// if a filter left a page short. Empty if nothing was examined.
	Start, End string

	cursor func(*T) string
	count  func(context.Context) (int, bool, error)
}

// Cursor returns the cursor of a node of the page.
func (c *Connection[T]) Cursor(node *T) string { return c.cursor(node) }

// Total counts the whole list; exact is false if counting stopped at a limit.
func (c *Connection[T]) Total(ctx context.Context) (n int, exact bool, err error) {
	if c.count == nil {
		return len(c.Nodes), true, nil
	}
	return c.count(ctx)
}

// A listing is one list of a collection as a viewer sees it.
type listing[T any] struct {
	collection Collection[T]
	name       string
	// list and equal choose the stretch. each, if set, are the values to put in
	// place of the last of equal: the stretches are merged into one list.
	list  string
	equal []any
	each  []any
	// newestFirst turns the order of the index round.
	newestFirst bool
	// keep is the residual filter; nil keeps all. residual names it, since a
	// cursor belongs to one filter.
	keep     func(context.Context, []*T) ([]bool, error)
	residual string
	// countLimit is where the total stops; 0 stands for exact.
	countLimit int
}

const exactCount = 100_000_000

func asEntity[T any](v *T) Entity { return any(v).(Entity) }

func (l *listing[T]) scope() string {
	parts := []string{l.name, l.list, l.residual}
	for _, v := range l.equal {
		if s, ok := v.(string); ok {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, "\x00")
}

// page reads one page.
func (l *listing[T]) page(ctx context.Context, v *Vault, args PageArgs) (*Connection[T], error) {
	size, backward, err := args.size()
	if err != nil {
		return nil, err
	}
	from, scope := len(l.equal), l.scope()
	zero := positionOf(asEntity(new(T)), l.list, from)
	position := func(field string, cursor *string) ([]any, error) {
		if cursor == nil {
			return nil, nil
		}
		return v.cursors.decode(field, scope, *cursor, zero)
	}
	after, err := position("after", args.After)
	if err != nil {
		return nil, err
	}
	before, err := position("before", args.Before)
	if err != nil {
		return nil, err
	}
	start, stop := after, before
	if backward {
		start, stop = before, after
	}
	reverse := l.newestFirst != backward
	cursor := func(e *T) string { return v.cursors.encode(scope, positionOf(asEntity(e), l.list, from)) }
	nodes, last, more, err := l.read(ctx, start, stop, reverse, size)
	if err != nil {
		return nil, err
	}
	c := &Connection[T]{Nodes: nodes, cursor: cursor, count: l.count}
	// The list went on where a cursor was taken from, unless it has changed.
	c.HasPrevious, c.HasNext = after != nil, before != nil
	if backward {
		slices.Reverse(c.Nodes)
		c.HasPrevious = c.HasPrevious || more
	} else {
		c.HasNext = c.HasNext || more
	}
	if len(nodes) > 0 {
		c.Start, c.End = cursor(c.Nodes[0]), cursor(c.Nodes[len(nodes)-1])
	}
	if more && len(nodes) < size {
		// A page that a filter left short goes on behind what was examined.
		if backward {
			c.Start = cursor(last)
		} else {
			c.End = cursor(last)
		}
	}
	return c, nil
}

// read returns up to size entities behind start and before stop, the last one
// that it accounted for, and whether more follow.
func (l *listing[T]) read(ctx context.Context, start, stop []any, reverse bool, size int) (nodes []*T, last *T, more bool, err error) {
	from, examined := len(l.equal), 0
	for {
		want := size + 1 - len(nodes)
		if l.keep != nil {
			want = min(MaxExamined-examined, max(2*want, DefaultPage))
		}
		batch, err := l.find(ctx, Query{List: l.list, Equal: l.equal, After: start, Reverse: reverse, Limit: want})
		if err != nil {
			return nil, nil, false, err
		}
		ended := len(batch) < want
		if stop != nil {
			if i := slices.IndexFunc(batch, func(v *T) bool {
				c := comparePositions(positionOf(asEntity(v), l.list, from), stop)
				return c == 0 || c > 0 != reverse
			}); i >= 0 {
				batch, ended = batch[:i], true
			}
		}
		kept := make([]bool, len(batch))
		if l.keep == nil {
			for i := range kept {
				kept[i] = true
			}
		} else if kept, err = l.keep(ctx, batch); err != nil {
			return nil, nil, false, err
		}
		for i, v := range batch {
			if kept[i] && len(nodes) == size {
				return nodes, last, true, nil
			}
			if kept[i] {
				nodes = append(nodes, v)
			}
			last = v
		}
		examined += len(batch)
		if ended {
			return nodes, last, false, nil
		}
		if examined >= MaxExamined {
			return nodes, last, true, nil
		}
		start = positionOf(asEntity(last), l.list, from)
	}
}

// find reads one stretch, or merges those of each.
func (l *listing[T]) find(ctx context.Context, q Query) ([]*T, error) {
	if l.each == nil {
		return l.collection.Find(ctx, q)
	}
	if len(l.each) == 0 {
		return nil, nil
	}
	stretches, err := l.collection.FindEach(ctx, q, l.each)
	if err != nil {
		return nil, err
	}
	all, from := slices.Concat(stretches...), len(l.equal)
	slices.SortStableFunc(all, func(a, b *T) int {
		c := comparePositions(positionOf(asEntity(a), l.list, from), positionOf(asEntity(b), l.list, from))
		if q.Reverse {
			return -c
		}
		return c
	})
	return all[:min(len(all), q.Limit)], nil
}

// count counts the list as the viewer sees it. It stops at countLimit, or at
// MaxExamined if a residual filter makes it look at each entity; exact is false
// then.
func (l *listing[T]) count(ctx context.Context) (n int, exact bool, err error) {
	if l.keep != nil {
		return l.countKept(ctx)
	}
	limit := l.countLimit
	if limit == 0 {
		limit = exactCount
	}
	if l.each == nil {
		n, err = l.collection.Count(ctx, Query{List: l.list, Equal: l.equal, Limit: limit})
		return n, n < limit, err
	}
	for _, value := range l.each {
		equal := append(slices.Clone(l.equal[:len(l.equal)-1]), value)
		part, err := l.collection.Count(ctx, Query{List: l.list, Equal: equal, Limit: limit - n})
		if err != nil {
			return 0, false, err
		}
		if n += part; n >= limit {
			return n, false, nil
		}
	}
	return n, true, nil
}

func (l *listing[T]) countKept(ctx context.Context) (n int, exact bool, err error) {
	var start []any
	for examined := 0; examined < MaxExamined; examined += MaxPage {
		nodes, err := l.find(ctx, Query{List: l.list, Equal: l.equal, After: start, Limit: MaxPage})
		if err != nil {
			return 0, false, err
		}
		kept, err := l.keep(ctx, nodes)
		if err != nil {
			return 0, false, err
		}
		for _, k := range kept {
			if k {
				n++
			}
		}
		if len(nodes) < MaxPage {
			return n, true, nil
		}
		start = positionOf(asEntity(nodes[len(nodes)-1]), l.list, len(l.equal))
	}
	return n, false, nil
}

func comparePositions(a, b []any) int {
	for i := range a {
		c := 0
		switch x := a[i].(type) {
		case string:
			c = strings.Compare(x, b[i].(string))
		case int64:
			switch y := b[i].(int64); {
			case x < y:
				c = -1
			case x > y:
				c = 1
			}
		case time.Time:
			c = x.Compare(b[i].(time.Time))
		}
		if c != 0 {
			return c
		}
	}
	return 0
}
