package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/storage"
)

// Find implements storage.Engine.
func (e *Engine) Find(ctx context.Context, q storage.Query) ([]bson.Raw, error) {
	s, err := e.stretch(q, find)
	if err != nil {
		return nil, err
	}
	r, err := e.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer e.release(r)
	if s.repeats() {
		return r.once(ctx, s, q)
	}
	return r.documents(ctx, s, append(s.args, q.Limit))
}

// FindKeys implements storage.Exclusive. It reads the index alone.
func (e *Engine) FindKeys(ctx context.Context, q storage.Query) ([]string, error) {
	s, err := e.stretch(q, findKeys)
	if err != nil {
		return nil, err
	}
	if s.repeats() {
		return nil, fmt.Errorf("%s: keys over several values of the array index %s", s.table.Name, s.index.Name)
	}
	r, err := e.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer e.release(r)
	var keys []string
	err = r.query(ctx, s.shape, s.text, append(s.args, q.Limit), func(rows *sql.Rows) error {
		var key string
		if err := rows.Scan(&key); err != nil {
			return err
		}
		keys = append(keys, key)
		return nil
	})
	return keys, err
}

// Watch implements storage.Exclusive.
func (e *Engine) Watch(watcher storage.Watcher) {
	for {
		old := e.writer.watchers.Load()
		var all []storage.Watcher
		if old != nil {
			all = slices.Clone(*old)
		}
		if all = append(all, watcher); e.writer.watchers.CompareAndSwap(old, &all) {
			return
		}
	}
}

// FindEach implements storage.Engine. It runs one statement for each value in
// one read transaction.
func (e *Engine) FindEach(ctx context.Context, q storage.Query, values []any) ([][]bson.Raw, error) {
	if len(q.Equal) == 0 {
		return nil, fmt.Errorf("a query for each value has no value to replace")
	}
	s, err := e.stretch(q, find)
	if err != nil {
		return nil, err
	}
	bound := make([]any, len(values))
	for i, v := range values {
		if bound[i], err = argument(v); err != nil {
			return nil, fmt.Errorf("%s: a query of index %s: %w", s.table.Name, s.index.Name, err)
		}
	}
	r, err := e.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer e.release(r)
	tx, err := r.conn.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return nil, unavailable(err)
	}
	defer func() { _ = tx.Rollback() }() // it only reads
	found := make([][]bson.Raw, len(values))
	args := append(s.args, q.Limit)
	for i, v := range bound {
		args[len(q.Equal)-1] = v
		if found[i], err = r.documents(ctx, s, args); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// Count implements storage.Engine.
func (e *Engine) Count(ctx context.Context, q storage.Query) (int, error) {
	s, err := e.stretch(q, count)
	if err != nil {
		return 0, err
	}
	r, err := e.acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer e.release(r)
	ctx, cancel := e.limit(ctx)
	defer cancel()
	if s.repeats() {
		docs, err := r.once(ctx, s, q)
		return len(docs), err
	}
	s.reverse = s.reverse && s.after // no order to speak of
	args := append(s.args, q.Limit)
	stmt, err := r.statement(s.shape, s.text, args)
	if err != nil {
		return 0, err
	}
	var n int
	err = stmt.QueryRowContext(ctx, args...).Scan(&n)
	return n, unavailable(err)
}

// repeats reports whether a document can stand in the stretch more than once.
func (s *stretch) repeats() bool { return s.index.Array && s.equal == 0 }

var errEnough = errors.New("there are enough")

// once reads a stretch over several values of an array key. A document counts
// where it stands first in the direction of reading, which its own array
// tells, so that pages need not know of each other.
func (r *reader) once(ctx context.Context, s *stretch, q storage.Query) ([]bson.Raw, error) {
	s.what = findValues
	var docs []bson.Raw
	args := append(s.args, -1) // no limit: rows are taken until there are enough
	err := r.query(ctx, s.shape, s.text, args, func(rows *sql.Rows) error {
		var value string
		var doc []byte
		if err := rows.Scan(&value, &doc); err != nil {
			return err
		}
		if stands(doc, s.index.Keys[0], q) == value {
			docs = append(docs, doc)
		}
		if len(docs) == q.Limit {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return docs, err
}

// stands returns the value under which a document comes first in the stretch.
func stands(doc bson.Raw, key string, q storage.Query) string {
	var first string
	var found bool
	array, _ := doc.Lookup(key).ArrayOK()
	values, _ := array.Values()
	for _, v := range values {
		s, _ := v.StringValueOK()
		if from, ok := q.From.(string); ok && s < from {
			continue
		}
		if to, ok := q.To.(string); ok && s >= to {
			continue
		}
		if !found || q.Reverse && s > first || !q.Reverse && s < first {
			first, found = s, true
		}
	}
	return first
}
