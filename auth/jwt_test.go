package auth_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/auth"
	"github.com/hookgraph/hookgraph/hook"
)

func TestTokenOfStaticKey(t *testing.T) {
	t.Parallel()
	a := authenticator(t, &service{}, auth.JWT{Issuer: issuer, Audience: "hookgraph", Key: hook.Secret(publicPEM(rsaKey()))})
	now := time.Now()
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	for name, test := range map[string]struct {
		claims map[string]any
		header map[string]any
		want   string
	}{
		"good":                    {nil, nil, "member alice"},
		"several audiences":       {map[string]any{"aud": []string{"other", "hookgraph"}}, nil, "member alice"},
		"access token":            {nil, map[string]any{"typ": "at+jwt"}, "member alice"},
		"access token, full type": {nil, map[string]any{"typ": "application/at+jwt"}, "member alice"},
		"no type":                 {nil, map[string]any{"typ": nil}, "member alice"},
		"logout token":            {nil, map[string]any{"typ": "logout+jwt"}, refused},
		"type is a number":        {nil, map[string]any{"typ": 1}, refused},
		"any kid":                 {nil, map[string]any{"kid": "k1"}, "member alice"},
		"kid is a number":         {nil, map[string]any{"kid": 1}, refused},
		"unknown extension":       {nil, map[string]any{"crit": []string{"x"}, "x": 1}, refused},
		"unknown member":          {map[string]any{"sub": "mallory"}, nil, refused},
		"expired":                 {map[string]any{"exp": at(-2 * time.Minute)}, nil, refused},
		"expired within leeway":   {map[string]any{"exp": at(-20 * time.Second)}, nil, "member alice"},
		"no expiry":               {map[string]any{"exp": nil}, nil, refused},
		"expiry zero":             {map[string]any{"exp": 0}, nil, refused},
		"expiry is a text":        {map[string]any{"exp": "2099-01-01"}, nil, refused},
		"expiry beyond time":      {map[string]any{"exp": -1e300}, nil, refused},
		"not yet valid":           {map[string]any{"nbf": at(2 * time.Minute)}, nil, refused},
		"valid within leeway":     {map[string]any{"nbf": at(20 * time.Second)}, nil, "member alice"},
		"nbf is a text":           {map[string]any{"nbf": "soon"}, nil, refused},
		"other issuer":            {map[string]any{"iss": "https://evil.example.org"}, nil, refused},
		"issuer and a slash":      {map[string]any{"iss": issuer + "/"}, nil, refused},
		"no issuer":               {map[string]any{"iss": nil}, nil, refused},
		"other audience":          {map[string]any{"aud": "other"}, nil, refused},
		"no audience":             {map[string]any{"aud": nil}, nil, refused},
		"no subject":              {map[string]any{"sub": nil}, nil, refused},
		"subject is a number":     {map[string]any{"sub": 7}, nil, refused},
		"subject in capitals":     {map[string]any{"sub": nil, "SUB": "alice"}, nil, refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			claims := map[string]any{"aud": "hookgraph"}
			maps.Copy(claims, test.claims)
			v, err := a.Bearer(t.Context(), token{jwt.SigningMethodRS256, rsaKey(), test.header, claims}.sign(t))
			expect(t, v, err, test.want)
		})
	}
}

func TestTokenAlgorithm(t *testing.T) {
	t.Parallel()
	secret := []byte(strings.Repeat("s3cret", 6))
	shared := "HS256:" + base64.StdEncoding.EncodeToString(secret)
	public := publicPEM(rsaKey())
	oneLine := strings.ReplaceAll(public, "\n", `\n`)
	for name, test := range map[string]struct {
		key    string
		method jwt.SigningMethod
		signer any
		want   string
	}{
		"RS256":                      {public, jwt.SigningMethodRS256, rsaKey(), "member alice"},
		"RS512":                      {public, jwt.SigningMethodRS512, rsaKey(), "member alice"},
		"PS256":                      {public, jwt.SigningMethodPS256, rsaKey(), "member alice"},
		"one line":                   {oneLine, jwt.SigningMethodRS256, rsaKey(), "member alice"},
		"certificate":                {certificatePEM(rsaKey()), jwt.SigningMethodRS256, rsaKey(), "member alice"},
		"ES256":                      {publicPEM(p256Key()), jwt.SigningMethodES256, p256Key(), "member alice"},
		"ES384":                      {publicPEM(p384Key()), jwt.SigningMethodES384, p384Key(), "member alice"},
		"EdDSA":                      {publicPEM(edKey()), jwt.SigningMethodEdDSA, edKey(), "member alice"},
		"HS256":                      {shared, jwt.SigningMethodHS256, secret, "member alice"},
		"another RSA key":            {public, jwt.SigningMethodRS256, otherRSA(), refused},
		"none":                       {public, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, refused},
		"none for a shared secret":   {shared, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, refused},
		"HS256 by the public key":    {public, jwt.SigningMethodHS256, []byte(public), refused},
		"HS256 by the trimmed key":   {public, jwt.SigningMethodHS256, []byte(strings.TrimSpace(public)), refused},
		"HS512 for HS256":            {shared, jwt.SigningMethodHS512, secret, refused},
		"HS256 by another secret":    {shared, jwt.SigningMethodHS256, []byte("other"), refused},
		"HS256 by the text itself":   {shared, jwt.SigningMethodHS256, []byte(shared), refused},
		"ES256 for an RSA key":       {public, jwt.SigningMethodES256, p256Key(), refused},
		"RS256 for an ECDSA key":     {publicPEM(p256Key()), jwt.SigningMethodRS256, rsaKey(), refused},
		"ES384 for a P-256 key":      {publicPEM(p256Key()), jwt.SigningMethodES384, p384Key(), refused},
		"EdDSA for an ECDSA key":     {publicPEM(p256Key()), jwt.SigningMethodEdDSA, edKey(), refused},
		"HS256 by the Ed25519 bytes": {publicPEM(edKey()), jwt.SigningMethodHS256, []byte(edKey().Public().(ed25519.PublicKey)), refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := authenticator(t, &service{}, auth.JWT{Issuer: issuer, Key: hook.Secret(test.key)})
			v, err := a.Bearer(t.Context(), token{test.method, test.signer, nil, nil}.sign(t))
			expect(t, v, err, test.want)
		})
	}
}

func TestTokenMangled(t *testing.T) {
	t.Parallel()
	a := authenticator(t, &service{}, auth.JWT{Key: hook.Secret(publicPEM(rsaKey()))})
	good := token{jwt.SigningMethodRS256, rsaKey(), nil, nil}.sign(t).Reveal()
	header, rest, _ := strings.Cut(good, ".")
	claims, signature, _ := strings.Cut(rest, ".")
	encode := func(v any) string { return base64.RawURLEncoding.EncodeToString(must(json.Marshal(v))) }
	for name, test := range map[string]struct{ token, want string }{
		"good":                 {good, "member alice"},
		"no signature":         {header + "." + claims + ".", refused},
		"four parts":           {good + ".", refused},
		"stray bits":           {good[:len(good)-1] + string(good[len(good)-1]+1), refused}, // the last character holds two bits
		"padding":              {good + "==", refused},
		"other claims":         {header + "." + encode(map[string]any{"sub": "root", "exp": 4e9}) + "." + signature, refused},
		"none, old signature":  {encode(map[string]any{"alg": "none"}) + "." + claims + "." + signature, refused},
		"NoNe":                 {encode(map[string]any{"alg": "NoNe"}) + "." + claims + ".", refused},
		"no algorithm":         {encode(map[string]any{"typ": "JWT"}) + "." + claims + "." + signature, refused},
		"algorithm is a list":  {encode(map[string]any{"alg": []string{"RS256"}}) + "." + claims + "." + signature, refused},
		"header is null":       {encode(nil) + "." + claims + "." + signature, refused},
		"claims are null":      {header + "." + encode(nil) + "." + signature, refused},
		"claims are a list":    {header + "." + encode([]int{}) + "." + signature, refused},
		"header is not base64": {"?." + claims + "." + signature, refused},
		"header is not JSON":   {"AAAA." + claims + "." + signature, refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := a.Bearer(t.Context(), hook.Secret(test.token))
			expect(t, v, err, test.want)
		})
	}
}

func TestTokenClaims(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		claims map[string]any
		want   hook.Claims
	}{
		"subject only": {nil, hook.Claims{Sub: "alice"}},
		"all": {map[string]any{"email": "a@example.org", "name": "Alice A.", "preferred_username": "alice1"},
			hook.Claims{Sub: "alice", Email: "a@example.org", Name: "Alice A.", Username: "alice1"}},
		"verified email":   {map[string]any{"email": "a@example.org", "email_verified": true}, hook.Claims{Sub: "alice", Email: "a@example.org"}},
		"unverified email": {map[string]any{"email": "a@example.org", "email_verified": false}, hook.Claims{Sub: "alice"}},
		"strange types":    {map[string]any{"email": 1, "name": []string{"x"}, "preferred_username": true}, hook.Claims{Sub: "alice"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &service{}
			a := authenticator(t, s, auth.JWT{Key: hook.Secret(publicPEM(edKey()))})
			v, err := a.Bearer(t.Context(), token{jwt.SigningMethodEdDSA, edKey(), nil, test.claims}.sign(t))
			expect(t, v, err, "member alice")
			if diff := cmp.Diff(&test.want, s.claims.Load()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTokenSubject(t *testing.T) {
	t.Parallel()
	a := authenticator(t, &service{}, auth.JWT{Key: hook.Secret(publicPEM(edKey())), CreateMembers: true})
	longest := strings.Repeat("é", 255)
	for sub, want := range map[string]string{
		"bob": "member bob", longest: "member " + longest, longest + "é": refused, "bob@example.org": refused, "@": refused, "": refused,
	} {
		v, err := a.Bearer(t.Context(), token{jwt.SigningMethodEdDSA, edKey(), nil, map[string]any{"sub": sub}}.sign(t))
		expect(t, v, err, want)
	}
}

func TestTokenOfUnknownMember(t *testing.T) {
	t.Parallel()
	key := hook.Secret(publicPEM(edKey()))
	bob := token{jwt.SigningMethodEdDSA, edKey(), nil, map[string]any{"sub": "bob"}}.sign(t)
	v, err := authenticator(t, &service{}, auth.JWT{Key: key}).Bearer(t.Context(), bob)
	expect(t, v, err, refused)
	v, err = authenticator(t, &service{}, auth.JWT{Key: key, CreateMembers: true}).Bearer(t.Context(), bob)
	expect(t, v, err, "member bob")
	v, err = authenticator(t, &service{down: true}, auth.JWT{Key: key}).Bearer(t.Context(), bob)
	expect(t, v, err, unavailable)
}
