package pageseeder_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/hookgraph/hookgraph/hook"
)

// A boundless store has n webhooks, which it makes when they are read.
type boundless struct {
	hook.Store
	n int64
}

type boundlessWebhooks struct {
	hook.Collection[hook.Webhook]
	n int64
}

func (b *boundless) Webhooks() hook.Collection[hook.Webhook] {
	return boundlessWebhooks{b.Store.Webhooks(), b.n}
}

func (b boundlessWebhooks) Find(_ context.Context, q hook.Query) ([]*hook.Webhook, error) {
	next := int64(1)
	if q.After != nil {
		next = q.After[0].(int64) + 1
	}
	var page []*hook.Webhook
	for ; next <= b.n && len(page) < q.Limit; next++ {
		page = append(page, &hook.Webhook{Meta: hook.Meta{Key: fmt.Sprint(next)}, Dialect: hook.PageSeeder, Owner: "Client:123", Number: next,
			Name: "a webhook", URL: "https://hooks.acme.test/ps", Subscriptions: []hook.Subscription{{ID: "1", Pattern: "uri.*"}}})
	}
	return page, nil
}

// A meter is a caller who takes everything, and notes how much is alive while
// it comes.
type meter struct {
	*httptest.ResponseRecorder
	size, most uint64
}

func (m *meter) Write(b []byte) (int, error) {
	m.size += uint64(len(b))
	if m.size%(2<<20) < uint64(len(b)) {
		runtime.GC()
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		m.most = max(m.most, now.HeapAlloc)
	}
	return len(b), nil
}

// TestLongListIsFlat reads lists of 20,000 and of 100,000 to their ends: the
// longer one needs no more memory. It runs alone: others would count.
func TestLongListIsFlat(t *testing.T) {
	read := func(n int64) (size, most uint64) {
		g := newGateway(t, func(s hook.Store) hook.Store { return &boundless{s, n} })
		g.takeText(t, fixture(t, "list.json"))
		r := httptest.NewRequest(http.MethodGet, "/clients/123/webhooks.json", nil)
		r.Header.Set("Authorization", "Bearer admin")
		m := &meter{ResponseRecorder: httptest.NewRecorder()}
		g.ServeHTTP(m, r)
		if m.Code != 200 || m.size < uint64(n)*300 {
			t.Fatalf("%d, %d bytes", m.Code, m.size)
		}
		return m.size, m.most
	}
	_, short := read(20_000)
	size, long := read(100_000)
	if long > short+8<<20 {
		t.Errorf("%d bytes are alive while %d are sent, %d in a fifth of that", long, size, short)
	}
}
