package kheops_test

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/delivery/wiretest"
	"github.com/hookgraph/hookgraph/dialect/dialecttest"
	"github.com/hookgraph/hookgraph/dialect/kheops"
	"github.com/hookgraph/hookgraph/hook"
)

var happened = time.Date(2024, 5, 6, 7, 8, 9, 123e6, time.UTC)

// A post has the dialect with a vault for secrets. Deliveries need no database.
type post struct {
	*kheops.API
	vault *hook.Vault
}

func openPost(t *testing.T) post {
	t.Helper()
	vault, err := hook.NewVault(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	return post{kheops.New(hook.NewService(nil, vault, hook.Options{}), nil, kheops.Options{Host: "https://kheops.example.org"}), vault}
}

// webhook returns a webhook with a secret, or two during a rotation, or none.
func (p post) webhook(secrets ...hook.Secret) *hook.Webhook {
	w := &hook.Webhook{
		Meta: hook.Meta{Key: "webhook0detailed0000"}, Dialect: hook.Kheops, Owner: "Album:" + album,
		URL: "https://hooks.example.net/k?x=1&y=é", SecretState: hook.SecretNone, VerifyTLS: true,
	}
	if len(secrets) > 0 {
		w.Secret, w.SecretState = p.vault.Seal(w.GetID(), secrets[0]), hook.SecretSet
	}
	if len(secrets) > 1 {
		until := time.Now().Add(time.Hour)
		w.PreviousSecret, w.PreviousSecretUntil = p.vault.Seal(w.GetID(), secrets[1]), &until
	}
	return w
}

func (p post) delivery(t *testing.T, name string, w *hook.Webhook, eventType, data string, manual bool, number int, secrets ...string) wiretest.Delivery {
	t.Helper()
	trigger := &hook.Trigger{Meta: hook.Meta{Key: "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5"}, EventType: eventType, Manual: manual}
	e := &hook.Event{Type: eventType, Data: data, Owner: "Album:" + album, OccurredAt: happened}
	payload, err := p.Payload(t.Context(), w, e, trigger)
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Request(t.Context(), w, trigger, payload, delivery.Try{Number: number, Of: 5, At: happened})
	if err != nil {
		t.Fatal(err)
	}
	return wiretest.New(name, happened, r, secrets...)
}

// What the events of the golden files tell.
const (
	actor     = `"actor":{"key":"7","sub":"5f1c0f3e-0d5a-4a57-9a0e-2f6f2b1f0c11","email":"ana@example.org","name":"Ana Admin","isAdmin":true}`
	added     = `{` + actor + `,"member":{"key":"8","sub":"9b2d7c44-1c0b-4f7e-8a53-6d1f5f0f7a22","email":"bo@example.org","name":"Bö Member","isAdmin":false}}`
	asked     = `{` + source + `},"new_user":{"email":"bo@example.org","name":"Bö Member","sub":"9b2d7c44-1c0b-4f7e-8a53-6d1f5f0f7a22","is_admin":false,"member":"8"}}`
	uploaded  = `{` + source + `},"import_source":"upload","updated_study":{"patient_name":"DOE^JANE","study_uid":"1.2.840.99.1","series":[{"modality":"CT","series_uid":"1.2.840.99.1.1","number_of_series_related_instances":120,"series_number":3,"number_of_new_instances":120}]}}`
	elsewhere = `{"source":{"email":"ana@example.org","name":"Ana Admin","sub":"5f1c0f3e"},"updated_study":{"study_uid":"1.2.840.99.1","series":[{"series_uid":"1.2.840.99.1.1","number_of_new_instances":2}]}}`
	sent      = `{` + source + `},"import_source":"send","updated_study":{"study_uid":"1.2.840.99.1","series":[{"series_uid":"1.2.840.99.1.1"},{"series_uid":"1.2.840.99.1.3"}]}}`
	removed   = `{` + source + `},"remove_all_series":false,"removed_study":{"study_uid":"1.2.840.99.1","series":[{"modality":"CT","series_uid":"1.2.840.99.1.1"}]}}`
	removedAl = `{` + source + `},"remove_all_series":true,"removed_study":{"study_uid":"1.2.840.99.1","series":[{"modality":"CT","series_uid":"1.2.840.99.1.1"}]}}`
	deleted   = `{` + actor + `}`
)

func TestWire(t *testing.T) {
	t.Parallel()
	p := openPost(t)
	const secret, old = "clé-secrète", "before"
	signed, rotated, plain, own := p.webhook(secret), p.webhook(secret, old), p.webhook(), p.webhook(secret)
	for _, h := range [][2]string{{"X-Tenant", "7"}, {"x-kheops-signature", "forged"}, {"accept", "*/*"}} {
		own.Headers = append(own.Headers, hook.Header{Name: h[0], Value: p.vault.Seal(own.GetID(), hook.Secret(h[1]))})
	}
	deliveries := []wiretest.Delivery{
		p.delivery(t, "new-user", signed, "new_user", added, false, 1, secret),
		p.delivery(t, "new-user-manual", signed, "new_user", asked, true, 1, secret),
		p.delivery(t, "new-user-third-try", signed, "new_user", added, false, 3, secret),
		p.delivery(t, "new-user-rotation", rotated, "new_user", added, false, 1, secret),
		p.delivery(t, "new-series", signed, "new_series", uploaded, false, 1, secret),
		p.delivery(t, "new-series-elsewhere", plain, "new_series", elsewhere, false, 5),
		p.delivery(t, "new-series-manual", signed, "new_series", sent, true, 2, secret),
		p.delivery(t, "remove-series", signed, "remove_series", removed, false, 1, secret),
		p.delivery(t, "remove-series-all", plain, "remove_series", removedAl, false, 1),
		p.delivery(t, "remove-series-manual", signed, "remove_series", removed, true, 1, secret),
		p.delivery(t, "delete-album", signed, "delete_album", deleted, false, 1, secret),
		p.delivery(t, "delete-album-manual", plain, "delete_album", `{`+source+`}}`, true, 2),
		p.delivery(t, "own-headers", own, "new_user", added, false, 1, secret),
	}
	for i, got := range wiretest.Golden(t, *update, deliveries...) {
		checkSigned(t, deliveries[i], got)
	}
}

// checkSigned reads a request as a receiver does.
func checkSigned(t *testing.T, d wiretest.Delivery, got []byte) {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(got)))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || !json.Valid(body) {
		t.Fatalf("%s: %q, %v", d.Name, body, err)
	}
	var want []string
	if len(d.Secrets) > 0 {
		mac := hmac.New(sha256.New, []byte(d.Secrets[0]))
		mac.Write(body)
		want = []string{hex.EncodeToString(mac.Sum(nil))}
	}
	if diff := cmp.Diff(want, r.Header.Values("X-Kheops-Signature")); diff != "" {
		t.Errorf("%s: %s", d.Name, diff)
	}
	if _, has := r.Header["X-Kheops-Delivery"]; has == strings.HasPrefix(d.Name, "delete-album") {
		t.Errorf("%s has an id: %v", d.Name, has)
	}
}

// TestRequest checks the headers of section 7.1 and the test vectors of 7.2.
func TestRequest(t *testing.T) {
	t.Parallel()
	const body = before + `"2024-05-06T07:08:09.123456789",` + source + `},"is_manual_trigger":true,"new_user":{"email":"bo@example.org","name":"Bö Member","sub":"9b2d7c44-1c0b-4f7e-8a53-6d1f5f0f7a22","is_admin":false}}`
	if len(body) != 368 {
		t.Fatalf("the test vector has %d bytes", len(body))
	}
	p := openPost(t)
	trigger := &hook.Trigger{Meta: hook.Meta{Key: "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5"}, EventType: "new_user"}
	for secret, signature := range map[hook.Secret]string{
		"topsecret":   "68bcdfc6ddc6eea5e35bb032e7e46bbbdc21bece13b7082fd05f76896fb56bfb",
		"clé-secrète": "1f5118569693bb165b5a3cdc0ea04569b9db7623e984a34b3bbb81c6f94eaf97",
	} {
		w := p.webhook(secret)
		want := delivery.Request{URL: w.URL, Body: []byte(body), VerifyTLS: true, Header: [][2]string{
			{"Content-Type", "application/json"}, {"X-Kheops-Event", "new_user"}, {"X-Kheops-Attempt", "2/7"},
			{"X-Kheops-Delivery", trigger.Key}, {"X-Kheops-Signature", signature},
			{"User-Agent", "Jersey/2.33 (HttpUrlConnection 17)"}, {"Accept", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"}, {"Connection", "keep-alive"},
		}}
		got, err := p.Request(t.Context(), w, trigger, []byte(body), delivery.Try{Number: 2, Of: 7})
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	}
	w := p.webhook("topsecret")
	w.SecretState = hook.SecretUnknown
	if _, err := p.Request(t.Context(), w, trigger, []byte(body), delivery.Try{}); !errors.Is(err, hook.ErrUnknown) {
		t.Errorf("an unknown secret: %v", err)
	}
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	p := openPost(t).Policy()
	if diff := cmp.Diff([]time.Duration{20 * time.Second, 15 * time.Second, 10 * time.Second, 5 * time.Second}, p.Delays); diff != "" {
		t.Error(diff)
	}
	if p.Retries != nil || p.Spread != 0 || p.Extra != 0 || p.Timeout != 30*time.Second || p.RetryAfter || p.GoneDisables || p.FailuresDisable != 0 || p.HalfOpen {
		t.Errorf("%+v", p)
	}
}

// TestAutomaticEvents: what the operations on albums will publish is told as
// Kheops tells it.
func TestAutomaticEvents(t *testing.T) {
	t.Parallel()
	g := open(t)
	g.importList(t, album, dialecttest.Read(t, "testdata/list.json"))
	ctx := admin(t.Context())
	g.member(t, "bo", false)
	found, err := g.service.Album(ctx, album)
	if err != nil {
		t.Fatal(err)
	}
	bo, _, err := g.service.AlbumMember(ctx, album, "bo@example.org")
	if err != nil {
		t.Fatal(err)
	}
	for eventType, want := range map[string]string{
		"new_user":     before + `"2024-05-06T07:08:09.123","source":{"name":"admin key","is_admin":true},"is_manual_trigger":false,"new_user":{"email":"bo@example.org","name":"Mx bo","sub":"sub-bo","is_admin":false}}`,
		"delete_album": before + `"2024-05-06T07:08:09.123","source":{"name":"admin key","is_admin":true},"is_manual_trigger":false}`,
	} {
		data, err := g.service.AlbumEventBy(ctx, found, bo)
		if err != nil {
			t.Fatal(err)
		}
		e := &hook.Event{Type: eventType, Data: data.Text(), Owner: found.ID(), OccurredAt: happened}
		payload, err := g.api.Payload(ctx, nil, e, new(hook.Trigger))
		if diff := cmp.Diff(want, string(payload)); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", eventType, err, diff)
		}
	}
}
