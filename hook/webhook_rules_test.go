package hook_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// owners has an owner for each dialect.
func (h *house) owners() map[hook.Dialect]hook.ID {
	return map[hook.Dialect]hook.ID{
		hook.PageSeeder: h.client(fmt.Sprint("owner ", time.Now().UnixNano()), "").GetID(), hook.Kheops: h.album("owner", nil).GetID(),
		hook.Entrust: account, hook.Standard: account,
	}
}

func TestWebhookNames(t *testing.T) {
	t.Parallel()
	h := open(t)
	owners := h.owners()
	const astral = "😀" // two UTF-16 units, four bytes
	for _, test := range []struct {
		name string
		ok   bool
	}{
		{strings.Repeat("x", 255), true},
		{strings.Repeat("x", 256), false},
		{strings.Repeat("é", 255), true},
		{strings.Repeat("é", 256), false},
		{strings.Repeat(astral, 127) + "x", true},
		{strings.Repeat(astral, 128), false},
		{"   ", false},
		{"one\ntwo", false},
		{"tab\there", false},
		{"bell\a!", false},
		{"del\x7f", false},
		{"nel\u0085", false},
		{"nul\x00!", false},
		{"broken �", false},
		{"broken \xff", false},
		{"surrogate \xed\xa0\x80", false},
		{"<b>&amp;\"'", true},
	} {
		for dialect, owner := range owners {
			fields := example(dialect, "n")
			fields.Name = hook.Set(test.name)
			w, _, err := h.CreateWebhook(h.admin, dialect, owner, fields)
			if test.ok {
				if err != nil || w.Name != test.name {
					t.Errorf("%s %.20q: %v", dialect, test.name, err)
				}
				continue
			}
			wantField(t, string(dialect)+" "+clip(test.name), err, hook.Invalid, "name")
		}
	}
	for dialect, owner := range owners {
		fields := example(dialect, "n")
		fields.Name = hook.Set("")
		_, _, err := h.CreateWebhook(h.admin, dialect, owner, fields)
		if needsName := dialect == hook.Kheops; (err != nil) != needsName {
			t.Errorf("%s without a name: %v", dialect, err)
		}
	}
}

func clip(s string) string { return strconv.Quote(s[:min(20, len(s))]) }

func TestKheopsNamesAreTrimmed(t *testing.T) {
	t.Parallel()
	h := open(t)
	fields := example(hook.Kheops, "n")
	fields.Name = hook.Set("\x01 \t a b \r\n")
	w, _, err := h.CreateWebhook(h.admin, hook.Kheops, h.album("a", nil).GetID(), fields)
	if err != nil || w.Name != "a b" {
		t.Fatalf("%v, %v", w, err)
	}
	w, err = h.UpdateWebhook(h.admin, w.Key, nil, hook.WebhookFields{Name: hook.Set(" " + strings.Repeat("x", 255) + " ")})
	if err != nil || len(w.Name) != 255 {
		t.Fatalf("%v, %v", w, err)
	}
}

func TestWebhookURLs(t *testing.T) {
	t.Parallel()
	h := open(t)
	owners := h.owners()
	long := func(n int) string { return "https://h.example/" + strings.Repeat("x", n-len("https://h.example/")) }
	const (
		nobody  = ""
		all     = "PAGESEEDER ENTRUST KHEOPS STANDARD"
		notHTTP = "ENTRUST" // takes https only
		kheops  = "KHEOPS"
	)
	without := func(d string) string { return strings.ReplaceAll(all, d, "") }
	for _, test := range []struct{ url, takers string }{
		{"https://h.example/p?q=1#f", all},
		{"https://h.example", all},
		{"https://[::1]:8443/", all},
		{"HTTPS://h.example/", all},
		{"http://h.example/", without(notHTTP)},
		{"http://127.0.0.1:1/", without(notHTTP)},
		{"http://H.EXAMPLE:/", without(notHTTP)},
		{"https://h.example/b%20c%zz", kheops},
		{long(1024), all},
		{long(1025), nobody},
		{long(1023) + "é", all},
		{long(1022) + "😀", all},
		{long(1023) + "😀", nobody},
		{"", nobody},
		{"x", nobody},
		{"//x", nobody},
		{"/path", nobody},
		{"foo://x", nobody},
		{"ftp://h/", nobody},
		{"file:///etc/passwd", nobody},
		{"mailto:a@example.org", nobody},
		{"jar:http://h!/", nobody},
		{"javascript:1", nobody},
		{"data:text/plain,x", nobody},
		{"https://user@h.example/", nobody},
		{"https://user:secret@h.example/", nobody},
		{"https://:@h.example/", nobody},
		{"https://h.example/a@b", all},
		{"https://h.example/?a=b@c", all},
		{"http://h:abc/", nobody},
		{"http://h:-2/", nobody},
		{"http://[::1", nobody},
		{"http://[::1]x/", nobody},
		{"http://[nonsense]/", nobody},
		{"http://h.example/\x00", nobody},
		{"http://h.example/\x1b[31m", nobody},
		{"http://h.example/�", nobody},
		{"http://h.example/\xff", nobody},
		// What java.net.URL lets through (Kheops, section 3, E2).
		{" http://h.example/ ", kheops},
		{"url:http://h.example/", kheops},
		{"URL:HTTP://h.example/", kheops},
		{"http://", kheops},
		{"http:", kheops},
		{"http:foo", kheops},
		{"http://h.example/a b", kheops},
		{"http://h example/", kheops},
		{"http://h.example:99999/", kheops},
		{"http://h.example/{braces}", without(notHTTP)},
		{"http://h.exämple/ü", without(notHTTP)},
		{"http://h.example:0/", kheops},
	} {
		for dialect, owner := range owners {
			fields := example(dialect, "n")
			fields.URL = hook.Set(test.url)
			w, _, err := h.CreateWebhook(h.admin, dialect, owner, fields)
			if strings.Contains(test.takers, string(dialect)) {
				if err != nil || w.URL != test.url {
					t.Errorf("%s %s: %v", dialect, clip(test.url), err)
				}
				continue
			}
			wantField(t, string(dialect)+" "+clip(test.url), err, hook.Invalid, "url")
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error shows the password: %v", err)
			}
		}
	}
}

func TestOwnersOfDialects(t *testing.T) {
	t.Parallel()
	h := open(t)
	owners := map[hook.Kind]hook.ID{
		hook.KindClient: h.client("c", "").GetID(), hook.KindAlbum: h.album("a", nil).GetID(), hook.KindAccount: account,
	}
	for dialect, kinds := range map[hook.Dialect]string{
		hook.PageSeeder: "Client", hook.Kheops: "Album", hook.Entrust: "Account", hook.Standard: "Client Album Account",
	} {
		for kind, owner := range owners {
			_, _, err := h.CreateWebhook(h.admin, dialect, owner, example(dialect, "n"))
			if strings.Contains(kinds, string(kind)) {
				want(t, string(dialect)+" of "+string(kind), err, "")
			} else {
				wantField(t, string(dialect)+" of "+string(kind), err, hook.Invalid, "owner")
			}
		}
		_, _, err := h.CreateWebhook(h.admin, dialect, hook.ID{Kind: hook.KindWebhook, Key: "1"}, example(dialect, "n"))
		wantField(t, string(dialect)+" of a webhook", err, hook.Invalid, "owner")
	}
	_, _, err := h.CreateWebhook(h.admin, "SLACK", account, example(hook.Standard, "n"))
	wantField(t, "dialect", err, hook.Invalid, "dialect")
	for _, gone := range []hook.ID{{Kind: hook.KindClient, Key: "1"}, {Kind: hook.KindAlbum, Key: "aaaaaaaaaa"}} {
		_, _, err := h.CreateWebhook(h.admin, hook.Standard, gone, example(hook.Standard, "n"))
		if e, ok := err.(*hook.Error); !ok || e.Code != hook.NotFound || e.Kind != gone.Kind {
			t.Errorf("%v: %#v", gone, err)
		}
	}
}

func TestDefaultsOfNewWebhooks(t *testing.T) {
	t.Parallel()
	h := open(t)
	for dialect, owner := range h.owners() {
		w, secret, err := h.CreateWebhook(h.admin, dialect, owner, example(dialect, "n"))
		if err != nil {
			t.Fatal(err)
		}
		isPageSeeder := dialect == hook.PageSeeder
		if !w.Enabled || !w.VerifyTLS || w.ServerEvents || w.Detail != hook.DetailMinimal || w.CreatedBy != "admin key" ||
			(w.Format == hook.FormatXML) != isPageSeeder || (w.Health == hook.HealthPending) != isPageSeeder ||
			(w.Number > 0) != isPageSeeder {
			t.Errorf("%s: %+v", dialect, w)
		}
		hasSecret := dialect == hook.Standard || dialect == hook.Entrust
		if (secret != "") != hasSecret || w.UsesSecret() != hasSecret {
			t.Errorf("%s: a secret: %t, %s", dialect, secret != "", w.SecretState)
		}
	}
	fields := example(hook.PageSeeder, "n")
	fields.Subscriptions = hook.Patch[[]hook.Subscription]{}
	w, _, err := h.CreateWebhook(h.admin, hook.PageSeeder, h.client("c", "").GetID(), fields)
	if err != nil || len(w.Subscriptions) != 1 || w.Subscriptions[0].Pattern != "*" {
		t.Errorf("no events of PageSeeder: %v, %v", w, err)
	}
}

func TestExpiredWebhooks(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.webhook(hook.Entrust, account, "w")
	past, future := time.Now().Add(-time.Second), time.Now().Add(time.Hour)
	w = must[*hook.Webhook](t)(h.UpdateWebhook(h.admin, w.Key, nil, hook.WebhookFields{ExpiresAt: hook.Set(&past)}))
	if !w.Enabled || w.Active() || !w.Expired() {
		t.Errorf("%+v", w)
	}
	_, err := h.EnableWebhook(h.admin, w.Key, true)
	wantField(t, "enable", err, hook.Conflict, "expiresAt")
	_, err = h.UpdateWebhook(h.admin, w.Key, nil, hook.WebhookFields{Enabled: hook.Set(true)})
	wantField(t, "update", err, hook.Conflict, "expiresAt")
	_, err = h.EnableWebhook(h.admin, w.Key, false)
	want(t, "disable", err, "")
	w = must[*hook.Webhook](t)(h.UpdateWebhook(h.admin, w.Key, nil, hook.WebhookFields{Enabled: hook.Set(true), ExpiresAt: hook.Set(&future)}))
	if !w.Active() {
		t.Errorf("%+v", w)
	}
}
