package entrust_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/hookgraph/hookgraph/dialect/dialecttest"
	"github.com/hookgraph/hookgraph/dialect/entrust"
	"github.com/hookgraph/hookgraph/hook"
)

// TestMessage reads the one request of a test call: its envelope (section 7.1)
// and both of its signatures (section 8).
func TestMessage(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	before := time.Now().Truncate(time.Second)
	h.exchange(t, contractCase{method: "POST", path: testAt(named)})
	sent := h.sender.take()
	if len(sent) != 1 || sent[0].URL != "https://known.example/x" || !sent[0].VerifyTLS || sent[0].Timeout != 3*time.Second {
		t.Fatalf("%+v", sent)
	}
	var m struct {
		ID, Type, AccountID string
		EventTime           time.Time
		Data                json.RawMessage
	}
	if err := json.Unmarshal(sent[0].Body, &m); err != nil {
		t.Fatal(err)
	}
	id, err := uuid.Parse(m.ID)
	if err != nil || id.Version() != 7 || m.Type != "user.updated" || m.AccountID != accountID || m.EventTime.Before(before) || m.EventTime.After(time.Now()) {
		t.Errorf("%+v", m)
	}
	form := `^\{"id":"[^"]+","type":"user\.updated","accountId":"[^"]+","eventTime":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ","data":\{"subject":.*\}\}$`
	if !regexp.MustCompile(form).Match(sent[0].Body) {
		t.Errorf("%s", sent[0].Body)
	}
	names, values := headers(sent[0].Header)
	if diff := cmp.Diff("Content-Type Content-Digest Signature-Input Signature x-sha2-signature", names); diff != "" {
		t.Error(diff)
	}
	mac := hmac.New(sha256.New, []byte("kZ3vQ0m9bWq7Yx2R"))
	mac.Write(sent[0].Body)
	if values["Content-Type"] != "application/json" || values["x-sha2-signature"] != hex.EncodeToString(mac.Sum(nil)) {
		t.Errorf("%v", values)
	}
	if !regexp.MustCompile(`^sig=\("@method" "@target-uri" "content-digest"\);created=\d+;alg="hmac-sha256"$`).MatchString(values["Signature-Input"]) {
		t.Errorf("%s", values["Signature-Input"])
	}
	h.exchange(t, contractCase{method: "POST", path: testAt(named)})
	if again := h.sender.take()[0].Body; bytes.Contains(again, []byte(m.ID)) {
		t.Error("two tests have one id")
	}
}

func headers(list [][2]string) (string, map[string]string) {
	var names []string
	values := map[string]string{}
	for _, h := range list {
		names = append(names, h[0])
		values[h[0]] = h[1]
	}
	return strings.Join(names, " "), values
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	for which, want := range map[entrust.Signatures]string{
		entrust.MessageSignatures: "Content-Type Content-Digest Signature-Input Signature",
		entrust.BodySignature:     "Content-Type x-sha2-signature",
	} {
		h := openHouse(t, entrust.Options{Signatures: which})
		h.exchange(t, contractCase{method: "POST", path: testAt(idle)})
		if names, _ := headers(h.sender.take()[0].Header); names != want {
			t.Errorf("%d: %s, want %s", which, names, want)
		}
	}
}

// TestRotatedToken: during a rotation both tokens sign.
func TestRotatedToken(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	if _, _, err := h.service.RotateWebhookSecret(admin(t.Context()), "8f2b1d3e-5c47-4e0a-9a6b-0000000000a1", nil); err != nil {
		t.Fatal(err)
	}
	h.exchange(t, contractCase{method: "POST", path: testAt(named)})
	names, _ := headers(h.sender.take()[0].Header)
	if want := "Content-Type Content-Digest Signature-Input Signature Signature-Input Signature x-sha2-signature"; names != want {
		t.Errorf("%s, want %s", names, want)
	}
}

func TestPlainToken(t *testing.T) {
	t.Parallel()
	h := openHouse(t, entrust.Options{TokenForm: entrust.PlainToken})
	got := h.exchange(t, contractCase{method: "POST", path: webhooks, body: minimal})
	if !regexp.MustCompile(`"token":"[A-Za-z0-9+/]{43}="\}$`).MatchString(got) {
		t.Error(got)
	}
}

// TestSamples compares the message of a test for each event type (section 7.2).
func TestSamples(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	key := "8f2b1d3e-5c47-4e0a-9a6b-0000000000a2"
	var got bytes.Buffer
	for _, eventType := range append(hook.EventTypes(hook.Entrust), hook.EventType{Name: "*"}) {
		if _, err := h.service.UpdateWebhook(admin(t.Context()), key, nil, hook.WebhookFields{
			Subscriptions: hook.Set([]hook.Subscription{{Pattern: eventType.Name}}),
		}); err != nil {
			t.Fatal(err)
		}
		h.exchange(t, contractCase{method: "POST", path: testAt(idle)})
		var m struct {
			Type string
			Data json.RawMessage
		}
		if err := json.Unmarshal(h.sender.take()[0].Body, &m); err != nil {
			t.Fatal(err)
		}
		var data bytes.Buffer
		if err := json.Indent(&data, m.Data, "", " "); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%s: %s\n%s\n", eventType.Name, m.Type, &data)
	}
	if *update {
		if err := os.WriteFile("testdata/samples.txt", got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(dialecttest.Read(t, "testdata/samples.txt"), got.String()); diff != "" {
		t.Error(diff)
	}
}
