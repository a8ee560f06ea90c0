// Package dialect says what a dialect is: an API that existing programs speak,
// at the edge of the gateway. The dialects are the rooms below this one.
package dialect

import (
	"io"
	"iter"
	"net/http"

	"github.com/hookgraph/hookgraph/hook"
)

// A Dialect answers the requests below its prefixes in the form of its API and
// reads what that API's list endpoint returns.
type Dialect interface {
	Name() hook.Dialect

	// Prefixes are the beginnings of the paths that belong to the dialect, such
	// as "/albums". A prefix ends at a segment's end.
	Prefixes() []string

	// ServeHTTP answers every request below the prefixes, those for unknown paths
	// and methods too. The path has been normalised: no empty segments, no path
	// parameters, percent-encoding decoded once.
	http.Handler

	// Fail answers a request below the prefixes with an error that arose outside
	// of ServeHTTP: a panic, a time-out, a body that is too large.
	Fail(w http.ResponseWriter, r *http.Request, err error)

	// Records reads an answer of the list endpoint, record by record, without
	// holding all of it. A record that cannot be understood carries its error; an
	// error beside a nil record says that the input is malformed, names the line
	// or offset, and ends the reading.
	Records(r io.Reader) iter.Seq2[*hook.Record, error]
}
