package hook_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/hook"
)

// revealed returns the secrets that sign a webhook's deliveries.
func (h *house) revealed(w *hook.Webhook) (texts []string) {
	h.t.Helper()
	secrets, err := h.WebhookSecrets(h.t.Context(), w)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, secret := range secrets {
		texts = append(texts, secret.Reveal())
	}
	return texts
}

func TestWebhookSecrets(t *testing.T) {
	t.Parallel()
	h := open(t)
	check := func(what string, w *hook.Webhook, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, h.revealed(w)); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	w, first, err := h.CreateWebhook(h.admin, hook.Standard, account, example(hook.Standard, "w"))
	if err != nil {
		t.Fatal(err)
	}
	check("new", w, first.Reveal())
	w, second, err := h.RotateWebhookSecret(h.admin, w.Key, nil)
	if err != nil {
		t.Fatal(err)
	}
	check("rotated", w, second.Reveal(), first.Reveal())
	w, third, err := h.RotateWebhookSecret(h.admin, w.Key, nil)
	if err != nil {
		t.Fatal(err)
	}
	check("rotated again", w, third.Reveal(), second.Reveal())
	w = must[*hook.Webhook](t)(h.SetWebhookSecret(h.admin, w.Key, nil, first))
	check("set", w, first.Reveal())

	k := h.webhook(hook.Kheops, h.album("a", nil).GetID(), "k")
	check("none", k)
	k.SecretState = hook.SecretUnknown
	if secrets, err := h.WebhookSecrets(t.Context(), k); !errors.Is(err, hook.ErrUnknown) || secrets != nil {
		t.Errorf("unknown: %v, %v", secrets, err)
	}
}

// A replaced secret signs for RotationOverlap and no longer.
func TestPreviousSecretEnds(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.webhook(hook.Entrust, account, "w")
	w, _, err := h.RotateWebhookSecret(h.admin, w.Key, nil)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		until := time.Now().Add(hook.RotationOverlap)
		ending := *w
		ending.PreviousSecretUntil = &until
		time.Sleep(hook.RotationOverlap - time.Millisecond)
		if n := len(h.revealed(&ending)); n != 2 {
			t.Errorf("%d secrets before the end", n)
		}
		time.Sleep(time.Millisecond)
		if n := len(h.revealed(&ending)); n != 1 {
			t.Errorf("%d secrets after the end", n)
		}
	})
}

// PageSeeder's deliveries are signed with the secret of the client.
func TestWebhookSecretOfClient(t *testing.T) {
	t.Parallel()
	h := open(t)
	c, _, err := h.CreateClient(h.admin, hook.ClientFields{Name: hook.Set("c"), WebhookSecret: hook.Set(hook.Secret("ours"))})
	if err != nil {
		t.Fatal(err)
	}
	if got := h.revealed(h.webhook(hook.PageSeeder, c.GetID(), "w")); !cmp.Equal(got, []string{"ours"}) {
		t.Errorf("got %q", got)
	}
	if got := h.revealed(h.webhook(hook.PageSeeder, h.client("other", "").GetID(), "w")); got != nil {
		t.Errorf("got %q", got)
	}
}

func TestWebhookHeaders(t *testing.T) {
	t.Parallel()
	h := open(t)
	one, two := hook.Secret("Bearer 1"), hook.Secret("")
	fields := example(hook.Standard, "w")
	fields.Headers = hook.Set([]hook.HeaderFields{{Name: "X-Two", Value: &two}, {Name: "Authorization", Value: &one}})
	w, _, err := h.CreateWebhook(h.admin, hook.Standard, account, fields)
	if err != nil {
		t.Fatal(err)
	}
	got, err := h.WebhookHeaders(w)
	if diff := cmp.Diff([][2]string{{"X-Two", ""}, {"Authorization", "Bearer 1"}}, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	// A secret that was moved to another webhook is not opened.
	moved := *h.webhook(hook.Standard, account, "moved")
	moved.Headers, moved.Secret = w.Headers, w.Secret
	if got, err := h.WebhookHeaders(&moved); err == nil || got != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := h.WebhookSecrets(t.Context(), &moved); err == nil || got != nil {
		t.Errorf("%v, %v", got, err)
	}
}

func TestWebhookHandshake(t *testing.T) {
	t.Parallel()
	h := open(t)
	fields := example(hook.PageSeeder, "w")
	fields.Handshake = hook.Set(hook.Secret("0a1b2c3d4e"))
	w, _, err := h.CreateWebhook(h.admin, hook.PageSeeder, h.client("c", "").GetID(), fields)
	if err != nil {
		t.Fatal(err)
	}
	if got := must[hook.Secret](t)(h.WebhookHandshake(w)); got.Reveal() != "0a1b2c3d4e" {
		t.Errorf("the handshake is %q", got.Reveal())
	}
	imported := *w
	imported.Handshake = nil
	if got := must[hook.Secret](t)(h.WebhookHandshake(&imported)); got != "" {
		t.Errorf("an imported webhook has the handshake %q", got.Reveal())
	}
}
