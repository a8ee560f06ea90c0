// Package storage keeps the entities of hook in a database: it implements
// hook.Store once, over the small Engine interface that SQLite and MongoDB
// each implement.
package storage

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// An Engine stores BSON documents in the declared collections and reads them
// along their declared indexes. It is safe for concurrent use.
//
// A document has a string `_id`, its key. A document of a versioned collection
// has an int64 `version` that starts at 1; a document of a counter collection
// has none and is changed by Increment only.
//
// An engine reports a key or unique index that is taken as *Conflict, a version
// that is no longer current (or a document that is gone) as ErrStale, and a
// database that cannot be reached or does not answer in time as an error that
// wraps ErrUnavailable.
type Engine interface {
	// Write applies the operations in their order and returns one result for
	// each. What it returned without an error is on disk.
	//
	// The first operation that fails ends the write, unless it is Lenient: then
	// its failure is its result and the next operation follows. A write that
	// ends early returns an *OpError and, on SQLite, has changed nothing. On
	// MongoDB the operations before it stay, so callers order them in a way that
	// the same write, run again, completes it.
	Write(ctx context.Context, ops ...Op) ([]Result, error)

	// Get returns the document of a key, or nil if there is none.
	Get(ctx context.Context, c *Collection, key string) (bson.Raw, error)

	// GetMany returns the documents of the keys in the order of the keys, nil
	// where there is none. A key may occur twice.
	GetMany(ctx context.Context, c *Collection, keys []string) ([]bson.Raw, error)

	// Find returns the documents of one stretch of an index, in its order. A
	// document that an array key lists more than once in the stretch is returned
	// once.
	Find(ctx context.Context, q Query) ([]bson.Raw, error)

	// FindEach runs q once for each of the values, put in place of the last
	// value of q.Equal, and returns the stretches in the order of the values.
	// q.Limit counts for each.
	FindEach(ctx context.Context, q Query, values []any) ([][]bson.Raw, error)

	// Count returns the number of documents of the stretch, at most q.Limit.
	Count(ctx context.Context, q Query) (int, error)

	// Ping returns an error if the database does not answer.
	Ping(ctx context.Context) error

	// Close waits for writes under way and releases the database.
	Close() error
}

// An Exclusive engine belongs to this process alone: nobody else changes its
// documents, so they may be remembered as long as they are not changed here.
type Exclusive interface {
	Engine

	// Watch has a watcher told of every document that a commit may change.
	Watch(w Watcher)

	// FindKeys returns the keys of the documents that Find would return.
	FindKeys(ctx context.Context, q Query) ([]string, error)
}

// A Watcher is told of documents that may change. Several may watch.
type Watcher struct {
	// Before is called before others can see the change; it may be nil. After is
	// called for each call of Before, when the change can be seen, or has come to
	// nothing, and before the write is answered.
	Before, After func(c *Collection, key string)
}

// A Collection is declared in collections.go. Engines create what is missing of
// it when they open the database.
type Collection struct {
	Name string
	// Counter documents have no version and change by Increment only.
	Counter bool
	Indexes []*Index
	// Sequence names the int64 field that is a document's place in the order of
	// changes; "" if there is none. Writers give each change a higher place than
	// those before; an Exclusive engine makes sure of it when it commits, across
	// all collections with a Sequence: whoever has read up to a place never misses
	// what is committed later. It writes the place into Op.Document. A document
	// from before there was a Sequence has place 0.
	Sequence string
	// Placed: the documents keep the place that they were inserted with.
	Placed bool
}

// Index returns the index of that name; it panics if none is declared, since
// that is a mistake in the program.
func (c *Collection) Index(name string) *Index {
	for _, x := range c.Indexes {
		if x.Name == name {
			return x
		}
	}
	panic(fmt.Sprintf("collection %s declares no index %s", c.Name, name))
}

// An Index orders the documents of a collection by the values of its keys, and
// documents with equal values by `_id`, which is not listed in Keys.
type Index struct {
	Name string
	// Keys are top-level fields of the documents. Every document has a value for
	// each: a string, an int64 (or int32), a bool or a date; never null.
	Keys []string
	// Unique: no two documents have equal values. At most one index a write can
	// violate is reported.
	Unique bool
	// Array: the first key holds an array of strings (missing or empty is
	// allowed); a document stands in the index once for each of them.
	Array bool
}

// A Query reads one stretch of one index.
type Query struct {
	Collection *Collection
	Index      *Index
	// Equal are values of the first keys of the index.
	Equal []any
	// From and To bound the key that follows: From <= value < To; nil is open.
	From, To any
	// After continues behind a position in the direction of reading: values for
	// all keys that follow those of Equal, then the `_id`.
	After []any
	// Reverse reads the stretch from its end.
	Reverse bool
	// Limit is the most documents to return; it must be positive.
	Limit int
}

// Values of queries are of type string, int64, bool or time.Time (whole
// milliseconds).

// An OpKind says what an Op does.
type OpKind int

const (
	// Insert adds Document; a key that exists is a Conflict with index "_id".
	Insert OpKind = iota + 1
	// Replace puts Document (with its new version) in place of the document with
	// Key and Version; anything else is ErrStale.
	Replace
	// Delete removes the document with Key and Version; Version 0 stands for any
	// version and for a document that is gone already.
	Delete
	// Increment changes the counter document with Key, made if it is missing:
	// adds Inc, sets Set, removes Unset. Names may be dotted paths. The result
	// carries the document as it is afterwards.
	Increment
)

// An Op is one operation of a Write.
type Op struct {
	Kind       OpKind
	Collection *Collection
	Key        string
	Version    int64
	Document   bson.Raw
	Inc        map[string]int64
	Set        map[string]any
	Unset      []string
	Lenient    bool
}

// A Result tells how an operation of a Write ended.
type Result struct {
	// Err is nil, *Conflict or ErrStale.
	Err error
	// Document is set by Increment.
	Document bson.Raw
}

// ErrStale says that the document has another version than expected, or is gone.
var ErrStale = errors.New("the document has changed")

// ErrUnavailable says that the database cannot be reached or did not answer.
var ErrUnavailable = errors.New("the database is not available")

// A Conflict says that another document has the key or the unique value.
type Conflict struct {
	Collection string
	// Index is the name of the unique index, "_id" for the key.
	Index string
}

func (c *Conflict) Error() string {
	return fmt.Sprintf("%s: the value of %s is taken", c.Collection, c.Index)
}

// An OpError says which operation ended a write, and why.
type OpError struct {
	Position int
	Err      error
}

func (e *OpError) Error() string { return fmt.Sprintf("operation %d: %v", e.Position, e.Err) }
func (e *OpError) Unwrap() error { return e.Err }
