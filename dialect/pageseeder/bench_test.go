package pageseeder_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkStatic is the static answer of net/http, of the size of a list of 20,
// with which the others are compared. The load generator shares the processors
// with all of them.
func BenchmarkStatic(b *testing.B) {
	body := []byte(strings.Repeat("x", 17_000))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}))
	b.Cleanup(server.Close)
	load(b, server.Listener.Addr().String(), "/")
}

// BenchmarkList20 reads a list of 20 webhooks.
func BenchmarkList20(b *testing.B) {
	for _, extension := range []string{"json", "xml"} {
		b.Run(extension, func(b *testing.B) {
			w := newTown(b)
			(&gateway{service: w.service}).take(b, many(20))
			load(b, w.address, "/ps/api/clients/7/webhooks."+extension)
		})
	}
}

// BenchmarkGet reads one webhook.
func BenchmarkGet(b *testing.B) {
	w := newTown(b)
	(&gateway{service: w.service}).take(b, many(700))
	load(b, w.address, "/ps/api/clients/7/webhooks/500.json")
}

// load sends requests one after the other over each of a few connections, in
// bytes that were made before. Beside requests per second it reports the
// processor time of each, both ends together, which a busy machine changes less.
func load(b *testing.B, address, path string) {
	b.Helper()
	request := fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\n\r\n", path, adminKey)
	b.SetParallelism(16)
	b.ReportAllocs()
	b.ResetTimer()
	start, used := time.Now(), processorTime(b)
	b.RunParallel(func(pb *testing.PB) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			b.Error(err)
			return
		}
		defer conn.Close()
		answers := bufio.NewReaderSize(conn, 32<<10)
		for pb.Next() {
			if _, err := conn.Write(request); err != nil {
				b.Error(err)
				return
			}
			if err := skipAnswer(answers); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "requests/s")
	b.ReportMetric(float64((processorTime(b)-used).Microseconds())/float64(b.N), "cpu-µs/op")
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// skipAnswer reads an answer of 200 with a length.
func skipAnswer(r *bufio.Reader) error {
	length := -1
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !strings.HasPrefix(string(line), "HTTP/1.1 200 ") {
			return fmt.Errorf("answered %q", line)
		}
		if name, value, _ := strings.Cut(string(line), ": "); name == "Content-Length" {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return err
			}
		}
		if len(line) == 2 {
			break
		}
	}
	if length < 0 {
		return io.ErrUnexpectedEOF
	}
	_, err := r.Discard(length)
	return err
}
