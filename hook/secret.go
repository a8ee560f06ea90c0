package hook

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
)

const secretMask = "[secret]"

// A Secret is a text that is shown to nobody: however it is printed, logged or
// marshalled, it reads [secret]. Reveal returns the text.
type Secret string

// Reveal returns the text, for signing and for showing a new secret once.
func (s Secret) Reveal() string { return string(s) }

func (s Secret) String() string               { return secretMask }
func (s Secret) GoString() string             { return secretMask }
func (s Secret) Format(f fmt.State, _ rune)   { fmt.Fprint(f, secretMask) }
func (s Secret) LogValue() slog.Value         { return slog.StringValue(secretMask) }
func (s Secret) MarshalText() ([]byte, error) { return []byte(secretMask), nil }
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + secretMask + `"`), nil }

// Equal compares in constant time.
func (s Secret) Equal(other Secret) bool {
	a, b := sha256.Sum256([]byte(s)), sha256.Sum256([]byte(other))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// Sealed is an encrypted secret, or the hash of one, as it is stored. It prints as
// [secret] too.
type Sealed []byte

func (s Sealed) String() string               { return secretMask }
func (s Sealed) GoString() string             { return secretMask }
func (s Sealed) Format(f fmt.State, _ rune)   { fmt.Fprint(f, secretMask) }
func (s Sealed) LogValue() slog.Value         { return slog.StringValue(secretMask) }
func (s Sealed) MarshalJSON() ([]byte, error) { return []byte(`"` + secretMask + `"`), nil }

// A Vault encrypts secrets with AES-256-GCM. Every ciphertext carries the id of
// its key and is bound to the node it belongs to, so that it cannot be moved to
// another one.
type Vault struct {
	id      [4]byte
	aead    cipher.AEAD
	tokens  cipher.AEAD
	cursors cursorSeal
}

// ErrWrongKey says that a secret was encrypted with another key.
var ErrWrongKey = errors.New("the secret was encrypted with another key")

// NewVault returns the vault of a key of 32 bytes.
func NewVault(key []byte) (*Vault, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("the key has %d bytes, not 32", len(key))
	}
	aead, err := newGCM(key)
	if err != nil {
		return nil, err
	}
	v := &Vault{aead: aead}
	id := derived("id", key)
	copy(v.id[:], id[:])
	own := derived("of tokens", key)
	if v.tokens, err = newGCM(own[:]); err != nil {
		return nil, err
	}
	v.cursors, err = newCursorSeal(key)
	return v, err
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// derived returns what a key gives for another purpose. It does not tell the key.
func derived(purpose string, key []byte) [sha256.Size]byte {
	return sha256.Sum256(append([]byte("hookgraph key "+purpose+"\x00"), key...))
}

// KeyID names the key without telling it.
func (v *Vault) KeyID() string { return hex.EncodeToString(v.id[:]) }

// Seal encrypts a secret of a node.
func (v *Vault) Seal(node ID, secret Secret) Sealed {
	sealed := make([]byte, 4+v.aead.NonceSize(), 4+v.aead.NonceSize()+len(secret)+v.aead.Overhead())
	copy(sealed, v.id[:])
	nonce := sealed[4:]
	rand.Read(nonce)
	return v.aead.Seal(sealed, nonce, []byte(secret), []byte(node.String()))
}

// Open decrypts a secret of a node. The error is ErrWrongKey if another key
// made it.
func (v *Vault) Open(node ID, sealed Sealed) (Secret, error) {
	n := 4 + v.aead.NonceSize()
	if len(sealed) < n || [4]byte(sealed[:4]) != v.id {
		return "", ErrWrongKey
	}
	text, err := v.aead.Open(nil, sealed[4:n], sealed[n:], []byte(node.String()))
	if err != nil {
		return "", fmt.Errorf("open the secret of %s: %w", node, err)
	}
	return Secret(text), nil
}

// newToken returns 32 random bytes as 43 characters of unpadded base64url.
func newToken() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// hashToken is how random tokens of full strength are stored: a plain SHA-256
// is enough, since nobody can guess 256 bits.
func hashToken(token Secret) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
