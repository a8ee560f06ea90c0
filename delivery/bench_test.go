package delivery_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

// BenchmarkDeliver takes events from 32 publishers through the queue on SQLite,
// to disk, to one receiver that answers at once.
func BenchmarkDeliver(b *testing.B) {
	p := openOffice(b, delivery.SchedulerOptions{})
	var arrived atomic.Int64
	all := make(chan struct{})
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if arrived.Add(1) == int64(b.N) {
			close(all)
		}
	}))
	defer receiver.Close()
	p.webhook(receiver.URL, "order.*")
	data := `{"id":"` + strings.Repeat("x", 220) + `"}`
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	var publishers sync.WaitGroup
	for range 32 {
		publishers.Go(func() {
			for left.Add(-1) >= 0 {
				if _, err := p.PublishEvents(p.admin, []hook.Publication{{Type: "order.made", Data: data}}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	publishers.Wait()
	<-all
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
