package hook_test

import (
	"context"
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/hook"
)

func TestFollowersSeeWhatIsTheirs(t *testing.T) {
	t.Parallel()
	h := open(t)
	anna, ben := h.member("anna"), h.member("ben")
	mine, foreign := h.client("mine", anna.Key), h.client("foreign", ben.Key)
	album := h.album("shared", anna)
	f := following[hook.WebhookState](t)(h.FollowWebhooks(h.as(anna), hook.FollowFilter{}, nil))
	h.webhook(hook.Standard, account, "account")
	h.webhook(hook.PageSeeder, foreign.GetID(), "foreign")
	own := h.webhook(hook.PageSeeder, mine.GetID(), "own")
	if got := next(t, f); got.Node.Key != own.Key {
		t.Errorf("%s came, want her own", got.Node.Webhook.Name)
	}
	shared := h.webhook(hook.Kheops, album.GetID(), "shared")
	if got := next(t, f); got.Node.Key != shared.Key {
		t.Errorf("%s came, want that of the album", got.Node.Webhook.Name)
	}
	// Who leaves an album sees no more of it.
	if _, _, err := h.RemoveAlbumMember(h.admin, album.Key, anna.Key); err != nil {
		t.Fatal(err)
	}
	must[*hook.Webhook](t)(h.EnableWebhook(h.admin, shared.Key, false))
	h.quiet(f, own)

	for what, filter := range map[string]hook.FollowFilter{
		"an unknown webhook": {Webhook: "999"}, "a foreign webhook": {Webhook: shared.Key},
		"a foreign client": {Owner: foreign.GetID()}, "an unknown client": {Owner: hook.ID{Kind: hook.KindClient, Key: "999"}},
	} {
		_, err := h.FollowWebhooks(h.as(anna), filter, nil)
		want(t, what, err, hook.NotFound)
		_, err = h.FollowTriggers(h.as(anna), filter, nil)
		want(t, what, err, hook.NotFound)
	}
	_, err := h.FollowTriggers(h.as(anna), hook.FollowFilter{Owner: account}, nil)
	want(t, "the account", err, hook.Forbidden)
	_, err = h.FollowEvents(t.Context(), hook.FollowFilter{}, nil)
	want(t, "nobody", err, hook.Unauthenticated)
	_, err = h.FollowEvents(h.key(hook.APIKeyFields{}, "WEBHOOKS:VIEW"), hook.FollowFilter{}, nil)
	want(t, "a key without EVENTS:VIEW", err, hook.Forbidden)
}

// TestFollowingEndsWithItsCredential: whoever may no longer sign in is told no
// more.
func TestFollowingEndsWithItsCredential(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.webhook(hook.Standard, account, "w")
	root := h.member("root")
	root = must[*hook.Member](t)(h.UpdateMember(h.admin, root.Key, nil, hook.MemberFields{Admin: hook.Set(true)}))
	key, token, err := h.CreateAPIKey(h.admin, hook.APIKeyFields{Name: "k", Permissions: hook.PermissionSet{"WEBHOOKS:VIEW"}})
	if err != nil {
		t.Fatal(err)
	}
	byKey := following[hook.WebhookState](t)(h.FollowWebhooks(h.signIn(key, token), hook.FollowFilter{}, nil))
	byMember := following[hook.WebhookState](t)(h.FollowWebhooks(h.as(root), hook.FollowFilter{}, nil))
	h.quiet(byKey, w)
	w = must[*hook.Webhook](t)(h.Webhook(h.admin, w.Key))
	next(t, byMember)
	if err := h.RevokeAPIKey(h.admin, key.Key); err != nil {
		t.Fatal(err)
	}
	must[*hook.Member](t)(h.UpdateMember(h.admin, root.Key, nil, hook.MemberFields{Admin: hook.Set(false)}))
	must[*hook.Webhook](t)(h.EnableWebhook(h.admin, w.Key, !w.Enabled))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, err = byKey.Next(ctx)
	want(t, "a revoked key", err, hook.Unauthenticated)
	_, err = byMember.Next(ctx)
	want(t, "a member who is no administrator any more", err, hook.Unauthenticated)
}

func TestForeignCursorsAreRefused(t *testing.T) {
	t.Parallel()
	h := open(t)
	f := following[hook.WebhookState](t)(h.FollowWebhooks(h.admin, hook.FollowFilter{}, nil))
	w := h.webhook(hook.Standard, account, "w")
	cursor := next(t, f).Cursor
	list := must[*hook.Connection[hook.Webhook]](t)(h.Webhooks(h.admin, hook.WebhookFilter{}, hook.Order{}, hook.PageArgs{}))
	flipped := []byte(cursor)
	flipped[len(flipped)-2] ^= 1
	for what, bad := range map[string]string{
		"garbage": "no cursor", "empty": "", "long": strings.Repeat("A", 5000), "of a list": list.End, "flipped": string(flipped),
	} {
		_, err := h.FollowWebhooks(h.admin, hook.FollowFilter{}, &bad)
		wantField(t, what, err, hook.Invalid, "after")
	}
	_, err := h.FollowWebhooks(h.admin, hook.FollowFilter{Webhook: w.Key}, &cursor)
	wantField(t, "of another filter", err, hook.Invalid, "after")
	_, err = h.FollowTriggers(h.admin, hook.FollowFilter{}, &cursor)
	wantField(t, "of another subscription", err, hook.Invalid, "after")
}
