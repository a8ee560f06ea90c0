package delivery

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

const (
	// attemptDelay is the head start of an address before the next is tried
	// beside it (RFC 8305, section 5).
	attemptDelay = 250 * time.Millisecond
	// maxAddresses is how many addresses of a name are tried.
	maxAddresses = 16
)

// connect looks the host up, asks the guard and connects to an address that it
// lets pass.
func (s *Sender) connect(ctx context.Context, to *target, verify bool) (*conn, error) {
	verdict := s.judge(ctx, to)
	if !verdict.Allowed {
		return nil, &fault{kind: verdict.ErrorKind, text: verdict.Reason, phase: "looking up " + to.host, cause: verdict.cause}
	}
	var addresses []string
	for _, v := range verdict.Addresses {
		if v.Allowed && len(addresses) < maxAddresses {
			addresses = append(addresses, net.JoinHostPort(v.Address.String(), to.port))
		}
	}
	raw, err := s.dialAny(ctx, addresses)
	if err != nil {
		if blocked := new(fault); errors.As(err, &blocked) {
			return nil, blocked
		}
		return nil, &fault{
			kind: KindConnect, text: "no connection to " + to.address() + ": " + reason(err),
			phase: "connecting to " + to.address(), cause: err,
		}
	}
	c := &conn{Conn: raw, raw: raw, to: to.address()}
	if !to.secure {
		return c, nil
	}
	config := s.tls[verify].Clone()
	config.ServerName = to.host
	secured := tls.Client(raw, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, &fault{
			kind: KindTLS, text: "no TLS with " + to.address() + ": " + tlsReason(err),
			phase: "in the TLS handshake with " + to.address(), cause: err,
		}
	}
	c.Conn = secured
	return c, nil
}

// dialAny connects to one of several addresses: in their order, each with a head
// start before the next (RFC 8305), so that one that swallows everything does
// not hide the others.
func (s *Sender) dialAny(ctx context.Context, addresses []string) (net.Conn, error) {
	if len(addresses) == 1 {
		return s.dial(ctx, "tcp", addresses[0])
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		c   net.Conn
		err error
	}
	results := make(chan result, len(addresses))
	next := time.NewTimer(0)
	defer next.Stop()
	var first error
	for started, ended := 0, 0; ended < len(addresses); {
		select {
		case <-next.C:
			if started < len(addresses) {
				address := addresses[started]
				go func() {
					c, err := s.dial(ctx, "tcp", address)
					results <- result{c, err}
				}()
				started++
				next.Reset(attemptDelay)
			}
		case r := <-results:
			ended++
			if r.err != nil {
				if first == nil {
					first = r.err
				}
				next.Reset(0)
				continue
			}
			under := started - ended
			go func() {
				for range under {
					if late := <-results; late.err == nil {
						_ = late.c.Close()
					}
				}
			}()
			return r.c, nil
		}
	}
	return nil, first
}

// dialer returns a dialer that asks the guard once more, about the address that
// the system is about to be given.
func (g guard) dialer() *net.Dialer {
	return &net.Dialer{
		FallbackDelay: -1,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil {
				return &fault{kind: KindBlocked, text: "the address to be dialled cannot be read"}
			}
			if v := g.judge(to.Addr()); !v.Allowed {
				return &fault{kind: KindBlocked, text: v.String()}
			}
			return nil
		},
	}
}

// tlsReason explains a failed handshake.
func tlsReason(err error) string {
	var record tls.RecordHeaderError
	var unknown x509.UnknownAuthorityError
	var op *net.OpError
	switch {
	case errors.As(err, &record):
		return "the receiver does not speak TLS on this port"
	case errors.As(err, &unknown):
		return "the certificate is signed by an unknown authority, or by itself"
	case errors.As(err, &op) && op.Op == "remote error":
		return "the receiver refused it: " + strings.TrimPrefix(op.Err.Error(), "tls: ")
	case errors.Is(err, io.EOF):
		return "the receiver closed the connection in the handshake"
	}
	text := strings.TrimPrefix(reason(err), "tls: ")
	return strings.TrimPrefix(strings.TrimPrefix(text, "failed to verify certificate: "), "x509: ")
}
