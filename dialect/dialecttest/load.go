package dialecttest

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

// LoadStatic loads the static answer of net/http, of so many bytes, with which
// others are compared. The load generator shares the processors with all of them.
func LoadStatic(b *testing.B, size int) {
	b.Helper()
	body := []byte(strings.Repeat("x", size))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body) // fails when the load ends
	}))
	b.Cleanup(server.Close)
	Load(b, server.URL, "/")
}

// Load sends requests one after the other over each of a few connections, in bytes
// that were made before; headers are lines. Beside requests per second it reports
// the processor time of each, both ends together, which a busy machine changes
// less.
func Load(b *testing.B, address, path string, headers ...string) {
	b.Helper()
	head := append([]string{"GET " + path + " HTTP/1.1", "Host: h"}, headers...)
	request := []byte(strings.Join(head, "\r\n") + "\r\n\r\n")
	b.ReportAllocs()
	b.SetParallelism(16)
	b.ResetTimer()
	start, used := time.Now(), processorTime(b)
	b.RunParallel(func(pb *testing.PB) {
		conn, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
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
