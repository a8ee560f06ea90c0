// Package wiretest shows tests what receivers get: the bytes of requests that a
// Sender has sent over a real connection.
package wiretest

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
)

// Host is the name that the receiver has a certificate for.
const Host = "hooks.example.net"

// Bytes sends a request to a receiver that answers 204, and returns what arrived
// there, from the request line to the end of the body. Whatever the host of the
// URL is, the receiver gets it; for https it must be Host unless the request
// takes any certificate.
func Bytes(t testing.TB, r delivery.Request) []byte {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	options := delivery.Options{
		Resolver: anywhere{},
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", address)
		},
	}
	if strings.HasPrefix(r.URL, "https:") {
		config, roots := certified(t)
		listener, options.RootCAs = tls.NewListener(listener, config), roots
	}
	type arrival struct {
		bytes []byte
		err   error
	}
	arrived := make(chan arrival, 1)
	go func() {
		bytes, err := answer(listener)
		arrived <- arrival{bytes, err}
	}()
	sender := delivery.NewSender(options)
	outcome := sender.Send(t.Context(), r)
	sender.Close()
	_ = listener.Close()
	got := <-arrived
	if got.err != nil || outcome.StatusCode != 204 {
		t.Fatalf("sent with %d, %v; received with %v", outcome.StatusCode, outcome.Err, got.err)
	}
	return got.bytes
}

// answer reads one request, byte for byte, and answers it.
func answer(listener net.Listener) ([]byte, error) {
	c, err := listener.Accept()
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	r := bufio.NewReader(c)
	var got []byte
	length := 0
	for {
		line, err := r.ReadString('\n')
		if got = append(got, line...); err != nil {
			return got, err
		}
		if line == "\r\n" {
			break
		}
		if name, value, found := strings.Cut(line, ":"); found && strings.EqualFold(name, "Content-Length") {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return got, err
			}
		}
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(r, body); err != nil {
		return got, err
	}
	_, err = io.WriteString(c, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
	if err != nil {
		return got, err
	}
	// More than was announced would be a part of the request, too.
	rest, err := io.ReadAll(r)
	return append(append(got, body...), rest...), err
}

// anywhere gives every name a public address, which nothing is sent to.
type anywhere struct{}

func (anywhere) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("9.9.9.9")}, nil
}

// certified returns a certificate for Host that verifies by the pool.
func certified(t testing.TB) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{Host}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, roots
}
