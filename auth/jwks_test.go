package auth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"github.com/hookgraph/hookgraph/auth"
	"github.com/hookgraph/hookgraph/hook"
)

// jwk returns the JWK of a public key, with other fields added.
func jwk(kid string, key crypto.Signer, more map[string]any) map[string]any {
	k := must(jwkset.NewJWKFromKey(key.Public(), jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: kid, USE: jwkset.UseSig}}))
	fields := map[string]any{}
	if err := json.Unmarshal(must(json.Marshal(k.Marshal())), &fields); err != nil {
		panic(err)
	}
	for name, value := range more {
		fields[name] = value
	}
	return fields
}

func keySet(keys ...any) string {
	return string(must(json.Marshal(map[string]any{"keys": append([]any{}, keys...)})))
}

// A provider answers with its set, or with nothing while it hangs. It is a
// transport too, for tests in which time is not real.
type provider struct {
	set     atomic.Value // string
	down    atomic.Bool
	hangs   atomic.Bool
	fetches atomic.Int32
}

func newProvider(set string) *provider {
	p := &provider{}
	p.set.Store(set)
	return p
}

func (p *provider) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	p.fetches.Add(1)
	w.Write([]byte(p.set.Load().(string)))
}

func (p *provider) RoundTrip(r *http.Request) (*http.Response, error) {
	switch {
	case p.down.Load():
		p.fetches.Add(1)
		return nil, errors.New("connection refused")
	case p.hangs.Load():
		p.fetches.Add(1)
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	recorder := httptest.NewRecorder()
	p.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

func (p *provider) authenticator(t *testing.T) *auth.Authenticator {
	return authenticator(t, &service{}, auth.JWT{Issuer: issuer, JWKSURL: "https://login.example.org/keys", Transport: p})
}

func (p *provider) fetched(t *testing.T, want int) {
	t.Helper()
	if got := int(p.fetches.Load()); got != want {
		t.Errorf("the keys were fetched %d times, want %d", got, want)
	}
}

func signedBy(t *testing.T, kid string, key crypto.Signer) hook.Secret {
	t.Helper()
	var method jwt.SigningMethod = jwt.SigningMethodRS256
	switch key.(type) {
	case ed25519.PrivateKey:
		method = jwt.SigningMethodEdDSA
	case *ecdsa.PrivateKey:
		method = jwt.SigningMethodES256
	}
	k := token{method: method, key: key, claims: map[string]any{"exp": time.Now().Add(100 * time.Hour).Unix()}}
	if kid != "" {
		k.header = map[string]any{"kid": kid}
	}
	return k.sign(t)
}

func TestKeySet(t *testing.T) {
	t.Parallel()
	cert := map[string]any{"x5c": []string{"bm8gY2VydGlmaWNhdGU="}, "x5t": "AAAA"}
	p := newProvider(keySet(
		jwk("rsa", rsaKey(), nil), jwk("ec", p256Key(), cert), jwk("ed", edKey(), map[string]any{"key_ops": []string{"verify"}}),
		jwk("published whole", edKey(), map[string]any{"d": base64.RawURLEncoding.EncodeToString(edKey().Seed())}),
		jwk("for encryption", otherRSA(), map[string]any{"use": "enc"}),
		jwk("for signing only", otherRSA(), map[string]any{"key_ops": []string{"sign"}}),
		jwk("for PS256", otherRSA(), map[string]any{"alg": "PS256"}),
		jwk("for HS256", otherRSA(), map[string]any{"alg": "HS256"}),
		map[string]any{"kty": "oct", "kid": "shared", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"},
		map[string]any{"kty": "of the future", "kid": "strange"}, map[string]any{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "off the curve"},
		"no object", nil,
	))
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	a := authenticator(t, &service{}, auth.JWT{Issuer: issuer, JWKSURL: server.URL})
	p.fetched(t, 0)
	for name, test := range map[string]struct {
		token hook.Secret
		want  string
	}{
		"RSA":                       {signedBy(t, "rsa", rsaKey()), "member alice"},
		"ECDSA":                     {signedBy(t, "ec", p256Key()), "member alice"},
		"Ed25519":                   {signedBy(t, "ed", edKey()), "member alice"},
		"no kid":                    {signedBy(t, "", edKey()), "member alice"},
		"no kid, unknown key":       {token{jwt.SigningMethodES384, p384Key(), nil, nil}.sign(t), refused},
		"kid of another key":        {signedBy(t, "rsa", otherRSA()), refused},
		"kid of another type":       {signedBy(t, "ec", rsaKey()), refused},
		"published whole":           {signedBy(t, "published whole", edKey()), "member alice"},
		"unknown kid":               {signedBy(t, "who", rsaKey()), refused},
		"for encryption":            {signedBy(t, "for encryption", otherRSA()), refused},
		"for signing only":          {signedBy(t, "for signing only", otherRSA()), refused},
		"RS256 for a key of PS256":  {signedBy(t, "for PS256", otherRSA()), refused},
		"PS256":                     {token{jwt.SigningMethodPS256, otherRSA(), map[string]any{"kid": "for PS256"}, nil}.sign(t), "member alice"},
		"RS256 for a key of HS256":  {signedBy(t, "for HS256", otherRSA()), refused},
		"HS256 by a published key":  {token{jwt.SigningMethodHS256, []byte("secret-secret-secret-secret-secret"), map[string]any{"kid": "shared"}, nil}.sign(t), refused},
		"HS256 by the public key":   {token{jwt.SigningMethodHS256, []byte(publicPEM(rsaKey())), map[string]any{"kid": "rsa"}, nil}.sign(t), refused},
		"none":                      {token{jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, map[string]any{"kid": "rsa"}, nil}.sign(t), refused},
		"none of an unknown key":    {token{jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil, nil}.sign(t), refused},
		"address in the header":     {token{jwt.SigningMethodRS256, otherRSA(), map[string]any{"kid": "rsa", "jku": server.URL}, nil}.sign(t), refused},
		"key in the header":         {token{jwt.SigningMethodRS256, otherRSA(), map[string]any{"jwk": jwk("x", otherRSA(), nil)}, nil}.sign(t), refused},
		"expired, of the right key": {token{jwt.SigningMethodRS256, rsaKey(), map[string]any{"kid": "rsa"}, map[string]any{"exp": 1}}.sign(t), refused},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := a.Bearer(t.Context(), test.token)
			expect(t, v, err, test.want)
		})
	}
	p.fetched(t, 1)
}

func TestNothingIsFetchedForTokensThatAreRefusedAnyway(t *testing.T) {
	t.Parallel()
	p := newProvider(keySet())
	p.down.Store(true)
	a := p.authenticator(t)
	for _, bad := range []token{
		{jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil, nil},
		{jwt.SigningMethodHS256, []byte("x"), nil, nil},
		{jwt.SigningMethodEdDSA, edKey(), nil, map[string]any{"iss": "https://evil.example.org"}},
		{jwt.SigningMethodEdDSA, edKey(), nil, map[string]any{"exp": 1}},
		{jwt.SigningMethodEdDSA, edKey(), map[string]any{"crit": []string{"b64"}}, nil},
	} {
		v, err := a.Bearer(t.Context(), bad.sign(t))
		expect(t, v, err, refused)
	}
	p.fetched(t, 0)
}

func TestKeyRotation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(keySet(jwk("old", edKey(), nil)))
		a := p.authenticator(t)
		old, next := signedBy(t, "old", edKey()), signedBy(t, "next", p256Key())
		check := func(token hook.Secret, want string, fetches int) {
			t.Helper()
			v, err := a.Bearer(t.Context(), token)
			expect(t, v, err, want)
			p.fetched(t, fetches)
		}
		check(old, "member alice", 1)
		check(next, refused, 1) // too early to ask again
		p.set.Store(keySet(jwk("old", edKey(), nil), jwk("next", p256Key(), nil)))
		time.Sleep(11 * time.Second)
		check(next, "member alice", 2)
		check(old, "member alice", 2)
		// The old key is withdrawn.
		p.set.Store(keySet(jwk("next", p256Key(), nil)))
		time.Sleep(14 * time.Minute)
		check(old, "member alice", 2)
		time.Sleep(2 * time.Minute)
		check(old, refused, 3)
		check(next, "member alice", 3)
	})
}

func TestStrangeAnswersOfTheProvider(t *testing.T) {
	t.Parallel()
	good := keySet(jwk("k", edKey(), nil))
	elsewhere := httptest.NewServer(newProvider(good))
	t.Cleanup(elsewhere.Close)
	for name, answer := range map[string]http.HandlerFunc{
		"not found":  func(w http.ResponseWriter, _ *http.Request) { http.Error(w, good, http.StatusNotFound) },
		"redirect":   func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) },
		"HTML":       func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>")) },
		"no set":     func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("{}")) },
		"null":       func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("null")) },
		"keys wrong": func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"keys":{}}`)) },
		"too long":   func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(good + strings.Repeat(" ", 1<<20))) },
		"cut": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9999")
			w.Write([]byte(good))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(answer)
			t.Cleanup(server.Close)
			a := authenticator(t, &service{}, auth.JWT{Issuer: issuer, JWKSURL: server.URL})
			v, err := a.Bearer(t.Context(), signedBy(t, "k", edKey()))
			expect(t, v, err, unavailable)
		})
	}
}
