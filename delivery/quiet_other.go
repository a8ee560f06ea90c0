//go:build !linux && !darwin

package delivery

import "net"

// quiet would report whether nothing has come in on a kept connection. Without
// it, the request that finds out is sent again.
func quiet(net.Conn) bool { return true }
