package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
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

// A body says of what went wrong with the connection whose fault it is.
type body struct{ io.ReadCloser }

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch {
	case err == nil || err == io.EOF:
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = fmt.Errorf("read the body: %w", context.DeadlineExceeded)
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = fmt.Errorf("read the body: %w: the caller has left", context.Canceled)
	}
	return n, err
}
