package hook_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/hook"
)

var kinds = []hook.Kind{
	hook.KindMember, hook.KindClient, hook.KindAlbum, hook.KindWebhook,
	hook.KindEvent, hook.KindTrigger, hook.KindAPIKey, hook.KindAuditEntry,
}

func TestParseID(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		for _, key := range []string{"789", "QAdfIstxuOvwkcm39WEO", "8f2b1d3e-5c47-4e0a-9a6b-0d6f2f7c1a55", "wh_1", strings.Repeat("x", 64)} {
			text := string(kind) + ":" + key
			id, err := hook.ParseID(text)
			if err != nil || id != (hook.ID{Kind: kind, Key: key}) || id.String() != text {
				t.Errorf("ParseID(%q) = %v, %v", text, id, err)
			}
		}
	}
	for _, text := range []string{
		"", ":", "Webhook", "Webhook:", ":789", "webhook:789", "WEBHOOK:789", "Account", "Account:1", "Hook:789", "Deletion:1",
		"Webhook:78 9", "Webhook:789 ", " Webhook:789", "Webhook:7:8", "Webhook:" + strings.Repeat("x", 65), "Webhook:é", "Webhook:\x00",
		"Webhook:../x", "Webhook:\xff", "Webhook:�", strings.Repeat("Webhook:", 100_000),
	} {
		id, err := hook.ParseID(text)
		wantField(t, "ParseID", err, hook.Invalid, "id")
		if !id.IsZero() || len(err.Error()) > 300 {
			t.Errorf("ParseID(%.40q) = %v, %v", text, id, err)
		}
	}
}

func TestParseKey(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		for _, text := range []string{"789", string(kind) + ":789"} {
			if key, err := hook.ParseKey(kind, "node", text); err != nil || key != "789" {
				t.Errorf("ParseKey(%s, %q) = %q, %v", kind, text, key, err)
			}
		}
		for _, other := range kinds {
			if other != kind {
				_, err := hook.ParseKey(kind, "node", string(other)+":789")
				wantField(t, string(other)+" for "+string(kind), err, hook.Invalid, "node")
			}
		}
		for _, text := range []string{"", "a b", "é", "Account:1", "Webhook:", strings.Repeat("x", 65), "x\n", strings.Repeat("y", 1_000_000)} {
			_, err := hook.ParseKey(kind, "node", text)
			wantField(t, "ParseKey", err, hook.Invalid, "node")
		}
	}
}

func TestKeysOfNewEntities(t *testing.T) {
	t.Parallel()
	h := open(t)
	m := h.member("ann")
	c := h.client("one", m.Key)
	a := h.album("x-rays", m)
	k, _, err := h.CreateAPIKey(h.admin, hook.APIKeyFields{Name: "k", Permissions: []hook.Permission{"ALL"}})
	if err != nil {
		t.Fatal(err)
	}
	const made, alphanumeric, uuid = `^1\d{9}$`, `^[A-Za-z0-9]`, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`
	for _, test := range []struct {
		what, key, form string
	}{
		{"member", m.Key, made},
		{"client", c.Key, made},
		{"album", a.Key, alphanumeric + `{10}$`},
		{"API key", k.Key, uuid},
		{"PageSeeder", h.webhook(hook.PageSeeder, c.GetID(), "p").Key, made},
		{"Kheops", h.webhook(hook.Kheops, a.GetID(), "k").Key, alphanumeric + `{20}$`},
		{"Entrust", h.webhook(hook.Entrust, account, "e").Key, uuid},
		{"Standard", h.webhook(hook.Standard, a.GetID(), "s").Key, uuid},
	} {
		if !regexp.MustCompile(test.form).MatchString(test.key) {
			t.Errorf("the key of a new %s is %q", test.what, test.key)
		}
	}
	if c.Number == m.Number || !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(c.Identifier) {
		t.Errorf("client %d, member %d, identifier %q", c.Number, m.Number, c.Identifier)
	}
}
