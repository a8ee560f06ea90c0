package delivery_test

import (
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

// Who joins an album is told to its webhooks, and so is the end of the album,
// with which the webhooks are gone.
func TestAlbumEvents(t *testing.T) {
	t.Parallel()
	p := openOffice(t, delivery.SchedulerOptions{})
	c := receiveHTTP(t, nil)
	album, err := p.CreateAlbum(p.admin, hook.AlbumFields{Name: hook.Set("one")})
	if err != nil {
		t.Fatal(err)
	}
	w, _, err := p.CreateWebhook(p.admin, hook.Kheops, album.GetID(), hook.WebhookFields{
		Name: hook.Set("w"), URL: hook.Set(c.url),
		Subscriptions: hook.Set([]hook.Subscription{{Pattern: "new_user"}, {Pattern: "delete_album"}}),
	})
	if err != nil {
		t.Fatal(err)
	}
	member, err := p.CreateMember(p.admin, hook.MemberFields{Username: hook.Set("bo"), Email: hook.Set("bo@example.org")})
	if err != nil {
		t.Fatal(err)
	}
	admin := true
	for _, isAdmin := range []*bool{nil, &admin} { // the second is a promotion
		if _, _, err := p.SetAlbumMember(p.admin, album.Key, member.Key, isAdmin); err != nil {
			t.Fatal(err)
		}
	}
	joined := p.await(w, "the newcomer is told", hasStatus(hook.TriggerPass))
	if joined.EventType != "new_user" || c.count() != 1 {
		t.Errorf("%d requests for %s", c.count(), joined.EventType)
	}
	if err := p.DeleteAlbum(p.admin, album.Key, nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the end is told", func() bool { return c.count() == 2 })
	c.mu.Lock()
	body := c.bodies[1]
	c.mu.Unlock()
	if !strings.Contains(body, `"webhook":"w"`) || !strings.Contains(body, "actor") {
		t.Errorf("the end is told by %s", body)
	}
	eventually(t, "what it needed is gone", func() bool {
		farewells, err := p.store.Farewells().Find(p.admin, hook.Query{List: hook.ByCreated, Limit: 10})
		return err == nil && len(farewells) == 0
	})
	if _, err := p.Webhook(p.admin, w.Key); hook.CodeOf(err) != hook.NotFound {
		t.Errorf("the webhook: %v", err)
	}
}
