package delivery_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
)

// public is an address that nobody dials in these tests.
const public = "://93.184.216.34" + secretPath

type hangingResolver struct{}

func (hangingResolver) LookupNetIP(ctx context.Context, _, _ string) ([]netip.Addr, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func hangingDial(ctx context.Context, _, _ string) (net.Conn, error) {
	<-ctx.Done()
	return nil, &net.OpError{Op: "dial", Err: ctx.Err()}
}

// silent takes everything and says nothing.
func silent(_ int, c net.Conn, _ *bufio.Reader) { _, _ = io.Copy(io.Discard, c) }

// deaf reads nothing. What it says is not heard before all is written, so that
// its write ends with the connection.
func deaf(_ int, c net.Conn, _ *bufio.Reader) { _, _ = c.Write([]byte("H")) }

// dripping answers with a beginning, and then with one byte a second.
func dripping(beginning, text string) script {
	return func(_ int, c net.Conn, r *bufio.Reader) {
		_, _, _ = request(r)
		_, _ = io.WriteString(c, beginning)
		for i := range len(text) {
			time.Sleep(time.Second)
			if _, err := c.Write([]byte{text[i]}); err != nil {
				return
			}
		}
	}
}

// settle lets what is left in a bubble end.
func settle() { time.Sleep(time.Minute) }

func TestTimeLimit(t *testing.T) {
	t.Parallel()
	large := bytes.Repeat([]byte("x"), 1<<20)
	for name, test := range map[string]struct {
		url     string
		options delivery.Options
		body    []byte
		word    string
	}{
		"look-up":       {"https://slow.test" + secretPath, delivery.Options{Resolver: hangingResolver{}}, nil, "looking up slow.test"},
		"connecting":    {"http" + public, delivery.Options{Dial: hangingDial}, nil, "connecting to 93.184.216.34:80"},
		"many, hanging": {"http://many.test" + secretPath, delivery.Options{Dial: hangingDial, Resolver: names{"many.test": {"93.184.216.34", "93.184.216.35"}}}, nil, "connecting to many.test:80"},
		"handshake":     {"https" + public, delivery.Options{Dial: piping(silent)}, nil, "TLS handshake with 93.184.216.34:443"},
		"writing":       {"http" + public, delivery.Options{Dial: piping(deaf)}, nil, "waiting"},
		"answer":        {"http" + public, delivery.Options{Dial: piping(silent)}, nil, "waiting for the answer of 93.184.216.34:80"},
		"large":         {"http" + public, delivery.Options{Dial: piping(silent)}, large, "waiting for the answer"},
		"dripping":      {"http" + public, delivery.Options{Dial: piping(dripping("", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))}, nil, "waiting for the answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newSender(t, test.options)
				r := delivery.Request{URL: test.url, Body: test.body, VerifyTLS: true}
				o := s.Send(t.Context(), r)
				failed(t, o, delivery.KindTimeout, "within 15s", test.word)
				if o.Duration != delivery.DefaultTimeout {
					t.Errorf("it took %v", o.Duration)
				}
				r.Timeout = 2 * time.Second
				o = s.Send(t.Context(), r)
				failed(t, o, delivery.KindTimeout, "within 2s", test.word)
				if o.Duration != r.Timeout {
					t.Errorf("it took %v", o.Duration)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				o = s.Send(ctx, r)
				failed(t, o, delivery.KindTimeout, "within 1s", test.word)
				ctx, stop := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, stop)
				o = s.Send(ctx, r)
				failed(t, o, delivery.KindCanceled)
				if o.Duration != time.Second || !errors.Is(o.Err, context.Canceled) {
					t.Errorf("it took %v: %v", o.Duration, o.Err)
				}
				settle()
			})
		})
	}
}

// A status that has come stands, even if the body does not come within the time.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, delivery.Options{Dial: piping(dripping("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", strings.Repeat("x", 100)))})
		o := s.Send(t.Context(), post("http"+public, "{}"))
		answered(t, o, 200)
		if len(o.Body) < 13 || !o.Truncated || o.Duration != delivery.DefaultTimeout {
			t.Errorf("%q, truncated %v, after %v", o.Body, o.Truncated, o.Duration)
		}
		settle()
	})
}

// A receiver that answers without reading what it is sent has answered.
func TestEarlyAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSender(t, delivery.Options{Dial: piping(func(_ int, c net.Conn, r *bufio.Reader) {
			_, _ = io.WriteString(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
			_, _ = c.Write([]byte{0}) // until the connection is closed
		})})
		o := s.Send(t.Context(), delivery.Request{URL: "http" + public, Body: make([]byte, 1<<20)})
		answered(t, o, 413)
		if o.Duration != 0 {
			t.Errorf("it took %v", o.Duration)
		}
	})
}

// An address that swallows everything does not hide the next one for long.
func TestNextAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dialled := make(chan string, 9)
		answer := piping(answering(noContent))
		s := newSender(t, delivery.Options{
			Resolver: names{"two.test": {"2606:2800:21f::1", "93.184.216.34", "93.184.216.35"}},
			Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
				dialled <- address
				switch address {
				case "93.184.216.34:80":
					return answer(ctx, network, address)
				case "[2606:2800:21f::1]:80":
					return hangingDial(ctx, network, address)
				}
				return nil, errors.New("not needed")
			},
		})
		o := s.Send(t.Context(), post("http://two.test", "{}"))
		answered(t, o, 204)
		if o.Duration != 250*time.Millisecond || len(dialled) != 2 {
			t.Errorf("%d addresses, %v", len(dialled), o.Duration)
		}
	})
}
