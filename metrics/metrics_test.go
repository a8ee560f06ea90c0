package metrics_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/metrics"
)

func read(t *testing.T, s *metrics.Set) string {
	t.Helper()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	body, err := io.ReadAll(w.Body)
	if err != nil || w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Fatalf("%d %s: %s", w.Code, w.Header(), body)
	}
	return string(body)
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	s := metrics.New()
	s.Connect(metrics.Sources{
		Totals:        func() hook.Totals { return hook.Totals{Events: 7, Triggers: 9, StatsErrors: 1, Refusing: true} },
		Load:          func() delivery.Load { return delivery.Load{InFlight: 3, Lanes: 5, Breakers: 2} },
		Subscriptions: func() int { return 4 },
		DatabaseBytes: func() (int64, error) { return 4096, nil },
		FreeBytes:     func() (int64, error) { return 0, errors.New("unknown") },
	})
	s.Attempted(hook.Standard, delivery.Outcome{StatusCode: 204, Duration: 3 * time.Millisecond})
	s.Attempted(hook.Standard, delivery.Outcome{StatusCode: 503, Duration: time.Second})
	s.Attempted(hook.Kheops, delivery.Outcome{ErrorKind: delivery.KindTLS, Err: errors.New("x")})
	s.Attempted(hook.Kheops, delivery.Outcome{ErrorKind: "something new", Err: errors.New("x")})
	s.Attempted("UNHEARD", delivery.Outcome{StatusCode: 200})
	s.FirstAttempted(time.Second)
	s.Answered("graphql", 200)
	s.Answered("graphql", 200)
	s.Answered("other", 0)
	s.Operation("query")
	s.Operation("something new")
	got := read(t, s)
	for _, line := range []string{
		`hookgraph_attempts_total{dialect="STANDARD",outcome="pass"} 1`,
		`hookgraph_attempts_total{dialect="STANDARD",outcome="5xx"} 1`,
		`hookgraph_attempts_total{dialect="KHEOPS",outcome="tls"} 1`,
		`hookgraph_attempts_total{dialect="KHEOPS",outcome="other"} 1`,
		`hookgraph_attempt_duration_seconds_bucket{dialect="STANDARD",le="0.004"} 1`,
		`hookgraph_attempt_duration_seconds_count{dialect="STANDARD"} 2`,
		`hookgraph_first_attempt_delay_seconds_sum 1`,
		`hookgraph_http_requests_total{room="graphql",status="2xx"} 2`,
		`hookgraph_http_requests_total{room="other",status="none"} 1`,
		`hookgraph_graphql_operations_total{type="query"} 1`,
		"hookgraph_events_published_total 7", "hookgraph_triggers_created_total 9", "hookgraph_stats_write_errors_total 1",
		"hookgraph_publishing_refused 1", "hookgraph_deliveries_in_flight 3", "hookgraph_queue_lanes 5", "hookgraph_breakers_open 2",
		"hookgraph_subscriptions 4", "hookgraph_database_bytes 4096",
		`hookgraph_graphql_operations_total{type="mutation"} 0`,
	} {
		if !strings.Contains(got, "\n"+line+"\n") {
			t.Errorf("there is no line %s", line)
		}
	}
	for _, name := range []string{"go_goroutines", "process_start_time_seconds"} {
		if !strings.Contains(got, "\n"+name+" ") {
			t.Errorf("%s is missing", name)
		}
	}
	for _, name := range []string{"disk_free", "UNHEARD", "something new"} {
		if strings.Contains(got, name) {
			t.Errorf("%s is there", name)
		}
	}
	// The tools of Prometheus have nothing to say against the names.
	problems, err := promlint.New(strings.NewReader(got)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "hookgraph_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}
