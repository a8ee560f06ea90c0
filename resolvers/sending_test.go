package resolvers_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/dialect/entrust"
	"github.com/hookgraph/hookgraph/dialect/kheops"
	"github.com/hookgraph/hookgraph/dialect/pageseeder"
	standardwebhooks "github.com/hookgraph/hookgraph/dialect/standard"
	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/resolvers"
)

// nowhere is for tests that send nothing.
var nowhere = resolvers.Sending{
	Ping:     func(context.Context, *hook.Webhook, hook.Secret) error { panic("sent") },
	Test:     func(context.Context, *hook.Webhook) (hook.Attempt, error) { panic("sent") },
	CheckURL: func(context.Context, string) delivery.Verdict { panic("looked up") },
	Verify:   func(delivery.Received) delivery.Verification { panic("verified") },
}

// alike answers the same always.
var alike = resolvers.Sending{
	Ping: func(context.Context, *hook.Webhook, hook.Secret) error { return nil },
	Test: func(_ context.Context, w *hook.Webhook) (hook.Attempt, error) {
		return hook.Attempt{Number: 1, At: day(10), Duration: 12, StatusCode: 404, Headers: []string{"X-Url: " + w.URL}, Body: "what?", Truncated: true}, nil
	},
	CheckURL: func(context.Context, string) delivery.Verdict {
		return delivery.Verdict{Host: "inside.test", Reason: "it is inside", ErrorKind: delivery.KindBlocked, Addresses: []delivery.AddressVerdict{
			{Address: netip.MustParseAddr("10.1.2.3"), Rule: "private network", Network: netip.MustParsePrefix("10.0.0.0/8")},
			{Address: netip.MustParseAddr("192.0.43.8"), Allowed: true, Rule: "public"},
		}}
	},
	Verify: func(r delivery.Received) delivery.Verification {
		return delivery.Verification{Reason: delivery.ReasonMissingHeader, Message: fmt.Sprintf("%s has %s at %s", r.Body, r.Header, r.Now.Format(time.RFC3339))}
	},
}

// A receiver keeps the last request and answers as it is told.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	n      int
	header http.Header
	body   string
	answer http.HandlerFunc
}

func receive(t *testing.T, answer http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{answer: answer}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, got *http.Request) {
		body, _ := io.ReadAll(got.Body)
		r.mu.Lock()
		r.n, r.header, r.body = r.n+1, got.Header, string(body)
		r.mu.Unlock()
		r.answer(w, got)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) last() (n int, header http.Header, body string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.n, r.header, r.body
}

// sendEverywhere gives the gateway the real dialects and a sender that reaches
// this machine.
func (g *gateway) sendEverywhere(t *testing.T) {
	t.Helper()
	sender := delivery.NewSender(delivery.Options{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	t.Cleanup(sender.Close)
	log := slog.New(slog.DiscardHandler)
	ps := pageseeder.New(g.service, nil, pageseeder.Options{Location: time.UTC, Sender: sender, Log: log})
	forms := []delivery.Form{
		standardwebhooks.New(g.service), ps,
		kheops.New(g.service, nil, kheops.Options{Host: "https://gateway.test", Location: time.UTC, Log: log}),
		entrust.New(g.service, nil, entrust.Options{Location: time.UTC, Sender: sender, Log: log}),
	}
	g.sendBy(resolvers.Sending{Ping: ps.Ping, Test: delivery.NewTester(sender, forms).Test, CheckURL: sender.Check, Verify: delivery.Verify})
}

// pointTo gives a webhook another URL, past the rules of its dialect.
func (g *gateway) pointTo(t *testing.T, webhook, url string) {
	t.Helper()
	w, err := g.store.Store.Webhooks().Get(t.Context(), webhook)
	if err != nil {
		t.Fatal(err)
	}
	other := *w
	other.URL, other.Enabled = url, false
	if other.SecretState == hook.SecretUnknown {
		other.SecretState = hook.SecretNone
	}
	if err := g.store.Write(t.Context(), hook.Change{Kind: hook.ChangeReplace, Entity: &other}); err != nil {
		t.Fatal(err)
	}
}

const testAnswer = `{ attempt { number statusCode errorKind error duration headers body truncated } passed userErrors { code field message } }`

// Every dialect's webhook is tested by one request, which leaves nothing behind.
func TestTestWebhook(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	g.sendEverywhere(t)
	r := receive(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Answer", "yes")
		fmt.Fprint(w, "thanks")
	})
	active := hook.WebhookFields{Health: hook.Set(hook.HealthActive)}
	if _, err := g.service.UpdateWebhook(adminContext(t), pages, nil, active); err != nil {
		t.Fatal(err)
	}
	for _, webhook := range []string{accounts, orders} {
		if _, err := g.service.SetWebhookSecret(adminContext(t), webhook, nil, hook.Secret("whsec_"+strings.Repeat("A", 32))); err != nil {
			t.Fatal(err)
		}
	}
	state := func() string {
		return g.get(t, admin(), `{ events { totalCount } auditEntries { totalCount } webhooks { nodes { id health triggerCount triggers { totalCount } } } }`, nil).raw
	}
	for webhook, header := range map[string]string{pages: "X-Ps-Signature", images: "X-Kheops-Event", accounts: "Content-Type", orders: "Webhook-Signature"} {
		g.pointTo(t, webhook, r.URL)
		before, seen := state(), 0
		seen, _, _ = r.last()
		a := g.get(t, admin(), `mutation { m: testWebhook(input: {id: "`+webhook+`"}) `+testAnswer+` }`, nil)
		n, got, body := r.last()
		if a.at("m", "passed") != true || a.at("m", "attempt", "statusCode") != 200.0 || a.text("m", "attempt", "body") != "thanks" || a.at("m", "attempt", "number") != 1.0 ||
			!strings.Contains(a.raw, "X-Answer: yes") || n != seen+1 || got.Get(header) == "" || body == "" {
			t.Errorf("%s: %s, %d requests, the last with %v %s", webhook, a.raw, n-seen, got, body)
		}
		if after := state(); after != before {
			t.Errorf("%s leaves something behind: %s", webhook, cmp.Diff(before, after))
		}
	}
	r.mu.Lock()
	r.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }
	r.mu.Unlock()
	a := g.get(t, admin(), `mutation { m: testWebhook(input: {id: "`+orders+`", url: "`+r.URL+`/other"}) `+testAnswer+` }`, nil)
	if a.at("m", "passed") != false || a.at("m", "attempt", "statusCode") != 418.0 {
		t.Error(a.raw)
	}
	a = g.get(t, admin(), `mutation { m: testWebhook(input: {id: "`+orders+`", url: "http://10.1.2.3/secret/path"}) `+testAnswer+` }`, nil)
	if a.at("m", "passed") != false || a.text("m", "attempt", "errorKind") != "blocked" || !strings.Contains(a.text("m", "attempt", "error"), "private network") || strings.Contains(a.raw, "secret/path") {
		t.Error(a.raw)
	}
}

func TestTestWebhookRefusals(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	ask := func(v *hook.Viewer, input string) answer {
		return g.ask(t, v, `mutation { m: testWebhook(input: {`+input+`}) `+testAnswer+` }`, nil)
	}
	ask(admin(), `id: "`+orders+`"`).errorsAre(t, "UNAVAILABLE", "sends no requests")
	g.sendEverywhere(t)
	for input, want := range map[string][3]string{
		`id: "` + pages + `"`:                             {"CONFLICT", "id", "waits for its first good ping"},
		`id: "` + images + `"`:                            {"CONFLICT", "id", "secret is unknown"},
		`id: "` + orders + `", url: "ftp://x.test"`:       {"INVALID", "url", "http or https"},
		`id: "` + orders + `", url: "https://u:p@x.test"`: {"INVALID", "url", "credentials"},
		`id: "` + accounts + `", url: "http://x.test"`:    {"INVALID", "url", "https"},
		`id: "Client:20"`:                                 {"INVALID", "id", "not of a webhook"},
	} {
		ask(admin(), input).userErrorIs(t, "m", "attempt", want[0], want[1], want[2])
	}
	ask(key("WEBHOOKS:VIEW"), `id: "`+orders+`"`).errorsAre(t, "FORBIDDEN", "WEBHOOKS:EDIT required")
	ask(g.as(t, ada), `id: "`+orders+`"`).errorsAre(t, "NOT_FOUND", "")
	ask(g.as(t, grace), `id: "`+orders+`"`).errorsAre(t, "FORBIDDEN", "")
}

func TestPingWebhook(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	g.sendEverywhere(t)
	r := receive(t, func(w http.ResponseWriter, _ *http.Request) {})
	g.pointTo(t, pages, r.URL)
	ping := func(id string) answer {
		return g.ask(t, admin(), `mutation { m: pingWebhook(input: {id: "`+id+`"}) { webhook { health } userErrors { code field message } } }`, nil)
	}
	ping(pages).userErrorIs(t, "m", "webhook", "CONFLICT", "id", "without the header X-PS-Secret")
	r.mu.Lock()
	r.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
	r.mu.Unlock()
	ping(pages).userErrorIs(t, "m", "webhook", "CONFLICT", "id", "status 502")
	r.mu.Lock()
	r.answer = func(w http.ResponseWriter, got *http.Request) {
		w.Header().Set("X-PS-Secret", got.Header.Get("X-Ps-Secret"))
	}
	r.mu.Unlock()
	if a := ping(pages); a.text("m", "webhook", "health") != "ACTIVE" {
		t.Error(a.raw)
	}
	ping(orders).userErrorIs(t, "m", "webhook", "INVALID", "dialect", "only PageSeeder")
}

func TestCheckURL(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	g.sendEverywhere(t)
	const check = `mutation($url: URL!) { m: checkUrl(input: {url: $url}) { verdict { allowed reason host addresses { address allowed reason rule network } } userErrors { code field message } } }`
	for url, want := range map[string][3]any{
		"https://127.0.0.1/x":        {true, "opened", "127.0.0.0/8"},
		"https://192.168.1.1":        {false, "private network", "192.168.0.0/16"},
		"http://[::ffff:10.0.0.1]/":  {false, "private network", "10.0.0.0/8"},
		"http://169.254.169.254/lat": {false, "", nil},
	} {
		a := g.get(t, admin(), check, vars{"url": url})
		if a.at("m", "verdict", "allowed") != want[0] || a.text("m", "verdict", "reason") == "" || a.text("m", "verdict", "host") == "" || a.text("m", "verdict", "addresses", 0, "reason") == "" {
			t.Errorf("%s: %s", url, a.raw)
		}
		if want[1] != "" && (a.at("m", "verdict", "addresses", 0, "rule") != want[1] || a.at("m", "verdict", "addresses", 0, "network") != want[2]) {
			t.Errorf("%s: %s", url, a.raw)
		}
	}
	for _, url := range []string{"ftp://x.test", "https://user:secret@x.test", "http://2130706433/"} {
		a := g.get(t, admin(), check, vars{"url": url})
		if a.at("m", "verdict", "allowed") != false || a.text("m", "verdict", "reason") == "" || strings.Contains(a.raw, "secret") {
			t.Errorf("%s: %s", url, a.raw)
		}
	}
	g.ask(t, admin(), check, vars{"url": "https://x.test/" + strings.Repeat("x", 2000)}).userErrorIs(t, "m", "verdict", "INVALID", "url", "at most 1024")
	for _, viewer := range []*hook.Viewer{key("WEBHOOKS:ADD"), key("WEBHOOKS:EDIT"), key("ALBUMS:ALL"), g.as(t, ada)} {
		if a := g.ask(t, viewer, check, vars{"url": "https://10.0.0.1"}); a.at("m", "verdict", "allowed") != false {
			t.Error(a.raw)
		}
	}
	g.ask(t, key("WEBHOOKS:VIEW"), check, vars{"url": "https://10.0.0.1"}).errorsAre(t, "FORBIDDEN", "WEBHOOKS:ADD required")
}

// What a receiver got verifies, and a changed body does not, with the reason.
func TestVerifySignature(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	g.sendEverywhere(t)
	r := receive(t, func(http.ResponseWriter, *http.Request) {})
	secret := "whsec_" + strings.Repeat("A", 32)
	if _, err := g.service.SetWebhookSecret(adminContext(t), orders, nil, hook.Secret(secret)); err != nil {
		t.Fatal(err)
	}
	g.get(t, admin(), `mutation { testWebhook(input: {id: "`+orders+`", url: "`+r.URL+`"}) { passed } }`, nil)
	_, header, body := r.last()
	var headers []vars
	for name, values := range header {
		headers = append(headers, vars{"name": name, "value": values[0]})
	}
	const verify = `mutation($input: VerifySignatureInput!) { m: verifySignature(input: $input) { verdict { valid reason message } userErrors { code field message } } }`
	for _, c := range []struct {
		change func(vars)
		valid  bool
		reason string
	}{
		{func(vars) {}, true, "VALID"},
		{func(input vars) { input["body"] = body + " " }, false, "BODY_WHITESPACE"},
		{func(input vars) { input["headers"] = headers[:0] }, false, "MISSING_HEADER"},
		{func(input vars) { input["at"] = "2020-01-01T00:00:00Z" }, false, "TIMESTAMP_IN_FUTURE"},
		{func(input vars) { input["webhook"] = bygone }, false, "NO_SECRET"},
		{func(input vars) { input["webhook"] = images }, false, "NO_SECRET"},
	} {
		input := vars{"webhook": orders, "headers": headers, "body": body}
		c.change(input)
		a := g.get(t, key("WEBHOOKS:VIEW", "ALBUMS:ALL"), verify, vars{"input": input})
		if a.at("m", "verdict", "valid") != c.valid || a.text("m", "verdict", "reason") != c.reason || a.text("m", "verdict", "message") == "" || strings.Contains(a.raw, secret) {
			t.Errorf("%s: %s", c.reason, a.raw)
		}
	}
	many := make([]vars, 201)
	for i := range many {
		many[i] = vars{"name": "a", "value": "b"}
	}
	a := g.ask(t, admin(), verify, vars{"input": vars{"webhook": orders, "headers": many, "body": ""}})
	a.userErrorIs(t, "m", "verdict", "INVALID", "headers", "at most 200")
}
