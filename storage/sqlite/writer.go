package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"

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
	closing    atomic.Bool
	err        error // of closing
	statements map[string]*sql.Stmt
	texts      map[*table]*texts
	watchers   atomic.Pointer[[]storage.Watcher]
	deleted    int   // documents since the free pages were counted
	place      int64 // the highest that a change was given
}

func newWriter(conn *sql.Conn, opts Options) *writer {
	return &writer{
		conn: conn, opts: opts,
		queue: make(chan *request, queued), ended: make(chan struct{}),
		statements: map[string]*sql.Stmt{}, texts: map[*table]*texts{},
	}
}

func (w *writer) close() error {
	w.closing.Store(true)
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
		w.vacuum()
	}
	w.err = w.shutdown()
}

func (w *writer) shutdown() error {
	ctx := context.Background()
	_, checkpoint := w.conn.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	for _, s := range w.statements {
		_ = s.Close()
	}
	return unavailable(errors.Join(checkpoint, w.conn.Close()))
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
	var watchers []storage.Watcher // those who begin to watch meanwhile are told nothing
	if all := w.watchers.Load(); all != nil {
		watchers = *all
	}
	for _, watcher := range watchers {
		tell(watcher.Before, begun)
	}
	if err := w.transaction(begun); err != nil {
		for _, r := range begun {
			r.results, r.err = nil, unavailable(err)
		}
	} else if w.opts.OnCommit != nil {
		w.opts.OnCommit(len(begun))
	}
	for _, watcher := range watchers {
		tell(watcher.After, begun)
	}
	for _, r := range begun {
		close(r.done)
	}
}

// tell tells a watcher of the documents that the requests may change.
func tell(watch func(*storage.Collection, string), begun []*request) {
	if watch == nil {
		return
	}
	for _, r := range begun {
		for i := range r.changes {
			watch(r.changes[i].Collection, r.changes[i].Key)
		}
	}
}

// errUndo asks for the batch to be run again with savepoints.
var errUndo = errors.New("a write of the batch has to be undone")

// transaction runs the batch. It returns an error if nothing of it is stored; a
// request that fails by itself carries its own error and leaves the others
// alone. Savepoints are taken only when a request turns out to need its own:
// they copy each page that the request touches.
func (w *writer) transaction(batch []*request) error {
	err := w.attempt(batch, false)
	if errors.Is(err, errUndo) {
		err = w.attempt(batch, true)
	}
	return err
}

func (w *writer) attempt(batch []*request, savepoints bool) (err error) {
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
		// an operation that fails has changed nothing, so that a write of one
		// has nothing to undo
		nested := savepoints && len(r.changes) > 1
		if nested {
			if _, err = w.exec("SAVEPOINT w"); err != nil {
				return err
			}
		}
		var failed int
		if failed, err = w.request(r); err != nil {
			return err
		}
		if failed > 0 && !nested {
			return errUndo
		}
		if failed > 0 {
			if _, err = w.exec("ROLLBACK TO w"); err != nil {
				return err
			}
		}
		if nested {
			if _, err = w.exec("RELEASE w"); err != nil {
				return err
			}
		}
	}
	_, err = w.exec("COMMIT")
	return err
}

// request runs one Write. It returns the position of the operation that ended
// it early, -1 if none did.
func (w *writer) request(r *request) (failed int, err error) {
	r.results, r.err = make([]storage.Result, len(r.changes)), nil
	for i := range r.changes {
		c := &r.changes[i]
		failure, err := w.apply(c, &r.results[i])
		switch {
		case err != nil:
			return i, err
		case failure == nil:
		case c.Lenient && expected(failure):
			r.results[i].Err = failure
		default:
			r.results, r.err = nil, &storage.OpError{Position: i, Err: failure}
			return i, nil
		}
	}
	return -1, nil
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
