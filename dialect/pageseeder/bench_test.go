package pageseeder_test

import (
	"testing"

	"github.com/hookgraph/hookgraph/dialect/dialecttest"
)

// BenchmarkStatic is what the others are compared with: an answer of the size of a
// list of 20.
func BenchmarkStatic(b *testing.B) { dialecttest.LoadStatic(b, 17_000) }

// BenchmarkList20 reads a list of 20 webhooks.
func BenchmarkList20(b *testing.B) {
	for _, extension := range []string{"json", "xml"} {
		b.Run(extension, func(b *testing.B) {
			w := newTown(b)
			(&gateway{service: w.service}).take(b, many(20))
			dialecttest.Load(b, w.address, "/ps/api/clients/7/webhooks."+extension, "Authorization: Bearer "+adminKey)
		})
	}
}

// BenchmarkGet reads one webhook.
func BenchmarkGet(b *testing.B) {
	w := newTown(b)
	(&gateway{service: w.service}).take(b, many(700))
	dialecttest.Load(b, w.address, "/ps/api/clients/7/webhooks/500.json", "Authorization: Bearer "+adminKey)
}
