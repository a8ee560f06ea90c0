package auth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"maps"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/hookgraph/hookgraph/hook"
)

const issuer = "https://login.example.org/realms/hospital"

// must is for keys that are made before a test could fail.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

var (
	rsaKey   = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	otherRSA = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	p256Key  = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	p384Key  = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) })
	edKey    = sync.OnceValue(func() ed25519.PrivateKey {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return must(key, err)
	})
)

// publicPEM returns the public key in PEM.
func publicPEM(key crypto.Signer) string {
	der := must(x509.MarshalPKIXPublicKey(key.Public()))
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// certificatePEM returns a certificate of the key that expired long ago.
func certificatePEM(key crypto.Signer) string {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "login.example.org"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1, 0),
	}
	der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// A token is what a test signs.
type token struct {
	method jwt.SigningMethod
	key    any
	header map[string]any
	claims map[string]any // added to good ones; nil removes one
}

func (k token) sign(t *testing.T) hook.Secret {
	t.Helper()
	now := time.Now()
	claims := jwt.MapClaims{"iss": issuer, "sub": "alice", "exp": now.Add(time.Hour).Unix(), "iat": now.Unix()}
	maps.Copy(claims, k.claims)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	unsigned := jwt.NewWithClaims(k.method, claims)
	maps.Copy(unsigned.Header, k.header)
	maps.DeleteFunc(unsigned.Header, func(_ string, v any) bool { return v == nil })
	signed, err := unsigned.SignedString(k.key)
	if err != nil {
		t.Fatal(err)
	}
	return hook.Secret(signed)
}
