package hook_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

func otherVault(t *testing.T) *hook.Vault {
	t.Helper()
	vault, err := hook.NewVault([]byte(strings.Repeat("o", 32)))
	if err != nil {
		t.Fatal(err)
	}
	return vault
}

func TestVault(t *testing.T) {
	t.Parallel()
	vault, node := testVault(t), hook.ID{Kind: hook.KindWebhook, Key: "789"}
	for _, secret := range []hook.Secret{"", "hunter2", hook.Secret(strings.Repeat("é", 1024))} {
		sealed := vault.Seal(node, secret)
		if opened, err := vault.Open(node, sealed); err != nil || opened.Reveal() != secret.Reveal() {
			t.Errorf("opened as %d characters, %v", len(opened), err)
		}
		if slices.Equal(sealed, vault.Seal(node, secret)) {
			t.Error("equal secrets are sealed alike")
		}
	}
	sealed := vault.Seal(node, "hunter2")
	if _, err := otherVault(t).Open(node, sealed); !errors.Is(err, hook.ErrWrongKey) {
		t.Errorf("another key: %v", err)
	}
	for _, other := range []hook.ID{{Kind: hook.KindWebhook, Key: "78"}, {Kind: hook.KindClient, Key: "789"}, {}} {
		if opened, err := vault.Open(other, sealed); err == nil || opened != "" {
			t.Errorf("moved to %s: it opens", other)
		}
	}
	for i := range sealed {
		tampered := slices.Clone(sealed)
		tampered[i] ^= 1
		if opened, err := vault.Open(node, tampered); err == nil || opened != "" || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
	for n := range sealed {
		if _, err := vault.Open(node, sealed[:n]); err == nil {
			t.Errorf("cut to %d bytes: it opens", n)
		}
	}
	for _, n := range []int{0, 16, 31, 33, 64} {
		if _, err := hook.NewVault(make([]byte, n)); err == nil {
			t.Errorf("a key of %d bytes is taken", n)
		}
	}
}

func TestCheckVault(t *testing.T) {
	t.Parallel()
	h := open(t)
	for range 2 {
		want(t, "its own", h.CheckVault(t.Context()), "")
	}
	other := hook.NewService(h.store, otherVault(t), hook.Options{})
	if err := other.CheckVault(t.Context()); !errors.Is(err, hook.ErrWrongKey) {
		t.Errorf("another key: %v", err)
	}
	want(t, "its own again", h.CheckVault(t.Context()), "")
	id := must[string](t)(h.AccountID(t.Context()))
	if again := must[string](t)(other.AccountID(t.Context())); again != id || id == "" {
		t.Errorf("accounts %s, %s", id, again)
	}
}

func TestSecretsOfWebhooks(t *testing.T) {
	t.Parallel()
	h := open(t)
	const standard = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	encoded := func(n int) string { return "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, n)) }
	for _, test := range []struct {
		dialect hook.Dialect
		secret  string
		ok      bool
	}{
		{hook.Standard, standard, true},
		{hook.Standard, encoded(24), true},
		{hook.Standard, encoded(64), true},
		{hook.Standard, encoded(23), false},
		{hook.Standard, encoded(65), false},
		{hook.Standard, "", false},
		{hook.Standard, "hunter2", false},
		{hook.Standard, "whsec_hunter2", false},
		{hook.Standard, strings.TrimPrefix(standard, "whsec_"), false},
		{hook.Entrust, "kZ3vQ0m9bWq7Yx2R8sTn5uLdC1fGhJ4aPoIeVwXyBzE=", true},
		{hook.Entrust, "", false},
		{hook.Entrust, repeat(1024), true},
		{hook.Entrust, repeat(1025), false},
		{hook.Kheops, "", true},
		{hook.Kheops, " clé-secrète ", true},
		{hook.Kheops, "a\x00", false},
		{hook.Kheops, "�", false},
		{hook.PageSeeder, "hunter2", false},
		{hook.PageSeeder, "", false},
	} {
		owner := h.owners()[test.dialect]
		fields := example(test.dialect, "n")
		fields.Secret = hook.Set(hook.Secret(test.secret))
		w, shown, err := h.CreateWebhook(h.admin, test.dialect, owner, fields)
		existing := h.webhook(test.dialect, owner, "existing")
		set, setErr := h.SetWebhookSecret(h.admin, existing.Key, nil, hook.Secret(test.secret))
		if !test.ok {
			wantField(t, string(test.dialect)+" creates", err, hook.Invalid, "secret")
			wantField(t, string(test.dialect)+" sets", setErr, hook.Invalid, "secret")
			if test.secret != "" && strings.Contains(fmt.Sprint(err, setErr), test.secret) {
				t.Errorf("the error shows the secret: %v", err)
			}
			continue
		}
		if err != nil || setErr != nil || shown.Reveal() != test.secret {
			t.Errorf("%s: %v, %v", test.dialect, err, setErr)
			continue
		}
		for _, w := range []*hook.Webhook{w, set} {
			if test.secret == "" {
				if w.UsesSecret() || w.Secret != nil {
					t.Errorf("%s has a secret", test.dialect)
				}
			} else if opened, err := testVault(t).Open(w.GetID(), w.Secret); err != nil || opened.Reveal() != test.secret || w.SecretState != hook.SecretSet {
				t.Errorf("%s: %v", test.dialect, err)
			}
		}
	}
}

// Secrets that are made here have the form of their dialect and are never made
// twice.
func TestNewSecrets(t *testing.T) {
	t.Parallel()
	h := open(t)
	seen := map[string]bool{}
	for dialect, form := range map[hook.Dialect]string{
		hook.Standard: `^whsec_[A-Za-z0-9+/]{43}=$`, hook.Entrust: `^whsec_[A-Za-z0-9_-]{43}$`, hook.Kheops: `^[A-Za-z0-9_-]{43}$`,
	} {
		w := h.webhook(dialect, h.owners()[dialect], "w")
		for range 3 {
			_, secret, err := h.RotateWebhookSecret(h.admin, w.Key, nil)
			if err != nil || !regexp.MustCompile(form).MatchString(secret.Reveal()) || seen[secret.Reveal()] {
				t.Errorf("%s: a secret of %d characters, %v", dialect, len(secret), err)
			}
			seen[secret.Reveal()] = true
		}
	}
	w := h.webhook(hook.PageSeeder, h.client("c", "").GetID(), "w")
	_, secret, err := h.RotateWebhookSecret(h.admin, w.Key, nil)
	wantField(t, "PageSeeder", err, hook.Invalid, "secret")
	if secret != "" {
		t.Error("it has a secret")
	}
}

// A rotated secret signs beside the new one for a day; a set one does not.
func TestRotation(t *testing.T) {
	t.Parallel()
	h := open(t)
	vault := testVault(t)
	w, first, err := h.CreateWebhook(h.admin, hook.Standard, account, example(hook.Standard, "w"))
	if err != nil {
		t.Fatal(err)
	}
	check := func(w *hook.Webhook, current, previous hook.Secret) {
		t.Helper()
		now := must[*hook.Webhook](t)(h.Webhook(h.admin, w.Key)) // as it is stored
		if opened, err := vault.Open(w.GetID(), now.Secret); err != nil || !opened.Equal(current) {
			t.Errorf("the secret: %v", err)
		}
		if previous == "" {
			if now.PreviousSecret != nil || now.PreviousSecretUntil != nil {
				t.Error("there is a previous secret")
			}
			return
		}
		if opened, err := vault.Open(w.GetID(), now.PreviousSecret); err != nil || !opened.Equal(previous) {
			t.Errorf("the previous secret: %v", err)
		}
		if left := time.Until(*now.PreviousSecretUntil); left > hook.RotationOverlap || left < hook.RotationOverlap-time.Minute {
			t.Errorf("it is good for %s", left)
		}
	}
	check(w, first, "")
	w, second, err := h.RotateWebhookSecret(h.admin, w.Key, &w.Version)
	want(t, "rotate", err, "")
	check(w, second, first)
	w, third, err := h.RotateWebhookSecret(h.admin, w.Key, nil)
	want(t, "rotate", err, "")
	check(w, third, second)
	w, err = h.SetWebhookSecret(h.admin, w.Key, nil, first)
	want(t, "set", err, "")
	check(w, first, "")

	// One that nobody knows here is not kept.
	if _, err = h.Import(h.admin, hook.Import{Dialect: hook.Entrust, Records: records(entrustRecord(1))}); err != nil {
		t.Fatal(err)
	}
	w = must[*hook.Webhook](t)(h.Webhook(h.admin, entrustRecord(1).Webhook.Key))
	if w.SecretState != hook.SecretUnknown || !w.UsesSecret() {
		t.Errorf("%s", w.SecretState)
	}
	w, fourth, err := h.RotateWebhookSecret(h.admin, w.Key, nil)
	want(t, "rotate", err, "")
	check(w, fourth, "")
}
