package hook_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/hook"
)

// Each operation writes one entry that says who, what, on which node and which
// fields.
func TestAudit(t *testing.T) {
	t.Parallel()
	h := open(t)
	ann := h.member("ann")
	asAnn := h.as(ann)
	c, a, w := h.client("c", ann.Key), h.album("a", ann), h.webhook(hook.Standard, account, "w")
	k, _, err := h.CreateAPIKey(h.admin, hook.APIKeyFields{Name: "k", Permissions: []hook.Permission{"ALL"}})
	if err != nil {
		t.Fatal(err)
	}
	byKey := h.key(hook.APIKeyFields{}, "ALL")
	bob := h.member("bob")
	value := hook.Secret("v")
	var made hook.ID
	for _, test := range []struct {
		operation, who string
		node           hook.ID // zero for the one that was made
		changes        string
		do             func() error
	}{
		{"createMember", "admin key", hook.ID{}, "number username fullName status", func() error {
			m, err := h.CreateMember(h.admin, hook.MemberFields{Username: hook.Set("carl"), FullName: hook.Set("Carl C")})
			made = m.GetID()
			return err
		}},
		{"updateMember", "API key test", bob.GetID(), "locked", func() error {
			_, err := h.UpdateMember(byKey, bob.Key, nil, hook.MemberFields{Locked: hook.Set(true), Username: hook.Set("bob")})
			return err
		}},
		{"createClient", "member ann", hook.ID{}, "number identifier name grantType confidential scope accessTokenMaxAge secretHash member", func() error {
			c, _, err := h.CreateClient(asAnn, hook.ClientFields{Name: hook.Set("new")})
			made = c.GetID()
			return err
		}},
		{"updateClient", "member ann", c.GetID(), "description webhookSecret", func() error {
			_, err := h.UpdateClient(asAnn, c.Key, nil, hook.ClientFields{Description: hook.Set("d"), WebhookSecret: hook.Set(hook.Secret("hunter2"))})
			return err
		}},
		{"createAlbum", "member ann", hook.ID{}, "name memberPermissions members", func() error {
			a, err := h.CreateAlbum(asAnn, hook.AlbumFields{Name: hook.Set("new")})
			made = a.GetID()
			return err
		}},
		{"updateAlbum", "member ann", a.GetID(), "name", func() error {
			_, err := h.UpdateAlbum(asAnn, a.Key, nil, hook.AlbumFields{Name: hook.Set("A")})
			return err
		}},
		{"setAlbumMember", "member ann", a.GetID(), "members", func() error {
			_, _, err := h.SetAlbumMember(asAnn, a.Key, bob.Key, nil)
			return err
		}},
		{"removeAlbumMember", "member ann", a.GetID(), "members", func() error {
			_, _, err := h.RemoveAlbumMember(asAnn, a.Key, bob.Key)
			return err
		}},
		{"createWebhook", "member ann", hook.ID{}, "dialect owner name url subscriptions enabled health secretState format detail verifyTls", func() error {
			w, _, err := h.CreateWebhook(asAnn, hook.Kheops, a.GetID(), example(hook.Kheops, "n"))
			made = w.GetID()
			return err
		}},
		{"updateWebhook", "admin key", w.GetID(), "name headers", func() error {
			_, err := h.UpdateWebhook(h.admin, w.Key, nil, hook.WebhookFields{
				Name: hook.Set("W"), Headers: hook.Set([]hook.HeaderFields{{Name: "X-A", Value: &value}}),
			})
			return err
		}},
		{"disableWebhook", "admin key", w.GetID(), "enabled", func() error {
			_, err := h.EnableWebhook(h.admin, w.Key, false)
			return err
		}},
		{"enableWebhook", "admin key", w.GetID(), "enabled", func() error {
			_, err := h.EnableWebhook(h.admin, w.Key, true)
			return err
		}},
		{"rotateWebhookSecret", "admin key", w.GetID(), "secret previousSecret previousSecretUntil", func() error {
			_, _, err := h.RotateWebhookSecret(h.admin, w.Key, nil)
			return err
		}},
		{"setWebhookSecret", "admin key", w.GetID(), "secret previousSecret previousSecretUntil", func() error {
			_, err := h.SetWebhookSecret(h.admin, w.Key, nil, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
			return err
		}},
		{"createApiKey", "API key test", hook.ID{}, "name permissions", func() error {
			k, _, err := h.CreateAPIKey(byKey, hook.APIKeyFields{Name: "new", Permissions: []hook.Permission{"AUDIT:VIEW"}})
			made = k.GetID()
			return err
		}},
		{"revokeApiKey", "admin key", k.GetID(), "", func() error { return h.RevokeAPIKey(h.admin, k.Key) }},
		{"signIn", "gateway", hook.ID{}, "number sub fullName status", func() error {
			v, err := h.AuthenticateSubject(t.Context(), hook.Claims{Sub: "sub-new", Name: "New"}, true)
			made = hook.ID{Kind: hook.KindMember, Key: v.Member}
			return err
		}},
		{"import", "admin key", account, "ENTRUST", func() error {
			_, err := h.Import(h.admin, hook.Import{Dialect: hook.Entrust, Records: records(entrustRecord(1))})
			return err
		}},
		{"import", "admin key", hook.ID{Kind: hook.KindAlbum, Key: "aaaaaaaaaa"}, "KHEOPS album", func() error {
			_, err := h.Import(h.admin, hook.Import{Dialect: hook.Kheops, Album: "aaaaaaaaaa", Records: records(kheopsRecord(1))})
			return err
		}},
		{"deleteWebhook", "admin key", w.GetID(), "", func() error { return h.DeleteWebhook(h.admin, w.Key, nil) }},
		{"deleteAlbum", "member ann", a.GetID(), "", func() error { return h.DeleteAlbum(asAnn, a.Key, nil) }},
		{"deleteClient", "member ann", c.GetID(), "", func() error { return h.DeleteClient(asAnn, c.Key, nil) }},
		{"deleteMember", "admin key", bob.GetID(), "", func() error { return h.DeleteMember(h.admin, bob.Key, nil, false) }},
	} {
		before := keysOf(h.audit())
		if err := test.do(); err != nil {
			t.Fatalf("%s: %v", test.operation, err)
		}
		if test.node.IsZero() {
			test.node = made
		}
		var fresh []*hook.AuditEntry
		for _, e := range h.audit() {
			if !slices.Contains(before, e.Key) {
				fresh = append(fresh, e)
			}
		}
		if len(fresh) != 1 {
			t.Errorf("%s wrote %d entries", test.operation, len(fresh))
			continue
		}
		var fields []string
		for _, change := range fresh[0].Changes {
			fields = append(fields, change.Field)
		}
		got := []string{fresh[0].Operation, fresh[0].Who, fresh[0].Node, strings.Join(fields, " ")}
		if diff := cmp.Diff([]string{test.operation, test.who, test.node.String(), test.changes}, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		about := must[*hook.Connection[hook.AuditEntry]](t)(h.AuditEntries(h.admin, hook.AuditFilter{Node: test.node}, hook.PageArgs{}))
		if !slices.Contains(keysOf(about.Nodes), fresh[0].Key) {
			t.Errorf("%s is not among the entries about %s", test.operation, test.node)
		}
	}
}

func TestAuditValues(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.webhook(hook.Standard, account, "w")
	if _, err := h.UpdateWebhook(h.admin, w.Key, nil, hook.WebhookFields{
		Name: hook.Set(strings.Repeat("é", 255)), VerifyTLS: hook.Set(false), Subscriptions: hook.Set([]hook.Subscription{}),
	}); err != nil {
		t.Fatal(err)
	}
	entry := h.audit()[0]
	if i := slices.IndexFunc(h.audit(), func(e *hook.AuditEntry) bool { return e.Operation == "updateWebhook" }); i >= 0 {
		entry = h.audit()[i]
	}
	got := map[string]hook.AuditChange{}
	for _, c := range entry.Changes {
		got[c.Field] = c
	}
	if c := got["name"]; c.Old != `"w"` || len(c.New) > 260 || !strings.HasSuffix(c.New, "é…") {
		t.Errorf("%+v", c)
	}
	if c := got["verifyTls"]; c.Old != "true" || c.New != "false" {
		t.Errorf("%+v", c)
	}
	if c := got["subscriptions"]; !strings.Contains(c.Old, "invoice.paid") || c.New != "" {
		t.Errorf("%+v", c)
	}
}

// The latest entry comes first, also of many in one millisecond.
func TestAuditOrder(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.webhook(hook.Standard, account, "w")
	for i := range 60 {
		if _, err := h.EnableWebhook(h.admin, w.Key, i%2 == 1); err != nil {
			t.Fatal(err)
		}
	}
	for i, entry := range h.audit()[:60] {
		if want := []string{"enableWebhook", "disableWebhook"}[i%2]; entry.Operation != want {
			t.Fatalf("entry %d is %s", i, entry.Operation)
		}
	}
}

// What is refused is not recorded.
func TestAuditOfRefusals(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	before := len(w.audit())
	for _, do := range []func(context.Context) error{
		func(ctx context.Context) error {
			_, err := w.UpdateWebhook(ctx, w.webhooks["album2"].Key, nil, hook.WebhookFields{Name: hook.Set("x")})
			return err
		},
		func(ctx context.Context) error { return w.DeleteClient(ctx, w.owners["client2"].Key, nil) },
		func(ctx context.Context) error {
			_, _, err := w.CreateClient(ctx, hook.ClientFields{Name: hook.Set("two")})
			return err
		},
	} {
		if do(w.viewers["ann"]) == nil {
			t.Error("allowed")
		}
	}
	if after := len(w.audit()); after != before {
		t.Errorf("%d entries, before %d", after, before)
	}
}
