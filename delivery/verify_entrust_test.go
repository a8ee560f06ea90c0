package delivery_test

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

func TestVerifyEntrust(t *testing.T) {
	t.Parallel()
	const digest, input, signature, older = "Content-Digest", "Signature-Input", "Signature", "x-sha2-signature"
	without := func(names ...string) func(*testing.T, *delivery.Received) {
		return func(_ *testing.T, r *delivery.Received) {
			for _, name := range names {
				set(r, name, to(""))
			}
		}
	}
	at := func(url string) func(*testing.T, *delivery.Received) {
		return func(_ *testing.T, r *delivery.Received) { r.URL = url }
	}
	replace := func(name, old, with string) func(*testing.T, *delivery.Received) {
		return func(t *testing.T, r *delivery.Received) {
			set(r, name, func(s string) string {
				if !strings.Contains(s, old) {
					t.Fatalf("%s has no %q", s, old)
				}
				return strings.Replace(s, old, with, 1)
			})
		}
	}
	runVerify(t, hook.Entrust, append([]verifyCase{
		{"rotation", func(t *testing.T, r *delivery.Received) { sign(t, r, verifiedBody, currentSecret, previousSecret) }, delivery.ReasonValid, nil},
		{"rotation in one line", func(t *testing.T, r *delivery.Received) {
			sign(t, r, verifiedBody, currentSecret, previousSecret)
			for _, name := range []string{input, signature} {
				var lines []string
				set(r, name, func(s string) string {
					lines = append(lines, s)
					return ""
				})
				r.Header = append(r.Header, [2]string{name, strings.Join(lines, ", ")})
			}
		}, delivery.ReasonValid, nil},
		{"previous secret", func(t *testing.T, r *delivery.Received) { sign(t, r, verifiedBody, previousSecret) }, delivery.ReasonPreviousSecret, nil},
		{"the previous one of a rotation is right alone", func(t *testing.T, r *delivery.Received) {
			sign(t, r, verifiedBody, "stranger", previousSecret)
			set(r, older, to(""))
		}, delivery.ReasonPreviousSecret, nil},
		{"stranger", func(t *testing.T, r *delivery.Received) { sign(t, r, verifiedBody, "stranger") }, delivery.ReasonMismatch, []string{"another secret"}},
		{"nothing", without(digest, input, signature, older), delivery.ReasonMissingHeader, []string{input, older}},
		{"older alone", without(digest, input, signature), delivery.ReasonValid, nil},
		{"message alone", without(older), delivery.ReasonValid, nil},
		{"no digest", without(digest), delivery.ReasonMissingHeader, []string{digest}},
		{"no input", without(input), delivery.ReasonMissingHeader, []string{input}},
		{"no signature", without(signature), delivery.ReasonMissingHeader, []string{signature}},
		{"older is wrong", replace(older, "", "00"), delivery.ReasonMalformedHeader, []string{older}},
		{"older is a stranger's", resignedAs(older, []byte("stranger"), verifiedBody, hex.EncodeToString), delivery.ReasonMismatch, []string{older}},
		{"another digest algorithm", replace(digest, "sha-256", "sha-512"), delivery.ReasonUnknownVersion, []string{"sha-256"}},
		{"malformed digest", setting(digest, "sha-256=abc"), delivery.ReasonMalformedHeader, []string{digest}},
		{"another body", func(_ *testing.T, r *delivery.Received) { r.Body = []byte(`{"type":"x"}`) }, delivery.ReasonDigest, []string{digest, "changed"}},
		{"another algorithm", replace(input, "hmac-sha256", "ed25519"), delivery.ReasonUnknownVersion, []string{"hmac-sha256"}},
		{"other components", replace(input, `"@method"`, `"@authority"`), delivery.ReasonUnknownVersion, []string{"components"}},
		{"no components", setting(input, "sig=1"), delivery.ReasonMalformedHeader, []string{"components"}},
		{"no labels", setting(input, "nothing"), delivery.ReasonMalformedHeader, []string{"label"}},
		{"labels differ", replace(signature, "sig=", "gis="), delivery.ReasonMissingHeader, []string{"label sig"}},
		{"signature is no byte sequence", replace(signature, "=:", "="), delivery.ReasonMalformedHeader, []string{"colons"}},
		{"changed parameters", replace(input, "created=1777636800", "created=1777636801"), delivery.ReasonMismatch, nil},
		{"too old", func(_ *testing.T, r *delivery.Received) { r.Now = signedAt.Add(2 * time.Hour) }, delivery.ReasonTooOld, []string{"2h0m0s"}},
		{"in the future", func(_ *testing.T, r *delivery.Received) { r.Now = signedAt.Add(-time.Hour) }, delivery.ReasonInFuture, []string{"1h0m0s"}},
		{"another method", func(_ *testing.T, r *delivery.Received) { r.Method = "GET" }, delivery.ReasonMethod, []string{"POST"}},
		{"http behind a proxy", at("http://hooks.example.net/in/?a=1"), delivery.ReasonTargetURI, []string{"with https"}},
		{"a port behind a proxy", at("http://hooks.example.net:8443/in/?a=1"), delivery.ReasonTargetURI, []string{"without its port"}},
		{"no slash", at("https://hooks.example.net/in?a=1"), delivery.ReasonTargetURI, []string{"with a slash"}},
		{"another host, URL known", func(_ *testing.T, r *delivery.Received) { r.URL, r.WebhookURL = "http://10.0.0.7:3000/", verifiedURL }, delivery.ReasonTargetURI, []string{"URL of the webhook"}},
		{"another host", at("https://other.example.net/in/?a=1"), delivery.ReasonMismatch, []string{"URL"}},
		{"no URL", func(_ *testing.T, r *delivery.Received) { r.URL, r.WebhookURL = "", verifiedURL }, delivery.ReasonValid, nil},
		{"half a URL", at("/in/?a=1"), delivery.ReasonTargetURI, []string{"scheme"}},
		{"decoded secret", func(t *testing.T, r *delivery.Received) {
			decoded, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(currentSecret, "whsec_"))
			if err != nil {
				t.Fatal(err)
			}
			sign(t, r, verifiedBody, hook.Secret(decoded))
		}, delivery.ReasonSecretBytes, []string{"text of the secret"}},
	}, bodyCases...))
}

func setting(name, value string) func(*testing.T, *delivery.Received) {
	return func(_ *testing.T, r *delivery.Received) { set(r, name, to(value)) }
}
