// Package relay gives lists the form of Relay's cursor connections
// (relay.dev/graphql/connections.htm).
package relay

import (
	"context"
	"sync"

	"github.com/hookgraph/hookgraph/hook"
)

// A Node is an object with an id of its own.
type Node interface {
	IsNode()
	ID() string
}

// An Owner is a client or an album.
type Owner interface{ IsOwner() }

// A PageInfo says where a page stands in its list.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool
	StartCursor     string
	EndCursor       string
}

// A Connection is a page of a list.
type Connection[T any] struct {
	page  *hook.Connection[T]
	total func(context.Context) (hookTotal, error)
}

type hookTotal struct {
	n     int
	exact bool
}

func connect[T any](page *hook.Connection[T]) Connection[T] {
	var once sync.Once
	var total hookTotal
	var err error
	return Connection[T]{page, func(ctx context.Context) (hookTotal, error) {
		once.Do(func() { total.n, total.exact, err = page.Total(ctx) })
		return total, err
	}}
}

// Nodes are the objects of the page.
func (c Connection[T]) Nodes() []*T { return c.page.Nodes }

// PageInfo says where the page stands.
func (c Connection[T]) PageInfo() *PageInfo {
	return &PageInfo{c.page.HasNext, c.page.HasPrevious, c.page.Start, c.page.End}
}

// TotalCount counts the list, once for both fields.
func (c Connection[T]) TotalCount(ctx context.Context) (int, error) {
	total, err := c.total(ctx)
	return total.n, err
}

// TotalCountIsExact is false if counting stopped at a limit.
func (c Connection[T]) TotalCountIsExact(ctx context.Context) (bool, error) {
	total, err := c.total(ctx)
	return total.exact, err
}

// An Edge is an object in a list.
type Edge[T any] struct {
	Node *T
	page *hook.Connection[T]
}

// Cursor is the place in the list.
func (e Edge[T]) Cursor() string { return e.page.Cursor(e.Node) }

// edges makes the edges of a page, each of the type E that embeds an Edge.
func edges[T, E any](c Connection[T], edge func(Edge[T]) E) []*E {
	list := make([]*E, len(c.page.Nodes))
	for i, node := range c.page.Nodes {
		e := edge(Edge[T]{node, c.page})
		list[i] = &e
	}
	return list
}
