package delivery_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hookgraph/hookgraph/delivery"
)

func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer    string
		status    int
		body      string
		truncated bool
	}{
		"length":           {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", false},
		"until the end":    {"HTTP/1.1 500 Oh\r\n\r\nhi", 500, "hi", false},
		"no reason":        {"HTTP/1.1 202\r\nContent-Length: 0\r\n\r\n", 202, "", false},
		"HTTP/1.0":         {"HTTP/1.0 200 OK\r\n\r\nhi", 200, "hi", false},
		"status 999":       {"HTTP/1.1 999 Denied\r\nContent-Length: 0\r\n\r\n", 999, "", false},
		"body of a 204":    {"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nhi", 204, "", false},
		"100-continue":     {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", false},
		"101":              {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nhello", 101, "", false},
		"chunks, trailers": {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-A\r\n\r\n2;a=b\r\nhi\r\n0\r\nX-A: 1\r\nX-B: 2\r\n\r\n", 200, "hi", false},
		"cut in the body":  {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", 200, "hi", true},
		"cut in a chunk":   {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhi", 200, "hi", true},
		"bad chunk":        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nhush\r\n\r\n", 200, "hi", true},
		"long body":        {"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + strings.Repeat("x", 5000), 200, strings.Repeat("x", delivery.MaxBody), true},
		"full body":        {fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", delivery.MaxBody) + strings.Repeat("x", delivery.MaxBody), 200, strings.Repeat("x", delivery.MaxBody), false},
		"large head":       {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + strings.Repeat("X-A: "+strings.Repeat("a", 1000)+"\r\n", 60) + "\r\n", 200, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := receive(t, answeringOnce(test.answer))
			o := newSender(t, delivery.Options{}).Send(t.Context(), post(r.url, "{}"))
			answered(t, o, test.status)
			if string(o.Body) != test.body || o.Truncated != test.truncated || o.Header == nil || o.Duration <= 0 {
				t.Errorf("got %d bytes %.20q, truncated %v, %v", len(o.Body), o.Body, o.Truncated, o.Duration)
			}
		})
	}
}

func TestBadAnswers(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("a", 1000)
	for name, test := range map[string]struct{ answer, kind, word string }{
		"none":             {"", delivery.KindReset, "without an answer"},
		"cut in version":   {"HTTP", delivery.KindReset, "within the answer"},
		"cut in status":    {"HTTP/1.1 20", delivery.KindReset, "within"},
		"cut in head":      {"HTTP/1.1 200 OK\r\nX-A: hu", delivery.KindReset, "within"},
		"cut before end":   {"HTTP/1.1 200 OK\r\nX-A: hush\r\n", delivery.KindReset, "within"},
		"HTTP/0.9":         {"hush\n", delivery.KindProtocol, "not HTTP"},
		"echo":             {"POST /hush HTTP/1.1\r\n\r\n", delivery.KindProtocol, "not HTTP"},
		"HTTP/2":           {"\x00\x00\x12\x04\x00\x00\x00\x00\x00", delivery.KindProtocol, "another version"},
		"HTTP/2 in text":   {"HTTP/2.0 200 OK\r\n\r\n", delivery.KindProtocol, "another version"},
		"HTTP/3 in text":   {"HTTP/3 200\r\n\r\n", delivery.KindProtocol, "another version"},
		"TLS":              {"\x15\x03\x01\x00\x02\x02\x46", delivery.KindProtocol, "https"},
		"status of words":  {"HTTP/1.1 hush hush\r\n\r\n", delivery.KindProtocol, "not valid"},
		"status 0":         {"HTTP/1.1 000 hush\r\n\r\n", delivery.KindProtocol, "status"},
		"status 99":        {"HTTP/1.1 099 hush\r\n\r\n", delivery.KindProtocol, "status"},
		"status of four":   {"HTTP/1.1 2000 hush\r\n\r\n", delivery.KindProtocol, "not valid"},
		"bad header":       {"HTTP/1.1 200 OK\r\nhush\r\n\r\n", delivery.KindProtocol, "not valid"},
		"two lengths":      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", delivery.KindProtocol, "not valid"},
		"length of words":  {"HTTP/1.1 200 OK\r\nContent-Length: hush\r\n\r\n", delivery.KindProtocol, "not valid"},
		"unknown coding":   {"HTTP/1.1 200 OK\r\nTransfer-Encoding: hush\r\n\r\n", delivery.KindProtocol, "not valid"},
		"endless line":     {"HTTP/1.1 200 " + strings.Repeat(large, 70), delivery.KindProtocol, "64 KB"},
		"endless header":   {"HTTP/1.1 200 OK\r\nX-A: " + strings.Repeat(large, 70), delivery.KindProtocol, "64 KB"},
		"endless headers":  {"HTTP/1.1 200 OK\r\n" + strings.Repeat("X-A: "+large+"\r\n", 70), delivery.KindProtocol, "64 KB"},
		"endless interims": {strings.Repeat("HTTP/1.1 100 Continue\r\nX-A: "+large+"\r\n\r\n", 70), delivery.KindProtocol, "64 KB"},
		"interim only":     {"HTTP/1.1 100 Continue\r\n\r\n", delivery.KindReset, "within"},
		"head after 100":   {"HTTP/1.1 100 Continue\r\n\r\nhush", delivery.KindProtocol, "not HTTP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := receive(t, answeringOnce(test.answer))
			o := newSender(t, delivery.Options{}).Send(t.Context(), post(r.url, "{}"))
			failed(t, o, test.kind, test.word)
			if n := r.connections.Load(); n != 1 {
				t.Errorf("it was sent %d times", n)
			}
		})
	}
}

// A body without an end is read as far as a connection is worth it.
func TestEndlessBody(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{"length": "Content-Length: 99999999999", "end": "Connection: close"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var written atomic.Int64
			ended := make(chan struct{})
			r := receive(t, func(_ int, c net.Conn, r *bufio.Reader) {
				defer close(ended)
				_, _, _ = request(r)
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n"+head+"\r\n\r\n")
				for {
					n, err := c.Write(make([]byte, 4096))
					written.Add(int64(n))
					if err != nil {
						return
					}
				}
			})
			o := newSender(t, delivery.Options{}).Send(t.Context(), post(r.url, "{}"))
			answered(t, o, 200)
			if len(o.Body) != delivery.MaxBody || !o.Truncated {
				t.Errorf("%d bytes, truncated %v", len(o.Body), o.Truncated)
			}
			<-ended // the connection was closed
		})
	}
}

func TestRedirectIsAnAnswer(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		var r *receiver
		location := "http://169.254.169.254/latest/meta-data/"
		r = receive(t, answering(fmt.Sprintf("HTTP/1.1 %d Found\r\nLocation: %s\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n", status, location)))
		s := newSender(t, delivery.Options{})
		for range 2 {
			o := s.Send(t.Context(), post(r.url, "{}"))
			answered(t, o, status)
			if o.Header.Get("location") != location {
				t.Errorf("Location is %q", o.Header.Get("Location"))
			}
		}
		if n := r.connections.Load(); n != 1 {
			t.Errorf("%d connections", n)
		}
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String() + secretPath
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	s := newSender(t, delivery.Options{Resolver: names{"two.test": {"127.0.0.1", "127.0.0.2"}}})
	failed(t, s.Send(t.Context(), post(url, "{}")), delivery.KindConnect, listener.Addr().String(), "connection refused")
	url = strings.Replace(url, "127.0.0.1", "two.test", 1)
	failed(t, s.Send(t.Context(), post(url, "{}")), delivery.KindConnect, "two.test", "connection refused")
	failed(t, s.Send(t.Context(), post("http://none.test"+secretPath, "{}")), delivery.KindDNS, "none.test does not exist")
}

// A connection that is torn down is told from one that is closed.
func TestReset(t *testing.T) {
	t.Parallel()
	r := receive(t, func(_ int, c net.Conn, r *bufio.Reader) {
		_, _, _ = request(r)
		_ = c.(*net.TCPConn).SetLinger(0)
	})
	failed(t, newSender(t, delivery.Options{}).Send(t.Context(), post(r.url, "{}")), delivery.KindReset, "connection reset")
}
