package hook_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/hookgraph/hookgraph/hook"
)

// TestChangeWebhook lets two writers each add a subscription at once: neither
// is lost.
func TestChangeWebhook(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.webhook(hook.Kheops, h.album("one", nil).GetID(), "w")
	var group sync.WaitGroup
	for _, pattern := range []string{"new_series", "remove_series", "delete_album"} {
		group.Go(func() {
			_, err := h.ChangeWebhook(h.admin, w.Key, nil, func(w *hook.Webhook) (hook.WebhookFields, error) {
				return hook.WebhookFields{Subscriptions: hook.Set(append(slices.Clone(w.Subscriptions), hook.Subscription{Pattern: pattern}))}, nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := must[*hook.Webhook](t)(h.Webhook(h.admin, w.Key)); len(got.Subscriptions) != 4 {
		t.Errorf("subscriptions %v", got.Subscriptions)
	}
	secret := func(s hook.Secret) func(*hook.Webhook) (hook.WebhookFields, error) {
		return func(*hook.Webhook) (hook.WebhookFields, error) {
			return hook.WebhookFields{Secret: hook.Set(s), Name: hook.Set("named " + string(s[:0]))}, nil
		}
	}
	got, err := h.ChangeWebhook(h.admin, w.Key, nil, secret("s3cret"))
	if err != nil || got.SecretState != hook.SecretSet {
		t.Errorf("%v, %v", got, err)
	}
	if got, err = h.ChangeWebhook(h.admin, w.Key, nil, secret("")); err != nil || got.SecretState != hook.SecretNone || len(got.Secret) > 0 {
		t.Errorf("%v, %v", got, err)
	}
	stop := errors.New("stop")
	if _, err := h.ChangeWebhook(h.admin, w.Key, nil, func(*hook.Webhook) (hook.WebhookFields, error) {
		return hook.WebhookFields{Name: hook.Set("x")}, stop
	}); !errors.Is(err, stop) {
		t.Error(err)
	}
	_, err = h.ChangeWebhook(h.admin, w.Key, nil, func(*hook.Webhook) (hook.WebhookFields, error) {
		return hook.WebhookFields{Name: hook.Set("x"), URL: hook.Set("gopher://x")}, nil
	})
	wantField(t, "bad url", err, hook.Invalid, "url")
	if after := must[*hook.Webhook](t)(h.Webhook(h.admin, w.Key)); after.Version != got.Version {
		t.Errorf("a refused change was written: %+v", after)
	}
	if err := hook.CheckWebhookURL(hook.Kheops, "http:foo"); err != nil {
		t.Error(err)
	}
}

func TestAlbumLookup(t *testing.T) {
	t.Parallel()
	h := open(t)
	ann, bob, eve := h.member("ann"), h.member("bob"), h.member("eve")
	a := h.album("one", ann, bob)
	twin := must[*hook.Member](t)(h.CreateMember(h.admin, hook.MemberFields{Username: hook.Set("twin"), Email: hook.Set("Bob@Example.org")}))
	got, members, err := h.AlbumMembers(h.as(bob), a.Key)
	if err != nil || got.Key != a.Key || len(members) != 2 {
		t.Errorf("%v, %v, %v", got, members, err)
	}
	_, _, err = h.AlbumMembers(h.as(eve), a.Key)
	want(t, "members for a stranger", err, hook.NotFound)
	for reference, key := range map[string]string{"sub-ann": ann.Key, bob.Key: bob.Key, "BOB@example.org": bob.Key, "ann@example.org": ann.Key} {
		m, place, err := h.AlbumMember(h.as(ann), a.Key, reference)
		if err != nil || m.Key != key || place == nil || place.IsAdmin != (key == ann.Key) {
			t.Errorf("%s: %v, %v, %v", reference, m, place, err)
		}
	}
	m, place, err := h.AlbumMember(h.as(ann), a.Key, "sub-eve")
	if err != nil || m.Key != eve.Key || place != nil {
		t.Errorf("%v, %v, %v", m, place, err)
	}
	for _, reference := range []string{"", "nobody", "nobody@example.org", "%@example.org"} {
		_, _, err = h.AlbumMember(h.as(ann), a.Key, reference)
		want(t, reference, err, hook.NotFound)
	}
	_, _, err = h.AlbumMember(h.as(bob), a.Key, "sub-ann")
	want(t, "lookup by a member who is no admin", err, hook.Forbidden)
	if _, _, err := h.SetAlbumMember(h.admin, a.Key, twin.Key, nil); err != nil {
		t.Fatal(err)
	}
	_, _, err = h.AlbumMember(h.as(ann), a.Key, "bob@example.org")
	want(t, "two members with one email", err, hook.Conflict)
}
