package graph

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/panjf2000/ants/v2"
)

// workers complete the elements of lists. Each element has a goroutine of its
// own, since it may wait for a loader that waits for the others; but they are
// used again, because a new one begins with a small stack that is copied several
// times on the way down to the leaves, which takes a quarter of a query's time.
var workers = newWorkers()

func newWorkers() *ants.Pool {
	p, err := ants.NewPool(-1) // without a limit: what waits in a list may need lists
	if err != nil {
		panic(err) // options that contradict each other
	}
	return p
}

// marshalList completes the elements of a list at once (CompleteValue,
// GraphQL 6.4.3). Generated code calls it instead of the library's function. A
// panic is an error of its element, and the list is nil then.
func marshalList(ctx context.Context, length int, marshal func(ctx context.Context, i int) graphql.Marshaler) graphql.Array {
	list := make(graphql.Array, length)
	var failed atomic.Bool
	complete := func(i int) {
		ctx := graphql.WithFieldContext(ctx, &graphql.FieldContext{Index: &i})
		defer func() {
			if r := recover(); r != nil {
				failed.Store(true)
				graphql.AddError(ctx, graphql.Recover(ctx, r))
			}
		}()
		list[i] = marshal(ctx, i)
	}
	var others sync.WaitGroup
	for i := range length - 1 {
		others.Add(1)
		task := func() {
			defer others.Done()
			complete(i)
		}
		if workers.Submit(task) != nil {
			go task()
		}
	}
	if length > 0 {
		complete(length - 1)
	}
	others.Wait()
	if failed.Load() {
		return nil
	}
	return list
}
