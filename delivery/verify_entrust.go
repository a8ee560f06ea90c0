package delivery

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// verifyEntrust checks the message signature and the older one, of which a
// request has both or one.
func (r *Received) verifyEntrust() Verification {
	hasMessage := len(r.values("Signature"))+len(r.values("Signature-Input"))+len(r.values("Content-Digest")) > 0
	hasOlder := len(r.values("x-sha2-signature")) > 0
	if !hasMessage && !hasOlder {
		return refusal(ReasonMissingHeader, "the headers Signature, Signature-Input and Content-Digest are missing, and x-sha2-signature: is there a proxy that drops them?")
	}
	v := Verification{Valid: true}
	if hasMessage {
		v = r.verifyMessage()
	}
	if !hasOlder || !v.Valid {
		return v
	}
	older := r.verifyBody("x-sha2-signature", PageSeederHex)
	if !hasMessage || !older.Valid {
		older.Message = "x-sha2-signature: " + older.Message
		return older
	}
	return v
}

// verifyMessage checks the signature of RFC 9421: first that the digest is that
// of the body, then the signatures.
func (r *Received) verifyMessage() Verification {
	digest, missing := r.one("Content-Digest")
	if missing != nil {
		return *missing
	}
	inputs, signatures := r.values("Signature-Input"), r.values("Signature")
	switch {
	case len(inputs) == 0:
		return refusal(ReasonMissingHeader, "the header Signature-Input is missing: is there a proxy that drops it?")
	case len(signatures) == 0:
		return refusal(ReasonMissingHeader, "the header Signature is missing: is there a proxy that drops it?")
	}
	if v := r.checkDigest(digest); v != nil {
		return *v
	}
	labels, given := dictionary(inputs), dictionary(signatures)
	var first *Verification
	for _, label := range slices.SortedFunc(maps.Keys(labels), currentFirst) {
		v := r.checkMessage(label, labels[label], given[label], digest)
		if v.Valid {
			return v
		}
		if first == nil {
			first = &v
		}
	}
	if first == nil {
		return refusal(ReasonMalformedHeader, "Signature-Input has no label with covered components, such as %s=%s", entrustLabel, entrustCovered)
	}
	return *first
}

// currentFirst orders labels: what that of the current secret says is of the most
// interest.
func currentFirst(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == entrustLabel:
		return -1
	case b == entrustLabel:
		return 1
	}
	return strings.Compare(a, b)
}

// checkDigest compares the digest with the body.
func (r *Received) checkDigest(header string) *Verification {
	fail := func(reason Reason, format string, args ...any) *Verification {
		v := refusal(reason, format, args...)
		return &v
	}
	encoded, found := dictionary([]string{header})["sha-256"]
	if !found {
		return fail(ReasonUnknownVersion, "Content-Digest has no sha-256")
	}
	sum, err := byteSequence(encoded)
	if err != nil || len(sum) != sha256.Size {
		return fail(ReasonMalformedHeader, "Content-Digest is not sha-256=: and the base64 of 32 bytes and a colon")
	}
	is := func(body []byte) bool {
		own := sha256.Sum256(body)
		return hmac.Equal(sum, own[:])
	}
	if is(r.Body) {
		return nil
	}
	for _, other := range r.variants() {
		if is(other.body) {
			return fail(other.reason, "Content-Digest: %s", strings.ReplaceAll(other.message, "the signature is that", "the digest is that"))
		}
	}
	return fail(ReasonDigest, "Content-Digest is that of another body: something between sender and receiver has changed it")
}

// inputForm is the value of a label in Signature-Input.
var inputForm = regexp.MustCompile(`^\(([^()]*)\)(;.*)?$`)

var (
	createdForm   = regexp.MustCompile(`;\s*created=([0-9]+)`)
	algorithmForm = regexp.MustCompile(`;\s*alg="([^"]*)"`)
)

// checkMessage checks the signature of one label.
func (r *Received) checkMessage(label, input, signature, digest string) Verification {
	parts := inputForm.FindStringSubmatch(input)
	if parts == nil {
		return refusal(ReasonMalformedHeader, "Signature-Input: the label %s has no list of covered components", label)
	}
	if signature == "" {
		return refusal(ReasonMissingHeader, "Signature has nothing under the label %s of Signature-Input", label)
	}
	sum, err := byteSequence(signature)
	if err != nil {
		return refusal(ReasonMalformedHeader, "Signature: what is under the label %s is not base64 between two colons", label)
	}
	if algorithm := algorithmForm.FindStringSubmatch(input); algorithm != nil && algorithm[1] != "hmac-sha256" {
		return refusal(ReasonUnknownVersion, "the signature %s is of another algorithm than hmac-sha256", label)
	}
	created := createdForm.FindStringSubmatch(input)
	var at time.Time
	if created != nil {
		var malformed *Verification
		if at, malformed = seconds("created", created[1]); malformed != nil {
			return *malformed
		}
	}
	m := signedMessage{input: input, components: strings.Fields(parts[1]), digest: digest, sum: sum, keys: textKeys(r.Secrets)}
	if !m.known() {
		return refusal(ReasonUnknownVersion, "Signature-Input covers other components than deliveries of this gateway: %s", entrustCovered)
	}
	v := r.search(m)
	if v.Valid && created != nil {
		return r.aged(at, v)
	}
	return v
}

// search finds out what a message signature is one of.
func (r *Received) search(m signedMessage) Verification {
	method := strings.ToUpper(cmp.Or(r.Method, "POST"))
	uri, err := TargetURI(cmp.Or(r.URL, r.WebhookURL))
	if err != nil {
		return refusal(ReasonTargetURI, "%s, so that no delivery can have been sent to it: the signature covers the whole URL", err)
	}
	if k := m.find(method, uri); k != nil {
		if k.reason != "" {
			return refusal(k.reason, "%s", k.message)
		}
		return right(k.secret)
	}
	if method != "POST" && m.find("POST", uri) != nil {
		return refusal(ReasonMethod, "the signature is that of a POST: something has changed the method, such as a redirect")
	}
	for _, other := range r.otherURLs(uri) {
		if m.find("POST", other.uri) != nil {
			return refusal(ReasonTargetURI, "the signature is that of %s: deliveries are signed for the URL of the webhook, so verify with that, whatever is behind your proxy", other.what)
		}
	}
	return refusal(ReasonMismatch, "the signature was made with another secret, or is that of another URL or digest")
}

// A signedMessage is what a message signature may have been made of.
type signedMessage struct {
	input      string
	components []string
	digest     string
	sum        []byte
	keys       []key
}

func (m *signedMessage) known() bool {
	for _, c := range m.components {
		if c != `"@method"` && c != `"@target-uri"` && c != `"content-digest"` {
			return false
		}
	}
	return true
}

// find returns the key that signs a method and a URI like this.
func (m *signedMessage) find(method, uri string) *key {
	var base strings.Builder
	for _, c := range m.components {
		value := map[string]string{`"@method"`: method, `"@target-uri"`: uri, `"content-digest"`: m.digest}[c]
		base.WriteString(c + ": " + value + "\n")
	}
	base.WriteString(`"@signature-params": ` + m.input)
	for i := range m.keys {
		if hmac.Equal(m.sum, mac(m.keys[i].bytes, base.String())) {
			return &m.keys[i]
		}
	}
	return nil
}
