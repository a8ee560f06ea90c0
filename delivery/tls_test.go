package delivery_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
)

// An authority signs certificates.
type authority struct {
	template *x509.Certificate
	key      *ecdsa.PrivateKey
	pool     *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{pool: x509.NewCertPool(), template: &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}}
	a.key = newKey(t)
	a.pool.AddCert(a.sign(t, a.template, a.key))
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) sign(t *testing.T, template *x509.Certificate, key *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, a.template, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// certificate returns one for a name, that ends some time from now.
func (a *authority) certificate(t *testing.T, name string, ends time.Duration) tls.Certificate {
	t.Helper()
	key := newKey(t)
	c := a.sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(ends),
	}, key)
	return tls.Certificate{Certificate: [][]byte{c.Raw}, PrivateKey: key}
}

func receiveTLS(t *testing.T, config *tls.Config, do script) *receiver {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, tls.NewListener(listener, config), "https", do)
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	trusted, unknown := newAuthority(t), newAuthority(t)
	for name, test := range map[string]struct {
		certificate tls.Certificate
		host, word  string
	}{
		"good":       {trusted.certificate(t, "receiver.test", time.Hour), "receiver.test", ""},
		"address":    {trusted.certificate(t, "receiver.test", time.Hour), "127.0.0.1", ""},
		"expired":    {trusted.certificate(t, "receiver.test", -time.Hour), "receiver.test", "expired"},
		"selfsigned": {unknown.certificate(t, "receiver.test", time.Hour), "receiver.test", "unknown authority"},
		"wrong name": {trusted.certificate(t, "other.test", time.Hour), "receiver.test", "not receiver.test"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := receiveTLS(t, &tls.Config{Certificates: []tls.Certificate{test.certificate}}, answering(noContent))
			request := post(strings.Replace(r.url, "127.0.0.1", test.host, 1), "{}")
			s := newSender(t, delivery.Options{RootCAs: trusted.pool, Resolver: names{"receiver.test": {"127.0.0.1"}}})
			// A connection that was not verified is kept by then, and its session.
			for _, verify := range []bool{false, true, false, true} {
				request.VerifyTLS = verify
				o := s.Send(t.Context(), request)
				if verify && test.word != "" {
					failed(t, o, delivery.KindTLS, test.word, test.host)
				} else {
					answered(t, o, 204)
				}
			}
			if n := r.connections.Load(); test.word == "" && n != 2 || test.word != "" && n != 3 {
				t.Errorf("%d connections", n)
			}
		})
	}
}

func TestTLSVersions(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	certificates := []tls.Certificate{a.certificate(t, "receiver.test", time.Hour)}
	for name, test := range map[string]struct {
		config *tls.Config
		word   string
	}{
		"another protocol":  {&tls.Config{NextProtos: []string{"smtp"}}, "refused it: no application protocol"},
		"HTTP/2 preferred":  {&tls.Config{NextProtos: []string{"h2", "http/1.1"}}, ""},
		"TLS 1.2":           {&tls.Config{MaxVersion: tls.VersionTLS12}, ""},
		"TLS 1.1":           {&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, "protocol version"},
		"certificate asked": {&tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}, "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.config.Certificates = certificates
			r := receiveTLS(t, test.config, answering(noContent))
			o := newSender(t, delivery.Options{RootCAs: a.pool}).Send(t.Context(), post(r.url, "{}"))
			if test.word == "" {
				answered(t, o, 204)
			} else {
				failed(t, o, delivery.KindTLS, test.word)
			}
		})
	}
}

func TestHTTP2Only(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	config := &tls.Config{NextProtos: []string{"h2"}, Certificates: []tls.Certificate{a.certificate(t, "receiver.test", time.Hour)}}
	// Its first frame, SETTINGS, comes before any request is read, and it waits
	// for the client's.
	r := receiveTLS(t, config, func(_ int, c net.Conn, r *bufio.Reader) {
		_, _ = c.Write([]byte("\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64"))
		_, _ = r.WriteTo(io.Discard)
	})
	o := newSender(t, delivery.Options{RootCAs: a.pool}).Send(t.Context(), post(r.url, "{}"))
	failed(t, o, delivery.KindProtocol, "another version of HTTP")
}

func TestNoTLS(t *testing.T) {
	t.Parallel()
	r := receive(t, func(_ int, c net.Conn, r *bufio.Reader) {
		_, _ = r.ReadByte()
		_, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
	})
	s := newSender(t, delivery.Options{})
	failed(t, s.Send(t.Context(), post("https"+strings.TrimPrefix(r.url, "http"), "{}")), delivery.KindTLS, "does not speak TLS")
	r = receive(t, func(_ int, _ net.Conn, r *bufio.Reader) { _, _ = r.Discard(100) })
	o := s.Send(t.Context(), post("https"+strings.TrimPrefix(r.url, "http"), "{}"))
	failed(t, o, delivery.KindTLS)
}
