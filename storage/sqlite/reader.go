package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// A reader is one reading connection with the statements it has prepared. A
// call has it for itself.
//
// A statement whose work is bounded by a page runs without the context of its
// caller, which is looked at between the rows: it takes microseconds, and being
// ready to interrupt it would cost as much again. What may take long, a count,
// runs with it.
type reader struct {
	conn       *sql.Conn
	statements map[shape]*sql.Stmt
	onQuery    func(shape, string, []any)
}

// acquire waits for a free reader; release must follow.
func (e *Engine) acquire(ctx context.Context) (*reader, error) {
	if err := e.begin(ctx); err != nil {
		return nil, err
	}
	select {
	case r := <-e.readers:
		return r, nil
	default:
	}
	ctx, cancel := e.limit(ctx)
	defer cancel()
	select {
	case r := <-e.readers:
		return r, nil
	case <-e.done:
		return nil, errClosed
	case <-ctx.Done():
		return nil, unavailable(ctx.Err())
	}
}

func (e *Engine) release(r *reader) { e.readers <- r }

// openReaders fills the pool.
func (e *Engine) openReaders(ctx context.Context) error {
	for range cap(e.readers) {
		conn, err := e.read.Conn(ctx)
		if err != nil {
			return err
		}
		e.readers <- &reader{conn: conn, statements: map[shape]*sql.Stmt{}, onQuery: e.seen}
	}
	return nil
}

// closeReaders waits for the calls that read.
func (e *Engine) closeReaders() error {
	free := make([]*reader, cap(e.readers))
	for i := range free {
		free[i] = <-e.readers
	}
	var failures []error
	for _, r := range free {
		for _, s := range r.statements {
			failures = append(failures, s.Close())
		}
		failures = append(failures, r.conn.Close())
	}
	return errors.Join(failures...)
}

// seen reports a statement once, whichever readers prepare it.
func (e *Engine) seen(s shape, text string, args []any) {
	if e.opts.OnQuery == nil {
		return
	}
	if _, again := e.shapes.LoadOrStore(s, true); !again {
		e.opts.OnQuery(text, args)
	}
}

func (r *reader) statement(s shape, text func() string, args []any) (*sql.Stmt, error) {
	if stmt := r.statements[s]; stmt != nil {
		return stmt, nil
	}
	made := text()
	stmt, err := r.conn.PrepareContext(context.Background(), made)
	if err != nil {
		return nil, unavailable(err)
	}
	r.statements[s] = stmt
	r.onQuery(s, made, args)
	return stmt, nil
}

// query runs a statement without an interruption and hands each row to f.
func (r *reader) query(ctx context.Context, s shape, text func() string, args []any, f func(*sql.Rows) error) error {
	stmt, err := r.statement(s, text, args)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(context.WithoutCancel(ctx), args...)
	if err != nil {
		return unavailable(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := errors.Join(f(rows), ctx.Err()); err != nil {
			return unavailable(err)
		}
	}
	return unavailable(rows.Err())
}

// documents runs a statement whose only column is the document.
func (r *reader) documents(ctx context.Context, s *stretch, args []any) (docs []bson.Raw, err error) {
	err = r.query(ctx, s.shape, s.text, args, func(rows *sql.Rows) error {
		var doc []byte
		err := rows.Scan(&doc)
		docs = append(docs, doc)
		return err
	})
	return docs, err
}
