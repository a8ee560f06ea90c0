package mongotest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"github.com/hookgraph/hookgraph/storage"
)

// An IndexChecker looks at every command that an engine sends and keeps those
// that a declared index does not serve, that change a document without its key
// and version, or that use what a MongoDB need not offer.
type IndexChecker struct {
	collections map[string]*storage.Collection

	mu       sync.Mutex
	findings []error
	seen     map[string]int
}

// NewIndexChecker returns a checker for the declared collections. Its Monitor
// goes into the options of the engine.
func NewIndexChecker(collections []*storage.Collection) *IndexChecker {
	c := &IndexChecker{collections: map[string]*storage.Collection{}, seen: map[string]int{}}
	for _, collection := range collections {
		c.collections[collection.Name] = collection
	}
	return c
}

// Monitor returns the checker's ear at the driver.
func (c *IndexChecker) Monitor() *event.CommandMonitor {
	return &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		err := c.check(e.CommandName, e.Command)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.seen[e.CommandName]++
		if err != nil && len(c.findings) < maxFindings {
			c.findings = append(c.findings, fmt.Errorf("%w\n\t%s", err, shortened(e.Command)))
		}
	}}
}

const (
	maxFindings  = 10
	maxShown     = 1000
	maxKeysPerIn = 1000
)

func shortened(command bson.Raw) string {
	s := command.String()
	if len(s) > maxShown {
		return s[:maxShown] + "..."
	}
	return s
}

// Err returns what was wrong with the commands so far, nil if nothing was.
func (c *IndexChecker) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Join(c.findings...)
}

// Seen returns how many commands of that name there were, so that a test knows
// that the checker had something to check.
func (c *IndexChecker) Seen(command string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen[command]
}

// housekeeping commands read and change no documents by themselves.
var housekeeping = map[string]bool{
	"createIndexes": true, "listIndexes": true, "dropIndexes": true, "getMore": true, "killCursors": true,
	"ping": true, "hello": true, "isMaster": true, "buildInfo": true, "endSessions": true,
	"saslStart": true, "saslContinue": true,
}

func (c *IndexChecker) check(name string, command bson.Raw) error {
	for _, field := range []string{"startTransaction", "autocommit", "collation", "let"} {
		if _, err := command.LookupErr(field); err == nil {
			return fmt.Errorf("%s uses %s", name, field)
		}
	}
	if housekeeping[name] {
		return nil
	}
	collection := c.collections[command.Lookup(name).StringValue()]
	if collection == nil {
		return fmt.Errorf("%s of a collection that is not declared", name)
	}
	switch name {
	case "find":
		return checkFind(collection, command)
	case "aggregate":
		return checkCount(collection, command)
	case "insert":
		return nil
	case "update":
		return eachOf(command, "updates", func(u bson.Raw) error { return checkReplace(collection, u) })
	case "delete":
		return eachOf(command, "deletes", checkDelete)
	case "findAndModify":
		return checkIncrement(collection, command)
	}
	return fmt.Errorf("command %s is not among those that the engine needs", name)
}

func eachOf(command bson.Raw, field string, check func(bson.Raw) error) error {
	values, err := command.Lookup(field).Array().Values()
	if err != nil {
		return err
	}
	for _, v := range values {
		if err := check(v.Document()); err != nil {
			return err
		}
	}
	return nil
}

func checkReplace(c *storage.Collection, update bson.Raw) error {
	if c.Counter {
		return fmt.Errorf("update of counter collection %s", c.Name)
	}
	if fields := names(update.Lookup("q").Document()); !same(fields, "_id", "version") {
		return fmt.Errorf("update by %v, not by _id and version", fields)
	}
	if truth(update, "multi") || truth(update, "upsert") {
		return errors.New("update of many, or upsert, of a versioned document")
	}
	return nil
}

func checkDelete(d bson.Raw) error {
	if fields := names(d.Lookup("q").Document()); !same(fields, "_id", "version") && !same(fields, "_id") {
		return fmt.Errorf("delete by %v, not by _id or _id and version", fields)
	}
	if limit, _ := d.Lookup("limit").AsInt64OK(); limit != 1 {
		return errors.New("delete of many")
	}
	return nil
}

func checkIncrement(c *storage.Collection, command bson.Raw) error {
	if !c.Counter {
		return fmt.Errorf("increment of versioned collection %s", c.Name)
	}
	if fields := names(command.Lookup("query").Document()); !same(fields, "_id") {
		return fmt.Errorf("increment by %v, not by _id", fields)
	}
	return nil
}
