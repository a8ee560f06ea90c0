package hook_test

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/mongo"
	"github.com/hookgraph/hookgraph/storage/mongotest"
)

// active counts the active Entrust webhooks.
func (h *house) active() int {
	h.t.Helper()
	list := must[*hook.OwnerWebhooks](h.t)(h.WebhooksOf(h.admin, hook.Entrust, account))
	n := 0
	for page, err := range list.Pages(h.admin, 0, -1, nil) {
		if err != nil {
			h.t.Fatal(err)
		}
		for _, w := range page {
			if w.Active() {
				n++
			}
		}
	}
	return n
}

func disabled(d hook.Dialect, name string) hook.WebhookFields {
	fields := example(d, name)
	fields.Enabled = hook.Set(false)
	return fields
}

// fillSlots makes webhooks until as many as the default allows are active.
func (h *house) fillSlots() []*hook.Webhook {
	h.t.Helper()
	made := make([]*hook.Webhook, hook.DefaultEntrustLimit)
	for i := range made {
		made[i] = h.webhook(hook.Entrust, account, fmt.Sprint(i))
	}
	return made
}

// The 21st active webhook is refused, by whatever would make it active; what
// is disabled, deleted or expired makes room.
func TestEntrustLimit(t *testing.T) {
	t.Parallel()
	h := open(t)
	made := h.fillSlots()
	create := func(fields hook.WebhookFields) (*hook.Webhook, error) {
		w, _, err := h.CreateWebhook(h.admin, hook.Entrust, account, fields)
		return w, err
	}
	_, err := create(example(hook.Entrust, "more"))
	wantField(t, "create", err, hook.Conflict, "enabled")
	if !strings.Contains(err.Error(), "at most 20 may be") {
		t.Error(err)
	}
	spare := must[*hook.Webhook](t)(create(disabled(hook.Entrust, "spare")))
	_, err = h.EnableWebhook(h.admin, spare.Key, true)
	wantField(t, "enable", err, hook.Conflict, "enabled")
	_, err = h.UpdateWebhook(h.admin, spare.Key, nil, hook.WebhookFields{Enabled: hook.Set(true)})
	wantField(t, "update", err, hook.Conflict, "enabled")
	if w := must[*hook.Webhook](t)(h.Webhook(h.admin, spare.Key)); w.Enabled {
		t.Error("what was refused is enabled")
	}
	// What is active stays so whatever else changes.
	for _, w := range made[:3] {
		must[*hook.Webhook](t)(h.UpdateWebhook(h.admin, w.Key, nil, hook.WebhookFields{Name: hook.Set("other"), Enabled: hook.Set(true)}))
	}
	// Others have no limit.
	h.webhook(hook.Standard, account, "standard")

	must[*hook.Webhook](t)(h.EnableWebhook(h.admin, made[7].Key, false))
	must[*hook.Webhook](t)(h.EnableWebhook(h.admin, spare.Key, true))
	_, err = h.EnableWebhook(h.admin, made[7].Key, true)
	wantField(t, "enable what has lost its place", err, hook.Conflict, "enabled")
	if err := h.DeleteWebhook(h.admin, made[3].Key, nil); err != nil {
		t.Fatal(err)
	}
	must[*hook.Webhook](t)(h.EnableWebhook(h.admin, made[7].Key, true))
	if n := h.active(); n != hook.DefaultEntrustLimit {
		t.Errorf("%d are active", n)
	}
}

// An expired webhook makes room without being touched, and comes back only if
// there is room for it.
func TestExpiredMakesRoom(t *testing.T) {
	t.Parallel()
	h := open(t)
	made := h.fillSlots()
	soon := time.Now().Add(-time.Second)
	first := must[*hook.Webhook](t)(h.UpdateWebhook(h.admin, made[0].Key, nil, hook.WebhookFields{ExpiresAt: hook.Set(&soon)}))
	if first.Active() {
		t.Fatal("it has not expired")
	}
	late := hook.Set[*time.Time](nil)
	// Nobody needed the place meanwhile.
	must[*hook.Webhook](t)(h.UpdateWebhook(h.admin, first.Key, nil, hook.WebhookFields{ExpiresAt: late}))
	expired := must[*hook.Webhook](t)(h.UpdateWebhook(h.admin, first.Key, nil, hook.WebhookFields{ExpiresAt: hook.Set(&soon)}))
	h.webhook(hook.Entrust, account, "in-its-place")
	_, err := h.UpdateWebhook(h.admin, first.Key, nil, hook.WebhookFields{ExpiresAt: late})
	wantField(t, "a new expiry date", err, hook.Conflict, "enabled")
	if n := h.active(); n != hook.DefaultEntrustLimit {
		t.Errorf("%d are active", n)
	}
	got := must[*hook.Webhook](t)(h.Webhook(h.admin, first.Key))
	if !got.Enabled || !got.Modified.Equal(expired.Modified) {
		t.Errorf("it was changed: %+v", got)
	}
}

func TestOtherLimits(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	house := func(limit int) *house {
		h := over(t, store)
		h.Service = hook.NewService(store, testVault(t), hook.Options{EntrustLimit: limit})
		return h
	}
	for i := range 25 {
		house(-1).webhook(hook.Entrust, account, fmt.Sprint(i))
	}
	for i := range 3 {
		house(3).webhook(hook.Entrust, account, fmt.Sprint("limited-", i))
	}
	_, _, err := house(3).CreateWebhook(house(3).admin, hook.Entrust, account, example(hook.Entrust, "more"))
	wantField(t, "limit of 3", err, hook.Conflict, "enabled")
	house(4).webhook(hook.Entrust, account, "fourth")
	_, _, err = house(2).CreateWebhook(house(2).admin, hook.Entrust, account, example(hook.Entrust, "more"))
	wantField(t, "a limit that was lowered", err, hook.Conflict, "enabled")
}

// An import does not go beyond the limit: what is too much is refused, and
// comes with the same import once there is room.
func TestImportWithinLimit(t *testing.T) {
	t.Parallel()
	h := open(t)
	list := make([]*hook.Record, 22)
	for i := range list {
		r := *three(hook.Entrust)[0]
		w := *r.Webhook
		w.Key = fmt.Sprintf("8f2b1d3e-5c47-4e0a-9a6b-%012d", i)
		w.Enabled = i != 5
		r.Position, r.Webhook = i+1, &w
		list[i] = &r
	}
	load := func() *hook.ImportSummary {
		return must[*hook.ImportSummary](t)(h.Import(h.admin, hook.Import{Dialect: hook.Entrust, Records: func() iter.Seq2[*hook.Record, error] {
			return func(yield func(*hook.Record, error) bool) {
				for _, r := range list {
					if !yield(r, nil) {
						return
					}
				}
			}
		}}))
	}
	s := load()
	if s.Created != 21 || s.Refused != 1 || s.Refusals[0].Position != 22 || s.Refusals[0].Field != "enabled" {
		t.Fatalf("%+v", s)
	}
	must[*hook.Webhook](t)(h.EnableWebhook(h.admin, list[0].Webhook.Key, false))
	if s := load(); s.Created != 1 || s.Unchanged != 21 {
		t.Errorf("%+v", s)
	}
	if n := h.active(); n != hook.DefaultEntrustLimit {
		t.Errorf("%d are active", n)
	}
}

// TestRace creates and enables from several services at once: exactly as many
// succeed as there is room for, on both engines.
func TestRace(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); raceForSlots(t, openStore(t), false) })
	t.Run("mongo", func(t *testing.T) {
		t.Parallel()
		database := mongotest.Open(t)
		engine, err := mongo.Open(t.Context(), database.URI, storage.Collections(), mongo.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { engine.Close() })
		raceForSlots(t, storage.New(engine), database.Traits.StandIn)
	})
}

// raceForSlots is told whether the database calls a duplicate an internal error
// when it replaces a document: then the test tries again, as the service does
// after a conflict.
func raceForSlots(t *testing.T, store hook.Store, odd bool) {
	services := make([]*house, 4)
	for i := range services {
		services[i] = over(t, store)
	}
	var spares []*hook.Webhook
	for i := range 15 {
		w, _, err := services[0].CreateWebhook(services[0].admin, hook.Entrust, account, disabled(hook.Entrust, fmt.Sprint(i)))
		if err != nil {
			t.Fatal(err)
		}
		spares = append(spares, w)
	}
	past := time.Now().Add(-time.Hour)
	for i := range 5 {
		w := services[0].webhook(hook.Entrust, account, fmt.Sprint("expired-", i))
		must[*hook.Webhook](t)(services[0].UpdateWebhook(services[0].admin, w.Key, nil, hook.WebhookFields{ExpiresAt: hook.Set(&past)}))
	}
	var (
		group   sync.WaitGroup
		mu      sync.Mutex
		done    int
		refused int
	)
	try := func(change func() error) {
		group.Go(func() {
			err := change()
			for n := 0; odd && n < 100 && hook.CodeOf(err) == hook.Internal; n++ {
				err = change()
			}
			mu.Lock()
			defer mu.Unlock()
			var e *hook.Error
			switch {
			case err == nil:
				done++
			case errors.As(err, &e) && e.Code == hook.Conflict && e.Field == "enabled":
				refused++
			default:
				t.Error(err)
			}
		})
	}
	for i, spare := range spares {
		h := services[i%len(services)]
		try(func() error { _, err := h.EnableWebhook(h.admin, spare.Key, true); return err })
		try(func() error {
			_, _, err := h.CreateWebhook(h.admin, hook.Entrust, account, example(hook.Entrust, fmt.Sprint("new-", i)))
			return err
		})
	}
	group.Wait()
	if n := services[0].active(); n != hook.DefaultEntrustLimit || done != n || refused != 30-n {
		t.Errorf("%d are active, %d were let in, %d refused", n, done, refused)
	}
}

// A session stands for its API key for fifteen minutes, with its cookie if it
// has one, and no longer than the key is there.
func TestSession(t *testing.T) {
	t.Parallel()
	h := open(t)
	k, token, err := h.CreateAPIKey(h.admin, hook.APIKeyFields{Name: "app", Permissions: []hook.Permission{"WEBHOOKS:VIEW"}})
	if err != nil {
		t.Fatal(err)
	}
	secret := hook.Secret(token.Reveal()[len(token)-43:])
	_, err = h.OpenSession(t.Context(), "0f5b1c1e-7a52-4c39-9b6f-2d8d2f6a9a10", secret, false)
	want(t, "unknown key", err, hook.NotFound)
	_, err = h.OpenSession(t.Context(), k.Key, "wrong", false)
	want(t, "wrong secret", err, hook.Unauthenticated)
	plain := must[*hook.Session](t)(h.OpenSession(t.Context(), strings.ToUpper(k.Key), secret, false))
	with := must[*hook.Session](t)(h.OpenSession(t.Context(), k.Key, secret, true))
	if plain.Cookie != "" || with.Cookie == "" || plain.Expires.Sub(plain.Created) != 15*time.Minute {
		t.Errorf("%+v %+v", plain, with)
	}
	text := with.Token.Reveal()
	for _, c := range []struct {
		name          string
		token, cookie hook.Secret
		code          hook.Code
	}{
		{"token", plain.Token, "", ""},
		{"token and a stray cookie", plain.Token, "x", ""},
		{"token with cookie", with.Token, with.Cookie, ""},
		{"no cookie", with.Token, "", hook.Unauthenticated},
		{"another cookie", with.Token, "x", hook.Unauthenticated},
		{"API key", token, "", hook.Unauthenticated},
		{"cut", hook.Secret(text[:len(text)-4]), with.Cookie, hook.Unauthenticated},
		{"longer", hook.Secret(text + "\n"), with.Cookie, hook.Unauthenticated},
		{"changed", hook.Secret(strings.ToLower(text)), with.Cookie, hook.Unauthenticated},
		{"nothing", "", "", hook.Unauthenticated},
	} {
		v, err := h.AuthenticateSession(t.Context(), c.token, c.cookie)
		want(t, c.name, err, c.code)
		if c.code == "" && (v == nil || v.APIKey != k.Key || !v.May(hook.Webhooks, hook.View) || v.May(hook.Webhooks, hook.Add)) {
			t.Errorf("%s: %+v", c.name, v)
		}
	}
	if err := h.RevokeAPIKey(h.admin, k.Key); err != nil {
		t.Fatal(err)
	}
	_, err = h.AuthenticateSession(t.Context(), plain.Token, "")
	want(t, "key revoked", err, hook.Unauthenticated)
}
