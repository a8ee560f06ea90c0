package delivery

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// verifyStandard checks the signature of Standard Webhooks.
func (r *Received) verifyStandard() Verification {
	id, missing := r.one("webhook-id")
	if missing != nil {
		return *missing
	}
	timestamp, missing := r.one("webhook-timestamp")
	if missing != nil {
		return *missing
	}
	given, missing := r.one("webhook-signature")
	if missing != nil {
		return *missing
	}
	if strings.Contains(id, ".") {
		return refusal(ReasonBadID, "webhook-id contains a full stop, which parts the signed text: it could be read in two ways")
	}
	at, malformed := seconds("webhook-timestamp", timestamp)
	if malformed != nil {
		return *malformed
	}
	keys, bad := r.standardKeys()
	if bad != nil {
		return *bad
	}
	presented, malformed := standardSignatures(given)
	if malformed != nil {
		return *malformed
	}
	// A receiver who writes the timestamp anew changes what was signed.
	canonical := strconv.FormatInt(at.Unix(), 10)
	s := search{received: r, presented: presented, want: PageSeederBase64, keys: keys, message: func(body []byte) []string {
		return []string{id, ".", canonical, ".", string(body)}
	}}
	v, ok := s.run()
	switch {
	case !ok:
		return refusal(ReasonMismatch, noMatch+", webhook-id or webhook-timestamp")
	case v.Valid:
		return r.aged(at, v)
	}
	return v
}

// standardSignatures reads the list of signatures, of those of version 1.
func standardSignatures(given string) (presented []presentation, malformed *Verification) {
	fail := func(reason Reason, format string, args ...any) ([]presentation, *Verification) {
		v := refusal(reason, format, args...)
		return nil, &v
	}
	var others []string
	for part := range strings.FieldsSeq(given) {
		version, signature, found := strings.Cut(part, ",")
		switch {
		case !found:
			return fail(ReasonMalformedHeader, "webhook-signature is not a list of versions and signatures, such as v1,signature, with blanks between them")
		case version != "v1":
			others = append(others, version)
			continue
		}
		sums := presentations(signature, PageSeederBase64)
		if len(sums) == 0 {
			return fail(ReasonMalformedHeader, "a signature in webhook-signature is not the base64 of an HMAC-SHA256: is the list cut off, or joined by commas?")
		}
		presented = append(presented, sums...)
	}
	switch {
	case len(presented) > 0:
		return presented, nil
	case len(others) == 0:
		return fail(ReasonMissingHeader, "the header webhook-signature is empty")
	case len(others) == 1 && others[0] == "v1a":
		return fail(ReasonUnknownVersion, "webhook-signature has an asymmetric signature (v1a) only: deliveries of this gateway are signed with secrets (v1)")
	}
	return fail(ReasonUnknownVersion, "webhook-signature has no signature of version v1")
}

// standardKeys are the decoded secrets, and what they are mistaken for.
func (r *Received) standardKeys() (keys []key, bad *Verification) {
	var wrong []key
	for i, secret := range r.Secrets {
		text := secret.Reveal()
		bare, found := strings.CutPrefix(text, standardPrefix)
		b, err := base64.StdEncoding.DecodeString(bare)
		if !found || err != nil || len(b) == 0 {
			v := refusal(ReasonBadSecret, "a secret of the webhook is not whsec_ and base64: nothing can be signed with it")
			return nil, &v
		}
		const message = "the key was the text of the secret%s: it is the bytes that the part behind whsec_ decodes to from base64"
		keys = append(keys, key{bytes: b, secret: i})
		wrong = append(wrong,
			key{[]byte(text), i, ReasonSecretText, strings.Replace(message, "%s", "", 1)},
			key{[]byte(bare), i, ReasonSecretText, strings.Replace(message, "%s", " behind whsec_", 1)})
	}
	return append(keys, wrong...), nil
}
