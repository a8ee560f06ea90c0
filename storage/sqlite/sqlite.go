// Package sqlite is the storage engine that needs no server: one SQLite file
// in the data folder, written by a single connection that commits concurrent
// writes together and read by several others.
//
// The driver is modernc.org/sqlite, a translation of SQLite into Go: the
// binary stays free of cgo and builds for every platform of the gateway.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/hookgraph/hookgraph/storage"
)

// File is the name of the database within the data folder.
const File = "hookgraph.db"

// Options of an engine; the zero value stands for the defaults.
type Options struct {
	// Readers is the number of reading connections, 4 by default.
	Readers int
	// Timeout bounds a call whose context has no deadline, 5 s by default.
	Timeout time.Duration
	// OnQuery is called once for each distinct statement, with the arguments of
	// its first use. It may be called by several goroutines at once.
	OnQuery func(sql string, args []any)
	// OnCommit is called by the writing goroutine after each commit, before its
	// callers are answered, with the number of writes that it made durable.
	OnCommit func(writes int)
}

// Engine is a storage.Engine on one SQLite file.
type Engine struct {
	opts   Options
	path   string
	tables map[string]*table
	read   *sql.DB
	write  *sql.DB
	writer *writer

	readers chan *reader
	shapes  sync.Map // of statements that OnQuery has seen

	closing sync.RWMutex // held for reading while a write is handed over
	closed  bool
	done    chan struct{} // closed when closed is set
}

// Open opens the database in dir, makes it if there is none, and brings its
// tables and indexes in line with the collections: a declared index that is
// new is filled from the documents, an index that is no longer declared is
// dropped. A file of a newer format is refused.
func Open(ctx context.Context, dir string, collections []*storage.Collection, opts Options) (*Engine, error) {
	if opts.Readers <= 0 {
		opts.Readers = 4
	}
	if opts.Timeout <= 0 {
		opts.Timeout = 5 * time.Second
	}
	tables, err := newTables(collections)
	if err != nil {
		return nil, err
	}
	path, err := filepath.Abs(filepath.Join(dir, File))
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := create(path); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	e := &Engine{
		opts: opts, path: path, tables: tables,
		readers: make(chan *reader, opts.Readers), done: make(chan struct{}),
	}
	if err := e.open(ctx); err != nil {
		return nil, fmt.Errorf("open the database %s: %w", path, unavailable(err))
	}
	return e, nil
}

func (e *Engine) open(ctx context.Context) (err error) {
	if e.write, err = sql.Open("sqlite", dsn(e.path, writing)); err != nil {
		return err
	}
	e.write.SetMaxOpenConns(1)
	defer func() {
		if err != nil {
			_ = e.closePools()
		}
	}()
	conn, err := e.write.Conn(ctx)
	if err != nil {
		return err
	}
	if err = migrate(ctx, conn, e.tables); err != nil {
		_ = conn.Close()
		return err
	}
	place, err := highestPlace(ctx, conn, e.tables)
	if err != nil {
		_ = conn.Close()
		return err
	}
	if e.read, err = sql.Open("sqlite", dsn(e.path, reading)); err != nil {
		_ = conn.Close()
		return err
	}
	if err = e.openReaders(ctx); err != nil {
		_ = conn.Close()
		return err
	}
	e.writer = newWriter(conn, e.opts)
	e.writer.place = place
	go e.writer.run()
	return nil
}

// create makes an empty file that only its owner may read, which SQLite then
// takes as a new database; the files beside it get the same mode.
func create(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// Ping reads from the database.
func (e *Engine) Ping(ctx context.Context) error {
	r, err := e.acquire(ctx)
	if err != nil {
		return err
	}
	defer e.release(r)
	text := func() string { return "SELECT COUNT(*) FROM (SELECT 1 FROM sqlite_schema WHERE rowid = ?)" }
	return r.query(ctx, shape{what: ping}, text, []any{1}, func(*sql.Rows) error { return nil })
}

// Queued returns the number of writes that wait for the writing goroutine.
func (e *Engine) Queued() int { return len(e.writer.queue) }

// Close waits for the calls under way and the writes that were handed over,
// copies the write-ahead log into the database and closes it. Calls after Close
// end with storage.ErrUnavailable.
func (e *Engine) Close() error {
	e.closing.Lock()
	if e.closed {
		e.closing.Unlock()
		return nil
	}
	e.closed = true
	close(e.done)
	e.closing.Unlock()
	err := e.closeReaders()
	return unavailable(errors.Join(err, e.writer.close(), e.closePools()))
}

func (e *Engine) closePools() error {
	var err error
	if e.read != nil {
		err = e.read.Close()
	}
	return errors.Join(err, e.write.Close())
}

// limit gives a context without a deadline the default one.
func (e *Engine) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, e.opts.Timeout)
}

// begin refuses a call whose context has ended, or after Close.
func (e *Engine) begin(ctx context.Context) error {
	select {
	case <-e.done:
		return errClosed
	default:
		return unavailable(ctx.Err())
	}
}

func (e *Engine) table(c *storage.Collection) (*table, error) {
	if c == nil {
		return nil, fmt.Errorf("no collection is given")
	}
	t := e.tables[c.Name]
	if t == nil {
		return nil, fmt.Errorf("collection %s is not declared", c.Name)
	}
	return t, nil
}
