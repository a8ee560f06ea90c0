package hook_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	h := open(t)
	k, token, err := h.CreateAPIKey(h.admin, hook.APIKeyFields{Name: "deploy", Permissions: []hook.Permission{"WEBHOOKS:VIEW"}, LongLived: true})
	if err != nil {
		t.Fatal(err)
	}
	parts := regexp.MustCompile(`^hg_([0-9a-f-]{36})_([A-Za-z0-9_-]{43})$`).FindStringSubmatch(token.Reveal())
	if parts == nil || parts[1] != k.Key {
		t.Fatalf("the token of %s has another form", k.Key)
	}
	secret := hook.Secret(parts[2])
	v, found, err := h.AuthenticateKey(t.Context(), k.Key, secret)
	if err != nil || found.Key != k.Key || !found.LongLived || v.APIKey != k.Key || !v.Global || v.Name != "API key deploy" ||
		!v.May("WEBHOOKS", "VIEW") || v.May("WEBHOOKS", "EDIT") {
		t.Errorf("%+v, %+v, %v", v, found, err)
	}
	if _, _, err = h.AuthenticateKey(t.Context(), strings.ToUpper(k.Key), secret); err != nil {
		t.Errorf("in capitals: %v", err)
	}
	other, _, err := h.CreateAPIKey(h.admin, hook.APIKeyFields{Name: "other", Permissions: []hook.Permission{"ALL"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []struct {
		id     string
		secret hook.Secret
	}{
		{k.Key, ""}, {k.Key, "x"}, {k.Key, secret + "x"}, {k.Key, secret[:42]}, {k.Key, token}, {other.Key, secret}, {"", secret}, {"", ""},
		{"8f2b1d3e-5c47-4e0a-9a6b-0d6f2f7c1a55", secret}, {"unknown", ""}, {strings.Repeat("x", 100_000), secret}, {"\xff", secret},
	} {
		v, found, err := h.AuthenticateKey(t.Context(), wrong.id, wrong.secret)
		if v != nil || found != nil || hook.CodeOf(err) != hook.Unauthenticated || err.Error() != "the credential is not valid" {
			t.Errorf("%.40q: %v, %v", wrong.id, v, err)
		}
	}
	want(t, "revoke", h.RevokeAPIKey(h.admin, k.Key), "")
	_, _, err = h.AuthenticateKey(t.Context(), k.Key, secret)
	want(t, "a revoked key", err, hook.Unauthenticated)
	want(t, "revoke again", h.RevokeAPIKey(h.admin, k.Key), hook.NotFound)
}

func TestLastUse(t *testing.T) {
	t.Parallel()
	h := open(t)
	k, token, err := h.CreateAPIKey(h.admin, hook.APIKeyFields{Name: "k", Permissions: []hook.Permission{"ALL"}})
	if err != nil || k.LastUsed != nil {
		t.Fatal(k, err)
	}
	entries := len(h.audit())
	for range 3 {
		h.signIn(k, token)
	}
	now := must[[]*hook.APIKey](t)(h.APIKeysByKey(h.admin, []string{k.Key}))[0]
	if now.LastUsed == nil || time.Since(*now.LastUsed) > time.Minute || now.Version != k.Version+1 {
		t.Errorf("last used %v, version %d", now.LastUsed, now.Version)
	}
	if len(h.audit()) != entries {
		t.Error("the use of a key is in the audit log")
	}
}

// A key that acts as a member is worth what the member is worth now.
func TestKeysOfMembers(t *testing.T) {
	t.Parallel()
	h := open(t)
	ann := h.member("ann")
	k, token, err := h.CreateAPIKey(h.admin, hook.APIKeyFields{Name: "k", Permissions: []hook.Permission{"ALL"}, Member: ann.Key})
	if err != nil {
		t.Fatal(err)
	}
	secret := hook.Secret(token.Reveal()[len(hook.TokenPrefix)+len(k.Key)+1:])
	for _, test := range []struct {
		change hook.MemberFields
		global bool
		code   hook.Code
	}{
		{hook.MemberFields{}, false, ""},
		{hook.MemberFields{Admin: hook.Set(true)}, true, ""},
		{hook.MemberFields{Locked: hook.Set(true)}, false, hook.Unauthenticated},
		{hook.MemberFields{Locked: hook.Set(false), Status: hook.Set(hook.MemberDisabled)}, false, hook.Unauthenticated},
		{hook.MemberFields{Status: hook.Set(hook.MemberActivated), Admin: hook.Set(false)}, false, ""},
	} {
		if _, err := h.UpdateMember(h.admin, ann.Key, nil, test.change); err != nil {
			t.Fatal(err)
		}
		v, _, err := h.AuthenticateKey(t.Context(), k.Key, secret)
		want(t, "the key", err, test.code)
		if err == nil && (v.Global != test.global || v.Member != ann.Key) {
			t.Errorf("%+v", v)
		}
		v, err = h.AuthenticateSubject(t.Context(), hook.Claims{Sub: "sub-ann"}, true)
		want(t, "the member", err, test.code)
		if err == nil && (v.Global != test.global || v.Member != ann.Key) {
			t.Errorf("%+v", v)
		}
	}
	if err := h.DeleteMember(h.admin, ann.Key, nil, false); err != nil {
		t.Fatal(err)
	}
	_, _, err = h.AuthenticateKey(t.Context(), k.Key, secret)
	want(t, "the key of a member who is gone", err, hook.Unauthenticated)
	_, err = h.AuthenticateSubject(t.Context(), hook.Claims{Sub: "sub-ann"}, false)
	want(t, "a member who is gone", err, hook.Unauthenticated)
}

func TestFirstSignIn(t *testing.T) {
	t.Parallel()
	h := open(t)
	_, err := h.AuthenticateSubject(t.Context(), hook.Claims{Sub: "s1"}, false)
	want(t, "an unknown member", err, hook.Unauthenticated)
	for _, test := range []struct {
		claims hook.Claims
		expect hook.Member // what of it was taken
	}{
		{hook.Claims{Sub: "s1", Email: " Ann@Example.ORG ", Name: "Ann A", Username: "ann"}, hook.Member{Email: "ann@example.org", FullName: "Ann A", Username: "ann"}},
		{hook.Claims{Sub: "s2", Email: "nonsense", Name: "Bob B", Username: "bob"}, hook.Member{FullName: "Bob B", Username: "bob"}},
		{hook.Claims{Sub: "s3", Name: repeat(1000), Username: "12345"}, hook.Member{}},
		{hook.Claims{Sub: "s4", Username: "ANN", Name: "Ann B"}, hook.Member{FullName: "Ann B"}}, // taken
		{hook.Claims{Sub: "auth0|five@example.org"}, hook.Member{}},
	} {
		v, err := h.AuthenticateSubject(t.Context(), test.claims, true)
		if err != nil || v.Global || !v.May("WEBHOOKS", "VIEW") {
			t.Errorf("%s: %+v, %v", test.claims.Sub, v, err)
			continue
		}
		m := must[*hook.Member](t)(h.Member(h.admin, v.Member))
		if m.Sub != test.claims.Sub || m.Email != test.expect.Email || m.FullName != test.expect.FullName || m.Username != test.expect.Username || m.Admin {
			t.Errorf("%+v", m)
		}
		again, err := h.AuthenticateSubject(t.Context(), test.claims, true)
		if err != nil || again.Member != v.Member {
			t.Errorf("again: %+v, %v", again, err)
		}
	}
	for _, sub := range []string{repeat(256), "a\nb", "\xff", " "} {
		_, err := h.AuthenticateSubject(t.Context(), hook.Claims{Sub: sub}, true)
		want(t, "a bad subject", err, hook.Unauthenticated)
	}
	// Who signs in several times at once is one member.
	members := make([]string, 8)
	for _, err := range atOnce(len(members), func(i int) error {
		v, err := h.AuthenticateSubject(t.Context(), hook.Claims{Sub: "twins", Username: "twins"}, true)
		if err == nil {
			members[i] = v.Member
		}
		return err
	}) {
		want(t, "at once", err, "")
	}
	for _, m := range members {
		if m != members[0] {
			t.Errorf("%v", members)
		}
	}
}

// An API key sees and revokes what is of its kind only.
func TestWhoseKeys(t *testing.T) {
	t.Parallel()
	h := open(t)
	ann := h.member("ann")
	client := h.client("c", ann.Key).GetID()
	make := func(fields hook.APIKeyFields) string {
		t.Helper()
		fields.Name, fields.Permissions = "k", []hook.Permission{"ALL"}
		k, _, err := h.CreateAPIKey(h.admin, fields)
		if err != nil {
			t.Fatal(err)
		}
		return k.Key
	}
	keys := map[string]string{"free": make(hook.APIKeyFields{}), "ann": make(hook.APIKeyFields{Member: ann.Key}), "client": make(hook.APIKeyFields{Owner: client})}
	asClient := h.key(hook.APIKeyFields{Owner: client}, "KEYS:ALL")
	for whose, ctx := range map[string]struct {
		sees []string
		n    int
	}{"ann": {[]string{"ann"}, 1}, "client": {[]string{"client"}, 2}} {
		viewer := map[string]func() (*hook.Connection[hook.APIKey], error){
			"ann":    func() (*hook.Connection[hook.APIKey], error) { return h.APIKeys(h.as(ann), hook.PageArgs{}) },
			"client": func() (*hook.Connection[hook.APIKey], error) { return h.APIKeys(asClient, hook.PageArgs{}) },
		}[whose]
		list := must[*hook.Connection[hook.APIKey]](t)(viewer())
		if n, _, err := list.Total(h.admin); len(list.Nodes) != ctx.n || n != ctx.n || err != nil {
			t.Errorf("%s: %v, %d, %v", whose, keysOf(list.Nodes), n, err)
		}
	}
	want(t, "ann revokes the free key", h.RevokeAPIKey(h.as(ann), keys["free"]), hook.NotFound)
	want(t, "ann revokes the client's key", h.RevokeAPIKey(h.as(ann), keys["client"]), hook.NotFound)
	want(t, "ann revokes her key", h.RevokeAPIKey(h.as(ann), keys["ann"]), "")
	want(t, "the client's key revokes the free key", h.RevokeAPIKey(asClient, keys["free"]), hook.NotFound)
	want(t, "the client's key revokes another", h.RevokeAPIKey(asClient, keys["client"]), "")
	want(t, "a key that only removes", h.RevokeAPIKey(h.key(hook.APIKeyFields{}, "KEYS:REMOVE"), keys["free"]), "")
}
