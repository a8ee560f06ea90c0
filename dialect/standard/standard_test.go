package standard_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/delivery/wiretest"
	"github.com/hookgraph/hookgraph/dialect/standard"
	"github.com/hookgraph/hookgraph/hook"
)

var update = flag.Bool("update", false, "write the golden files")

// The secrets of the test webhooks.
const (
	current  = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	previous = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
)

var (
	happened = time.Date(2026, 5, 1, 12, 0, 0, 7e6, time.UTC)
	tried    = time.Date(2026, 5, 1, 12, 0, 1, 999e6, time.UTC)
)

// A gateway is the dialect with a vault for the secrets of webhooks. Deliveries
// need no database.
type gateway struct {
	*standard.Form
	vault *hook.Vault
}

func open(t testing.TB) gateway {
	t.Helper()
	vault, err := hook.NewVault(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	return gateway{standard.New(hook.NewService(nil, vault, hook.Options{})), vault}
}

// webhook returns a webhook that has one secret, or two during a rotation.
func (g gateway) webhook(secrets ...hook.Secret) *hook.Webhook {
	w := &hook.Webhook{
		Meta: hook.Meta{Key: "3f0c9a52-5d0e-4c3b-9d0e-0c1d2e3f4a5b"}, Dialect: hook.Standard, Owner: hook.AccountOwner,
		URL: "https://hooks.example.net/in?tenant=7", SecretState: hook.SecretSet, VerifyTLS: true,
	}
	w.Secret = g.vault.Seal(w.GetID(), secrets[0])
	if len(secrets) > 1 {
		until := time.Now().Add(time.Hour)
		w.PreviousSecret, w.PreviousSecretUntil = g.vault.Seal(w.GetID(), secrets[1]), &until
	}
	return w
}

func (g gateway) with(w *hook.Webhook, headers ...[2]string) *hook.Webhook {
	for _, h := range headers {
		w.Headers = append(w.Headers, hook.Header{Name: h[0], Value: g.vault.Seal(w.GetID(), hook.Secret(h[1]))})
	}
	return w
}

func event(kind, data string) *hook.Event {
	return &hook.Event{Type: kind, OccurredAt: happened, Owner: hook.AccountOwner, Data: data}
}

var trigger = &hook.Trigger{Meta: hook.Meta{Key: "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5", Created: happened}}

// request makes the request of an event.
func (g gateway) request(t testing.TB, w *hook.Webhook, e *hook.Event, at time.Time) delivery.Request {
	t.Helper()
	payload, err := g.Payload(t.Context(), w, e, trigger)
	if err != nil {
		t.Fatal(err)
	}
	r, err := g.Request(t.Context(), w, trigger, payload, delivery.Try{Number: 1, Of: 10, At: at})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWire(t *testing.T) {
	t.Parallel()
	g := open(t)
	paid := event("invoice.paid", `{"id":"in_1","total": 12.50,"note":"<ö> & \u00e9"}`)
	deliveries := []wiretest.Delivery{
		wiretest.New("one-secret", tried, g.request(t, g.webhook(current), paid, tried), current),
		wiretest.New("rotation", tried, g.request(t, g.webhook(current, previous), paid, tried), current, previous),
		wiretest.New("own-headers", tried, g.request(t, g.with(g.webhook(current), [2]string{"X-Tenant", "7"},
			[2]string{"Webhook-Signature", "v1,forged"}, [2]string{"User-Agent", "Acme/1"}), event("a.b", "{\n}"), tried), current),
		wiretest.New("no-object", tried, g.request(t, g.webhook(current), event(`odd."type"`, "null"), tried), current),
	}
	for i, got := range wiretest.Golden(t, *update, deliveries...) {
		verify(t, deliveries[i], got)
	}
}

// verify lets the library of the specification's authors verify a request as it
// arrived, by each of its secrets. The library looks at no clock here: the
// requests of golden files are old.
func verify(t *testing.T, d wiretest.Delivery, got []byte) {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(got)))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || !json.Valid(body) {
		t.Fatalf("%s: %q, %v", d.Name, body, err)
	}
	for _, secret := range d.Secrets {
		library, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := library.VerifyIgnoringTimestamp(body, r.Header); err != nil {
			t.Errorf("%s: %v", d.Name, err)
		}
		if err := library.VerifyIgnoringTimestamp(append(body, '\n'), r.Header); err == nil {
			t.Errorf("%s: another body is valid", d.Name)
		}
	}
}

// TestRetry: a further try sends the same id and body under the signature of its
// own instant, which receivers take for recent.
func TestRetry(t *testing.T) {
	t.Parallel()
	g := open(t)
	e, now := event("a.b", "{}"), time.Now()
	first, second := g.request(t, g.webhook(current), e, now.Add(-time.Hour)), g.request(t, g.webhook(current), e, now)
	if first.Header[1] != second.Header[1] || first.Header[2] == second.Header[2] || first.Header[3] == second.Header[3] || !bytes.Equal(first.Body, second.Body) {
		t.Errorf("%v, %v", first.Header, second.Header)
	}
	library, err := standardwebhooks.NewWebhook(current)
	if err != nil {
		t.Fatal(err)
	}
	for r, want := range map[*delivery.Request]bool{&first: false, &second: true} {
		header := http.Header{}
		for _, h := range r.Header {
			header.Add(h[0], h[1])
		}
		if err := library.Verify(r.Body, header); (err == nil) != want {
			t.Errorf("valid: %v, want %v", err, want)
		}
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	g := open(t)
	w := g.webhook(current)
	for _, data := range []string{"", "{", "{} {}"} {
		_, err := g.Payload(t.Context(), w, event("a.b", data), trigger)
		if e, ok := err.(*hook.Error); !ok || e.Code != hook.Invalid || e.Field != "data" {
			t.Errorf("%q: %v", data, err)
		}
	}
	w.SecretState = hook.SecretUnknown
	if _, err := g.Request(t.Context(), w, trigger, []byte("{}"), delivery.Try{At: tried}); !errors.Is(err, hook.ErrUnknown) {
		t.Errorf("an unknown secret: %v", err)
	}
}

func TestRotationEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := open(t)
		w, e := g.webhook(current, previous), event("a.b", "{}")
		signed := func() string { return g.request(t, w, e, tried).Header[3][1] }
		both := signed()
		time.Sleep(time.Hour)
		if one := signed(); len(both) != 2*len(one)+1 || both[:len(one)+1] != one+" " {
			t.Errorf("during: %s, after: %s", both, one)
		}
	})
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	p := open(t).Policy()
	var delays []string
	for _, d := range p.Delays {
		delays = append(delays, d.String())
	}
	want := []string{"5s", "5m0s", "30m0s", "2h0m0s", "5h0m0s", "10h0m0s", "14h0m0s", "20h0m0s", "24h0m0s"}
	if diff := cmp.Diff(want, delays); diff != "" {
		t.Error(diff)
	}
	if p.Spread != 0.2 || p.Timeout != 15*time.Second || !p.RetryAfter || !p.GoneDisables || !p.HalfOpen || p.Retries != nil || p.FailuresDisable != 0 {
		t.Errorf("%+v", p)
	}
}
