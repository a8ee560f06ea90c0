package kheops_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/metrics"
	"testing"

	"github.com/hookgraph/hookgraph/dialect/dialecttest"
)

// BenchmarkStatic is what the others are compared with: an answer of the size of a
// list of 20.
func BenchmarkStatic(b *testing.B) { dialecttest.LoadStatic(b, 4000) }

// BenchmarkList20 reads a list of 20 webhooks, and the first 20 of 1,000, which
// are counted each time.
func BenchmarkList20(b *testing.B) {
	for n, query := range map[int]string{20: "", 1000: "?limit=20"} {
		b.Run(fmt.Sprint("of ", n), func(b *testing.B) {
			g := open(b)
			g.fill(b, many(n))
			dialecttest.Load(b, g.url, webhooks+query, "Authorization: Bearer "+adminKey, "Accept: application/json")
		})
	}
}

// BenchmarkGet reads one webhook without triggers of its own.
func BenchmarkGet(b *testing.B) {
	g := open(b)
	g.fill(b, many(1000))
	dialecttest.Load(b, g.url, webhooks+"/webhook0000000000500", "Authorization: Bearer "+adminKey, "Accept: application/json")
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
