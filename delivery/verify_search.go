package delivery

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/hookgraph/hookgraph/hook"
)

func itoa(n int) string { return strconv.Itoa(n) }

// A search looks for what a signature was made of.
type search struct {
	received  *Received
	presented []presentation
	// want is the encoding that the dialect writes signatures in.
	want PageSeederEncoding
	// keys are those of all secrets, the right form of each first.
	keys []key
	// message is what is signed of a body; nil for the body itself.
	message func(body []byte) []string
}

// run returns what was found: that of the right form if it matches, else that of
// the first mistake that does. ok is false if none does.
func (s *search) run() (v Verification, ok bool) {
	for _, k := range s.keys {
		found, wrong := matches(s.presented, s.sum(k, s.received.Body))
		switch {
		case !found:
		case k.reason != "":
			return refusal(k.reason, "%s", k.message), true
		case wrong != "":
			return refusal(ReasonEncoding, "the signature is right, but written in %s, where this dialect has %s", wrong, s.wanted()), true
		default:
			return right(k.secret), true
		}
	}
	for _, other := range s.received.variants() {
		for _, k := range s.keys {
			if k.reason != "" {
				continue
			}
			if found, _ := matches(s.presented, s.sum(k, other.body)); found {
				return refusal(other.reason, "%s", other.message), true
			}
		}
	}
	if s.message != nil {
		for _, k := range s.keys {
			if found, _ := matches(s.presented, mac(k.bytes, string(s.received.Body))); found {
				return refusal(ReasonBodyOnly, "only the body was signed: the signed text is the id, a full stop, the timestamp, a full stop and the body"), true
			}
		}
	}
	return Verification{}, false
}

func (s *search) wanted() string {
	if s.want == PageSeederHex {
		return "lower-case hex"
	}
	return "base64"
}

func (s *search) sum(k key, body []byte) []byte {
	if s.message == nil {
		return mac(k.bytes, string(body))
	}
	return mac(k.bytes, s.message(body)...)
}

const noMatch = "the signature was made with another secret, or is that of another body"

// textKeys are the keys of dialects whose key is the text of the secret.
func textKeys(secrets []hook.Secret) (keys []key) {
	for i, secret := range secrets {
		keys = append(keys, key{bytes: []byte(secret.Reveal()), secret: i})
	}
	for i, secret := range secrets {
		const message = "the key was the secret decoded from %s: in this dialect it is the text of the secret, as it is shown"
		bare := strings.TrimPrefix(secret.Reveal(), standardPrefix)
		for _, form := range []struct {
			name   string
			decode func(string) ([]byte, error)
		}{
			{"base64", base64.StdEncoding.DecodeString},
			{"base64url", base64.RawURLEncoding.DecodeString}, {"hex", hex.DecodeString},
		} {
			if b, err := form.decode(bare); err == nil && len(b) > 0 {
				keys = append(keys, key{b, i, ReasonSecretBytes, strings.Replace(message, "%s", form.name, 1)})
			}
		}
		if bare != secret.Reveal() {
			keys = append(keys, key{[]byte(bare), i, ReasonSecretBytes, "the key was the secret without whsec_: in this dialect it is the whole text, as it is shown"})
		}
	}
	return keys
}

// verifyBody checks the signature of a body alone, in one header.
func (r *Received) verifyBody(header string, want PageSeederEncoding) Verification {
	given, missing := r.one(header)
	if missing != nil {
		return *missing
	}
	if rest, found := strings.CutPrefix(given, "sha256="); found {
		if len(presentations(rest, want)) > 0 {
			return refusal(ReasonMalformedHeader, "%s begins with sha256=, which this dialect does not have", header)
		}
	}
	s := search{received: r, presented: presentations(given, want), want: want, keys: textKeys(r.Secrets)}
	if len(s.presented) == 0 {
		return refusal(ReasonMalformedHeader, "%s is not an HMAC-SHA256 in %s", header, s.wanted())
	}
	if v, ok := s.run(); ok {
		return v
	}
	return refusal(ReasonMismatch, noMatch)
}
