package delivery_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hookgraph/hookgraph/delivery"
)

// local opens the addresses at which the receivers of the tests listen.
var local = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// secretPath is what no error may show.
const secretPath = "/hush-path?token=hush"

func newSender(t *testing.T, options delivery.Options) *delivery.Sender {
	t.Helper()
	if options.AllowPrivate == nil {
		options.AllowPrivate = local
	}
	s := delivery.NewSender(options)
	t.Cleanup(s.Close)
	return s
}

// A script is what a receiver does with one connection, the nth from 1. The
// connection is closed afterwards.
type script func(n int, c net.Conn, r *bufio.Reader)

// A receiver listens on an address of its own.
type receiver struct {
	url         string
	connections atomic.Int32
}

func receive(t *testing.T, do script) *receiver {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, listener, "http", do)
}

func serve(t *testing.T, listener net.Listener, scheme string, do script) *receiver {
	t.Helper()
	r := &receiver{url: scheme + "://" + listener.Addr().String() + secretPath}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			n := int(r.connections.Add(1))
			go func() {
				defer func() { _ = c.Close() }()
				do(n, c, bufio.NewReader(c))
			}()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-ended
	})
	return r
}

// request reads one request, and returns its body.
func request(r *bufio.Reader) (*http.Request, string, bool) {
	req, err := http.ReadRequest(r)
	if err != nil {
		return nil, "", false
	}
	body, err := io.ReadAll(req.Body)
	return req, string(body), err == nil
}

// answering reads requests for as long as they come and answers each the same.
func answering(answer string) script {
	return func(_ int, c net.Conn, r *bufio.Reader) {
		for {
			if _, _, ok := request(r); !ok {
				return
			}
			if _, err := io.WriteString(c, answer); err != nil {
				return
			}
		}
	}
}

// answeringOnce closes the connection behind its answer.
func answeringOnce(answer string) script {
	return func(_ int, c net.Conn, r *bufio.Reader) {
		if _, _, ok := request(r); ok {
			_, _ = io.WriteString(c, answer)
		}
	}
}

const noContent = "HTTP/1.1 204 No Content\r\n\r\n"

func post(url, body string) delivery.Request {
	return delivery.Request{
		URL: url, Header: [][2]string{{"Authorization", "Bearer hush"}, {"Content-Type", "application/json"}}, Body: []byte(body), VerifyTLS: true,
	}
}

// failed checks why there was no answer, that it is explained, and that the
// explanation tells no secret.
func failed(t *testing.T, o delivery.Outcome, kind string, words ...string) {
	t.Helper()
	if o.ErrorKind != kind || o.Err == nil || o.StatusCode != 0 || o.Header != nil || o.Body != nil {
		t.Fatalf("got %d, %q, %v; want the error %q", o.StatusCode, o.ErrorKind, o.Err, kind)
	}
	for _, word := range words {
		if !strings.Contains(o.Err.Error(), word) {
			t.Errorf("%q does not say %q", o.Err, word)
		}
	}
	if strings.Contains(o.Err.Error(), "hush") {
		t.Errorf("%q tells a secret", o.Err)
	}
}

// answered checks the status of an answer.
func answered(t *testing.T, o delivery.Outcome, status int) {
	t.Helper()
	if o.StatusCode != status || o.ErrorKind != "" || o.Err != nil {
		t.Fatalf("got %d, %q, %v; want status %d", o.StatusCode, o.ErrorKind, o.Err, status)
	}
}

// names resolves each name to its addresses.
type names map[string][]string

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	var list []netip.Addr
	for _, text := range n[host] {
		list = append(list, netip.MustParseAddr(text))
	}
	if list == nil {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return list, nil
}

// piping dials connections in memory, whose other ends the script gets.
func piping(do script) func(context.Context, string, string) (net.Conn, error) {
	var n atomic.Int32
	return func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		go func() {
			defer func() { _ = far.Close() }()
			do(int(n.Add(1)), far, bufio.NewReader(far))
		}()
		return near, nil
	}
}

// captured reads one request and keeps its bytes.
func captured(c net.Conn, into *bytes.Buffer) bool {
	_, _, ok := request(bufio.NewReader(io.TeeReader(c, into)))
	return ok
}
