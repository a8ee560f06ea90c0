package delivery_test

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
)

// Whatever a receiver answers, there is a status or an error, within the limits.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		"", noContent, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\n" + noContent, "HTTP/1.1 999 \r\n\n", "HTTP/1.1 -01 x\r\n\r\n", "HTTP/1.9 200\r\n:\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 304\r\nTransfer-Encoding: chunked\r\n\r\nzz", "\x15\x03",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		s := newSender(t, delivery.Options{Dial: piping(func(_ int, c net.Conn, r *bufio.Reader) {
			if _, _, ok := request(r); ok {
				_, _ = io.WriteString(c, answer)
			}
		})})
		o := s.Send(t.Context(), delivery.Request{URL: "http" + public, Timeout: time.Minute})
		if (o.StatusCode == 0) != (o.ErrorKind != "") || (o.Err == nil) != (o.ErrorKind == "") || (o.StatusCode != 0) != (o.Header != nil) {
			t.Errorf("%+v", o)
		}
		if o.StatusCode < 0 || o.StatusCode > 999 || len(o.Body) > delivery.MaxBody || o.Err != nil && strings.Contains(o.Err.Error(), "hush") {
			t.Errorf("%+v", o)
		}
	})
}

// BenchmarkSend sends 265 bytes to a receiver on this machine that answers at
// once, over kept connections.
func BenchmarkSend(b *testing.B) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go answering(noContent)(1, c, bufio.NewReader(c))
		}
	}()
	s := delivery.NewSender(delivery.Options{AllowPrivate: local})
	defer s.Close()
	request := post("http://"+listener.Addr().String(), strings.Repeat("x", 265))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if o := s.Send(b.Context(), request); o.StatusCode != 204 {
				b.Error(o.Err)
				return
			}
		}
	})
}
