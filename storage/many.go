package storage

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/hookgraph/hookgraph/hook"
)

// manyReads is how many queries of one read run side by side.
const manyReads = 8

// FindMany implements hook.Collection.
func (c *collection[T]) FindMany(ctx context.Context, queries []hook.Query) ([][]*T, error) {
	return many(ctx, queries, c.Find)
}

// CountMany implements hook.Collection.
func (c *collection[T]) CountMany(ctx context.Context, queries []hook.Query) ([]int, error) {
	return many(ctx, queries, c.Count)
}

func many[R any](ctx context.Context, queries []hook.Query, read func(context.Context, hook.Query) (R, error)) ([]R, error) {
	results := make([]R, len(queries))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(manyReads)
	for i, q := range queries {
		group.Go(func() (err error) {
			results[i], err = read(ctx, q)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return results, nil
}
