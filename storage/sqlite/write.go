package sqlite

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/hookgraph/hookgraph/storage"
)

// A change is an operation that was found sound, with its document taken apart.
type change struct {
	storage.Op
	table *table
	row   *row // of Insert and Replace
}

// A request is one Write on its way to the writing goroutine.
type request struct {
	ctx     context.Context
	changes []change
	taken   atomic.Bool // by the writer, or by a caller that gave up before
	results []storage.Result
	err     error
	done    chan struct{}
}

// Write implements storage.Engine. The documents must not be changed after the
// call: a caller whose context ends may return before the writer is done with
// them, and its write may still be stored.
func (e *Engine) Write(ctx context.Context, ops ...storage.Op) ([]storage.Result, error) {
	err := e.begin(ctx)
	if err != nil || len(ops) == 0 {
		return nil, err
	}
	ctx, cancel := e.limit(ctx)
	defer cancel()
	r := &request{ctx: ctx, changes: make([]change, len(ops)), done: make(chan struct{})}
	for i, op := range ops {
		if r.changes[i], err = e.change(op); err != nil {
			return nil, &storage.OpError{Position: i, Err: err}
		}
	}
	if err := e.hand(r); err != nil {
		return nil, err
	}
	select {
	case <-r.done:
		return r.results, r.err
	case <-ctx.Done():
	}
	if r.taken.CompareAndSwap(false, true) {
		return nil, fmt.Errorf("nothing was written: %w", unavailable(ctx.Err()))
	}
	select {
	case <-r.done: // both were ready
		return r.results, r.err
	default:
		return nil, fmt.Errorf("the write may have been stored: %w", unavailable(ctx.Err()))
	}
}

// hand puts a request in the queue, unless the engine is being closed.
func (e *Engine) hand(r *request) error {
	e.closing.RLock()
	defer e.closing.RUnlock()
	if e.closed {
		return errClosed
	}
	select {
	case e.writer.queue <- r:
		return nil
	case <-r.ctx.Done():
		return fmt.Errorf("nothing was written: %w", unavailable(r.ctx.Err()))
	}
}

// change checks what can be checked without the database.
func (e *Engine) change(op storage.Op) (change, error) {
	t, err := e.table(op.Collection)
	if err != nil {
		return change{}, err
	}
	c := change{Op: op, table: t}
	switch op.Kind {
	case storage.Insert, storage.Replace:
		if t.Counter {
			return c, fmt.Errorf("%s: a counter document changes by increments only", t.Name)
		}
		if c.row, err = t.row(op.Document); err != nil {
			return c, err
		}
		if t.sequence >= 0 && c.row.place == nil {
			return c, fmt.Errorf("%s: the document %q has no int64 %s", t.Name, c.row.id, t.Sequence)
		}
		if op.Key == "" && op.Kind == storage.Insert {
			c.Key = c.row.id
		}
		if c.Key != c.row.id {
			return c, fmt.Errorf("%s: the document %q is written under the key %q", t.Name, c.row.id, c.Key)
		}
		if op.Kind == storage.Replace && c.row.version == op.Version {
			return c, fmt.Errorf("%s: the document %q has no new version", t.Name, c.Key)
		}
	case storage.Delete:
	case storage.Increment:
		if !t.Counter {
			return c, fmt.Errorf("%s: only counter documents change by increments", t.Name)
		}
		if err := checkPaths(op); err != nil {
			return c, fmt.Errorf("%s: %w", t.Name, err)
		}
	default:
		return c, fmt.Errorf("%s: unknown kind of operation %d", t.Name, op.Kind)
	}
	if c.Key == "" {
		return c, fmt.Errorf("%s: no key is given", t.Name)
	}
	return c, nil
}
