package hook_test

import (
	"context"
	"errors"
	"testing"

	"github.com/hookgraph/hookgraph/hook"
)

func (h *house) pageSeeder(owner *hook.Client) *hook.Webhook {
	h.t.Helper()
	w, _, err := h.CreateWebhook(h.admin, hook.PageSeeder, owner.GetID(), hook.WebhookFields{URL: hook.Set("https://a.test")})
	if err != nil {
		h.t.Fatal(err)
	}
	return w
}

func TestPing(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.pageSeeder(h.client("pings", h.member("ann").Key))
	broken := errors.New("nobody there")
	var secrets []string
	send := func(err error) func(*hook.Webhook, hook.Secret) error {
		return func(_ *hook.Webhook, handshake hook.Secret) error {
			secrets = append(secrets, handshake.Reveal())
			return err
		}
	}
	if _, err := h.PingWebhook(h.admin, w.Key, send(broken)); !errors.Is(err, broken) {
		t.Errorf("a failure is told as %v", err)
	}
	if now := must[*hook.Webhook](t)(h.Webhook(h.admin, w.Key)); now.Health != hook.HealthPending || now.Version != w.Version {
		t.Errorf("a failed ping changed the webhook: %s, version %d", now.Health, now.Version)
	}
	now := must[*hook.Webhook](t)(h.PingWebhook(h.admin, w.Key, send(nil)))
	if now.Health != hook.HealthActive || !now.Modified.Equal(w.Modified) {
		t.Errorf("%s, modified %s, was %s", now.Health, now.Modified, w.Modified)
	}
	if again := must[*hook.Webhook](t)(h.PingWebhook(h.admin, w.Key, send(nil))); again.Version != now.Version {
		t.Error("a ping that changes nothing writes")
	}
	for _, secret := range secrets {
		if secret != secrets[0] || len(secret) != 10 {
			t.Errorf("the handshakes are %q", secrets)
		}
	}
	_, err := h.PingWebhook(h.admin, "1", send(nil))
	want(t, "an unknown webhook", err, hook.NotFound)
	viewer := hook.WithViewer(t.Context(), &hook.Viewer{Permissions: hook.PermissionSet{"WEBHOOKS:VIEW"}, Global: true})
	_, err = h.PingWebhook(viewer, w.Key, send(nil))
	want(t, "without WEBHOOKS:EDIT", err, hook.Forbidden)
	_, err = h.PingWebhook(context.Background(), w.Key, send(nil))
	want(t, "nobody", err, hook.Unauthenticated)
}

// TestPingOfOtherURL: a good answer of the former receiver says nothing about
// the present one; other changes do not stand in the way.
func TestPingOfOtherURL(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.pageSeeder(h.client("pings", h.member("ann").Key))
	change := func(fields hook.WebhookFields) func(*hook.Webhook, hook.Secret) error {
		return func(*hook.Webhook, hook.Secret) error {
			_, err := h.UpdateWebhook(h.admin, w.Key, nil, fields)
			return err
		}
	}
	now := must[*hook.Webhook](t)(h.PingWebhook(h.admin, w.Key, change(hook.WebhookFields{URL: hook.Set("https://b.test")})))
	if now.Health != hook.HealthPending || now.URL != "https://b.test" {
		t.Errorf("%s is %s", now.URL, now.Health)
	}
	now = must[*hook.Webhook](t)(h.PingWebhook(h.admin, w.Key, change(hook.WebhookFields{Name: hook.Set("new")})))
	if now.Health != hook.HealthActive || now.Name != "new" {
		t.Errorf("%q is %s", now.Name, now.Health)
	}
	_, err := h.PingWebhook(h.admin, w.Key, func(*hook.Webhook, hook.Secret) error {
		if _, err := h.UpdateWebhook(h.admin, w.Key, nil, hook.WebhookFields{Health: hook.Set(hook.HealthPending)}); err != nil {
			return err
		}
		return h.DeleteWebhook(h.admin, w.Key, nil)
	})
	want(t, "a webhook that goes meanwhile", err, "")
}

func TestMove(t *testing.T) {
	t.Parallel()
	h := open(t)
	ann, bob := h.member("ann"), h.member("bob")
	from, to := h.client("from", ann.Key), h.client("to", bob.Key)
	w := h.pageSeeder(from)
	move := func(ctx context.Context, owner hook.ID) error {
		_, err := h.UpdateWebhook(ctx, w.Key, nil, hook.WebhookFields{Owner: hook.Set(owner)})
		return err
	}
	bound := hook.WithViewer(t.Context(), &hook.Viewer{Permissions: hook.PermissionSet{hook.PermissionAll}, Owner: from.GetID()})
	wantField(t, "out of a bound key's reach", move(bound, to.GetID()), hook.Invalid, "owner")
	into := hook.WithViewer(t.Context(), &hook.Viewer{Permissions: hook.PermissionSet{hook.PermissionAll}, Owner: to.GetID()})
	want(t, "into a bound key's reach", move(into, to.GetID()), hook.NotFound)
	editor := hook.WithViewer(t.Context(), &hook.Viewer{Permissions: hook.PermissionSet{"WEBHOOKS:EDIT", "WEBHOOKS:VIEW"}, Global: true})
	want(t, "without WEBHOOKS:ADD", move(editor, to.GetID()), hook.Forbidden)
	wantField(t, "to nobody", move(h.admin, hook.ID{Kind: hook.KindClient, Key: "1"}), hook.Invalid, "owner")
	wantField(t, "to the account", move(h.admin, hook.ID{Kind: hook.KindAccount}), hook.Invalid, "owner")
	want(t, "nowhere", move(editor, from.GetID()), "")
	want(t, "to the other", move(h.admin, to.GetID()), "")
	list := must[*hook.OwnerWebhooks](t)(h.WebhooksOf(h.admin, hook.PageSeeder, to.GetID()))
	if found := must[*hook.Webhook](t)(list.Webhook(t.Context(), w.Key)); found.Owner != to.ID() {
		t.Errorf("it belongs to %s", found.Owner)
	}
	list = must[*hook.OwnerWebhooks](t)(h.WebhooksOf(h.admin, hook.PageSeeder, from.GetID()))
	_, err := list.Webhook(t.Context(), w.Key)
	want(t, "in the former list", err, hook.NotFound)
}
