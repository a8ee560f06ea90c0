package gateway_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/gateway"
)

// A discarded answer costs nothing.
type discarded struct{ header http.Header }

func (d discarded) Header() http.Header         { return d.header }
func (d discarded) Write(b []byte) (int, error) { return len(b), nil }
func (d discarded) WriteHeader(int)             {}

// BenchmarkEvents is POST /events without the storing: reading, checking and
// answering.
func BenchmarkEvents(b *testing.B) {
	data := `{"order":{"number":123456,"currency":"EUR","total":"99.50","lines":[{"sku":"A-1","quantity":2},{"sku":"B-2","quantity":1}],"customer":"Client:1000000000","note":"leave it at the door"}}`
	one := `{"type":"order.created","owner":"Client:1000000000","occurredAt":"2026-01-31T12:00:00Z","data":` + data + `}`
	cloud := `{"specversion":"1.0","id":"1","source":"/shop","type":"order.created","owner":"Client:1000000000","time":"2026-01-31T12:00:00Z","data":` + data + `}`
	for name, body := range map[string]string{
		"one": one, "cloudevent": cloud, "hundred": "[" + strings.TrimSuffix(strings.Repeat(one+",", 100), ",") + "]",
	} {
		b.Run(name, func(b *testing.B) {
			h := with(func(o *gateway.Options) { o.Service = &service{} })
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest("POST", "/events", strings.NewReader(body))
				r.Header.Set("Authorization", "Bearer admin")
				r.Header.Set("Content-Type", "application/json")
				h.ServeHTTP(discarded{http.Header{}}, r)
			}
		})
	}
}
