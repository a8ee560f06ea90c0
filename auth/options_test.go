package auth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/auth"
	"github.com/hookgraph/hookgraph/hook"
)

func TestOptions(t *testing.T) {
	t.Parallel()
	block := func(kind string, der []byte) hook.Secret {
		return hook.Secret(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	public := func(key crypto.Signer) hook.Secret { return hook.Secret(publicPEM(key)) }
	p224 := must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader))
	short := must(rsa.GenerateKey(rand.Reader, 1024))
	const jwks = "https://login.example.org/keys"
	for name, test := range map[string]struct {
		admin hook.Secret
		jwt   auth.JWT
		want  string // "" for none
	}{
		"nothing":                   {adminKey, auth.JWT{}, ""},
		"no admin key":              {"", auth.JWT{}, "the admin key must be 32 to 256 of the characters A-Z a-z 0-9 _ -"},
		"short admin key":           {"abcdefghijklmnopqrstuvwxyz01234", auth.JWT{}, "the admin key must be 32 to 256 of the characters A-Z a-z 0-9 _ -"},
		"admin key with a line end": {adminKey + "\n", auth.JWT{}, "the admin key must be 32 to 256 of the characters A-Z a-z 0-9 _ -"},
		"JWKS":                      {adminKey, auth.JWT{Issuer: issuer, JWKSURL: jwks, CreateMembers: true}, ""},
		"JWKS over http":            {adminKey, auth.JWT{Issuer: issuer, JWKSURL: "http://127.0.0.1:1/keys"}, ""},
		"key without issuer":        {adminKey, auth.JWT{Key: public(edKey())}, ""},
		"PKCS 1":                    {adminKey, auth.JWT{Key: block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsaKey().PublicKey))}, ""},
		"both": {adminKey, auth.JWT{Issuer: issuer, JWKSURL: jwks, Key: public(edKey())},
			"--jwt-jwks and --jwt-key exclude each other"},
		"JWKS without issuer":  {adminKey, auth.JWT{JWKSURL: jwks}, "--jwt-jwks needs --jwt-issuer"},
		"issuer only":          {adminKey, auth.JWT{Issuer: issuer}, "--jwt-issuer needs --jwt-jwks or --jwt-key"},
		"audience only":        {adminKey, auth.JWT{Audience: "x"}, "--jwt-audience needs --jwt-jwks or --jwt-key"},
		"create members only":  {adminKey, auth.JWT{CreateMembers: true}, "--jwt-create-members needs --jwt-jwks or --jwt-key"},
		"JWKS is a path":       {adminKey, auth.JWT{Issuer: issuer, JWKSURL: "/keys.json"}, "--jwt-jwks must be an http or https address"},
		"JWKS in a file":       {adminKey, auth.JWT{Issuer: issuer, JWKSURL: "file:///keys.json"}, "--jwt-jwks must be an http or https address"},
		"JWKS with a password": {adminKey, auth.JWT{Issuer: issuer, JWKSURL: "https://me:s3cret@login.example.org/"}, "--jwt-jwks must not contain a user name or password"},
		"bare secret": {adminKey, auth.JWT{Key: "a-secret-of-more-than-32-bytes-s3cret"},
			`--jwt-key must be a public key or certificate in PEM, or "HS256:" and a shared secret in base64`},
		"short secret": {adminKey, auth.JWT{Key: hook.Secret("HS256:" + base64.StdEncoding.EncodeToString([]byte("s3cret")))},
			"--jwt-key: what follows HS256: must be at least 32 bytes in base64"},
		"secret not in base64": {adminKey, auth.JWT{Key: "HS256:a s3cret that is no base64 but is very long"},
			"--jwt-key: what follows HS256: must be at least 32 bytes in base64"},
		"private key": {adminKey, auth.JWT{Key: block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(edKey())))},
			"--jwt-key is a private key; give the public one"},
		"EC private key": {adminKey, auth.JWT{Key: block("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(p256Key())))},
			"--jwt-key is a private key; give the public one"},
		"two keys":          {adminKey, auth.JWT{Key: public(edKey()) + public(p256Key())}, "--jwt-key must be exactly one whole block of PEM"},
		"cut PEM":           {adminKey, auth.JWT{Key: public(edKey())[:40]}, "--jwt-key must be exactly one whole block of PEM"},
		"broken key":        {adminKey, auth.JWT{Key: block("PUBLIC KEY", []byte("s3cret"))}, "--jwt-key cannot be read as a PUBLIC KEY"},
		"wrong kind of PEM": {adminKey, auth.JWT{Key: block("OPENSSH KEY", []byte("s3cret"))}, "--jwt-key is neither a PUBLIC KEY nor a CERTIFICATE in PEM"},
		"P-224":             {adminKey, auth.JWT{Key: public(p224)}, "--jwt-key is an ECDSA key on the curve P-224; P-256, P-384 or P-521 is needed"},
		"1024 bits":         {adminKey, auth.JWT{Key: public(short)}, "--jwt-key is an RSA key of 1024 bits; at least 2048 are needed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := auth.New(&service{}, auth.Options{AdminKey: test.admin, JWT: test.jwt})
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if strings.Contains(got, "s3cret") || strings.Contains(got, "\n") {
				t.Errorf("the error shows a secret or has several lines: %q", got)
			}
		})
	}
}
