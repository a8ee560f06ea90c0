package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/hookgraph/hookgraph/hook"
)

// limit bounds the body of a request. One that announces too much is refused at
// once. w is the server's own writer: it then closes the connection.
func limit(w http.ResponseWriter, r *http.Request, most int64) error {
	if r.ContentLength > most {
		w.Header().Set("Connection", "close")
		return &http.MaxBytesError{Limit: most}
	}
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = &body{http.MaxBytesReader(w, r.Body, most)}
	}
	return nil
}

// A body says of what went wrong with the connection whose fault it is. What
// breaks off, and chunks that are none, are the caller's.
type body struct{ io.ReadCloser }

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	var large *http.MaxBytesError
	switch {
	case err == nil || err == io.EOF || errors.As(err, &large):
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = fmt.Errorf("read the body: %w", context.DeadlineExceeded)
	default:
		err = hook.Invalidf("", "the body breaks off, or its transfer encoding is malformed")
	}
	return n, err
}
