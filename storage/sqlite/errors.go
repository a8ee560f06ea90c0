package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/hookgraph/hookgraph/storage"
)

var errClosed = fmt.Errorf("%w: it is closed", storage.ErrUnavailable)

// A KeyError says that a document cannot stand in the declared indexes,
// because a key of one is missing in it, null or of a type that has no order
// here.
type KeyError struct {
	Collection, Index, Key, Problem string
}

func (e *KeyError) Error() string {
	return fmt.Sprintf("%s: the key %s of index %s %s", e.Collection, e.Key, e.Index, e.Problem)
}

// unavailable wraps the errors of a database that is busy, full, unreadable or
// gone in storage.ErrUnavailable and leaves the others as they are. A caller
// that gave up is told so, and not that the database failed.
func unavailable(err error) error {
	if err == nil || errors.Is(err, storage.ErrUnavailable) {
		return err
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sql.ErrConnDone) {
		return fmt.Errorf("%w: %w", storage.ErrUnavailable, err)
	}
	var failure *driver.Error
	if !errors.As(err, &failure) {
		return err
	}
	switch failure.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY,
		sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_INTERRUPT:
		return fmt.Errorf("%w: %w", storage.ErrUnavailable, err)
	}
	return err
}

// taken reports whether a statement failed because a key or a unique value is
// taken. Which one it is, the rows tell (writer.conflict): the message of the
// driver is not a contract.
func taken(err error) bool {
	var failure *driver.Error
	if !errors.As(err, &failure) {
		return false
	}
	switch failure.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return true
	}
	return false
}
