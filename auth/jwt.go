package auth

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"

	"github.com/hookgraph/hookgraph/hook"
)

// JWT is a provider whose signed tokens name members, and how its signatures
// are checked: by the keys at JWKSURL, or by Key.
type JWT struct {
	// Issuer is the exact iss of the tokens. JWKSURL needs it; with Key it may be
	// empty, and then any issuer that has the key is accepted.
	Issuer string
	// JWKSURL is the http or https address of the provider's JWK Set (RFC 7517).
	JWKSURL string
	// Key is a public key or a certificate in PEM (RSA of at least 2048 bits,
	// ECDSA P-256, P-384 or P-521, Ed25519), or "HS256:" and a shared secret of at
	// least 32 bytes in base64. Line ends may be written \n. The dates of a
	// certificate do not matter.
	Key hook.Secret
	// Audience must be in the aud of the tokens. If it is empty, a token that the
	// provider made for another program is accepted too.
	Audience string
	// CreateMembers makes a member of an unknown subject.
	CreateMembers bool
	// Transport reaches JWKSURL; http.DefaultTransport if nil.
	Transport http.RoundTripper
}

// leeway is how far the provider's clock may differ from ours.
const leeway = 45 * time.Second

// maxSubject is the longest sub, in characters (OpenID Connect Core, section 2).
const maxSubject = 255

// A keySource finds the keys that a token may be signed with.
type keySource interface {
	// find returns the keys named kid, or all of them if kid is empty; none if
	// there is no such key. The error is UNAVAILABLE.
	find(ctx context.Context, kid string) ([]verificationKey, error)
}

type verifier struct {
	keys          keySource
	parser        *jwt.Parser
	validator     *jwt.Validator
	createMembers bool
}

// newVerifier returns nil if the options are empty.
func newVerifier(options JWT, log *slog.Logger) (*verifier, error) {
	if err := options.check(); err != nil {
		return nil, err
	}
	v := &verifier{createMembers: options.CreateMembers}
	methods := signatures
	switch {
	case options.JWKSURL != "":
		v.keys = newKeySet(options.JWKSURL, options.Transport, log)
	case options.Key != "":
		key, err := parseKey(options.Key)
		if err != nil {
			return nil, err
		}
		v.keys, methods = staticKey{key}, key.algorithms
	default:
		return nil, nil
	}
	rules := []jwt.ParserOption{jwt.WithValidMethods(methods), jwt.WithStrictDecoding(), jwt.WithExpirationRequired(), jwt.WithLeeway(leeway)}
	if options.Issuer != "" {
		rules = append(rules, jwt.WithIssuer(options.Issuer))
	}
	if options.Audience != "" {
		rules = append(rules, jwt.WithAudience(options.Audience))
	}
	v.parser, v.validator = jwt.NewParser(rules...), jwt.NewValidator(rules...)
	return v, nil
}

// verify returns what a token tells about its subject. The error is
// UNAUTHENTICATED, or UNAVAILABLE if the provider's keys are not known.
func (v *verifier) verify(ctx context.Context, token string) (hook.Claims, error) {
	// A map, because names of claims are case-sensitive (RFC 7519, section 4) and
	// structs are filled ignoring case.
	claims := jwt.MapClaims{}
	_, err := v.parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) { return v.candidates(ctx, t) })
	if err != nil {
		var unavailable *hook.Error
		if errors.As(err, &unavailable) {
			return hook.Claims{}, unavailable
		}
		return hook.Claims{}, badCredential()
	}
	return subject(claims)
}

// candidates returns the keys that fit a token whose algorithm is an accepted
// one. The claims are checked first: no key is fetched for a token that would
// be refused anyway.
func (v *verifier) candidates(ctx context.Context, t *jwt.Token) (any, error) {
	kid, ok := textOf(t.Header, "kid")
	if !ok || !acceptedType(t.Header) {
		return nil, jwt.ErrTokenUnverifiable
	}
	// Extensions that must be understood are refused, since none is (RFC 7515,
	// section 4.1.11).
	if _, critical := t.Header["crit"]; critical {
		return nil, jwt.ErrTokenUnverifiable
	}
	if err := v.validator.Validate(t.Claims); err != nil {
		return nil, err
	}
	keys, err := v.keys.find(ctx, kid)
	if err != nil {
		return nil, err
	}
	var set jwt.VerificationKeySet
	for _, k := range keys {
		if slices.Contains(k.algorithms, t.Method.Alg()) {
			set.Keys = append(set.Keys, k.key)
		}
	}
	return set, nil
}

// acceptedType refuses what providers sign for other purposes, such as logout
// tokens (RFC 8725, section 3.11).
func acceptedType(header map[string]any) bool {
	typ, ok := textOf(header, "typ")
	typ = strings.TrimPrefix(strings.ToLower(typ), "application/")
	return ok && (typ == "" || typ == "jwt" || typ == "at+jwt")
}

func subject(claims jwt.MapClaims) (hook.Claims, error) {
	sub, _ := textOf(claims, "sub")
	// Kheops takes a reference with @ for an email (section 1).
	if sub == "" || utf8.RuneCountInString(sub) > maxSubject || strings.Contains(sub, "@") {
		return hook.Claims{}, badCredential()
	}
	c := hook.Claims{Sub: sub}
	c.Name, _ = textOf(claims, "name")
	c.Username, _ = textOf(claims, "preferred_username")
	// An email that the provider has not verified may be somebody else's.
	if verified := claims["email_verified"]; verified == nil || verified == true || verified == "true" {
		c.Email, _ = textOf(claims, "email")
	}
	return c, nil
}

// textOf returns a text, "" if it is absent, and false if it is something else.
func textOf(m map[string]any, name string) (string, bool) {
	value, found := m[name]
	text, ok := value.(string)
	return text, ok || !found
}
