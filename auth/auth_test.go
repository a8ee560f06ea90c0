package auth_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/auth"
	"github.com/hookgraph/hookgraph/hook"
)

const (
	adminKey  = "the-admin-key-of-these-tests-0123456789"
	keyID     = "0b1f6a3e-5c0d-4a53-9a7e-1f2d3c4b5a69"
	longID    = "5a1b8d6f-7a0c-4f7e-8d0f-6d4f5b3c2a10"
	keySecret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
)

var errDatabase = hook.Unavailablef(errors.New("connection refused"), "the database cannot be reached")

// service knows two API keys and the members alice and, if it may make them,
// everybody else.
type service struct {
	down   bool
	asked  atomic.Int32                // for API keys
	claims atomic.Pointer[hook.Claims] // of the last call
}

func (s *service) AuthenticateKey(_ context.Context, id string, secret hook.Secret) (*hook.Viewer, *hook.APIKey, error) {
	s.asked.Add(1)
	switch {
	case s.down:
		return nil, nil, errDatabase
	case id != keyID && id != longID:
		return nil, nil, &hook.Error{Code: hook.Unauthenticated, Message: "there is no key " + id}
	case secret != keySecret:
		return nil, nil, &hook.Error{Code: hook.Unauthenticated, Message: "wrong secret " + secret.Reveal()}
	}
	return &hook.Viewer{Name: "API key " + id}, &hook.APIKey{LongLived: id == longID}, nil
}

func (s *service) AuthenticateSubject(_ context.Context, claims hook.Claims, create bool) (*hook.Viewer, error) {
	s.claims.Store(&claims)
	switch {
	case s.down:
		return nil, errDatabase
	case claims.Sub != "alice" && !create:
		return nil, &hook.Error{Code: hook.Unauthenticated, Message: "there is no member " + claims.Sub}
	}
	return &hook.Viewer{Name: "member " + claims.Sub}, nil
}

func authenticator(t *testing.T, s auth.Service, options auth.JWT) *auth.Authenticator {
	t.Helper()
	a, err := auth.New(s, auth.Options{AdminKey: adminKey, JWT: options})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// expect checks a viewer by name, or the code of the error if the name is a
// code. A refusal always has the same words.
func expect(t *testing.T, v *hook.Viewer, err error, want string) {
	t.Helper()
	got := string(hook.CodeOf(err))
	if err == nil {
		got = "nobody"
		if v != nil {
			got = v.Name
		}
	}
	if got != want {
		t.Errorf("got %q (error %v), want %q", got, err, want)
	}
	if hook.CodeOf(err) == hook.Unauthenticated && err.Error() != "the credential is not valid" {
		t.Errorf("the refusal tells more than the others: %v", err)
	}
	if err != nil && v != nil {
		t.Errorf("a viewer comes with the error %v", err)
	}
}

const (
	refused     = string(hook.Unauthenticated)
	unavailable = string(hook.Unavailable)
)

func TestBearer(t *testing.T) {
	t.Parallel()
	a := authenticator(t, &service{}, auth.JWT{})
	for name, test := range map[string]struct {
		token hook.Secret
		want  string
	}{
		"admin key":               {adminKey, "admin key"},
		"admin key cut":           {hook.Secret(adminKey[1:]), refused},
		"admin key and more":      {adminKey + "0", refused},
		"admin key, other case":   {hook.Secret(strings.ToUpper(adminKey)), refused},
		"admin key and space":     {adminKey + " ", refused},
		"nothing":                 {"", refused},
		"API key":                 {"hg_" + keyID + "_" + keySecret, "API key " + keyID},
		"long-lived API key":      {"hg_" + longID + "_" + keySecret, "API key " + longID},
		"unknown API key":         {"hg_0b1f6a3e-5c0d-4a53-9a7e-1f2d3c4b5a60_" + keySecret, refused},
		"wrong secret":            {"hg_" + keyID + "_BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", refused},
		"short secret":            {hook.Secret("hg_" + keyID + "_" + keySecret[1:]), refused},
		"no secret":               {"hg_" + keyID + "_", refused},
		"no second underscore":    {"hg_" + keyID + keySecret, refused},
		"secret with stray bits":  {hook.Secret("hg_" + keyID + "_" + keySecret[:42] + "9"), refused},
		"secret with a line end":  {hook.Secret("hg_" + keyID + "_" + keySecret[:41] + "\n" + keySecret[41:]), refused},
		"upper-case id":           {hook.Secret("hg_" + strings.ToUpper(keyID) + "_" + keySecret), refused},
		"id in braces":            {"hg_{" + keyID + "}_" + keySecret, refused},
		"id without dashes":       {hook.Secret("hg_" + strings.ReplaceAll(keyID, "-", "") + "_" + keySecret), refused},
		"upper-case prefix":       {"HG_" + keyID + "_" + keySecret, refused},
		"JWT without a provider":  {"eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.", refused},
		"two dots":                {"..", refused},
		"more than anybody needs": {hook.Secret(strings.Repeat("a", 1<<20)), refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := a.Bearer(t.Context(), test.token)
			expect(t, v, err, test.want)
		})
	}
}

func TestBearerOfAdminReachesEverything(t *testing.T) {
	t.Parallel()
	v, err := authenticator(t, &service{}, auth.JWT{}).Bearer(t.Context(), adminKey)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(hook.AdminViewer(), v); diff != "" {
		t.Error(diff)
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	a := authenticator(t, &service{}, auth.JWT{})
	for name, test := range map[string]struct {
		id     string
		secret hook.Secret
		want   string
	}{
		"long-lived":         {longID, keySecret, "API key " + longID},
		"upper-case id":      {strings.ToUpper(longID), keySecret, "API key " + longID},
		"not long-lived":     {keyID, keySecret, refused},
		"wrong secret":       {longID, "BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", refused},
		"no id":              {"", keySecret, refused},
		"no secret":          {longID, "", refused},
		"admin key":          {longID, adminKey, refused},
		"secret with a tail": {longID, keySecret + "=", refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := a.Key(t.Context(), test.id, test.secret)
			expect(t, v, err, test.want)
		})
	}
}

func TestMalformedTokensAreNotLookedUp(t *testing.T) {
	t.Parallel()
	s := &service{}
	a := authenticator(t, s, auth.JWT{})
	for _, token := range []string{
		keyID + "_", keyID + "_" + keySecret[1:], keyID + "_" + keySecret + "\n", keyID + "_" + keySecret[:42] + "\n",
		keyID + "_" + keySecret[:42] + "=", keyID + "_" + keySecret[:42] + "+", "_" + keySecret, "Webhook:1_" + keySecret,
		strings.ToUpper(keyID) + "_" + keySecret, "urn:uuid:" + keyID + "_" + keySecret,
	} {
		v, err := a.Bearer(t.Context(), hook.Secret("hg_"+token))
		expect(t, v, err, refused)
	}
	if n := s.asked.Load(); n != 0 {
		t.Errorf("%d were looked up", n)
	}
}

func TestServiceDown(t *testing.T) {
	t.Parallel()
	a := authenticator(t, &service{down: true}, auth.JWT{})
	v, err := a.Bearer(t.Context(), "hg_"+keyID+"_"+keySecret)
	expect(t, v, err, unavailable)
	v, err = a.Key(t.Context(), longID, keySecret)
	expect(t, v, err, unavailable)
	v, err = a.Bearer(t.Context(), adminKey)
	expect(t, v, err, "admin key")
}

func TestViewer(t *testing.T) {
	t.Parallel()
	a := authenticator(t, &service{}, auth.JWT{})
	for name, test := range map[string]struct {
		headers []string
		want    string
	}{
		"no header":           {nil, "nobody"},
		"bearer":              {[]string{"Bearer " + adminKey}, "admin key"},
		"lower-case scheme":   {[]string{"bearer " + adminKey}, "admin key"},
		"empty header":        {[]string{""}, refused},
		"scheme only":         {[]string{"Bearer"}, refused},
		"scheme and space":    {[]string{"Bearer "}, refused},
		"no scheme":           {[]string{adminKey}, refused},
		"basic":               {[]string{"Basic " + adminKey}, refused},
		"bad token":           {[]string{"Bearer no"}, refused},
		"twice the same":      {[]string{"Bearer " + adminKey, "Bearer " + adminKey}, refused},
		"a good and an empty": {[]string{"Bearer " + adminKey, ""}, refused},
		"joined by a comma":   {[]string{"Bearer " + adminKey + ", Bearer " + adminKey}, refused},
		"two spaces":          {[]string{"Bearer  " + adminKey}, refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest("POST", "/graphql", nil)
			for _, h := range test.headers {
				r.Header.Add("Authorization", h)
			}
			v, err := a.Viewer(r)
			expect(t, v, err, test.want)
		})
	}
}
