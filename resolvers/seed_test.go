package resolvers_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// The keys of what seed writes.
const (
	ada, grace, root, alan = "10", "11", "12", "13"
	alpha, beta, gamma     = "20", "21", "22"
	lungs, knees           = "AAAAAAAAA1", "AAAAAAAAA2"
	pages                  = "700"
	images                 = "KKKKKKKKKKKKKKKKKKK1"
	accounts               = "11111111-1111-4111-8111-111111111111"
	orders                 = "22222222-2222-4222-8222-222222222222"
	bygone                 = "33333333-3333-4333-8333-333333333333"
	ordered                = "44444444-4444-4444-8444-444444444444"
	loggedIn               = "55555555-5555-4555-8555-555555555555"
	delivered              = "TTTTTTTTTTTTTTTTTTTTTTTTTTTTT1"
	failed                 = "TTTTTTTTTTTTTTTTTTTTTTTTTTTTT2"
	waiting                = "TTTTTTTTTTTTTTTTTTTTTTTTTTTTT3"
	foreign                = "TTTTTTTTTTTTTTTTTTTTTTTTTTTTT4"
	boundKey               = "66666666-6666-4666-8666-666666666666"
	actingKey              = "77777777-7777-4777-8777-777777777777"
	anyKey                 = "88888888-8888-4888-8888-888888888888"
	firstEntry             = "DDDDDDDDDDDDDDDDDDD1"
	secondEntry            = "DDDDDDDDDDDDDDDDDDD2"
)

// hiddenTexts are the secrets of the seed: no answer may hold one.
var hiddenTexts = []string{"whsec_c2VjcmV0LW9mLXRoZS1vcmRlcnMtd2ViaG9vaw==", "previous-secret-of-orders", "value-of-the-header", "signing-secret-of-alpha",
	"hash-of-alpha", "hash-of-the-bound-key", "body-hash-of-ordered", "source-of-pages"}

// seeded are the keys above and other texts of the seed that look as if they
// were made at run time.
func seeded(key string) bool {
	return len(key) < 10 || slices.Contains([]string{lungs, knees, images, accounts, orders, bygone, ordered, loggedIn, delivered, failed, waiting,
		foreign, boundKey, actingKey, anyKey, firstEntry, secondEntry}, key) || strings.HasPrefix(key, "00000000")
}

func day(n int) time.Time { return time.Date(2026, 1, n, 8, 30, 0, 123e6, time.UTC) }

func dayAt(n int) *time.Time { d := day(n); return &d }

func farAway() *time.Time { d := time.Date(2999, 12, 31, 23, 59, 59, 999e6, time.UTC); return &d }

func meta(key string, created int) hook.Meta { return hook.Meta{Key: key, Created: day(created)} }

// seed writes one of everything, with keys and instants that are always the
// same.
func (g *gateway) seed(t *testing.T) {
	t.Helper()
	sealed := func(kind hook.Kind, key, secret string) hook.Sealed {
		return g.vault.Seal(hook.ID{Kind: kind, Key: key}, hook.Secret(secret))
	}
	event := func(id, pattern string) hook.Subscription { return hook.Subscription{ID: id, Pattern: pattern} }
	webhook := func(w hook.Webhook) *hook.Webhook {
		w.Health, w.Detail = cmp.Or(w.Health, hook.HealthActive), hook.DetailMinimal
		w.Format, w.SecretState = cmp.Or(w.Format, hook.FormatJSON), cmp.Or(w.SecretState, hook.SecretNone)
		w.Modified, w.CreatedBy, w.ModifiedBy = w.Created, "member ada", "admin key"
		return &w
	}
	entities := []hook.Entity{
		&hook.Member{Meta: meta(ada, 1), Number: 10, Username: "ada", Sub: "sub-ada", Email: "ada@example.org", FirstName: "Ada", Surname: "Lovelace",
			FullName: "Ada Lovelace", Status: hook.MemberActivated, ExternalID: "x-1", OnVacation: true, Modified: dayAt(2)},
		&hook.Member{Meta: meta(grace, 2), Number: 11, Username: "Grace", Email: "grace@example.org", Status: hook.MemberSetPassword},
		&hook.Member{Meta: meta(root, 3), Number: 12, Username: "root", Status: hook.MemberActivated, Admin: true},
		&hook.Member{Meta: meta(alan, 4), Number: 13, Sub: "sub-alan", Status: hook.MemberDisabled, Locked: true},

		&hook.Client{Meta: meta(alpha, 1), Number: 20, Identifier: "00000000000000a0", Name: "Alpha", GrantType: hook.GrantAuthorizationCode,
			RequiresConsent: true, Confidential: true, Description: "First", ClientURI: "https://alpha.test/%7Eapp", RedirectURI: "https://alpha.test/back",
			Scope: "openid", App: "alpha-app", AccessTokenMaxAge: 3600, RefreshTokenMaxAge: 86400, Modified: dayAt(5), LastToken: dayAt(6),
			WebhookSecret: sealed(hook.KindClient, alpha, "signing-secret-of-alpha"), SecretHash: []byte("hash-of-alpha"), Member: ada},
		&hook.Client{Meta: meta(beta, 2), Number: 21, Identifier: "00000000000000b0", Name: "beta", GrantType: hook.GrantClientCredentials, Member: grace},
		&hook.Client{Meta: meta(gamma, 3), Number: 22, Identifier: "00000000000000c0", Name: "Gamma", GrantType: hook.GrantImplicit, CreatedUnknown: true},

		&hook.Album{Meta: meta(lungs, 1), Name: "Lungs", Description: "Chest", Modalities: []string{"CT", "MR"}, Comments: 1, Studies: 2, Series: 3,
			Instances: 4, MemberPermissions: hook.DefaultMemberPermissions(), Modified: dayAt(3),
			Members: []hook.AlbumMember{{Member: ada, IsAdmin: true}, {Member: grace}}},
		&hook.Album{Meta: meta(knees, 2), Name: "knees", Members: []hook.AlbumMember{{Member: grace, IsAdmin: true}}},

		webhook(hook.Webhook{Meta: meta(pages, 1), Dialect: hook.PageSeeder, Owner: "Client:" + alpha, Number: 700, Name: "Pages",
			URL: "https://hooks.test/ps?a=%7E", Subscriptions: []hook.Subscription{event("1", "uri.*"), event("2", "webhook.ping")}, Enabled: true,
			Health: hook.HealthPending, Format: hook.FormatXML, ServerEvents: true, Projects: []string{"acme"}, Groups: []string{"acme-web"},
			Source: "source-of-pages", VerifyTLS: true}),
		webhook(hook.Webhook{Meta: meta(images, 2), Dialect: hook.Kheops, Owner: "Album:" + lungs, Name: "images", URL: "https://hooks.test/kheops",
			Subscriptions: []hook.Subscription{event("1", "new_series")}, Enabled: true, SecretState: hook.SecretUnknown, VerifyTLS: true}),
		webhook(hook.Webhook{Meta: meta(accounts, 3), Dialect: hook.Entrust, Owner: hook.AccountOwner, Name: "Accounts", URL: "https://hooks.test/e",
			Subscriptions: []hook.Subscription{{ID: "1", Pattern: "user.created", Filter: `{"group":"a"}`}}, Enabled: true, Health: hook.HealthWarning,
			HealthReason: "connect", VerifyTLS: true}),
		webhook(hook.Webhook{Meta: meta(orders, 4), Dialect: hook.Standard, Owner: "Client:" + beta, Name: "Orders", URL: "http://hooks.test/s",
			Subscriptions: []hook.Subscription{event("1", "order.*")}, Enabled: true, ExpiresAt: farAway(), SecretState: hook.SecretSet,
			Secret:         sealed(hook.KindWebhook, orders, hiddenTexts[0]),
			PreviousSecret: sealed(hook.KindWebhook, orders, hiddenTexts[1]), PreviousSecretUntil: dayAt(9),
			Headers:     []hook.Header{{Name: "X-Tenant", Value: sealed(hook.KindWebhook, orders, hiddenTexts[2])}},
			RetryPolicy: &hook.RetryPolicy{Delays: []int32{5, 60}, Timeout: 10, Concurrency: 2, RatePerSecond: 50, Ordered: true}}),
		webhook(hook.Webhook{Meta: meta(bygone, 5), Dialect: hook.Standard, Owner: "Album:" + knees, URL: "https://hooks.test/old", Enabled: true,
			ExpiresAt: dayAt(6), VerifyTLS: true}),

		&hook.Event{Meta: meta(ordered, 6), Dialect: hook.Standard, Type: "order.created", OccurredAt: day(5), Owner: "Client:" + beta,
			Member: grace, Data: `{"order":1,"lines":[{"sku":"a"}]}`, IdempotencyKey: "order-1", BodyHash: []byte("body-hash-of-ordered"),
			Targets: []string{orders}, State: hook.EventDone},
		&hook.Event{Meta: meta(loggedIn, 7), Dialect: hook.Entrust, Type: "authentication.succeeded", OccurredAt: day(7), Owner: hook.AccountOwner,
			Groups: []string{"g"}, Projects: []string{"p"}, ServerEvent: true, Data: `null`, State: hook.EventDone},

		&hook.Trigger{Meta: meta(delivered, 6), Webhook: orders, Owner: "Client:" + beta, Event: ordered, EventType: "order.created",
			Status: hook.TriggerPass, Partition: hook.ClosedPartition, Attempts: []hook.Attempt{
				{Number: 1, At: day(6), Duration: 31, ErrorKind: "timeout"},
				{Number: 2, At: day(6), Duration: 12, StatusCode: 200, Headers: []string{"Server: x", "Date: y"}, Body: "ok"}}},
		&hook.Trigger{Meta: meta(failed, 7), Webhook: orders, Owner: "Client:" + beta, Event: ordered, EventType: "order.created", Manual: true,
			Status: hook.TriggerFail, Partition: hook.ClosedPartition},
		&hook.Trigger{Meta: meta(waiting, 8), Webhook: accounts, Owner: hook.AccountOwner, Event: loggedIn, EventType: "authentication.succeeded",
			Status: hook.TriggerPending, Partition: 3, Due: day(8)},
		&hook.Trigger{Meta: meta(foreign, 9), Webhook: images, Owner: "Album:" + lungs, Status: hook.TriggerPass, Imported: true,
			Partition: hook.ClosedPartition},

		&hook.APIKey{Meta: meta(boundKey, 1), Name: "bound", SecretHash: []byte("hash-of-the-bound-key"),
			Permissions: hook.PermissionSet{"WEBHOOKS:VIEW", "EVENTS:PUBLISH"}, Owner: "Client:" + beta, LongLived: true, LastUsed: dayAt(8)},
		&hook.APIKey{Meta: meta(actingKey, 2), Name: "acting", SecretHash: []byte("x"), Permissions: hook.PermissionSet{"ALL"}, Member: ada},
		&hook.APIKey{Meta: meta(anyKey, 3), Name: "any", SecretHash: []byte("y"), Permissions: hook.PermissionSet{"WEBHOOKS:VIEW"}, Owner: hook.AccountOwner},

		&hook.AuditEntry{Meta: meta(firstEntry, 1), Who: "admin key", Operation: "createWebhook", Node: "Webhook:" + orders,
			Changes: []hook.AuditChange{{Field: "secret", New: `"[secret]"`}, {Field: "name", Old: `"orders"`, New: `"Orders"`}}},
		&hook.AuditEntry{Meta: meta(secondEntry, 2), Who: "member ada", Operation: "import", Node: hook.AccountOwner},
	}
	var changes []hook.Change
	for _, e := range entities {
		changes = append(changes, hook.Change{Kind: hook.ChangeInsert, Entity: e})
	}
	changes = append(changes,
		hook.Change{Kind: hook.ChangeCount, Webhook: orders, Add: hook.Stats{Triggers: 2, Failures: 1},
			Last: []hook.LastTrigger{{Trigger: failed, Status: hook.TriggerFail}, {Trigger: delivered, Status: hook.TriggerPass}}},
		hook.Change{Kind: hook.ChangeCount, Webhook: images, Add: hook.Stats{Imported: 7}, Last: []hook.LastTrigger{{Trigger: foreign, Status: hook.TriggerPass}}})
	if err := g.store.Write(t.Context(), changes...); err != nil {
		t.Fatal(err)
	}
}

// openSeeded is a gateway with one of everything.
func openSeeded(t *testing.T) *gateway {
	t.Helper()
	g := open(t)
	g.seed(t)
	return g
}

// as is a member who has signed in.
func (g *gateway) as(t *testing.T, key string) *hook.Viewer {
	t.Helper()
	m, err := g.service.Member(adminContext(t), key)
	if err != nil {
		t.Fatal(err)
	}
	return hook.MemberViewer(m)
}

// key is the viewer of an API key that is bound to nothing.
func key(permissions ...hook.Permission) *hook.Viewer {
	return &hook.Viewer{Name: "API key test", Permissions: permissions, Global: true, APIKey: anyKey}
}

// bound is the viewer of the API key that is bound to client beta.
func bound(permissions ...hook.Permission) *hook.Viewer {
	return &hook.Viewer{Name: "API key bound", Permissions: permissions, Owner: hook.ID{Kind: hook.KindClient, Key: beta}, APIKey: boundKey}
}
