package pageseeder_test

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/delivery/wiretest"
	"github.com/hookgraph/hookgraph/hook"
)

// A depot is a gateway whose client 123 has a webhook secret or none, with the
// vault of its secrets.
type depot struct {
	*gateway
	vault  *hook.Vault
	secret string
}

func openDepot(t *testing.T, secret string) depot {
	t.Helper()
	g := newGateway(t, nil)
	g.takeText(t, fixture(t, "list.json"))
	if secret != "" {
		ctx := hook.WithViewer(t.Context(), hook.AdminViewer())
		if _, err := g.service.UpdateClient(ctx, "123", nil, hook.ClientFields{WebhookSecret: hook.Set(hook.Secret(secret))}); err != nil {
			t.Fatal(err)
		}
	}
	vault, err := hook.NewVault(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	return depot{g, vault, secret}
}

// handshake is what the receiver of the depots' webhooks has to send back.
const handshake = "0a1b2c3d4e"

func (d depot) webhook(format hook.PayloadFormat, detail hook.PayloadDetail) *hook.Webhook {
	w := &hook.Webhook{
		Meta: hook.Meta{Key: "41"}, Number: 41, Name: "acme-sync", Dialect: hook.PageSeeder, Owner: "Client:123",
		URL: "http://hooks.example.net:8080/ps?a=b", SecretState: hook.SecretNone, Format: format, Detail: detail, VerifyTLS: true,
	}
	w.Handshake = d.vault.Seal(w.GetID(), handshake)
	return w
}

func (d depot) delivery(t *testing.T, name string, w *hook.Webhook, e *hook.Event) wiretest.Delivery {
	t.Helper()
	trigger := &hook.Trigger{Meta: hook.Meta{Key: "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5"}, EventType: e.Type}
	payload, err := d.Payload(t.Context(), w, e, trigger)
	if err != nil {
		t.Fatal(err)
	}
	r, err := d.Request(t.Context(), w, trigger, payload, delivery.Try{Number: 1, Of: 13, At: happened})
	if err != nil {
		t.Fatal(err)
	}
	if d.secret == "" {
		return wiretest.New(name, happened, r)
	}
	return wiretest.New(name, happened, r, d.secret)
}

func TestWire(t *testing.T) {
	t.Parallel()
	signed, plain := openDepot(t, "geheim €"), openDepot(t, "")
	own := signed.webhook(hook.FormatJSON, hook.DetailMinimal)
	own.Headers = []hook.Header{{Name: "X-Tenant", Value: signed.vault.Seal(own.GetID(), "7")}, {Name: "x-ps-signature", Value: signed.vault.Seal(own.GetID(), "forged")}}
	unnamed := plain.webhook(hook.FormatXML, hook.DetailMinimal)
	unnamed.Name, unnamed.Handshake = "", nil
	uri, comment, workflow := every[0], every[1], every[2]
	ping := event("p", "webhook.ping", "{}")
	deliveries := []wiretest.Delivery{
		signed.delivery(t, "minimal-xml", signed.webhook(hook.FormatXML, hook.DetailMinimal), uri),
		signed.delivery(t, "basic-xml", signed.webhook(hook.FormatXML, hook.DetailBasic), workflow),
		signed.delivery(t, "minimal-json", signed.webhook(hook.FormatJSON, hook.DetailMinimal), uri),
		signed.delivery(t, "basic-json", signed.webhook(hook.FormatJSON, hook.DetailBasic), workflow),
		plain.delivery(t, "unsigned-xml", plain.webhook(hook.FormatXML, hook.DetailBasic), comment),
		plain.delivery(t, "unsigned-json", plain.webhook(hook.FormatJSON, hook.DetailBasic), comment),
		signed.delivery(t, "own-headers", own, comment),
		signed.delivery(t, "ping-xml", signed.webhook(hook.FormatXML, hook.DetailMinimal), ping),
		signed.delivery(t, "ping-json", signed.webhook(hook.FormatJSON, hook.DetailBasic), ping),
		plain.delivery(t, "ping-without-handshake", unnamed, ping),
	}
	for i, got := range wiretest.Golden(t, *update, deliveries...) {
		check(t, deliveries[i], got)
	}
}

// check reads a request as receivers in the field do: headers by their spelling,
// pings by the object of the XML form.
func check(t *testing.T, d wiretest.Delivery, got []byte) {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(got)))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	signature := ""
	if len(d.Secrets) > 0 {
		mac := hmac.New(sha256.New, []byte(d.Secrets[0]))
		mac.Write(body)
		signature = "\r\nX-PS-Signature: " + hex.EncodeToString(mac.Sum(nil)) + "\r\n"
	}
	if !strings.Contains(string(got), signature) || strings.Count(string(got), "Signature: ") != len(d.Secrets) {
		t.Errorf("%s is not signed: %s", d.Name, got)
	}
	if isPing := d.Name == "ping-xml" || d.Name == "ping-json"; isPing != strings.Contains(string(got), "\r\nX-PS-Secret: "+handshake+"\r\n") {
		t.Errorf("%s: %s", d.Name, got)
	}
	if !strings.HasPrefix(string(body), "<") {
		return
	}
	read := parse[events](t, string(body))
	if len(read.Events) != 1 || (read.Events[0].Webhook != nil) != strings.HasPrefix(d.Name, "ping") {
		t.Errorf("%s is read as %+v", d.Name, read)
	}
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	p := openDepot(t, "").Policy()
	if len(p.Delays) != 12 || p.Retries != nil || p.RetryAfter || p.GoneDisables || p.FailuresDisable != 0 || p.Timeout != 30*time.Second {
		t.Errorf("%+v", p)
	}
	for i := range len(p.Delays) - 1 {
		if p.Delays[i] >= p.Delays[i+1] {
			t.Errorf("the delays do not grow: %v", p.Delays)
		}
	}
}

// TestUnknownSecret: a webhook that came without the secret of its deliveries
// waits for it, pings too.
func TestUnknownSecret(t *testing.T) {
	t.Parallel()
	d := openDepot(t, "geheim")
	w := d.webhook(hook.FormatXML, hook.DetailMinimal)
	w.SecretState = hook.SecretUnknown
	for _, eventType := range []string{"uri.modified", "webhook.ping"} {
		if _, err := d.Request(t.Context(), w, &hook.Trigger{EventType: eventType}, []byte("<webevents/>"), delivery.Try{}); !errors.Is(err, hook.ErrUnknown) {
			t.Errorf("%s: %v", eventType, err)
		}
	}
}
