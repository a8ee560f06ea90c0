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

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	h := open(t)
	owners := h.owners()
	for _, test := range []struct {
		dialect  hook.Dialect
		patterns string
		field    string // of the error; "" for none
	}{
		{hook.PageSeeder, "*", ""},
		{hook.PageSeeder, "comment.*,webhook.ping,server.started", ""},
		{hook.PageSeeder, "", "subscriptions"},
		{hook.PageSeeder, "comment.created,comment.nonsense", "subscriptions.1.pattern"},
		{hook.PageSeeder, "comm.*", "subscriptions.0.pattern"},
		{hook.PageSeeder, ".*", "subscriptions.0.pattern"},
		{hook.PageSeeder, "user.created", "subscriptions.0.pattern"},
		{hook.Entrust, "credential.print,*", ""},
		{hook.Entrust, "", "subscriptions"},
		{hook.Entrust, "user.*", "subscriptions.0.pattern"},
		{hook.Entrust, "user.create", "subscriptions.0.pattern"},
		{hook.Kheops, "new_series,remove_series,new_user,delete_album", ""},
		{hook.Kheops, "", ""},
		{hook.Kheops, "*", ""},
		{hook.Kheops, "NEW_SERIES", "subscriptions.0.pattern"},
		{hook.Standard, "a,a.b.c-d_e.F9,a.*,a.b.*,*", ""},
		{hook.Standard, "", ""},
		{hook.Standard, "a..b", "subscriptions.0.pattern"},
		{hook.Standard, "a.", "subscriptions.0.pattern"},
		{hook.Standard, "*.a", "subscriptions.0.pattern"},
		{hook.Standard, "a*", "subscriptions.0.pattern"},
		{hook.Standard, "ä", "subscriptions.0.pattern"},
		{hook.Standard, "a b", "subscriptions.0.pattern"},
		{hook.Standard, strings.Repeat("a", 128), ""},
		{hook.Standard, strings.Repeat("a", 129), "subscriptions.0.pattern"},
	} {
		var list []hook.Subscription
		if test.patterns != "" {
			for pattern := range strings.SplitSeq(test.patterns, ",") {
				list = append(list, hook.Subscription{Pattern: pattern})
			}
		}
		fields := example(test.dialect, "n")
		fields.Subscriptions = hook.Set(list)
		_, _, err := h.CreateWebhook(h.admin, test.dialect, owners[test.dialect], fields)
		if test.field == "" {
			want(t, string(test.dialect)+" "+test.patterns, err, "")
			continue
		}
		wantField(t, string(test.dialect)+" "+test.patterns, err, hook.Invalid, test.field)
	}
}

func TestSubscriptionsAreKept(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.webhook(hook.Standard, account, "w")
	set := func(subscriptions ...hook.Subscription) *hook.Webhook {
		t.Helper()
		return must[*hook.Webhook](t)(h.UpdateWebhook(h.admin, w.Key, nil, hook.WebhookFields{Subscriptions: hook.Set(subscriptions)}))
	}
	first := set(hook.Subscription{Pattern: "b"}, hook.Subscription{Pattern: "a"}, hook.Subscription{Pattern: "b"})
	if len(first.Subscriptions) != 2 || first.Subscriptions[0].Pattern != "b" || first.Subscriptions[0].ID == "" {
		t.Fatalf("%v", first.Subscriptions)
	}
	second := set(hook.Subscription{Pattern: "c"}, hook.Subscription{Pattern: "a"}, hook.Subscription{Pattern: "b"})
	if second.Subscriptions[1] != first.Subscriptions[1] || second.Subscriptions[2] != first.Subscriptions[0] {
		t.Errorf("the ids changed: %v, %v", first.Subscriptions, second.Subscriptions)
	}
	many := make([]hook.Subscription, 101)
	for i := range many {
		many[i].Pattern = "t" + strconv.Itoa(i)
	}
	set(many[:100]...)
	_, err := h.UpdateWebhook(h.admin, w.Key, nil, hook.WebhookFields{Subscriptions: hook.Set(many)})
	wantField(t, "101", err, hook.Invalid, "subscriptions")
}

// The filter is Entrust's alone, and kept as it is.
func TestSubscriptionFilters(t *testing.T) {
	t.Parallel()
	h := open(t)
	for dialect, owner := range h.owners() {
		fields := example(dialect, "n")
		fields.Subscriptions.Value[0].Filter = `[{"enrollmentDesignId":"x"}] `
		w, _, err := h.CreateWebhook(h.admin, dialect, owner, fields)
		if dialect != hook.Entrust {
			wantField(t, string(dialect), err, hook.Invalid, "subscriptions.0.filter")
			continue
		}
		if err != nil || w.Subscriptions[0].Filter != `[{"enrollmentDesignId":"x"}] ` {
			t.Errorf("%v, %v", w, err)
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

func TestDeliveryRules(t *testing.T) {
	t.Parallel()
	h := open(t)
	owners := h.owners()
	many := make([]string, 1001)
	for i := range many {
		many[i] = strconv.Itoa(i)
	}
	year10000 := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		what   string
		change func(*hook.WebhookFields)
		field  map[hook.Dialect]string // "" for dialects that are not in it
	}{
		{"XML", func(f *hook.WebhookFields) { f.Format = hook.Set(hook.FormatXML) }, others(hook.PageSeeder, "format")},
		{"YAML", func(f *hook.WebhookFields) { f.Format = hook.Set(hook.PayloadFormat("YAML")) }, others("", "format")},
		{"basic", func(f *hook.WebhookFields) { f.Detail = hook.Set(hook.DetailBasic) }, others(hook.PageSeeder, "dialect")},
		{"full", func(f *hook.WebhookFields) { f.Detail = hook.Set(hook.PayloadDetail("FULL")) }, others("", "detail")},
		{"server", func(f *hook.WebhookFields) { f.ServerEvents = hook.Set(true) }, others(hook.PageSeeder, "dialect")},
		{"groups", func(f *hook.WebhookFields) { f.Groups = hook.Set([]string{"a", "b c"}) }, others(hook.PageSeeder, "dialect")},
		{"comma", func(f *hook.WebhookFields) { f.Groups = hook.Set([]string{"a,b"}) }, map[hook.Dialect]string{
			hook.PageSeeder: "groups.0", hook.Entrust: "dialect", hook.Kheops: "dialect", hook.Standard: "dialect",
		}},
		{"blank", func(f *hook.WebhookFields) { f.Projects = hook.Set([]string{"a", " b"}) }, map[hook.Dialect]string{
			hook.PageSeeder: "projects.1", hook.Entrust: "dialect", hook.Kheops: "dialect", hook.Standard: "dialect",
		}},
		{"1001", func(f *hook.WebhookFields) { f.Projects = hook.Set(many) }, map[hook.Dialect]string{
			hook.PageSeeder: "projects", hook.Entrust: "dialect", hook.Kheops: "dialect", hook.Standard: "dialect",
		}},
		{"policy", func(f *hook.WebhookFields) {
			f.RetryPolicy = hook.Set(&hook.RetryPolicy{Delays: make([]int32, 50), Timeout: 300, Concurrency: 256, RatePerSecond: 10_000, Ordered: true})
		}, nil},
		{"delays", func(f *hook.WebhookFields) { f.RetryPolicy = hook.Set(&hook.RetryPolicy{Delays: make([]int32, 51)}) }, others("", "retryPolicy.delays")},
		{"delay", func(f *hook.WebhookFields) { f.RetryPolicy = hook.Set(&hook.RetryPolicy{Delays: []int32{0, -1}}) }, others("", "retryPolicy.delays.1")},
		{"timeout", func(f *hook.WebhookFields) { f.RetryPolicy = hook.Set(&hook.RetryPolicy{Timeout: 301}) }, others("", "retryPolicy.timeout")},
		{"concurrency", func(f *hook.WebhookFields) { f.RetryPolicy = hook.Set(&hook.RetryPolicy{Concurrency: -1}) }, others("", "retryPolicy.concurrency")},
		{"rate", func(f *hook.WebhookFields) { f.RetryPolicy = hook.Set(&hook.RetryPolicy{RatePerSecond: 10_001}) }, others("", "retryPolicy.ratePerSecond")},
		{"expiry", func(f *hook.WebhookFields) { f.ExpiresAt = hook.Set(&year10000) }, others("", "expiresAt")},
	} {
		for dialect, owner := range owners {
			fields := example(dialect, "n")
			test.change(&fields)
			_, _, err := h.CreateWebhook(h.admin, dialect, owner, fields)
			if field := test.field[dialect]; field != "" {
				wantField(t, test.what+" of "+string(dialect), err, hook.Invalid, field)
			} else {
				want(t, test.what+" of "+string(dialect), err, "")
			}
		}
	}
}

// others maps all dialects but one to a field.
func others(but hook.Dialect, field string) map[hook.Dialect]string {
	fields := map[hook.Dialect]string{}
	for _, d := range hook.Dialects {
		if d != but {
			fields[d] = field
		}
	}
	return fields
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.webhook(hook.Standard, account, "w")
	value := func(s string) *hook.Secret { v := hook.Secret(s); return &v }
	set := func(headers ...hook.HeaderFields) (*hook.Webhook, error) {
		return h.UpdateWebhook(h.admin, w.Key, nil, hook.WebhookFields{Headers: hook.Set(headers)})
	}
	many := make([]hook.HeaderFields, 21)
	for i := range many {
		many[i] = hook.HeaderFields{Name: "X-" + strconv.Itoa(i), Value: value("v")}
	}
	for _, test := range []struct {
		headers []hook.HeaderFields
		field   string
	}{
		{many[:20], ""},
		{many, "headers"},
		{[]hook.HeaderFields{{Name: "Authorization", Value: value(strings.Repeat("x", 1024))}}, ""},
		{[]hook.HeaderFields{{Name: "Authorization", Value: value(strings.Repeat("x", 1025))}}, "headers.0.value"},
		{[]hook.HeaderFields{{Name: "X-A", Value: value("a\r\nX-B: b")}}, "headers.0.value"},
		{[]hook.HeaderFields{{Name: "X-A", Value: value("a\x00")}}, "headers.0.value"},
		{[]hook.HeaderFields{{Name: "X-A", Value: value("a")}, {Name: "x-a", Value: value("b")}}, "headers.1.name"},
		{[]hook.HeaderFields{{Name: "X-New"}}, "headers.0.value"},
		{[]hook.HeaderFields{{Name: "", Value: value("a")}}, "headers.0.name"},
		{[]hook.HeaderFields{{Name: "X A", Value: value("a")}}, "headers.0.name"},
		{[]hook.HeaderFields{{Name: "X:A", Value: value("a")}}, "headers.0.name"},
		{[]hook.HeaderFields{{Name: "Ä", Value: value("a")}}, "headers.0.name"},
		{[]hook.HeaderFields{{Name: "hOsT", Value: value("a")}}, "headers.0.name"},
		{[]hook.HeaderFields{{Name: "content-length", Value: value("a")}}, "headers.0.name"},
		{[]hook.HeaderFields{{Name: "TE", Value: value("a")}}, "headers.0.name"},
		{[]hook.HeaderFields{{Name: "WEBHOOK-ID", Value: value("a")}}, "headers.0.name"},
		{[]hook.HeaderFields{{Name: "X-PS-Secret", Value: value("a")}}, "headers.0.name"},
		{[]hook.HeaderFields{{Name: "X-Kheops-Signature", Value: value("a")}}, "headers.0.name"},
		{[]hook.HeaderFields{{Name: "x-sha2-signature", Value: value("a")}}, "headers.0.name"},
	} {
		_, err := set(test.headers...)
		if test.field == "" {
			want(t, test.headers[0].Name, err, "")
		} else {
			wantField(t, test.headers[0].Name, err, hook.Invalid, test.field)
		}
		fields := example(hook.Standard, "new")
		fields.Headers = hook.Set(test.headers)
		_, _, err = h.CreateWebhook(h.admin, hook.Standard, account, fields)
		if (err != nil) != (test.field != "") {
			t.Errorf("%s, new: %v", test.headers[0].Name, err)
		}
	}
	w = must[*hook.Webhook](t)(set(hook.HeaderFields{Name: "X-A", Value: value("one")}, hook.HeaderFields{Name: "X-B", Value: value("two")}))
	w = must[*hook.Webhook](t)(set(hook.HeaderFields{Name: "X-C", Value: value("three")}, hook.HeaderFields{Name: "X-A"}))
	if names := strings.Join(w.HeaderNames(), " "); names != "X-C X-A" {
		t.Errorf("headers %s", names)
	}
	if kept, err := testVault(t).Open(w.GetID(), w.Headers[1].Value); err != nil || kept.Reveal() != "one" {
		t.Errorf("the value of X-A is %q, %v", kept.Reveal(), err)
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

func TestEventTypes(t *testing.T) {
	t.Parallel()
	for dialect, n := range map[hook.Dialect]int{hook.PageSeeder: 34, hook.Entrust: 25, hook.Kheops: 4, hook.Standard: 0} {
		types := hook.EventTypes(dialect)
		if len(types) != n {
			t.Errorf("%s has %d types, want %d", dialect, len(types), n)
		}
		seen := map[string]bool{}
		for _, e := range types {
			if e.Dialect != dialect || e.Scope == "" || seen[e.Name] || !hook.KnownEventType(dialect, e.Name) {
				t.Errorf("%+v", e)
			}
			seen[e.Name] = true
		}
	}
	if hook.KnownEventType(hook.Kheops, "comment.created") || hook.KnownEventType(hook.Entrust, "*") || !hook.KnownEventType(hook.Standard, "a.b") {
		t.Error("a type is in a foreign catalogue")
	}
}
