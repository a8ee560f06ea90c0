package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"

	"github.com/hookgraph/hookgraph/storage"
)

// unavailableCodes are the server errors that say "not now" or "not me": the
// node is down, shutting down or no longer the primary, a time limit has passed,
// or a majority did not confirm.
// https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
var unavailableCodes = []int{
	6,     // HostUnreachable
	7,     // HostNotFound
	50,    // MaxTimeMSExpired
	64,    // WriteConcernTimeout
	89,    // NetworkTimeout
	91,    // ShutdownInProgress
	100,   // UnsatisfiableWriteConcern
	189,   // PrimarySteppedDown
	262,   // ExceededTimeLimit
	9001,  // SocketException
	10107, // NotWritablePrimary
	11600, // InterruptedAtShutdown
	11602, // InterruptedDueToReplStateChange
	13435, // NotPrimaryNoSecondaryOk
	13436, // NotPrimaryOrSecondary
}

// failure gives an error of the driver the meaning that storage knows. What the
// caller has cancelled stays context.Canceled.
func (e *Engine) failure(ctx context.Context, err error) error {
	if err == nil || errors.Is(ctx.Err(), context.Canceled) {
		return err
	}
	if unavailable(err) {
		return fmt.Errorf("%w: MongoDB at %s: %w", storage.ErrUnavailable, e.address.hosts, err)
	}
	return err
}

func unavailable(err error) bool {
	if driver.IsTimeout(err) || driver.IsNetworkError(err) || errors.Is(err, driver.ErrClientDisconnected) {
		return true
	}
	var selection topology.ServerSelectionError
	var connection topology.ConnectionError
	if errors.As(err, &selection) || errors.As(err, &connection) {
		return true
	}
	// A write that a majority has not confirmed may still be lost.
	var one driver.WriteException
	var many driver.BulkWriteException
	if errors.As(err, &one) && one.WriteConcernError != nil || errors.As(err, &many) && many.WriteConcernError != nil {
		return true
	}
	return slices.ContainsFunc(driver.ErrorCodes(err), func(code int) bool {
		return slices.Contains(unavailableCodes, code)
	})
}

// errClosed is the answer of an engine that was closed.
var errClosed = fmt.Errorf("%w: the engine is closed", storage.ErrUnavailable)
