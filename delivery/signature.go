package delivery

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// The functions below return the headers that sign a request, in the spelling of
// each dialect, to be appended to Request.Header. Where several secrets are
// given they are the current one and, during a rotation, those before it.

func mac(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	for _, part := range parts {
		h.Write([]byte(part))
	}
	return h.Sum(nil)
}

func text64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

const standardPrefix = "whsec_"

// SignStandard signs by Standard Webhooks 1.0, with one v1 signature for each
// secret. id is the same for all attempts, at the instant of this one. A secret
// is "whsec_" and the base64 of its key. An error names what is wrong without
// telling a secret.
func SignStandard(id string, at time.Time, body []byte, secrets ...hook.Secret) ([][2]string, error) {
	if id == "" || strings.Contains(id, ".") {
		return nil, errors.New("the id of a message must not be empty or contain a full stop")
	}
	if len(secrets) == 0 {
		return nil, errors.New("a message needs a secret to be signed with")
	}
	timestamp := strconv.FormatInt(at.Unix(), 10)
	var signatures []string
	for _, secret := range secrets {
		encoded, found := strings.CutPrefix(secret.Reveal(), standardPrefix)
		key, err := base64.StdEncoding.DecodeString(encoded)
		if !found || err != nil || len(key) == 0 {
			return nil, errors.New("a secret is not whsec_ and base64")
		}
		signatures = append(signatures, "v1,"+text64(mac(key, id, ".", timestamp, ".", string(body))))
	}
	return [][2]string{
		{"webhook-id", id}, {"webhook-timestamp", timestamp}, {"webhook-signature", strings.Join(signatures, " ")},
	}, nil
}

// SignKheops returns X-Kheops-Signature (Kheops, section 7.2).
func SignKheops(body []byte, secret hook.Secret) [][2]string {
	return [][2]string{{"X-Kheops-Signature", hex.EncodeToString(mac([]byte(secret.Reveal()), string(body)))}}
}

// A PageSeederEncoding is how X-PS-Signature shows its bytes.
type PageSeederEncoding string

// The encodings.
const (
	PageSeederHex    PageSeederEncoding = "hex"
	PageSeederBase64 PageSeederEncoding = "base64"
)

// SignPageSeeder returns X-PS-Signature. That there is one is documented; how it
// is made is not: HMAC-SHA256 over the body is a guess, unverified, and its
// encoding is for the caller to choose (PageSeeder, section 12, no. 1).
func SignPageSeeder(body []byte, secret hook.Secret, encoding PageSeederEncoding) [][2]string {
	sum := mac([]byte(secret.Reveal()), string(body))
	if encoding == PageSeederBase64 {
		return [][2]string{{"X-PS-Signature", text64(sum)}}
	}
	return [][2]string{{"X-PS-Signature", hex.EncodeToString(sum)}}
}
