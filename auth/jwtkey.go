package auth

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/hookgraph/hookgraph/hook"
)

// signatures are the algorithms of public keys (RFC 7518, section 3.1; RFC
// 8037). "none" and, for keys that everybody may know, HMAC are not among them.
var signatures = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// A verificationKey checks signatures of the algorithms that fit it and no
// others: which one is used must not be the token's choice (RFC 8725, section
// 3.1).
type verificationKey struct {
	algorithms []string
	key        any
}

const minRSABits = 2048 // RFC 7518, section 3.3

// publicKey returns the verificationKey for a public key.
func publicKey(key any) (verificationKey, error) {
	switch k := key.(type) {
	case *rsa.PublicKey:
		if bits := k.N.BitLen(); bits < minRSABits {
			return verificationKey{}, fmt.Errorf("is an RSA key of %d bits; at least %d are needed", bits, minRSABits)
		}
		return verificationKey{[]string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}, k}, nil
	case *ecdsa.PublicKey:
		algorithm := map[string]string{"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}[k.Curve.Params().Name]
		if algorithm == "" {
			return verificationKey{}, fmt.Errorf("is an ECDSA key on the curve %s; P-256, P-384 or P-521 is needed", k.Curve.Params().Name)
		}
		return verificationKey{[]string{algorithm}, k}, nil
	case ed25519.PublicKey:
		return verificationKey{[]string{"EdDSA"}, k}, nil
	}
	return verificationKey{}, errors.New("is no RSA, ECDSA or Ed25519 key")
}

// staticKey is the keySource of one key, whatever a token calls it.
type staticKey struct{ key verificationKey }

func (s staticKey) find(context.Context, string) ([]verificationKey, error) {
	return []verificationKey{s.key}, nil
}

const minSharedSecret = 32 // bytes: RFC 7518, section 3.2

// parseKey reads the text of --jwt-key. A bare secret is not accepted, so that
// nobody who mangles a public key makes it a secret that others know.
func parseKey(given hook.Secret) (verificationKey, error) {
	text := strings.TrimSpace(given.Reveal())
	if encoded, ok := strings.CutPrefix(text, "HS256:"); ok {
		secret, err := decodeBase64(encoded)
		if err != nil || len(secret) < minSharedSecret {
			return verificationKey{}, fmt.Errorf("--jwt-key: what follows HS256: must be at least %d bytes in base64", minSharedSecret)
		}
		return verificationKey{[]string{"HS256"}, secret}, nil
	}
	if !strings.HasPrefix(text, "-----BEGIN ") {
		return verificationKey{}, errors.New(`--jwt-key must be a public key or certificate in PEM, or "HS256:" and a shared secret in base64`)
	}
	block, rest := pem.Decode([]byte(strings.ReplaceAll(text, `\n`, "\n")))
	if block == nil || len(strings.TrimSpace(string(rest))) > 0 {
		return verificationKey{}, errors.New("--jwt-key must be exactly one whole block of PEM")
	}
	public, err := parsePEM(block)
	if err != nil {
		return verificationKey{}, fmt.Errorf("--jwt-key %w", err)
	}
	key, err := publicKey(public)
	if err != nil {
		return verificationKey{}, fmt.Errorf("--jwt-key %w", err)
	}
	return key, nil
}

// parsePEM leaves the parser's error out: it may quote what it could not read.
func parsePEM(block *pem.Block) (public any, err error) {
	switch {
	case strings.HasSuffix(block.Type, "PRIVATE KEY"):
		return nil, errors.New("is a private key; give the public one")
	case block.Type == "PUBLIC KEY":
		public, err = x509.ParsePKIXPublicKey(block.Bytes)
	case block.Type == "RSA PUBLIC KEY":
		public, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case block.Type == "CERTIFICATE":
		var certificate *x509.Certificate
		if certificate, err = x509.ParseCertificate(block.Bytes); err == nil {
			public = certificate.PublicKey
		}
	default:
		return nil, errors.New("is neither a PUBLIC KEY nor a CERTIFICATE in PEM")
	}
	if err != nil {
		return nil, fmt.Errorf("cannot be read as a %s", block.Type)
	}
	return public, nil
}

// check finds settings that contradict each other.
func (o JWT) check() error {
	switch {
	case o.JWKSURL != "" && o.Key != "":
		return errors.New("--jwt-jwks and --jwt-key exclude each other")
	case o.JWKSURL != "" && o.Issuer == "":
		return errors.New("--jwt-jwks needs --jwt-issuer")
	case o.JWKSURL == "" && o.Key == "" && o.Issuer != "":
		return errors.New("--jwt-issuer needs --jwt-jwks or --jwt-key")
	case o.JWKSURL == "" && o.Key == "" && o.Audience != "":
		return errors.New("--jwt-audience needs --jwt-jwks or --jwt-key")
	case o.JWKSURL == "" && o.Key == "" && o.CreateMembers:
		return errors.New("--jwt-create-members needs --jwt-jwks or --jwt-key")
	case o.JWKSURL == "":
		return nil
	}
	u, err := url.Parse(o.JWKSURL)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
		return errors.New("--jwt-jwks must be an http or https address")
	case u.User != nil:
		return errors.New("--jwt-jwks must not contain a user name or password")
	}
	return nil
}
