package auth_test

import (
	"bytes"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/auth"
	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

// realService returns a service over an empty database.
func realService(t *testing.T) *hook.Service {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), t.TempDir(), storage.Collections(), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	vault, err := hook.NewVault(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return hook.NewService(storage.New(engine), vault, hook.Options{})
}

func TestStoredKeys(t *testing.T) {
	t.Parallel()
	s := realService(t)
	a := authenticator(t, s, auth.JWT{})
	ctx := hook.WithViewer(t.Context(), hook.AdminViewer())
	for _, longLived := range []bool{false, true} {
		key, token, err := s.CreateAPIKey(ctx, hook.APIKeyFields{
			Name: "robot", Permissions: []hook.Permission{"WEBHOOKS:VIEW"}, LongLived: longLived,
		})
		if err != nil {
			t.Fatal(err)
		}
		want := &hook.Viewer{Name: "API key robot", Permissions: hook.PermissionSet{"WEBHOOKS:VIEW"}, Global: true, APIKey: key.Key}
		v, err := a.Bearer(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, v); diff != "" {
			t.Error(diff)
		}
		secret := hook.Secret(token.Reveal()[len(token)-43:])
		v, err = a.Key(t.Context(), key.Key, secret)
		expect(t, v, err, map[bool]string{false: refused, true: "API key robot"}[longLived])
		v, err = a.Key(t.Context(), key.Key, keySecret)
		expect(t, v, err, refused)
		if err := s.RevokeAPIKey(ctx, key.Key); err != nil {
			t.Fatal(err)
		}
		v, err = a.Bearer(t.Context(), token)
		expect(t, v, err, refused)
	}
	v, err := a.Bearer(t.Context(), "hg_"+keyID+"_"+keySecret)
	expect(t, v, err, refused)
}

func TestStoredMembers(t *testing.T) {
	t.Parallel()
	s := realService(t)
	key := hook.Secret(publicPEM(edKey()))
	alice := token{jwt.SigningMethodEdDSA, edKey(), nil, map[string]any{"preferred_username": "alice1"}}.sign(t)
	control := token{jwt.SigningMethodEdDSA, edKey(), nil, map[string]any{"sub": "al\x00ice"}}.sign(t)
	known, creating := authenticator(t, s, auth.JWT{Key: key}), authenticator(t, s, auth.JWT{Key: key, CreateMembers: true})
	v, err := known.Bearer(t.Context(), alice)
	expect(t, v, err, refused)
	v, err = creating.Bearer(t.Context(), control)
	expect(t, v, err, refused)
	v, err = creating.Bearer(t.Context(), alice)
	expect(t, v, err, "member alice1")
	v, err = known.Bearer(t.Context(), alice)
	expect(t, v, err, "member alice1")
	if v == nil || v.Global || v.Member == "" {
		t.Errorf("the viewer is %+v, not just the member", v)
	}
}
