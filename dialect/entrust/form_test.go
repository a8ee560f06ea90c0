package entrust_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/delivery/wiretest"
	"github.com/hookgraph/hookgraph/dialect/entrust"
	"github.com/hookgraph/hookgraph/hook"
)

// The tokens of the webhooks that are delivered to.
const (
	token    = "whsec_kZ3vQ0m9bWq7Yx2R8sTn5uLdC1fGhJ4aPoIeVwXyBzE"
	oldToken = "kZ3vQ0m9bWq7Yx2R8sTn5uLdC1fGhJ4aPoIeVwXyBzE="
)

var (
	happened = time.Date(2026, 5, 1, 12, 0, 0, 999e6, time.UTC)
	tried    = time.Date(2026, 5, 1, 12, 0, 2, 5e8, time.UTC)
	created  = hook.Event{Type: "user.created", OccurredAt: happened, Owner: hook.AccountOwner, Data: `{
		"subject": "5d0c7e0a-4b0e-4f6c-8a77-2c9f4d8e1b33", "subjectName": "ops-admin", "subjectType": "USER",
		"resourceName": "Administration Portal", "sourceIp": "203.0.113.7", "entityType": "USERS", "entityName": "mwood",
		"entityAttributes": {"userId": "mwood", "firstName": "Mía", "lastName": "<Wood>"}}`}
	failed = hook.Event{
		Type: "authentication.failed", OccurredAt: happened.Add(time.Second), Owner: hook.AccountOwner,
		Data: `{"subject":"5d0c7e0a","subjectName":"mwood","subjectType":"USER","token":"OTP"}`,
	}
	trigger = hook.Trigger{Meta: hook.Meta{Key: "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5", Created: happened}}
)

// A post has the dialect with a vault for tokens. Deliveries need no database.
type post struct {
	*entrust.API
	vault *hook.Vault
}

func openPost(t *testing.T, options entrust.Options) post {
	t.Helper()
	vault, err := hook.NewVault(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	return post{entrust.New(hook.NewService(nil, vault, hook.Options{AccountID: accountID}), nil, options), vault}
}

// webhook returns a webhook that has one token, or two during a rotation.
func (p post) webhook(tokens ...hook.Secret) *hook.Webhook {
	w := &hook.Webhook{
		Meta: hook.Meta{Key: "8f2b1d3e-5c47-4e0a-9a6b-0d6f2f7c1a55"}, Dialect: hook.Entrust, Owner: hook.AccountOwner,
		URL: "https://hooks.example.net:443/idaas?src=shim#here", SecretState: hook.SecretSet, VerifyTLS: true,
	}
	w.Secret = p.vault.Seal(w.GetID(), tokens[0])
	if len(tokens) > 1 {
		until := time.Now().Add(time.Hour)
		w.PreviousSecret, w.PreviousSecretUntil = p.vault.Seal(w.GetID(), tokens[1]), &until
	}
	return w
}

func (p post) request(t *testing.T, w *hook.Webhook, e hook.Event, at time.Time) delivery.Request {
	t.Helper()
	payload, err := p.Payload(t.Context(), w, &e, &trigger)
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Request(t.Context(), w, &trigger, payload, delivery.Try{Number: 1, Of: 3, At: at})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWire(t *testing.T) {
	t.Parallel()
	both := openPost(t, entrust.Options{})
	own := both.webhook(token)
	for _, h := range [][2]string{{"X-Tenant", "7"}, {"signature", "sig=:forged:"}} {
		own.Headers = append(own.Headers, hook.Header{Name: h[0], Value: both.vault.Seal(own.GetID(), hook.Secret(h[1]))})
	}
	deliveries := []wiretest.Delivery{
		wiretest.New("both-signatures", tried, both.request(t, both.webhook(token), created, tried), token),
		wiretest.New("second-try", tried.Add(2*time.Second), both.request(t, both.webhook(token), created, tried.Add(2*time.Second)), token),
		wiretest.New("rotation", tried, both.request(t, both.webhook(token, oldToken), created, tried), token, oldToken),
		wiretest.New("own-headers", tried, both.request(t, own, failed, tried), token),
		wiretest.New("message-signature", tried, openPost(t, entrust.Options{Signatures: entrust.MessageSignatures}).request(t, both.webhook(oldToken), failed, tried), oldToken),
		wiretest.New("body-signature", tried, openPost(t, entrust.Options{Signatures: entrust.BodySignature}).request(t, both.webhook(token), failed, tried), token),
	}
	for i, got := range wiretest.Golden(t, *update, deliveries...) {
		name := deliveries[i].Name
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(got)))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || !json.Valid(body) {
			t.Fatalf("%s: %q, %v", name, body, err)
		}
		// What an older receiver does.
		mac := hmac.New(sha256.New, []byte(deliveries[i].Secrets[0]))
		mac.Write(body)
		if older := r.Header.Get("x-sha2-signature"); older != hex.EncodeToString(mac.Sum(nil)) && (older != "" || name != "message-signature") {
			t.Errorf("%s: x-sha2-signature %q", name, older)
		}
		if inputs := len(r.Header.Values("Signature-Input")); inputs != map[string]int{"rotation": 2, "body-signature": 0}[name] && inputs != 1 {
			t.Errorf("%s: %d message signatures", name, inputs)
		}
	}
}

// TestMessageID: retries and restarts keep the id of a message, other receivers
// of the event get another one, and it sorts by when the trigger was made.
func TestMessageID(t *testing.T) {
	t.Parallel()
	idOf := func(p post, of hook.Trigger) string {
		payload, err := p.Payload(t.Context(), nil, &failed, &of)
		if err != nil {
			t.Fatal(err)
		}
		var m struct{ ID string }
		if err := json.Unmarshal(payload, &m); err != nil {
			t.Fatal(err)
		}
		return m.ID
	}
	p := openPost(t, entrust.Options{})
	first := idOf(p, trigger)
	id, err := uuid.Parse(first)
	if err != nil || id.Version() != 7 || id.Variant() != uuid.RFC4122 {
		t.Fatalf("%s: version %d, %v", first, id.Version(), err)
	}
	if seconds, nanoseconds := id.Time().UnixTime(); !time.Unix(seconds, nanoseconds).Equal(trigger.Created) {
		t.Errorf("the id is of %s", time.Unix(seconds, nanoseconds).UTC())
	}
	if again := idOf(openPost(t, entrust.Options{}), trigger); again != first {
		t.Errorf("the id was %s and is %s", first, again)
	}
	other, later := trigger, trigger
	other.Key, later.Created = "b1B2c3D4e5F6g7H8i9J0k1L2m3N4o5", trigger.Created.Add(time.Millisecond)
	if id := idOf(p, other); id == first || id[:15] != first[:15] {
		t.Errorf("of another receiver: %s, %s", first, id)
	}
	if id := idOf(p, later); id <= first {
		t.Errorf("of a later trigger: %s, %s", first, id)
	}
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	p := openPost(t, entrust.Options{}).Policy()
	if diff := cmp.Diff([]time.Duration{2 * time.Second, 4 * time.Second}, p.Delays); diff != "" {
		t.Error(diff)
	}
	if p.Extra != 500*time.Millisecond || p.Timeout != 3*time.Second || p.FailuresDisable != 100 || p.RetryAfter || p.GoneDisables || p.HalfOpen {
		t.Errorf("%+v", p)
	}
	for status, want := range map[int]bool{0: false, 302: false, 404: false, 410: false, 429: false, 499: false, 500: true, 503: true, 599: true, 600: false, 999: false} {
		if got := p.Retries(delivery.Outcome{StatusCode: status}); got != want {
			t.Errorf("%d is tried again: %v", status, got)
		}
	}
}

func TestDeliveryRefuses(t *testing.T) {
	t.Parallel()
	p := openPost(t, entrust.Options{})
	for _, data := range []string{"", "1", "[]", "null", `{"a"`, " [{}]"} {
		_, err := p.Payload(t.Context(), nil, &hook.Event{Type: "user.created", Data: data}, &trigger)
		if e, ok := err.(*hook.Error); !ok || e.Code != hook.Invalid || e.Field != "data" {
			t.Errorf("%q: %v", data, err)
		}
	}
	w := p.webhook(token)
	w.SecretState = hook.SecretUnknown
	if _, err := p.Request(t.Context(), w, &trigger, []byte("{}"), delivery.Try{At: tried}); !errors.Is(err, hook.ErrUnknown) {
		t.Errorf("an unknown token: %v", err)
	}
	w = p.webhook(token)
	w.URL = "https://u:p@example.org/"
	if _, err := p.Request(t.Context(), w, &trigger, []byte("{}"), delivery.Try{At: tried}); err == nil || strings.Contains(err.Error(), token) {
		t.Errorf("a bad URL: %v", err)
	}
}

// counted is a store that knows who the account is, and how often it was asked.
type counted struct {
	hook.Store
	asked atomic.Int32
}

func (c *counted) Setting(context.Context, string, string) (string, error) {
	if c.asked.Add(1) == 1 {
		return "", hook.Unavailablef(nil, "not yet")
	}
	return accountID, nil
}

// TestAccountIsReadOnce: deliveries do not ask the database who the account is
// again once it has answered.
func TestAccountIsReadOnce(t *testing.T) {
	t.Parallel()
	store := new(counted)
	api := entrust.New(hook.NewService(store, nil, hook.Options{}), nil, entrust.Options{})
	if _, err := api.Payload(t.Context(), nil, &failed, &trigger); hook.CodeOf(err) != hook.Unavailable {
		t.Errorf("without an answer: %v", err)
	}
	for range 3 {
		payload, err := api.Payload(t.Context(), nil, &failed, &trigger)
		if err != nil || !strings.Contains(string(payload), `"accountId":"`+accountID+`"`) {
			t.Errorf("%s, %v", payload, err)
		}
	}
	if n := store.asked.Load(); n != 2 {
		t.Errorf("the database was asked %d times", n)
	}
}
