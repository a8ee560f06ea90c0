package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/storage"
)

// Find implements storage.Engine.
func (e *Engine) Find(ctx context.Context, q storage.Query) ([]bson.Raw, error) {
	s, err := e.stretch(q, find)
	if err != nil {
		return nil, err
	}
	ctx, cancel, err := e.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	if s.repeats() {
		return e.findOnce(ctx, s, q)
	}
	args := append(s.args, q.Limit)
	stmt, err := e.statement(ctx, s.shape, s.text, args)
	if err != nil {
		return nil, err
	}
	return documents(ctx, stmt, args)
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
	ctx, cancel, err := e.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	args := append(s.args, q.Limit)
	stmt, err := e.statement(ctx, s.shape, s.text, args)
	if err != nil {
		return nil, err
	}
	tx, err := e.read.BeginTx(ctx, nil)
	if err != nil {
		return nil, unavailable(err)
	}
	defer func() { _ = tx.Rollback() }() // it only reads
	stmt = tx.StmtContext(ctx, stmt)
	found := make([][]bson.Raw, len(values))
	for i, v := range bound {
		args[len(q.Equal)-1] = v
		if found[i], err = documents(ctx, stmt, args); err != nil {
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
	ctx, cancel, err := e.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer cancel()
	if s.repeats() {
		s.what = findValues
		docs, err := e.findOnce(ctx, s, q)
		return len(docs), err
	}
	s.reverse = s.reverse && s.after // no order to speak of
	args := append(s.args, q.Limit)
	stmt, err := e.statement(ctx, s.shape, s.text, args)
	if err != nil {
		return 0, err
	}
	var n int
	err = stmt.QueryRowContext(ctx, args...).Scan(&n)
	return n, unavailable(err)
}

// repeats reports whether a document can stand in the stretch more than once.
func (s *stretch) repeats() bool { return s.index.Array && s.equal == 0 }

// findOnce reads a stretch over several values of an array key. A document
// counts where it stands first in the direction of reading, which its own
// array tells, so that pages need not know of each other.
func (e *Engine) findOnce(ctx context.Context, s *stretch, q storage.Query) ([]bson.Raw, error) {
	s.what = findValues
	args := append(s.args, -1) // no limit: rows are taken until there are enough
	stmt, err := e.statement(ctx, s.shape, s.text, args)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return nil, unavailable(err)
	}
	defer rows.Close()
	var docs []bson.Raw
	for len(docs) < q.Limit && rows.Next() {
		var value string
		var doc []byte
		if err := rows.Scan(&value, &doc); err != nil {
			return nil, unavailable(err)
		}
		if stands(doc, s.index.Keys[0], q) == value {
			docs = append(docs, doc)
		}
	}
	return docs, unavailable(rows.Err())
}

// stands returns the value under which a document comes first in the stretch.
func stands(doc bson.Raw, key string, q storage.Query) string {
	var first string
	var found bool
	values, _ := doc.Lookup(key).Array().Values()
	for _, v := range values {
		s := v.StringValue()
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

// documents runs a statement whose only column is the document.
func documents(ctx context.Context, stmt *sql.Stmt, args []any) ([]bson.Raw, error) {
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return nil, unavailable(err)
	}
	defer rows.Close()
	var docs []bson.Raw
	for rows.Next() {
		var doc []byte
		if err := rows.Scan(&doc); err != nil {
			return nil, unavailable(err)
		}
		docs = append(docs, doc)
	}
	return docs, unavailable(rows.Err())
}
