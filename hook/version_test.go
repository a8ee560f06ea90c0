package hook_test

import (
	"sync"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// at returns one outcome for each of n calls that run at once.
func atOnce(n int, do func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() {
			<-start
			errs[i] = do(i)
		})
	}
	close(start)
	wait.Wait()
	return errs
}

func count(errs []error, code hook.Code) (n int) {
	for _, err := range errs {
		if hook.CodeOf(err) == code {
			n++
		}
	}
	return n
}

// Of writers with the same version one succeeds, whatever they write.
func TestWritersWithOneVersion(t *testing.T) {
	t.Parallel()
	h := open(t)
	ann := h.member("ann")
	c, a, w := h.client("c", ann.Key), h.album("a", ann), h.webhook(hook.Standard, account, "w")
	for what, write := range map[string]func(i int) error{
		"member": func(i int) error {
			_, err := h.UpdateMember(h.admin, ann.Key, &ann.Version, hook.MemberFields{FirstName: hook.Set(repeat(i + 1))})
			return err
		},
		"client": func(i int) error {
			_, err := h.UpdateClient(h.admin, c.Key, &c.Version, hook.ClientFields{Description: hook.Set(repeat(i + 1))})
			return err
		},
		"album": func(i int) error {
			_, err := h.UpdateAlbum(h.admin, a.Key, &a.Version, hook.AlbumFields{Description: hook.Set(repeat(i + 1))})
			return err
		},
		"webhook": func(i int) error {
			switch i % 4 {
			case 0:
				_, _, err := h.RotateWebhookSecret(h.admin, w.Key, &w.Version)
				return err
			case 1:
				_, err := h.SetWebhookSecret(h.admin, w.Key, &w.Version, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
				return err
			}
			_, err := h.UpdateWebhook(h.admin, w.Key, &w.Version, hook.WebhookFields{Name: hook.Set(repeat(i + 1))})
			return err
		},
	} {
		errs := atOnce(8, write)
		if count(errs, "") != 1 || count(errs, hook.Stale) != 7 {
			t.Errorf("%s: %v", what, errs)
		}
		wantField(t, what, write(0), hook.Stale, "version")
	}
}

// An update and a deletion of one version do not both succeed.
func TestDeletionOfAVersion(t *testing.T) {
	t.Parallel()
	h := open(t)
	for range 10 {
		w := h.webhook(hook.Standard, account, "w")
		errs := atOnce(2, func(i int) error {
			if i == 0 {
				return h.DeleteWebhook(h.admin, w.Key, &w.Version)
			}
			_, err := h.UpdateWebhook(h.admin, w.Key, &w.Version, hook.WebhookFields{Name: hook.Set("new")})
			return err
		})
		if count(errs, "") != 1 || count(errs, hook.Stale)+count(errs, hook.NotFound) != 1 {
			t.Errorf("%v", errs)
		}
	}
	w := h.webhook(hook.Standard, account, "w")
	stale := w.Version + 1
	wantField(t, "a version to come", h.DeleteWebhook(h.admin, w.Key, &stale), hook.Stale, "version")
	want(t, "its version", h.DeleteWebhook(h.admin, w.Key, &w.Version), "")
	want(t, "again", h.DeleteWebhook(h.admin, w.Key, &w.Version), hook.NotFound)

	// Without a version one deletion wins; the others find nothing.
	w = h.webhook(hook.Standard, account, "w")
	errs := atOnce(4, func(int) error { return h.DeleteWebhook(h.admin, w.Key, nil) })
	if count(errs, "") != 1 || count(errs, hook.NotFound) != 3 {
		t.Errorf("%v", errs)
	}
}

// Updates without a version all land.
func TestUpdatesWithoutVersion(t *testing.T) {
	t.Parallel()
	h := open(t)
	a := h.album("a", nil)
	var members []*hook.Member
	for i := range 40 {
		members = append(members, h.member(repeat(i+1)))
	}
	for i, err := range atOnce(len(members), func(i int) error {
		_, _, err := h.SetAlbumMember(h.admin, a.Key, members[i].Key, nil)
		return err
	}) {
		if err != nil {
			t.Errorf("member %d: %v", i, err)
		}
	}
	now := must[*hook.Album](t)(h.Album(h.admin, a.Key))
	if len(now.Members) != len(members) || now.Version != a.Version+int64(len(members)) {
		t.Errorf("%d members, version %d", len(now.Members), now.Version)
	}
}

// An update that changes nothing keeps the version and is not recorded.
func TestUpdatesOfNothing(t *testing.T) {
	t.Parallel()
	h := open(t)
	ann := h.member("ann")
	expiry := time.Now().Add(time.Hour)
	fields := example(hook.PageSeeder, "w")
	fields.ExpiresAt, fields.Groups = hook.Set(&expiry), hook.Set([]string{"a"})
	fields.RetryPolicy = hook.Set(&hook.RetryPolicy{Timeout: 3})
	c := h.client("c", ann.Key)
	a := must[*hook.Album](t)(h.CreateAlbum(h.admin, hook.AlbumFields{Name: hook.Set("a"), Modalities: hook.Set([]string{"CT"})}))
	w, _, err := h.CreateWebhook(h.admin, hook.PageSeeder, c.GetID(), fields)
	if err != nil {
		t.Fatal(err)
	}
	entries := h.audit()
	local := expiry.In(time.FixedZone("", 3600))
	for what, update := range map[string]func() (hook.Entity, error){
		"no field of a webhook": func() (hook.Entity, error) { return h.UpdateWebhook(h.admin, w.Key, nil, hook.WebhookFields{}) },
		"the same webhook":      func() (hook.Entity, error) { return h.UpdateWebhook(h.admin, w.Key, nil, fields) },
		"empty lists and an equal instant": func() (hook.Entity, error) {
			return h.UpdateWebhook(h.admin, w.Key, &w.Version, hook.WebhookFields{
				Projects: hook.Set([]string{}), Headers: hook.Set([]hook.HeaderFields{}), ExpiresAt: hook.Set(&local),
				RetryPolicy: hook.Set(&hook.RetryPolicy{Timeout: 3, Delays: []int32{}}),
			})
		},
		"enabling what is enabled": func() (hook.Entity, error) { return h.EnableWebhook(h.admin, w.Key, true) },
		"the same client": func() (hook.Entity, error) {
			return h.UpdateClient(h.admin, c.Key, nil, hook.ClientFields{Name: hook.Set("c"), Member: hook.Set(ann.Key), WebhookSecret: hook.Set(hook.Secret(""))})
		},
		"the same album": func() (hook.Entity, error) {
			return h.UpdateAlbum(h.admin, a.Key, nil, hook.AlbumFields{Modalities: hook.Set([]string{"CT", "CT"}), MemberPermissions: hook.Set(a.MemberPermissions)})
		},
		"the same member": func() (hook.Entity, error) {
			return h.UpdateMember(h.admin, ann.Key, nil, hook.MemberFields{Admin: hook.Set(false), FirstName: hook.Set("")})
		},
	} {
		if e, err := update(); err != nil || e.Base().Version != 1 {
			t.Errorf("%s: version %d, %v", what, e.Base().Version, err)
		}
	}
	if now := h.audit(); len(now) != len(entries) {
		t.Errorf("recorded: %+v", now[0])
	}
	stale := int64(7)
	_, err = h.UpdateWebhook(h.admin, w.Key, &stale, hook.WebhookFields{})
	want(t, "nothing, of another version", err, hook.Stale)
}

// A refused update leaves everything as it was.
func TestRefusedUpdates(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.webhook(hook.Standard, account, "w")
	entries := h.audit()
	_, err := h.UpdateWebhook(h.admin, w.Key, nil, hook.WebhookFields{Name: hook.Set("new"), URL: hook.Set("x")})
	wantField(t, "update", err, hook.Invalid, "url")
	now := must[*hook.Webhook](t)(h.Webhook(h.admin, w.Key))
	if now.Version != 1 || now.Name != "w" || now.Modified != w.Modified || len(h.audit()) != len(entries) {
		t.Errorf("%+v", now)
	}
}

// audit returns the audit log, the latest entry first.
func (h *house) audit() []*hook.AuditEntry {
	h.t.Helper()
	size := hook.MaxPage
	return must[*hook.Connection[hook.AuditEntry]](h.t)(h.AuditEntries(h.admin, hook.AuditFilter{}, hook.PageArgs{First: &size})).Nodes
}
