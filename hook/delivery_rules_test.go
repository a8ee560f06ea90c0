package hook_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

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
