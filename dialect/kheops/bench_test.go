package kheops_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/metrics"
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
	body := []byte(strings.Repeat("x", 4000))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.Write(body)
	}))
	b.Cleanup(server.Close)
	load(b, server.URL, "/")
}

// BenchmarkList20 reads a list of 20 webhooks, and the first 20 of 1,000, which
// are counted each time.
func BenchmarkList20(b *testing.B) {
	for n, query := range map[int]string{20: "", 1000: "?limit=20"} {
		b.Run(fmt.Sprint("of ", n), func(b *testing.B) {
			g := open(b)
			g.fill(b, many(n))
			load(b, g.url, webhooks+query)
		})
	}
}

// BenchmarkGet reads one webhook without triggers of its own.
func BenchmarkGet(b *testing.B) {
	g := open(b)
	g.fill(b, many(1000))
	load(b, g.url, webhooks+"/webhook0000000000500")
}

// load sends requests one after the other over each of a few connections, in
// bytes that were made before, and reports requests per second, and the
// processor time of each, both ends together, which a busy machine does not
// change.
func load(b *testing.B, url, path string) {
	b.Helper()
	request := fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\nAccept: application/json\r\n\r\n", path, adminKey)
	b.SetParallelism(16)
	b.ResetTimer()
	start, used := time.Now(), processorTime(b)
	b.RunParallel(func(pb *testing.PB) {
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			b.Error(err)
			return
		}
		defer conn.Close()
		answers := bufio.NewReaderSize(conn, 16<<10)
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
		return fmt.Errorf("no length")
	}
	_, err := r.Discard(length)
	return err
}

// BenchmarkLongList reads lists to their end, and reports by how much the heap
// that is alive grew at most: not with the length, beyond the 32 MB of entities
// that the store remembers.
func BenchmarkLongList(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint("of ", n), func(b *testing.B) { longList(b, n) })
	}
}

func longList(b *testing.B, n int) {
	g := open(b)
	g.fill(b, many(n))
	runtime.GC()
	before, most := live(), uint64(0)
	for b.Loop() {
		request, err := http.NewRequestWithContext(b.Context(), "GET", g.url+webhooks, nil)
		if err != nil {
			b.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+adminKey)
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			b.Fatal(err)
		}
		size, chunk := 0, make([]byte, 1<<20)
		for err == nil {
			var read int
			read, err = io.ReadFull(response.Body, chunk)
			size += read
			runtime.GC()
			most = max(most, live())
		}
		response.Body.Close()
		if err != io.EOF && err != io.ErrUnexpectedEOF || size < 100*n {
			b.Fatalf("%d bytes, %v", size, err)
		}
	}
	b.ReportMetric(float64(int64(most)-int64(before))/(1<<20), "MB-grown")
}

// live returns the bytes that the last collection of garbage found alive.
func live() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
