package delivery

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// The signed parts and the labels of a signature (Entrust, section 8.1).
const (
	entrustCovered  = `("@method" "@target-uri" "content-digest")`
	entrustLabel    = "sig"
	entrustPrevious = "sig-previous"
)

// SignEntrust signs a POST in both of Entrust's ways: HTTP Message Signatures
// (RFC 9421: Content-Digest, Signature-Input, Signature) and the older
// x-sha2-signature (Entrust, section 8). at is the instant of this attempt.
//
// The older way has room for one secret, the first. A second one signs under
// the label sig-previous, in lines of its own after those of the first, so that
// receivers that read one line only still find sig.
func SignEntrust(rawURL string, at time.Time, body []byte, secrets ...hook.Secret) ([][2]string, error) {
	if len(secrets) == 0 || len(secrets) > 2 {
		return nil, errors.New("a message is signed with one or two secrets")
	}
	uri, err := TargetURI(rawURL)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	digest := "sha-256=:" + text64(sum[:]) + ":"
	parameters := entrustCovered + ";created=" + strconv.FormatInt(at.Unix(), 10) + `;alg="hmac-sha256"`
	// The signature base (RFC 9421, section 2.5).
	base := "\"@method\": POST\n\"@target-uri\": " + uri + "\n\"content-digest\": " + digest + "\n\"@signature-params\": " + parameters
	header := [][2]string{{"Content-Digest", digest}}
	for i, secret := range secrets {
		label := []string{entrustLabel, entrustPrevious}[i]
		header = append(header,
			[2]string{"Signature-Input", label + "=" + parameters},
			[2]string{"Signature", label + "=:" + text64(mac([]byte(secret.Reveal()), base)) + ":"})
	}
	older := hex.EncodeToString(mac([]byte(secrets[0].Reveal()), string(body)))
	return append(header, [2]string{"x-sha2-signature", older}), nil
}
