package mongo

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	"golang.org/x/sync/errgroup"

	"github.com/hookgraph/hookgraph/storage"
)

// parallelWrites bounds the operations of one write that run side by side.
const parallelWrites = 16

// Write implements storage.Engine. Operations that cannot affect each other
// travel together: inserts into one collection as one command, deletes whatever
// the version as well, lenient replaces and deletes of different documents side
// by side.
func (e *Engine) Write(ctx context.Context, ops ...storage.Op) ([]storage.Result, error) {
	for i, op := range ops {
		if err := e.checkOp(op); err != nil {
			return nil, &storage.OpError{Position: i, Err: err}
		}
	}
	e.writing.RLock()
	defer e.writing.RUnlock()
	if e.closed {
		return nil, errClosed
	}
	results := make([]storage.Result, len(ops))
	for start := 0; start < len(ops); {
		end, apply := e.run(ops, start)
		if position, err := apply(ctx, ops[start:end], results[start:end]); err != nil {
			return nil, &storage.OpError{Position: start + position, Err: err}
		}
		start = end
	}
	return results, nil
}

// An applier carries out a run of operations, fills in their results and returns
// the position and the error of the one that ended the write.
type applier func(context.Context, []storage.Op, []storage.Result) (int, error)

// run returns the end of the longest run of operations from start that may
// travel together, and how.
func (e *Engine) run(ops []storage.Op, start int) (int, applier) {
	end := start + 1
	switch head := ops[start]; {
	case head.Kind == storage.Insert:
		for end < len(ops) && ops[end].Kind == storage.Insert &&
			ops[end].Collection == head.Collection && ops[end].Lenient == head.Lenient {
			end++
		}
		return end, e.insertAll
	case plainDelete(head):
		for end < len(ops) && plainDelete(ops[end]) && ops[end].Collection == head.Collection {
			end++
		}
		return end, e.deleteAll
	case independent(head):
		type document struct {
			collection *storage.Collection
			key        string
		}
		seen := map[document]bool{{head.Collection, head.Key}: true}
		for ; end < len(ops) && independent(ops[end]); end++ {
			d := document{ops[end].Collection, ops[end].Key}
			if seen[d] {
				break
			}
			seen[d] = true
		}
		return end, e.applyAll
	}
	return end, e.applyAll
}

// plainDelete reports whether an operation cannot fail but with the database.
func plainDelete(op storage.Op) bool { return op.Kind == storage.Delete && op.Version == 0 }

// independent reports whether the outcome of an operation depends on no
// operation on another document. A unique value that one document gives up may
// be what the next one takes, so those replaces keep their order.
func independent(op storage.Op) bool {
	switch {
	case !op.Lenient:
		return false
	case op.Kind == storage.Delete:
		return true
	}
	return op.Kind == storage.Replace && !hasUnique(op.Collection)
}

func hasUnique(c *storage.Collection) bool {
	for _, x := range c.Indexes {
		if x.Unique {
			return true
		}
	}
	return false
}

// applyAll applies each operation by a command of its own.
func (e *Engine) applyAll(ctx context.Context, ops []storage.Op, results []storage.Result) (int, error) {
	var (
		group errgroup.Group
		mu    sync.Mutex
		at    int
		ended error
	)
	group.SetLimit(parallelWrites)
	for i, op := range ops {
		group.Go(func() error {
			document, err := e.apply(ctx, op)
			results[i].Document = document
			if err = settle(op, err, &results[i]); err != nil {
				mu.Lock()
				defer mu.Unlock()
				if ended == nil || i < at {
					at, ended = i, err
				}
			}
			return nil
		})
	}
	_ = group.Wait()
	return at, ended
}

// settle makes an outcome that a lenient operation may have its result, and
// returns what ends the write.
func settle(op storage.Op, err error, result *storage.Result) error {
	var conflict *storage.Conflict
	if op.Lenient && (errors.Is(err, storage.ErrStale) || errors.As(err, &conflict)) {
		result.Err = err
		return nil
	}
	return err
}

// checkOp refuses operations that would not do what their kind promises.
func (e *Engine) checkOp(op storage.Op) error {
	if _, err := e.collection(op.Collection); err != nil {
		return err
	}
	switch op.Kind {
	case storage.Insert:
		_, err := keyOf(op.Document)
		return err
	case storage.Replace:
		if op.Collection.Counter {
			return fmt.Errorf("collection %s holds counters, which change by increments", op.Collection.Name)
		}
		if key, err := keyOf(op.Document); err != nil || key != op.Key {
			return fmt.Errorf("replace %s of collection %s: the document has another key", op.Key, op.Collection.Name)
		}
	case storage.Increment:
		if !op.Collection.Counter {
			return fmt.Errorf("collection %s is versioned, increments are for counters", op.Collection.Name)
		}
	case storage.Delete:
	default:
		return fmt.Errorf("operation of unknown kind %d", op.Kind)
	}
	return nil
}

func keyOf(doc bson.Raw) (string, error) {
	if err := doc.Validate(); err != nil {
		return "", fmt.Errorf("the document is not BSON: %w", err)
	}
	key, ok := doc.Lookup("_id").StringValueOK()
	if !ok {
		return "", errors.New("the document has no string _id")
	}
	return key, nil
}
