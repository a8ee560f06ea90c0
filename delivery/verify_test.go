package delivery_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

// The deliveries that the tests of Verify begin with.
const (
	currentSecret  = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	previousSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
	verifiedBody   = `{"type":"a.b","data":{"name":"Zoë <z> & co","n":1.50,"list":[1,2]}}`
	verifiedURL    = "https://hooks.example.net/in/?a=1"
)

var signedAt = time.Unix(1777636800, 0)

// received returns a delivery of a dialect as it was sent, signed with the first
// secret.
func received(t *testing.T, dialect hook.Dialect, secrets ...hook.Secret) delivery.Received {
	t.Helper()
	r := delivery.Received{Dialect: dialect, Secrets: secrets, URL: verifiedURL, Body: []byte(verifiedBody), Now: signedAt.Add(time.Second)}
	r.Header = [][2]string{{"content-type", "application/json"}}
	sign(t, &r, verifiedBody, secrets[0])
	return r
}

// sign puts signatures of a body in the place of those that the delivery has.
func sign(t *testing.T, r *delivery.Received, body string, secrets ...hook.Secret) {
	t.Helper()
	r.Header = r.Header[:1:1]
	var signatures [][2]string
	var err error
	switch r.Dialect {
	case hook.Standard:
		signatures, err = delivery.SignStandard("msg_1", signedAt, []byte(body), secrets...)
	case hook.Entrust:
		signatures, err = delivery.SignEntrust(verifiedURL, signedAt, []byte(body), secrets...)
	case hook.Kheops:
		signatures = delivery.SignKheops([]byte(body), secrets[0])
	case hook.PageSeeder:
		signatures = delivery.SignPageSeeder([]byte(body), secrets[0], delivery.PageSeederHex)
	}
	if err != nil {
		t.Fatal(err)
	}
	r.Header = append(r.Header, signatures...)
}

// set gives a header another value; an empty one removes it.
func set(r *delivery.Received, name string, change func(string) string) {
	var header [][2]string
	for _, h := range r.Header {
		if strings.EqualFold(h[0], name) {
			h[1] = change(h[1])
		}
		if h[1] != "" {
			header = append(header, h)
		}
	}
	r.Header = header
}

func to(value string) func(string) string { return func(string) string { return value } }

// hmacOf signs with a key of the caller's own.
func hmacOf(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// A verifyCase is what somebody did to a delivery, and what Verify must say.
type verifyCase struct {
	name   string
	change func(t *testing.T, r *delivery.Received)
	want   delivery.Reason
	// words occur in the message.
	words []string
}

func runVerify(t *testing.T, dialect hook.Dialect, cases []verifyCase) {
	t.Helper()
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := received(t, dialect, currentSecret, previousSecret)
			before := r
			test.change(t, &r)
			got := delivery.Verify(r)
			valid := test.want == delivery.ReasonValid || test.want == delivery.ReasonPreviousSecret
			if got.Reason != test.want || got.Valid != valid {
				t.Errorf("got %+v, want %s", got, test.want)
			}
			for _, word := range test.words {
				if !strings.Contains(got.Message, word) {
					t.Errorf("%q does not say %q", got.Message, word)
				}
			}
			if len(got.Message) < 20 {
				t.Errorf("the message is %q", got.Message)
			}
			tellsNothing(t, before, got)
		})
	}
}

// tellsNothing checks that a verification holds neither a secret nor a signature
// that would be right.
func tellsNothing(t *testing.T, right delivery.Received, v delivery.Verification) {
	t.Helper()
	hidden := []string{strings.TrimPrefix(currentSecret, "whsec_"), strings.TrimPrefix(previousSecret, "whsec_")}
	for _, h := range right.Header[1:] {
		if strings.Contains(strings.ToLower(h[0]), "signature") && !strings.EqualFold(h[0], "signature-input") {
			hidden = append(hidden, strings.Trim(strings.TrimPrefix(strings.TrimPrefix(h[1], "v1,"), "sig="), ":"))
		}
	}
	for _, text := range hidden {
		if strings.Contains(v.Message, text) {
			t.Errorf("%q tells %q", v.Message, text)
		}
	}
}

// bodyCases are what receivers do to bodies: the same in all dialects.
var bodyCases = []verifyCase{
	{"right", func(*testing.T, *delivery.Received) {}, delivery.ReasonValid, nil},
	{"header names in any spelling", func(_ *testing.T, r *delivery.Received) {
		for i := range r.Header {
			r.Header[i][0] = strings.ToUpper(r.Header[i][0])
		}
	}, delivery.ReasonValid, nil},
	{"line break added", func(_ *testing.T, r *delivery.Received) { r.Body = []byte(verifiedBody + "\r\n") }, delivery.ReasonWhitespace, []string{"line break", "added"}},
	{"blanks added", func(_ *testing.T, r *delivery.Received) { r.Body = []byte("\t " + verifiedBody + " ") }, delivery.ReasonWhitespace, []string{"white space"}},
	{"line break cut off", func(t *testing.T, r *delivery.Received) { sign(t, r, verifiedBody+"\n", currentSecret) }, delivery.ReasonWhitespace, []string{"cut off"}},
	{"line breaks converted", func(t *testing.T, r *delivery.Received) {
		r.Body = []byte("<a>\r\n<b/>\r\n</a>")
		sign(t, r, "<a>\n<b/>\n</a>", currentSecret)
	}, delivery.ReasonWhitespace, []string{"converted"}},
	{"byte order mark", func(_ *testing.T, r *delivery.Received) { r.Body = []byte("\xef\xbb\xbf" + verifiedBody) }, delivery.ReasonWhitespace, []string{"byte order mark"}},
	{"indented", func(_ *testing.T, r *delivery.Received) {
		r.Body = []byte(strings.NewReplacer(`,"data"`, ",\n  \"data\"", `"n":`, `"n" : `, "[1,2]", "[ 1, 2 ]").Replace(verifiedBody))
	}, delivery.ReasonReserialized, []string{"parsed", "raw bytes"}},
	{"escaped as others do", func(_ *testing.T, r *delivery.Received) {
		r.Body = []byte(strings.NewReplacer("ë", `\u00eb`, "<", `\u003c`, ">", `\u003E`, ",", ", ", ":", ": ").Replace(verifiedBody))
	}, delivery.ReasonReserialized, []string{"parsed"}},
	{"another body than was sent", func(_ *testing.T, r *delivery.Received) {
		r.Sent, r.Body = []byte(verifiedBody), []byte(strings.Replace(verifiedBody, "1.50", "1.5", 1))
	}, delivery.ReasonOtherBody, []string{"first 52 bytes", "68 bytes were sent, not 67"}},
}

func TestVerifyNeedsASecret(t *testing.T) {
	t.Parallel()
	for _, dialect := range append(hook.Dialects, "OTHER") {
		if v := delivery.Verify(delivery.Received{Dialect: dialect}); v.Valid || v.Reason != delivery.ReasonNoSecret {
			t.Errorf("%s: %+v", dialect, v)
		}
	}
	if v := delivery.Verify(delivery.Received{Dialect: "OTHER", Secrets: []hook.Secret{"x"}}); v.Valid || v.Reason == "" {
		t.Errorf("%+v", v)
	}
}

func TestVerifyStandard(t *testing.T) {
	t.Parallel()
	const id, timestamp, signature = "webhook-id", "webhook-timestamp", "webhook-signature"
	resigned := func(key []byte, text string) func(*testing.T, *delivery.Received) {
		return func(_ *testing.T, r *delivery.Received) {
			set(r, signature, to("v1,"+base64.StdEncoding.EncodeToString(hmacOf(key, text))))
		}
	}
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(currentSecret, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	const text = "msg_1.1777636800." + verifiedBody
	runVerify(t, hook.Standard, append([]verifyCase{
		{"rotation", func(t *testing.T, r *delivery.Received) { sign(t, r, verifiedBody, currentSecret, previousSecret) }, delivery.ReasonValid, nil},
		{"previous secret", func(t *testing.T, r *delivery.Received) { sign(t, r, verifiedBody, previousSecret) }, delivery.ReasonPreviousSecret, []string{"previous"}},
		{"no id", func(_ *testing.T, r *delivery.Received) { set(r, id, to("")) }, delivery.ReasonMissingHeader, []string{id}},
		{"no timestamp", func(_ *testing.T, r *delivery.Received) { set(r, timestamp, to("")) }, delivery.ReasonMissingHeader, []string{timestamp}},
		{"no signature", func(_ *testing.T, r *delivery.Received) { set(r, signature, to("")) }, delivery.ReasonMissingHeader, []string{signature}},
		{"empty signature", func(_ *testing.T, r *delivery.Received) { set(r, signature, to(" ")) }, delivery.ReasonMissingHeader, []string{"empty"}},
		{"two ids", func(_ *testing.T, r *delivery.Received) { r.Header = append(r.Header, [2]string{"Webhook-Id", "x"}) }, delivery.ReasonMalformedHeader, []string{"2 headers"}},
		{"full stop", func(_ *testing.T, r *delivery.Received) { set(r, id, to("msg.1")) }, delivery.ReasonBadID, []string{"full stop"}},
		{"another id", func(_ *testing.T, r *delivery.Received) { set(r, id, to("msg_2")) }, delivery.ReasonMismatch, []string{id}},
		{"timestamp of words", func(_ *testing.T, r *delivery.Received) { set(r, timestamp, to("2026-05-01T12:00:00Z")) }, delivery.ReasonMalformedHeader, []string{"seconds"}},
		{"negative timestamp", func(_ *testing.T, r *delivery.Received) { set(r, timestamp, to("-1")) }, delivery.ReasonMalformedHeader, nil},
		{"milliseconds", func(_ *testing.T, r *delivery.Received) { set(r, timestamp, to("1777636800000")) }, delivery.ReasonMalformedHeader, []string{"milliseconds"}},
		{"just recent", func(_ *testing.T, r *delivery.Received) { r.Now = signedAt.Add(5 * time.Minute) }, delivery.ReasonValid, nil},
		{"too old", func(_ *testing.T, r *delivery.Received) { r.Now = signedAt.Add(12 * time.Minute) }, delivery.ReasonTooOld, []string{"12m0s", "5m0s"}},
		{"in the future", func(_ *testing.T, r *delivery.Received) { r.Now = signedAt.Add(-301 * time.Second) }, delivery.ReasonInFuture, []string{"5m1s"}},
		{"old and wrong", func(_ *testing.T, r *delivery.Received) {
			r.Now, r.Body = signedAt.Add(time.Hour), []byte(verifiedBody+"\n")
		}, delivery.ReasonWhitespace, nil},
		{"asymmetric", func(_ *testing.T, r *delivery.Received) { set(r, signature, to("v1a,abcd")) }, delivery.ReasonUnknownVersion, []string{"v1a"}},
		{"unknown versions", func(_ *testing.T, r *delivery.Received) { set(r, signature, to("v2,abcd v1a,abcd")) }, delivery.ReasonUnknownVersion, []string{"v1"}},
		{"an unknown one beside", func(_ *testing.T, r *delivery.Received) {
			set(r, signature, func(s string) string { return "v9,abcd " + s })
		}, delivery.ReasonValid, nil},
		{"no version", func(_ *testing.T, r *delivery.Received) {
			set(r, signature, func(s string) string { return strings.TrimPrefix(s, "v1,") })
		}, delivery.ReasonMalformedHeader, []string{"v1,"}},
		{"cut off", func(_ *testing.T, r *delivery.Received) {
			set(r, signature, func(s string) string { return s[:20] })
		}, delivery.ReasonMalformedHeader, []string{"cut off"}},
		{"hex", resignedAs(signature, decoded, text, func(b []byte) string { return "v1," + hex.EncodeToString(b) }), delivery.ReasonEncoding, []string{"hex", "base64"}},
		{"URL-safe", resignedAs(signature, decoded, text, func(b []byte) string { return "v1," + base64.RawURLEncoding.EncodeToString(b) }), delivery.ReasonEncoding, []string{"base64"}},
		{"text of the secret", resigned([]byte(currentSecret), text), delivery.ReasonSecretText, []string{"whsec_", "decodes"}},
		{"text behind whsec_", resigned([]byte(strings.TrimPrefix(currentSecret, "whsec_")), text), delivery.ReasonSecretText, []string{"behind whsec_"}},
		{"body alone", resigned(decoded, verifiedBody), delivery.ReasonBodyOnly, []string{"timestamp"}},
		{"stranger", resigned([]byte("stranger"), text), delivery.ReasonMismatch, []string{"another secret"}},
		{"bad secret", func(_ *testing.T, r *delivery.Received) { r.Secrets = []hook.Secret{"whsec_hush!"} }, delivery.ReasonBadSecret, []string{"base64"}},
		{"secret without prefix", func(_ *testing.T, r *delivery.Received) {
			r.Secrets = []hook.Secret{"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
		}, delivery.ReasonBadSecret, nil},
	}, bodyCases...))
}

func resignedAs(header string, key []byte, text string, write func([]byte) string) func(*testing.T, *delivery.Received) {
	return func(_ *testing.T, r *delivery.Received) { set(r, header, to(write(hmacOf(key, text)))) }
}

// Kheops and PageSeeder sign the body alone.
func TestVerifyBodySignatures(t *testing.T) {
	t.Parallel()
	for dialect, header := range map[hook.Dialect]string{hook.Kheops: "X-Kheops-Signature", hook.PageSeeder: "X-PS-Signature"} {
		bare := strings.TrimPrefix(currentSecret, "whsec_")
		decoded, err := base64.StdEncoding.DecodeString(bare)
		if err != nil {
			t.Fatal(err)
		}
		runVerify(t, dialect, append([]verifyCase{
			{"previous secret", func(t *testing.T, r *delivery.Received) { sign(t, r, verifiedBody, previousSecret) }, delivery.ReasonPreviousSecret, nil},
			{"years later", func(_ *testing.T, r *delivery.Received) { r.Now = signedAt.AddDate(3, 0, 0) }, delivery.ReasonValid, nil},
			{"none", func(_ *testing.T, r *delivery.Received) { set(r, header, to("")) }, delivery.ReasonMissingHeader, []string{header}},
			{"prefix", func(_ *testing.T, r *delivery.Received) {
				set(r, header, func(s string) string { return "sha256=" + s })
			}, delivery.ReasonMalformedHeader, []string{"sha256="}},
			{"cut off", func(_ *testing.T, r *delivery.Received) { set(r, header, func(s string) string { return s[:63] }) }, delivery.ReasonMalformedHeader, []string{"hex"}},
			{"capitals", func(_ *testing.T, r *delivery.Received) { set(r, header, strings.ToUpper) }, delivery.ReasonEncoding, []string{"upper-case", "lower-case"}},
			{"base64", resignedAs(header, []byte(currentSecret), verifiedBody, base64.StdEncoding.EncodeToString), delivery.ReasonEncoding, []string{"base64", "hex"}},
			{"decoded secret", resignedAs(header, decoded, verifiedBody, hex.EncodeToString), delivery.ReasonSecretBytes, []string{"base64", "text"}},
			{"secret without prefix", resignedAs(header, []byte(bare), verifiedBody, hex.EncodeToString), delivery.ReasonSecretBytes, []string{"whole text"}},
			{"stranger", resignedAs(header, []byte("stranger"), verifiedBody, hex.EncodeToString), delivery.ReasonMismatch, nil},
		}, bodyCases...))
	}
	r := received(t, hook.PageSeeder, currentSecret)
	r.Encoding = delivery.PageSeederBase64
	if v := delivery.Verify(r); v.Reason != delivery.ReasonEncoding {
		t.Errorf("hex where base64 is configured: %+v", v)
	}
	r.Header = append(r.Header[:1], delivery.SignPageSeeder(r.Body, currentSecret, delivery.PageSeederBase64)...)
	if v := delivery.Verify(r); !v.Valid {
		t.Errorf("base64: %+v", v)
	}
}

// What nobody sends is no reason to fail.
func FuzzVerify(f *testing.F) {
	f.Add("v1,abc", `sig=("@method" "@target-uri" "content-digest");created=1`, "sig=:abc=:", `{"a":"\u00eb"}`)
	f.Add(" ", `a=(";b="\",(`, ":", `"\`)
	f.Fuzz(func(t *testing.T, signature, input, message, body string) {
		sum := sha256.Sum256([]byte(body))
		for _, dialect := range hook.Dialects {
			v := delivery.Verify(delivery.Received{
				Dialect: dialect, Secrets: []hook.Secret{currentSecret}, URL: verifiedURL, Body: []byte(body), Now: signedAt,
				Header: [][2]string{
					{"webhook-id", "a"}, {"webhook-timestamp", "1777636800"}, {"webhook-signature", signature},
					{"Content-Digest", "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"}, {"Signature-Input", input}, {"Signature", message},
					{"X-Kheops-Signature", signature}, {"X-PS-Signature", signature},
				},
			})
			if v.Valid || v.Reason == "" || v.Message == "" {
				t.Errorf("%s: %+v", dialect, v)
			}
		}
	})
}
