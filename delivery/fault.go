package delivery

import (
	"errors"
	"net"
	"syscall"
)

// A fault is an error with its kind.
type fault struct {
	kind, text string
	// phase says what was being done, for requests that take too long.
	phase string
	cause error
}

func (f *fault) Error() string { return f.text }
func (f *fault) Unwrap() error { return f.cause }

// errStale ends an exchange on a kept connection that the receiver had closed.
var errStale = errors.New("the kept connection was closed")

// reason is what a system call said, without the addresses that net puts before
// it.
func reason(err error) string {
	var number syscall.Errno
	var op *net.OpError
	switch {
	case errors.As(err, &number):
		return number.Error()
	case errors.As(err, &op):
		return op.Err.Error()
	}
	return err.Error()
}
