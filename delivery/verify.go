package delivery

import (
	"crypto/hmac"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// A Received is a request as its receiver has it, who wonders about the
// signature.
type Received struct {
	Dialect hook.Dialect
	// Secrets are those that sign the webhook's deliveries: the current one and,
	// during a rotation, the one before it. PageSeeder's are the client's.
	Secrets []hook.Secret
	// Method and URL are what the receiver was called by; only Entrust signs them.
	// Empty ones stand for POST and WebhookURL.
	Method, URL string
	// WebhookURL is where the webhook's deliveries go, if it is known.
	WebhookURL string
	// Header are names, in any spelling, and values.
	Header [][2]string
	Body   []byte
	// Sent is the body that was sent, if it is known.
	Sent []byte
	// Now is when the request came; it decides whether its timestamp is recent.
	Now time.Time
	// Encoding is that of PageSeeder's signatures; hex by default.
	Encoding PageSeederEncoding
}

// A Verification says whether a signature is right, and if not, why. It holds no
// secret and no signature that would be right.
type Verification struct {
	Valid  bool
	Reason Reason
	// Message explains it in a sentence or two for people.
	Message string
}

// A Reason is why a signature is right or not.
type Reason string

// The reasons. The first two are those of valid signatures.
const (
	ReasonValid Reason = "VALID"
	// ReasonPreviousSecret: made with the secret from before a rotation, which
	// still signs; receivers that know the new one only refuse it.
	ReasonPreviousSecret Reason = "PREVIOUS_SECRET"

	ReasonNoSecret        Reason = "NO_SECRET"
	ReasonMissingHeader   Reason = "MISSING_HEADER"
	ReasonMalformedHeader Reason = "MALFORMED_HEADER"
	ReasonUnknownVersion  Reason = "UNKNOWN_VERSION"
	ReasonBadID           Reason = "BAD_ID"
	ReasonTooOld          Reason = "TIMESTAMP_TOO_OLD"
	ReasonInFuture        Reason = "TIMESTAMP_IN_FUTURE"
	// ReasonBadSecret: the secret cannot be decoded to a key.
	ReasonBadSecret Reason = "SECRET_NOT_DECODABLE"
	// ReasonSecretText and ReasonSecretBytes: the key was the text of the secret
	// where its decoded bytes are meant, and the other way round.
	ReasonSecretText  Reason = "SECRET_USED_AS_TEXT"
	ReasonSecretBytes Reason = "SECRET_WAS_DECODED"
	ReasonEncoding    Reason = "WRONG_ENCODING"
	// ReasonWhitespace, ReasonReserialized and ReasonOtherBody: the signature is
	// that of another body.
	ReasonWhitespace   Reason = "BODY_WHITESPACE"
	ReasonReserialized Reason = "BODY_RESERIALIZED"
	ReasonOtherBody    Reason = "BODY_DIFFERS"
	// ReasonBodyOnly: the body was signed without id and timestamp.
	ReasonBodyOnly  Reason = "BODY_SIGNED_ALONE"
	ReasonDigest    Reason = "DIGEST_MISMATCH"
	ReasonTargetURI Reason = "TARGET_URI_DIFFERS"
	ReasonMethod    Reason = "METHOD_DIFFERS"
	// ReasonMismatch: nothing of this explains it.
	ReasonMismatch Reason = "NO_MATCH"
)

// tolerance is how far the clocks of sender and receiver may be apart (Standard
// Webhooks).
const tolerance = 5 * time.Minute

// Verify checks the signature of a request and finds out why it does not match:
// it looks for what receivers are known to do wrong.
func Verify(r Received) Verification {
	if len(r.Secrets) == 0 {
		return refusal(ReasonNoSecret, "the webhook has no secret that is known here: its deliveries are not signed, or wait until it is set")
	}
	switch r.Dialect {
	case hook.Standard:
		return r.verifyStandard()
	case hook.Entrust:
		return r.verifyEntrust()
	case hook.Kheops:
		return r.verifyBody("X-Kheops-Signature", PageSeederHex)
	case hook.PageSeeder:
		if r.Encoding == PageSeederBase64 {
			return r.verifyBody("X-PS-Signature", PageSeederBase64)
		}
		return r.verifyBody("X-PS-Signature", PageSeederHex)
	}
	return refusal(ReasonUnknownVersion, "%q is not a dialect", r.Dialect)
}

func refusal(reason Reason, format string, args ...any) Verification {
	return Verification{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// right is the verification of the signature of a secret, by its place.
func right(secret int) Verification {
	if secret == 0 {
		return Verification{true, ReasonValid, "the signature is right"}
	}
	return Verification{true, ReasonPreviousSecret,
		"the signature was made with the previous secret, which signs beside the current one until the rotation ends: a receiver that knows the current one only refuses it"}
}

// values returns the values of a header, in their order.
func (r *Received) values(name string) (list []string) {
	for _, h := range r.Header {
		if http.CanonicalHeaderKey(h[0]) == http.CanonicalHeaderKey(name) {
			list = append(list, h[1])
		}
	}
	return list
}

// one returns the value of a header that there is one of.
func (r *Received) one(name string) (string, *Verification) {
	values := r.values(name)
	if len(values) == 1 && values[0] != "" {
		return values[0], nil
	}
	v := refusal(ReasonMissingHeader, "the header %s is missing: is there a proxy that drops it?", name)
	if len(values) > 1 {
		v = refusal(ReasonMalformedHeader, "there are %d headers %s, where there is one in a delivery", len(values), name)
	}
	return "", &v
}

// aged is the verification of a signature that is right but for the instant that it
// was made at.
func (r *Received) aged(at time.Time, v Verification) Verification {
	if age := r.Now.Sub(at); age > tolerance {
		return refusal(ReasonTooOld, "the signature is right, but was made %s ago: receivers take %s. Is it a repetition, or is a clock wrong?", spell(age), spell(tolerance))
	} else if age < -tolerance {
		return refusal(ReasonInFuture, "the signature is right, but its time is %s ahead: receivers take %s. Is a clock slow?", spell(-age), spell(tolerance))
	}
	return v
}

// spell writes a length of time in whole seconds.
func spell(d time.Duration) string { return d.Round(time.Second).String() }

// seconds reads a timestamp in seconds since 1970.
func seconds(name, text string) (time.Time, *Verification) {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil || n < 0:
		v := refusal(ReasonMalformedHeader, "%s is not a number of seconds since 1970", name)
		return time.Time{}, &v
	case n > 1e11:
		v := refusal(ReasonMalformedHeader, "%s is not in seconds: it looks like milliseconds", name)
		return time.Time{}, &v
	}
	return time.Unix(n, 0), nil
}

// A key is what a signature may have been made with: the right form of a secret
// or one that it is mistaken for.
type key struct {
	bytes  []byte
	secret int
	// reason is empty for the right form.
	reason  Reason
	message string
}

// matches reports whether a sum is one of the presented ones, in constant time.
// wrong is set if it is written in another encoding than it should be.
func matches(presented []presentation, sum []byte) (found bool, wrong string) {
	for _, p := range presented {
		if hmac.Equal(p.sum, sum) && !found {
			found, wrong = true, p.wrong
		}
	}
	return found, wrong
}
