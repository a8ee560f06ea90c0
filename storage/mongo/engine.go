// Package mongo keeps the documents of storage in MongoDB, or in a server that
// speaks its protocol: real indexes, majority writes, and neither transactions
// nor change streams, so that a standalone server is enough.
package mongo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/hookgraph/hookgraph/storage"
)

// Options tune a connection. The zero value is what the gateway runs with.
type Options struct {
	// AppName is how the connection names itself to the server; default
	// "hookgraph".
	AppName string
	// Timeout ends an operation whose context has no deadline, and the search
	// for a server that can serve it; default 5 s.
	Timeout time.Duration
	// Observe is told of every command: its name, how long the server took and
	// whether it succeeded. Contents of commands are not passed on.
	Observe func(command string, took time.Duration, ok bool)
	// Monitors see every command as the driver does, contents included; they are
	// for tests.
	Monitors []*event.CommandMonitor
}

const (
	defaultAppName  = "hookgraph"
	defaultDatabase = "hookgraph"
	defaultTimeout  = 5 * time.Second
)

func (o Options) withDefaults() Options {
	if o.AppName == "" {
		o.AppName = defaultAppName
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	return o
}

// An Engine is a storage.Engine on one MongoDB database.
type Engine struct {
	client      *driver.Client
	database    *driver.Database
	address     address
	collections map[string]*driver.Collection

	// writing is held for reading by each write and for writing by Close.
	writing sync.RWMutex
	closed  bool
}

var _ storage.Engine = (*Engine)(nil)

// Open connects to the database that the URI names ("hookgraph" if it names
// none), creates the indexes that are missing and removes those that an earlier
// version of the program made and this one no longer declares.
//
// Options in the URI win over ours, except that writes are always acknowledged
// by a majority and reads see only what is. Errors name the hosts of the URI and
// never its credentials.
func Open(ctx context.Context, uri string, collections []*storage.Collection, opts Options) (*Engine, error) {
	opts = opts.withDefaults()
	addr, err := parseAddress(uri)
	if err != nil {
		return nil, err
	}
	settings, err := clientOptions(uri, addr, opts)
	if err != nil {
		return nil, err
	}
	client, err := driver.Connect(settings)
	if err != nil {
		return nil, addr.refuse(err)
	}
	e := &Engine{
		client:      client,
		database:    client.Database(addr.database),
		address:     addr,
		collections: make(map[string]*driver.Collection, len(collections)),
	}
	for _, c := range collections {
		e.collections[c.Name] = e.database.Collection(c.Name)
	}
	if err := e.prepare(ctx, collections); err != nil {
		// The first error is the one to tell.
		_ = e.Close()
		return nil, err
	}
	return e, nil
}

func (e *Engine) prepare(ctx context.Context, collections []*storage.Collection) error {
	if err := e.Ping(ctx); err != nil {
		return err
	}
	for _, c := range collections {
		if err := e.ensureIndexes(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// Ping returns an error if no server that can serve writes answers.
func (e *Engine) Ping(ctx context.Context) error {
	ping := bson.D{{Key: "ping", Value: 1}}
	return e.failure(ctx, e.database.RunCommand(ctx, ping).Err())
}

// closeTimeout bounds the wait for connections that are in use.
const closeTimeout = 10 * time.Second

// Close waits for writes under way and closes the connections. Later calls of
// the engine answer storage.ErrUnavailable.
func (e *Engine) Close() error {
	e.writing.Lock()
	defer e.writing.Unlock()
	if e.closed {
		return nil
	}
	e.closed = true
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	return e.client.Disconnect(ctx)
}

// collection returns the driver's handle of a declared collection.
func (e *Engine) collection(c *storage.Collection) (*driver.Collection, error) {
	if c == nil {
		return nil, errors.New("no collection is named")
	}
	if handle := e.collections[c.Name]; handle != nil {
		return handle, nil
	}
	return nil, fmt.Errorf("collection %s is not declared", c.Name)
}
