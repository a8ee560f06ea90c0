package sqlite

import (
	"context"
	"database/sql"
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
	r, err := e.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer e.release(r)
	var doc []byte
	err = r.query(ctx, shape{collection: t.Name, what: get}, t.get, []any{key}, func(rows *sql.Rows) error {
		return rows.Scan(&doc)
	})
	return doc, err
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
	r, err := e.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer e.release(r)
	found := make(map[string]bson.Raw, len(keys))
	for rest := keys; len(rest) > 0; {
		n := min(len(rest), chunk)
		if err := r.chunk(ctx, t, rest[:n], found); err != nil {
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

func (r *reader) chunk(ctx context.Context, t *table, keys []string, found map[string]bson.Raw) error {
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
	return r.query(ctx, shape{collection: t.Name, what: getMany, keys: size}, text, args, func(rows *sql.Rows) error {
		var key string
		var doc []byte
		err := rows.Scan(&key, &doc)
		found[key] = doc
		return err
	})
}
