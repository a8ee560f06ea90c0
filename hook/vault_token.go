package hook

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// maxSealedToken is the longest sealed token that is looked at, in bytes.
const maxSealedToken = 4096

// tokenFormat is the first byte of a sealed token.
const tokenFormat = 1

// SealToken returns a token that carries a payload and nobody else can read or
// make: it needs no place in the database. It is good until it expires, in whole
// milliseconds, and for the purpose only, which is fixed text such as
// "pageseeder access". The token is unpadded base64url.
func (v *Vault) SealToken(purpose string, payload []byte, expires time.Time) Secret {
	n := v.tokens.NonceSize()
	b := make([]byte, 1+n, 1+n+8+len(payload)+v.tokens.Overhead())
	b[0] = tokenFormat
	rand.Read(b[1:])
	text := binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(payload)), uint64(expires.UnixMilli()))
	b = v.tokens.Seal(b, b[1:], append(text, payload...), []byte(purpose))
	return Secret(base64.RawURLEncoding.EncodeToString(b))
}

// OpenToken returns the payload of a token that SealToken made for the purpose
// with the same key. The error is UNAUTHENTICATED for any other text and for a
// token that has expired.
func (v *Vault) OpenToken(purpose string, token Secret) ([]byte, error) {
	n := v.tokens.NonceSize()
	if len(token) > maxSealedToken {
		return nil, errBadCredential
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token.Reveal())
	// The decoder skips line ends, which are no part of a token.
	if err != nil || base64.RawURLEncoding.EncodedLen(len(b)) != len(token) || len(b) < 1+n || b[0] != tokenFormat {
		return nil, errBadCredential
	}
	text, err := v.tokens.Open(nil, b[1:1+n], b[1+n:], []byte(purpose))
	if err != nil || len(text) < 8 {
		return nil, errBadCredential
	}
	if expires := time.UnixMilli(int64(binary.BigEndian.Uint64(text))); !time.Now().Before(expires) {
		return nil, errBadCredential
	}
	return text[8:], nil
}
