package delivery_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

var refused = delivery.Outcome{StatusCode: http.StatusServiceUnavailable}

// waits returns the delays of a policy until there is no next try.
func waits(p delivery.Policy, o delivery.Outcome) (list []time.Duration) {
	for failed := 1; ; failed++ {
		wait, ok := p.Next(failed, o)
		if !ok {
			return list
		}
		list = append(list, wait)
	}
}

func TestDelays(t *testing.T) {
	t.Parallel()
	delays := []time.Duration{20 * time.Second, 15 * time.Second, 0}
	p := delivery.Policy{Delays: delays}
	if diff := cmp.Diff(delays, waits(p, refused)); diff != "" || p.Tries() != 4 {
		t.Errorf("%d tries: %s", p.Tries(), diff)
	}
	if none := (delivery.Policy{}); none.Tries() != 1 || len(waits(none, refused)) != 0 {
		t.Errorf("without delays: %d tries, %v", none.Tries(), waits(none, refused))
	}
}

// spread returns the shortest and the longest wait of many.
func spread(p delivery.Policy, o delivery.Outcome) (least, most time.Duration) {
	for i := range 2000 {
		wait, _ := p.Next(1, o)
		if i == 0 || wait < least {
			least = wait
		}
		most = max(most, wait)
	}
	return least, most
}

// The chance that 2,000 waits keep a tenth of the range free at one end is less
// than 1 in 10^90.
func TestSpread(t *testing.T) {
	t.Parallel()
	least, most := spread(delivery.Policy{Delays: []time.Duration{100 * time.Second}, Spread: 0.2}, refused)
	if least < 80*time.Second || least > 84*time.Second || most > 120*time.Second || most < 116*time.Second {
		t.Errorf("spread: %s to %s", least, most)
	}
	least, most = spread(delivery.Policy{Delays: []time.Duration{2 * time.Second}, Extra: 500 * time.Millisecond}, refused)
	if least < 2*time.Second || least > 2050*time.Millisecond || most >= 2500*time.Millisecond || most < 2450*time.Millisecond {
		t.Errorf("extra: %s to %s", least, most)
	}
}

func TestRetries(t *testing.T) {
	t.Parallel()
	p := delivery.Policy{
		Delays:  []time.Duration{time.Second, time.Second},
		Retries: func(o delivery.Outcome) bool { return o.StatusCode >= 500 },
	}
	for _, test := range []struct {
		outcome delivery.Outcome
		want    int
	}{
		{refused, 2}, {delivery.Outcome{StatusCode: 404}, 0}, {delivery.Outcome{ErrorKind: delivery.KindTimeout}, 0},
	} {
		if got := len(waits(p, test.outcome)); got != test.want {
			t.Errorf("%+v: %d further tries, want %d", test.outcome, got, test.want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const delay, most = 5 * time.Second, 24 * time.Hour
		in := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
		for text, want := range map[string]time.Duration{
			"": delay, "120": 2 * time.Minute, "3": delay, "0": delay, "-120": delay, "+120": delay, "1.5e3": delay, "120s": delay, "soon": delay,
			" 120": delay, "86400": most, "86401": most, "2147483648": most, "99999999999999999999999": most,
			in(2 * time.Minute): 2 * time.Minute, in(-time.Hour): delay, in(365 * most): most, "Fri, 31 Dec 9999 23:59:59 GMT": most,
			time.Now().Add(time.Minute).UTC().Format(time.RFC850): time.Minute, "Mon, 01 Jan 0001 00:00:00 GMT": delay,
		} {
			o := delivery.Outcome{StatusCode: 429, Header: http.Header{"Retry-After": {text}}}
			p := delivery.Policy{Delays: []time.Duration{delay}, RetryAfter: true}
			if got, ok := p.Next(1, o); !ok || got != want {
				t.Errorf("%q: %s, want %s", text, got, want)
			}
			p.RetryAfter = false
			if got, _ := p.Next(1, o); got != delay {
				t.Errorf("%q, not honoured: %s", text, got)
			}
			if _, ok := p.Next(2, o); ok {
				t.Errorf("%q makes more tries than there are", text)
			}
		}
	})
}

// A webhook's own policy replaces what it names and keeps the rest.
func TestOwnPolicy(t *testing.T) {
	t.Parallel()
	dialect := delivery.Policy{Delays: []time.Duration{time.Minute}, Timeout: 3 * time.Second, RetryAfter: true, FailuresDisable: 100}
	plain := dialect.Of(&hook.Webhook{})
	if plain.Concurrency != delivery.DefaultConcurrency || plain.Timeout != dialect.Timeout || plain.Tries() != 2 || plain.Ordered {
		t.Errorf("without one: %+v", plain)
	}
	own := dialect.Of(&hook.Webhook{RetryPolicy: &hook.RetryPolicy{Delays: []int32{1, 2, 3}, Timeout: 9, Concurrency: 4, RatePerSecond: 7}})
	if diff := cmp.Diff([]time.Duration{time.Second, 2 * time.Second, 3 * time.Second}, own.Delays); diff != "" {
		t.Error(diff)
	}
	if own.Tries() != 4 || own.Timeout != 9*time.Second || own.Concurrency != 4 || own.RatePerSecond != 7 || !own.RetryAfter || own.FailuresDisable != 100 {
		t.Errorf("%+v", own)
	}
	if ordered := dialect.Of(&hook.Webhook{RetryPolicy: &hook.RetryPolicy{Ordered: true, Concurrency: 4}}); !ordered.Ordered || ordered.Concurrency != 1 {
		t.Errorf("ordered: %+v", ordered)
	}
	if len(dialect.Delays) != 1 || dialect.Concurrency != 0 {
		t.Errorf("the dialect's policy is now %+v", dialect)
	}
}

func TestPassed(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{0: false, 199: false, 200: true, 204: true, 299: true, 300: false, 410: false, 500: false, 999: false} {
		if got := delivery.Passed(delivery.Outcome{StatusCode: status}); got != want {
			t.Errorf("%d: %v", status, got)
		}
	}
}

func TestWithOwn(t *testing.T) {
	t.Parallel()
	header := [][2]string{{"content-type", "application/json"}, {"webhook-signature", "v1,x"}, {"user-agent", "Hookgraph"}}
	own := [][2]string{
		{"X-Tenant", "7"}, {"Webhook-Signature", "v1,forged"}, {"User-Agent", "Mine/1"}, {"CONTENT-TYPE", "text/plain"}, {"accept", "*/*"}, {"X-Tenant", "8"},
	}
	want := [][2]string{
		{"content-type", "application/json"}, {"webhook-signature", "v1,x"}, {"User-Agent", "Mine/1"}, {"X-Tenant", "7"}, {"accept", "*/*"}, {"X-Tenant", "8"},
	}
	if diff := cmp.Diff(want, delivery.WithOwn(header, own)); diff != "" {
		t.Error(diff)
	}
}
