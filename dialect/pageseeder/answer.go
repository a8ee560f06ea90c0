package pageseeder

import (
	"cmp"
	"context"
	"net/http"
	"strconv"

	"github.com/hookgraph/hookgraph/hook"
)

// answer sends one element.
func (a *API) answer(c *call, name string, value element) error {
	encoder, giveBack := c.format.borrow(a.location)
	defer giveBack()
	encoder.root(name, value)
	(&answer{call: c}).end(encoder)
	return nil
}

// An answer is sent in pieces.
type answer struct {
	*call
	begun bool
}

func (out *answer) begin() {
	out.begun = true
	header := out.writer.Header()
	header.Set("Content-Type", out.format.contentType())
	header.Set("Vary", "Accept")
	out.writer.WriteHeader(cmp.Or(out.status, http.StatusOK))
}

// piece is how much is sent at once, in bytes.
const piece = 32 << 10

// sendMuch sends what has been encoded if it is much. It is false if the caller
// has gone.
func (out *answer) sendMuch(encoder encoder) bool {
	return len(encoder.written()) < piece || out.send(encoder)
}

// end sends the rest. An answer of one piece tells its length.
func (out *answer) end(encoder encoder) {
	if !out.begun {
		out.writer.Header().Set("Content-Length", strconv.Itoa(len(encoder.written())))
	}
	out.send(encoder)
}

// send sends what has been encoded. It is false if the caller has gone.
func (out *answer) send(encoder encoder) bool {
	if !out.begun {
		out.begin()
	}
	_, err := out.writer.Write(encoder.written())
	encoder.forget()
	return err == nil
}

// broken ends an answer that cannot be completed. If some of it is sent, the
// connection is broken off: half a list must not pass for the whole.
func (a *API) broken(ctx context.Context, out *answer, err error) error {
	if !out.begun {
		return err
	}
	// Whoever has gone is the usual reason, and no error.
	if ctx.Err() == nil {
		a.log.ErrorContext(ctx, "list broken off", "dialect", hook.PageSeeder, "request", hook.RequestID(ctx), "error", err)
	}
	panic(http.ErrAbortHandler)
}
