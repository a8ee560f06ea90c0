package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/storage"
)

// Get implements storage.Engine.
func (e *Engine) Get(ctx context.Context, c *storage.Collection, key string) (bson.Raw, error) {
	t, err := e.table(c)
	if err != nil {
		return nil, err
	}
	ctx, cancel, err := e.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	stmt, err := e.statement(ctx, shape{collection: t.Name, what: get}, t.get, []any{key})
	if err != nil {
		return nil, err
	}
	var doc []byte
	err = stmt.QueryRowContext(ctx, key).Scan(&doc)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return doc, unavailable(err)
}

func (t *table) get() string {
	return fmt.Sprintf("SELECT %s FROM %s WHERE %s = ?", quote(docColumn), quote(t.Name), quote(idColumn))
}

// chunk is the largest number of keys in one statement; smaller numbers are
// rounded up to a power of two, so that eight statements serve all.
const chunk = 128

// GetMany implements storage.Engine.
func (e *Engine) GetMany(ctx context.Context, c *storage.Collection, keys []string) ([]bson.Raw, error) {
	t, err := e.table(c)
	if err != nil {
		return nil, err
	}
	ctx, cancel, err := e.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	found := make(map[string]bson.Raw, len(keys))
	for rest := keys; len(rest) > 0; {
		n := min(len(rest), chunk)
		if err := e.getChunk(ctx, t, rest[:n], found); err != nil {
			return nil, err
		}
		rest = rest[n:]
	}
	docs := make([]bson.Raw, len(keys))
	for i, k := range keys {
		docs[i] = found[k]
	}
	return docs, nil
}

func (e *Engine) getChunk(ctx context.Context, t *table, keys []string, found map[string]bson.Raw) error {
	size := 1
	for size < len(keys) {
		size *= 2
	}
	args := make([]any, size)
	for i := range args {
		args[i] = keys[min(i, len(keys)-1)] // the last key again
	}
	text := func() string {
		return fmt.Sprintf("SELECT %s, %s FROM %s WHERE %s IN (%s)",
			quote(idColumn), quote(docColumn), quote(t.Name), quote(idColumn), marks(size))
	}
	stmt, err := e.statement(ctx, shape{collection: t.Name, what: getMany, keys: size}, text, args)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return unavailable(err)
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		var doc []byte
		if err := rows.Scan(&key, &doc); err != nil {
			return unavailable(err)
		}
		found[key] = doc
	}
	return unavailable(rows.Err())
}

// statement returns the prepared statement of a shape, made once. The pool
// keeps it prepared on each of its connections.
func (e *Engine) statement(ctx context.Context, s shape, text func() string, args []any) (*sql.Stmt, error) {
	if stmt, ok := e.statements.Load(s); ok {
		return stmt.(*sql.Stmt), nil
	}
	made := text()
	stmt, err := e.read.PrepareContext(ctx, made)
	if err != nil {
		return nil, unavailable(err)
	}
	if other, ok := e.statements.LoadOrStore(s, stmt); ok {
		_ = stmt.Close()
		return other.(*sql.Stmt), nil
	}
	if e.opts.OnQuery != nil {
		e.opts.OnQuery(made, args)
	}
	return stmt, nil
}
