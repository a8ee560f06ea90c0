package delivery

import (
	"context"
	"net"
	"net/netip"
)

// GuardedDial dials with the dialler of a guard.
func GuardedDial(ctx context.Context, open []netip.Prefix, network, address string) (net.Conn, error) {
	return guard{open}.dialer().DialContext(ctx, network, address)
}
