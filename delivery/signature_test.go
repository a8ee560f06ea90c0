package delivery_test

import (
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

func TestStandardVector(t *testing.T) {
	t.Parallel()
	got, err := delivery.SignStandard("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 999), []byte(`{"test": 2432232314}`),
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	want := [][2]string{
		{"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"}, {"webhook-timestamp", "1614265330"},
		{"webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

// The library of the specification's authors accepts what is signed, with each of
// two secrets, and nothing that was changed.
func TestStandardLibrary(t *testing.T) {
	t.Parallel()
	current := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("a", 24)))
	previous := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("b", 64)))
	stranger := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("c", 32)))
	body := []byte("{\"type\":\"a.b\",\"data\":\"ö\"}\n")
	signed, err := delivery.SignStandard("evt_1", time.Now(), body, hook.Secret(current), hook.Secret(previous))
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{}
	for _, h := range signed {
		header.Add(h[0], h[1])
	}
	if got := strings.Count(header.Get("webhook-signature"), "v1,"); got != 2 {
		t.Errorf("%d signatures", got)
	}
	for secret, valid := range map[string]bool{current: true, previous: true, stranger: false} {
		w, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Verify(body, header); (err == nil) != valid {
			t.Errorf("%v, want valid %v", err, valid)
		}
		if err := w.Verify(append(body, ' '), header); err == nil {
			t.Error("another body is valid")
		}
	}
}

func TestStandardRefuses(t *testing.T) {
	t.Parallel()
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	for _, test := range []struct {
		id      string
		secrets []hook.Secret
	}{
		{"a.b", []hook.Secret{secret}}, {"", []hook.Secret{secret}}, {"a", nil}, {"a", []hook.Secret{"hush"}}, {"a", []hook.Secret{"whsec_"}},
		{"a", []hook.Secret{secret, "whsec_hush!"}}, {"a", []hook.Secret{"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}},
	} {
		got, err := delivery.SignStandard(test.id, time.Now(), nil, test.secrets...)
		if err == nil || got != nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: %v, %v", test.id, got, err)
		}
	}
}

// The test vector of section 8.1 and 8.2 of Entrust's specification.
const (
	entrustToken = "kZ3vQ0m9bWq7Yx2R8sTn5uLdC1fGhJ4aPoIeVwXyBzE="
	entrustURL   = "https://hooks.example.net/idaas?src=shim"
	entrustBody  = `{"id":"019d0000-0000-7000-8000-000000000001","type":"user.created","accountId":"0f5b1c1e-7a52-4c39-9b6f-2d8d2f6a9a10","eventTime":"2026-05-01T12:00:00Z","data":{"subject":"5d0c7e0a-4b0e-4f6c-8a77-2c9f4d8e1b33","subjectName":"ops-admin","subjectType":"USER"}}`
)

func TestEntrustVector(t *testing.T) {
	t.Parallel()
	want := [][2]string{
		{"Content-Digest", "sha-256=:UX4P52ZkVhkbmTWBgs+UPSm5OAguGoY/k53UDdAkWso=:"},
		{"Signature-Input", `sig=("@method" "@target-uri" "content-digest");created=1777636800;alg="hmac-sha256"`},
		{"Signature", "sig=:ELAVw363oeVP+nW7Anma3hEHoT2GBguW3fQTh6hwiKE=:"},
		{"x-sha2-signature", "02f0e09c3be31cf578b2dc31586ec641aee5d24d663054b8a3662a30250ac232"},
	}
	got, err := delivery.SignEntrust(entrustURL, time.Unix(1777636800, 0), []byte(entrustBody), entrustToken)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	// What is not requested is not signed.
	got, err = delivery.SignEntrust("https://hooks.example.net:443/idaas?src=shim#here", time.Unix(1777636800, 0), []byte(entrustBody), entrustToken)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

// Of two secrets each verifies under its label, and the first lines are those of
// the current one alone.
func TestEntrustRotation(t *testing.T) {
	t.Parallel()
	at := time.Unix(1777636800, 0)
	alone, err := delivery.SignEntrust(entrustURL, at, []byte(entrustBody), entrustToken)
	if err != nil {
		t.Fatal(err)
	}
	before, err := delivery.SignEntrust(entrustURL, at, []byte(entrustBody), "before")
	if err != nil {
		t.Fatal(err)
	}
	got, err := delivery.SignEntrust(entrustURL, at, []byte(entrustBody), entrustToken, "before")
	want := [][2]string{
		alone[0], alone[1], alone[2],
		{before[1][0], strings.Replace(before[1][1], "sig=", "sig-previous=", 1)},
		{before[2][0], strings.Replace(before[2][1], "sig=", "sig-previous=", 1)},
		alone[3],
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestEntrustRefuses(t *testing.T) {
	t.Parallel()
	for url, secrets := range map[string][]hook.Secret{
		entrustURL: nil, "https://u:hush@example.org/": {"hush"}, "https://example.org/": {"hush", "hush", "hush"},
	} {
		if got, err := delivery.SignEntrust(url, time.Now(), nil, secrets...); err == nil || got != nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v, %v", url, got, err)
		}
	}
}

// The test vectors of section 7.2 of Kheops' specification.
func TestKheopsVectors(t *testing.T) {
	t.Parallel()
	body := `{"host":"https://kheops.example.org","album_id":"aB3dE5gH7j","event_time":"2024-05-06T07:08:09.123456789","source":{"email":"ana@example.org","name":"Ana Admin","sub":"5f1c0f3e-0d5a-4a57-9a0e-2f6f2b1f0c11","is_admin":true},"is_manual_trigger":true,"new_user":{"email":"bo@example.org","name":"Bö Member","sub":"9b2d7c44-1c0b-4f7e-8a53-6d1f5f0f7a22","is_admin":false}}`
	for secret, want := range map[hook.Secret]string{
		"topsecret":   "68bcdfc6ddc6eea5e35bb032e7e46bbbdc21bece13b7082fd05f76896fb56bfb",
		"clé-secrète": "1f5118569693bb165b5a3cdc0ea04569b9db7623e984a34b3bbb81c6f94eaf97",
	} {
		if diff := cmp.Diff([][2]string{{"X-Kheops-Signature", want}}, delivery.SignKheops([]byte(body), secret)); diff != "" {
			t.Error(diff)
		}
	}
}

// PageSeeder's is the same sum, by the test vector of RFC 4231, section 4.3, in
// either encoding.
func TestPageSeederEncodings(t *testing.T) {
	t.Parallel()
	const sum = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
	raw, err := hex.DecodeString(sum)
	if err != nil {
		t.Fatal(err)
	}
	body := []byte("what do ya want for nothing?")
	for encoding, want := range map[delivery.PageSeederEncoding]string{
		delivery.PageSeederHex: sum, delivery.PageSeederBase64: base64.StdEncoding.EncodeToString(raw),
	} {
		if diff := cmp.Diff([][2]string{{"X-PS-Signature", want}}, delivery.SignPageSeeder(body, "Jefe", encoding)); diff != "" {
			t.Error(diff)
		}
	}
}
