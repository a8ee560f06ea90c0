package delivery_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
)

func TestConnectionsAreUsedAgain(t *testing.T) {
	t.Parallel()
	chunks := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-A: 1\r\n\r\n"
	for name, test := range map[string]struct {
		answer      string
		body        int
		connections int32
	}{
		"no content":     {noContent, 10, 1},
		"large request":  {noContent, 1 << 20, 1},
		"chunks":         {chunks, 10, 1},
		"after 100":      {"HTTP/1.1 100 Continue\r\n\r\n" + noContent, 10, 1},
		"failure":        {"HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nhi", 10, 1},
		"long body":      {"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n" + strings.Repeat("x", 50000), 10, 1},
		"too long body":  {"HTTP/1.1 200 OK\r\nContent-Length: 99000\r\n\r\n" + strings.Repeat("x", 99000), 10, 3},
		"close":          {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 10, 3},
		"HTTP/1.0":       {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", 10, 3},
		"HTTP/1.0, kept": {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", 10, 1},
		"too much":       {noContent + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 10, 3},
		"bad trailer":    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nhush\r\n\r\n", 10, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := receive(t, answering(test.answer))
			s := newSender(t, delivery.Options{})
			for range 3 {
				if o := s.Send(t.Context(), post(r.url, strings.Repeat("x", test.body))); o.Err != nil {
					t.Fatal(o.Err)
				}
			}
			if n := r.connections.Load(); n != test.connections {
				t.Errorf("%d connections, want %d", n, test.connections)
			}
		})
	}
}

// A kept connection that ends as the next request is written costs nothing but
// another connection; the request is sent twice at most.
func TestStaleConnection(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	// Each connection answers once, takes another request, and is closed.
	twice := func(_ int, c net.Conn, r *bufio.Reader) {
		for i := range 2 {
			if _, _, ok := request(r); !ok {
				return
			}
			requests.Add(1)
			if i == 0 {
				_, _ = io.WriteString(c, noContent)
			}
		}
	}
	r := receive(t, twice)
	s := newSender(t, delivery.Options{})
	for range 3 {
		answered(t, s.Send(t.Context(), post(r.url, "{}")), 204)
	}
	if c, n := r.connections.Load(), requests.Load(); c != 3 || n != 5 {
		t.Errorf("%d connections, %d requests", c, n)
	}
}

// Not so if an answer had begun.
func TestCutAnswerOnKeptConnection(t *testing.T) {
	t.Parallel()
	r := receive(t, func(_ int, c net.Conn, r *bufio.Reader) {
		for _, answer := range []string{noContent, "H"} {
			_, _, _ = request(r)
			_, _ = io.WriteString(c, answer)
		}
	})
	s := newSender(t, delivery.Options{})
	answered(t, s.Send(t.Context(), post(r.url, "{}")), 204)
	failed(t, s.Send(t.Context(), post(r.url, "{}")), delivery.KindReset, "within the answer")
	if n := r.connections.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// Nor is anything sent again that was cancelled or took too long.
func TestNoSecondRequestAfterTheTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var connections atomic.Int32
		s := newSender(t, delivery.Options{Dial: piping(func(n int, c net.Conn, r *bufio.Reader) {
			connections.Store(int32(n))
			_, _, _ = request(r)
			_, _ = io.WriteString(c, noContent)
			silent(n, c, r)
		})})
		answered(t, s.Send(t.Context(), post("http"+public, "{}")), 204)
		failed(t, s.Send(t.Context(), post("http"+public, "{}")), delivery.KindTimeout)
		if n := connections.Load(); n != 1 {
			t.Errorf("%d connections", n)
		}
	})
}

// A receiver that closes a kept connection, or talks on it out of turn, is
// noticed before the next request.
func TestKeptConnectionIsLookedAt(t *testing.T) {
	t.Parallel()
	for name, unasked := range map[string]string{"end": "", "talk": "HTTP/1.1 200 OK\r\nX-Evil: 1\r\nContent-Length: 0\r\n\r\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var second bytes.Buffer
			next, came := make(chan bool), make(chan bool)
			r := receive(t, func(n int, c net.Conn, r *bufio.Reader) {
				if _, _, ok := request(r); !ok {
					return
				}
				_, _ = io.WriteString(c, noContent)
				if n > 1 {
					return
				}
				<-next
				if unasked != "" {
					_, _ = io.WriteString(c, unasked)
				} else {
					_ = c.(*net.TCPConn).CloseWrite()
				}
				close(came)
				_, _ = io.Copy(&second, r)
				next <- true
			})
			s := newSender(t, delivery.Options{})
			answered(t, s.Send(t.Context(), post(r.url, "{}")), 204)
			next <- true
			<-came
			answered(t, s.Send(t.Context(), post(r.url, "{}")), 204)
			<-next
			if second.Len() > 0 || r.connections.Load() != 2 {
				t.Errorf("%d bytes were sent on it; %d connections", second.Len(), r.connections.Load())
			}
		})
	}
}

func TestKeptConnectionsAreFew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var open atomic.Int32
		s := newSender(t, delivery.Options{MaxIdle: 5, MaxIdlePerHost: 3, IdleTimeout: time.Minute,
			Dial: piping(func(n int, c net.Conn, r *bufio.Reader) {
				open.Add(1)
				defer open.Add(-1)
				for {
					if _, _, ok := request(r); !ok {
						return
					}
					time.Sleep(time.Second)
					_, _ = io.WriteString(c, noContent)
				}
			})})
		burst := func(url string) {
			var all sync.WaitGroup
			for range 10 {
				all.Go(func() { answered(t, s.Send(t.Context(), post(url, "{}")), 204) })
			}
			all.Wait()
			synctest.Wait()
		}
		want := func(n int32) {
			t.Helper()
			if got := open.Load(); got != n {
				t.Errorf("%d connections are open, want %d", got, n)
			}
		}
		burst("http://93.184.216.34")
		want(3)
		burst("http://93.184.216.35")
		want(5)
		time.Sleep(50 * time.Second)
		answered(t, s.Send(t.Context(), post("http://93.184.216.35", "{}")), 204)
		want(5)
		time.Sleep(15 * time.Second)
		synctest.Wait()
		want(1)
		s.Close()
		synctest.Wait()
		want(0)
	})
}
