package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/hookgraph/hookgraph/gateway"
)

func TestMetricsAreForThisMachine(t *testing.T) {
	t.Parallel()
	h := with(func(o *gateway.Options) {
		o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "numbers") })
	})
	for _, c := range []struct {
		name, from, host, header, value string
		status                          int
	}{
		{"loopback", "127.0.0.1:9", "127.0.0.1:8080", "", "", 200},
		{"localhost", "127.0.0.5:9", "LocalHost:8080", "", "", 200},
		{"IPv6", "[::1]:9", "[::1]:8080", "", "", 200},
		{"IPv6 without a port", "[::1]:9", "[::1]", "", "", 200},
		{"IPv4 in IPv6", "[::ffff:127.0.0.1]:9", "localhost", "", "", 200},
		{"another machine", "192.0.2.1:9", "127.0.0.1:8080", "", "", 401},
		{"no address", "@", "localhost", "", "", 401},
		{"a proxy", "127.0.0.1:9", "localhost", "X-Forwarded-For", "192.0.2.1", 401},
		{"another proxy", "127.0.0.1:9", "localhost", "Forwarded", "for=192.0.2.1", 401},
		{"a rebound name", "127.0.0.1:9", "evil.example.org:8080", "", "", 401},
		{"a key", "192.0.2.1:9", "hooks.example.org", "Authorization", "Bearer reader", 200},
		{"a bound key", "192.0.2.1:9", "hooks.example.org", "Authorization", "Bearer bound", 403},
		{"a bad key", "127.0.0.1:9", "localhost", "Authorization", "Bearer none", 401},
	} {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.RemoteAddr, r.Host = c.from, c.host
		if c.header != "" {
			r.Header.Set(c.header, c.value)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status || (w.Body.String() == "numbers") != (c.status == 200) {
			t.Errorf("%s: %d %s, want %d", c.name, w.Code, w.Body, c.status)
		}
	}
	if w := send(with(nil), "GET", "/metrics"); w.Code != http.StatusNotFound {
		t.Errorf("without metrics: %d", w.Code)
	}
}

func TestAnswersAreObserved(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	seen := map[string]int{}
	h := with(func(o *gateway.Options) {
		o.Observe = func(room string, status int) {
			mu.Lock()
			defer mu.Unlock()
			seen[fmt.Sprint(room, " ", status)]++
		}
	})
	for _, path := range []string{"/", "/healthz", "/clients", "/ps/x", "/api/albums", "/api/web/v1", "/graphql", "/nothing", "/import"} {
		send(h, "GET", path)
	}
	for _, want := range []string{"pages 200", "healthz 200", "kheops 200", "entrust 200", "graphql 200", "other 404", "import 405"} {
		if seen[want] != 1 {
			t.Errorf("%s was seen %d times in %v", want, seen[want], seen)
		}
	}
	if seen["pageseeder 200"] != 2 {
		t.Error(seen)
	}
}
