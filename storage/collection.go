package storage

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/hook"
)

// A collection reads the entities of one type.
type collection[T any] struct {
	engine   Engine
	declared *Collection
	memory   *memory[T] // nil where entities are not remembered
}

// Get implements hook.Collection.
func (c *collection[T]) Get(ctx context.Context, key string) (*T, error) {
	if c.memory != nil {
		return c.memory.get(ctx, c, key)
	}
	doc, err := c.engine.Get(ctx, c.declared, key)
	if err != nil {
		return nil, c.failure(err)
	}
	return decode[T](c.declared, doc)
}

// GetMany implements hook.Collection.
func (c *collection[T]) GetMany(ctx context.Context, keys []string) ([]*T, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	if c.memory != nil {
		return c.memory.getMany(ctx, c, keys)
	}
	docs, err := c.engine.GetMany(ctx, c.declared, keys)
	if err != nil {
		return nil, c.failure(err)
	}
	return decodeAll[T](c.declared, docs)
}

// Find implements hook.Collection.
func (c *collection[T]) Find(ctx context.Context, q hook.Query) ([]*T, error) {
	query, err := c.query(q)
	if err != nil {
		return nil, err
	}
	// The order of changes is read from the database alone: what is remembered may
	// be older than its place for a moment.
	if c.memory != nil && !q.Passing && q.List != hook.ByChanged {
		if found, ok, err := c.memory.find(ctx, c, query); ok || err != nil {
			return found, err
		}
	}
	docs, err := c.engine.Find(ctx, query)
	if err != nil {
		return nil, c.failure(err)
	}
	return decodeAll[T](c.declared, docs)
}

// FindEach implements hook.Collection.
func (c *collection[T]) FindEach(ctx context.Context, q hook.Query, values []any) ([][]*T, error) {
	query, err := c.query(q)
	if err != nil {
		return nil, err
	}
	if values, err = c.values(q.List, values); err != nil {
		return nil, err
	}
	if len(values) == 0 {
		return nil, nil
	}
	stretches, err := c.engine.FindEach(ctx, query, values)
	if err != nil {
		return nil, c.failure(err)
	}
	found := make([][]*T, len(stretches))
	for i, docs := range stretches {
		if found[i], err = decodeAll[T](c.declared, docs); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// Count implements hook.Collection.
func (c *collection[T]) Count(ctx context.Context, q hook.Query) (int, error) {
	query, err := c.query(q)
	if err != nil {
		return 0, err
	}
	n, err := c.engine.Count(ctx, query)
	return n, c.failure(err)
}

func (c *collection[T]) failure(err error) error { return failure("read "+c.declared.Name, err) }

// query states a query of a list as one of its index.
func (c *collection[T]) query(q hook.Query) (Query, error) {
	i := slices.IndexFunc(c.declared.Indexes, func(x *Index) bool { return x.Name == q.List })
	if i < 0 {
		return Query{}, fmt.Errorf("read %s: no list %q is declared", c.declared.Name, q.List)
	}
	query := Query{Collection: c.declared, Index: c.declared.Indexes[i], Reverse: q.Reverse, Limit: q.Limit}
	var err error
	if query.Equal, err = c.values(q.List, q.Equal); err != nil {
		return Query{}, err
	}
	for _, bound := range []struct {
		from any
		to   *any
	}{{q.From, &query.From}, {q.To, &query.To}} {
		if bound.from == nil {
			continue
		}
		value, err := c.values(q.List, []any{bound.from})
		if err != nil {
			return Query{}, err
		}
		*bound.to = value[0]
	}
	query.After, err = c.values(q.List, q.After)
	return query, err
}

// values turns the values of a query, which may be of hook's own types such as
// Dialect, into those that engines know.
func (c *collection[T]) values(list string, values []any) ([]any, error) {
	if values == nil {
		return nil, nil
	}
	plain := make([]any, len(values))
	for i, value := range values {
		switch v := value.(type) {
		case string, int64, bool, time.Time:
			plain[i] = v
			continue
		}
		switch v := reflect.ValueOf(value); v.Kind() {
		case reflect.String:
			plain[i] = v.String()
		case reflect.Int, reflect.Int32:
			plain[i] = v.Int()
		default:
			return nil, fmt.Errorf("read %s: list %q has no values of type %T", c.declared.Name, list, value)
		}
	}
	return plain, nil
}

func decodeAll[T any](c *Collection, docs []bson.Raw) ([]*T, error) {
	all := make([]*T, len(docs))
	for i, doc := range docs {
		var err error
		if all[i], err = decode[T](c, doc); err != nil {
			return nil, err
		}
	}
	return all, nil
}
