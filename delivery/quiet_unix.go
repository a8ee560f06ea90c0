//go:build linux || darwin

package delivery

import (
	"errors"
	"net"
	"syscall"
)

// quiet reports whether nothing has come in on a kept connection. Its end may
// have, or something that nobody asked for; both make it useless.
func quiet(c net.Conn) bool {
	known, ok := c.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := known.SyscallConn()
	if err != nil {
		return false
	}
	var peeked error
	err = raw.Read(func(fd uintptr) bool {
		_, _, peeked = syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK)
		return true
	})
	return err == nil && errors.Is(peeked, syscall.EAGAIN)
}
