// Package delivery sends what webhooks are told: one request to one receiver,
// which may be anybody's and do anything, past a guard that keeps requests out of
// private networks, and signed as each dialect signs.
//
// The sender speaks HTTP/1.1 itself, because what receivers see is part of a
// dialect: PageSeeder's receivers look headers up by exact spelling, and
// net/http sorts them, decides alone when a request is sent twice, and dials in
// the background after a request has ended. Answers are read by net/http.
package delivery

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"time"
)

// The defaults of Options.
const (
	DefaultTimeout     = 15 * time.Second
	DefaultIdleTimeout = 60 * time.Second
	// DefaultUserAgent is sent where a request names none.
	DefaultUserAgent = "Hookgraph"
)

// The limits of what a receiver may answer.
const (
	// MaxHead is the size of the status line and headers, in bytes, interim
	// answers included.
	MaxHead = 64 << 10
	// MaxBody is how much of a body Outcome shows, in bytes.
	MaxBody = 4 << 10
	// maxDrain is how much of a body is read, so that its connection can be used
	// again. A longer one ends the connection.
	maxDrain = 64 << 10
)

// Options are what a Sender can be told.
type Options struct {
	// AllowPrivate are networks that the guard opens (see ParseNetworks).
	AllowPrivate []netip.Prefix
	// Timeout is the limit of a request that has none of its own.
	Timeout time.Duration
	// IdleTimeout is how long an unused connection is kept.
	IdleTimeout time.Duration
	// MaxIdle and MaxIdlePerHost are how many unused connections are kept.
	MaxIdle, MaxIdlePerHost int
	// RootCAs are those that certificates are verified against; nil stands for
	// the system's.
	RootCAs *x509.CertPool
	// Resolver finds the addresses of names; nil stands for the system's.
	Resolver Resolver
	// Dial connects to an address that the guard has let pass, in the place of
	// the system, which asks the guard a second time.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// A Resolver finds the addresses of a name. *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// A Sender sends requests. It keeps connections to receivers for further
// requests, those that were verified apart from those that were not. It is safe
// for concurrent use.
type Sender struct {
	guard    guard
	timeout  time.Duration
	resolver Resolver
	dial     func(ctx context.Context, network, address string) (net.Conn, error)
	// tls by whether certificates are verified; sessions are not shared either.
	tls  map[bool]*tls.Config
	idle *pool
}

// NewSender returns a sender.
func NewSender(options Options) *Sender {
	s := &Sender{
		guard:    guard{options.AllowPrivate},
		timeout:  cmp.Or(options.Timeout, DefaultTimeout),
		resolver: options.Resolver,
		dial:     options.Dial,
		tls:      map[bool]*tls.Config{true: tlsConfig(options.RootCAs), false: tlsConfig(nil)},
		idle: newPool(cmp.Or(options.MaxIdle, defaultMaxIdle), cmp.Or(options.MaxIdlePerHost, defaultMaxIdlePerHost),
			cmp.Or(options.IdleTimeout, DefaultIdleTimeout)),
	}
	s.tls[false].InsecureSkipVerify = true // what the owner of the webhook asked for
	if s.resolver == nil {
		s.resolver = net.DefaultResolver
	}
	if s.dial == nil {
		s.dial = s.guard.dialer().DialContext
	}
	return s
}

func tlsConfig(roots *x509.CertPool) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		NextProtos:         []string{"http/1.1"},
		RootCAs:            roots,
		ClientSessionCache: tls.NewLRUClientSessionCache(sessions),
	}
}

// sessions is how many receivers' TLS sessions are kept for resuming.
const sessions = 1024

// Close closes the unused connections. Requests under way are not affected, and
// the sender can still be used.
func (s *Sender) Close() { s.idle.close() }
