package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/hookgraph/hookgraph/storage"
)

const (
	queued    = 1024 // writes that wait before callers block
	maxWrites = 256  // writes in one commit: bounds how long the first of them waits
)

// A writer owns the only writing connection. It commits the writes that wait
// together, since a commit costs a disk flush however much is in it.
type writer struct {
	conn       *sql.Conn
	opts       Options
	queue      chan *request
	ended      chan struct{}
	err        error // of closing
	statements map[string]*sql.Stmt
	texts      map[*table]*texts
}

func newWriter(conn *sql.Conn, opts Options) *writer {
	return &writer{
		conn: conn, opts: opts,
		queue: make(chan *request, queued), ended: make(chan struct{}),
		statements: map[string]*sql.Stmt{}, texts: map[*table]*texts{},
	}
}

func (w *writer) close() error {
	close(w.queue)
	<-w.ended
	return w.err
}

func (w *writer) run() {
	defer close(w.ended)
	batch := make([]*request, 0, maxWrites)
	for r := range w.queue {
		batch = append(batch[:0], r)
		for len(batch) < maxWrites && len(w.queue) > 0 {
			batch = append(batch, <-w.queue) // the only receiver: it cannot block
		}
		w.commit(batch)
		clear(batch)
	}
	w.err = w.shutdown()
}

func (w *writer) shutdown() error {
	ctx := context.Background()
	_, optimize := w.conn.ExecContext(ctx, "PRAGMA optimize")
	_, checkpoint := w.conn.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	for _, s := range w.statements {
		_ = s.Close()
	}
	return unavailable(errors.Join(optimize, checkpoint, w.conn.Close()))
}

// commit runs the requests in one transaction and answers all of them.
func (w *writer) commit(batch []*request) {
	begun := batch[:0]
	for _, r := range batch {
		if err := r.ctx.Err(); !r.taken.CompareAndSwap(false, true) {
			continue // the caller has gone
		} else if err != nil {
			r.err = unavailable(err)
			close(r.done)
			continue
		}
		begun = append(begun, r)
	}
	if len(begun) == 0 {
		return
	}
	if err := w.transaction(begun); err != nil {
		for _, r := range begun {
			r.results, r.err = nil, unavailable(err)
		}
	} else if w.opts.OnCommit != nil {
		w.opts.OnCommit(len(begun))
	}
	for _, r := range begun {
		close(r.done)
	}
}

// transaction returns an error if nothing of the batch is stored. A request
// that fails by itself carries its own error and leaves the others alone.
func (w *writer) transaction(batch []*request) (err error) {
	if _, err = w.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			// some errors have ended the transaction already; then this fails
			_, _ = w.conn.ExecContext(context.Background(), "ROLLBACK")
		}
	}()
	for _, r := range batch {
		if err = w.request(r); err != nil {
			return err
		}
	}
	_, err = w.exec("COMMIT")
	return err
}

// request runs one Write. A single operation needs no savepoint: its first
// statement is the only one that can fail by itself.
func (w *writer) request(r *request) error {
	nested := len(r.changes) > 1
	if nested {
		if _, err := w.exec("SAVEPOINT w"); err != nil {
			return err
		}
	}
	r.results = make([]storage.Result, len(r.changes))
	for i := range r.changes {
		c := &r.changes[i]
		failure, err := w.apply(c, &r.results[i])
		if err != nil {
			return err
		}
		if failure == nil {
			continue
		}
		if c.Lenient && expected(failure) {
			r.results[i].Err = failure
			continue
		}
		r.results, r.err = nil, &storage.OpError{Position: i, Err: failure}
		break
	}
	if !nested {
		return nil
	}
	if r.err != nil {
		if _, err := w.exec("ROLLBACK TO w"); err != nil {
			return err
		}
	}
	_, err := w.exec("RELEASE w")
	return err
}

// expected reports whether a lenient operation may fail in this way.
func expected(failure error) bool {
	var conflict *storage.Conflict
	return errors.As(failure, &conflict) || errors.Is(failure, storage.ErrStale)
}

// statement prepares a text once. The transaction runs without the contexts of
// its callers: it is short, and ending it for one would end it for all.
func (w *writer) statement(text string, args []any) (*sql.Stmt, error) {
	if s := w.statements[text]; s != nil {
		return s, nil
	}
	s, err := w.conn.PrepareContext(context.Background(), text)
	if err != nil {
		return nil, err
	}
	w.statements[text] = s
	if w.opts.OnQuery != nil {
		w.opts.OnQuery(text, args)
	}
	return s, nil
}

func (w *writer) exec(text string, args ...any) (sql.Result, error) {
	s, err := w.statement(text, args)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(context.Background(), args...)
}
