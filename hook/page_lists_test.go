package hook_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/hook"
)

func TestMembersPage(t *testing.T) {
	t.Parallel()
	h := open(t)
	var members []*hook.Member
	for _, name := range strings.Fields("a b c d e f g") {
		members = append(members, h.member("m"+name))
	}
	a := h.album("a", members[0], members[1:]...)
	expect := keysOf(members)
	slices.Sort(expect)
	var after, before *string
	var there, back []string
	for {
		c := must[*hook.Connection[hook.AlbumMember]](t)(a.MembersPage(hook.PageArgs{First: number(3), After: after}))
		for _, m := range c.Nodes {
			there = append(there, m.Member)
		}
		if after = &c.End; !c.HasNext {
			break
		}
	}
	for {
		c := must[*hook.Connection[hook.AlbumMember]](t)(a.MembersPage(hook.PageArgs{Last: number(3), Before: before}))
		for i := range c.Nodes {
			back = append([]string{c.Nodes[len(c.Nodes)-1-i].Member}, back...)
		}
		if before = &c.Start; !c.HasPrevious {
			break
		}
	}
	if !slices.Equal(there, expect) || !slices.Equal(back, expect) {
		t.Errorf("%v, %v, want %v", there, back, expect)
	}
}

// A filter that no index serves looks at 1000 entities for a page, and goes on
// behind them.
func TestShortPages(t *testing.T) {
	t.Parallel()
	h := open(t)
	album := h.album("hidden", nil).GetID()
	client := h.client("seen", "").GetID()
	all := h.fill(2600, func(i int) hook.ID {
		if i%1300 == 650 || i == 2599 {
			return client
		}
		return album
	})
	var expect []*hook.Webhook
	for _, w := range all {
		if w.Owner == client.String() {
			expect = append(expect, w)
		}
	}
	viewer := h.key(hook.APIKeyFields{}, "WEBHOOKS:VIEW")
	for _, order := range orders {
		page := func(args hook.PageArgs) (*hook.Connection[hook.Webhook], error) {
			c, err := h.Webhooks(viewer, hook.WebhookFilter{}, order, args)
			if err == nil {
				for _, cursor := range []string{c.Start, c.End} {
					if text, err := base64.RawURLEncoding.DecodeString(cursor); err != nil || strings.Contains(string(text), "webhook-") || strings.Contains(string(text), "name") {
						t.Errorf("the cursor shows where it stands: %q, %v", text, err)
					}
				}
			}
			return c, err
		}
		keys, pages := forward(t, 2, page)
		if !slices.Equal(keys, inOrder(expect, order)) || pages < 3 || pages > 5 {
			t.Errorf("%v forward: %d pages, %v", order, pages, keys)
		}
		keys, pages = backward(t, 2, page)
		if !slices.Equal(keys, inOrder(expect, order)) || pages < 3 || pages > 5 {
			t.Errorf("%v backward: %d pages, %v", order, pages, keys)
		}
		c := must[*hook.Connection[hook.Webhook]](t)(page(hook.PageArgs{}))
		if n, exact, err := c.Total(viewer); n > 3 || exact || err != nil {
			t.Errorf("total %d, %t, %v", n, exact, err)
		}
	}
	yes := true
	c := must[*hook.Connection[hook.Webhook]](t)(h.Webhooks(h.admin, hook.WebhookFilter{Owner: client, Enabled: &yes, Name: "NAME"}, hook.Order{}, hook.PageArgs{}))
	if n, exact, err := c.Total(h.admin); n != len(c.Nodes) || n == 0 || n == 3 || !exact || err != nil {
		t.Errorf("total %d of %d, %t, %v", n, len(c.Nodes), exact, err)
	}
}

// Who reaches many owners gets their webhooks as one list.
func TestMergedLists(t *testing.T) {
	t.Parallel()
	h := open(t)
	ann, eve := h.member("ann"), h.member("eve")
	var owners []hook.ID
	for i := range 4 {
		owners = append(owners, h.client(fmt.Sprint("mine ", i), ann.Key).GetID(), h.album("mine", ann, eve).GetID(),
			h.client(fmt.Sprint("hers ", i), eve.Key).GetID(), h.album("hers", eve, ann).GetID(), account)
	}
	all := h.fill(200, func(i int) hook.ID { return owners[(i*i)%len(owners)] })
	asAnn := h.as(ann)
	var expect []*hook.Webhook
	for _, w := range all {
		i := slices.Index(owners, w.OwnerID())
		if i%5 < 2 {
			expect = append(expect, w)
		}
	}
	for _, order := range orders {
		page := func(args hook.PageArgs) (*hook.Connection[hook.Webhook], error) {
			return h.Webhooks(asAnn, hook.WebhookFilter{}, order, args)
		}
		for _, size := range []int{7, 100} {
			if keys, _ := forward(t, size, page); !slices.Equal(keys, inOrder(expect, order)) {
				t.Errorf("%v forward by %d: %v", order, size, keys)
			}
			if keys, _ := backward(t, size, page); !slices.Equal(keys, inOrder(expect, order)) {
				t.Errorf("%v backward by %d: %v", order, size, keys)
			}
		}
		c := must[*hook.Connection[hook.Webhook]](t)(page(hook.PageArgs{First: number(1)}))
		if n, exact, err := c.Total(asAnn); n != len(expect) || !exact || err != nil {
			t.Errorf("total %d, %t, %v; want %d", n, exact, err, len(expect))
		}
	}
	no := false
	var disabled []*hook.Webhook
	for _, w := range expect {
		if !w.Enabled {
			disabled = append(disabled, w)
		}
	}
	keys, _ := forward(t, 5, func(args hook.PageArgs) (*hook.Connection[hook.Webhook], error) {
		return h.Webhooks(asAnn, hook.WebhookFilter{Enabled: &no, Dialect: hook.Standard}, hook.Order{}, args)
	})
	if !slices.Equal(keys, inOrder(disabled, hook.Order{})) {
		t.Errorf("filtered: %v", keys)
	}
}

// TestOwnerWebhooks: the list of a dialect in its order, by offset and limit.
func TestOwnerWebhooks(t *testing.T) {
	t.Parallel()
	h := open(t)
	collect := func(l *hook.OwnerWebhooks, offset, limit int, url *string) (keys []string) {
		for page, err := range l.Pages(h.admin, offset, limit, url) {
			if err != nil || len(page) == 0 || len(page) > 100 {
				t.Fatalf("a page of %d, %v", len(page), err)
			}
			keys = append(keys, keysOf(page)...)
		}
		return keys
	}
	album := h.album("a", nil)
	var imported []*hook.Record
	for i := range 250 {
		r := kheopsRecord(i)
		if i%50 == 0 {
			r.Webhook.URL = "https://special.example/"
		}
		imported = append(imported, r)
	}
	if _, err := h.Import(h.admin, hook.Import{Dialect: hook.Kheops, Album: album.Key, Records: records(imported...)}); err != nil {
		t.Fatal(err)
	}
	h.webhook(hook.Standard, album.GetID(), "other")
	expect := make([]string, len(imported))
	for i, r := range imported {
		expect[i] = r.Webhook.Key
	}
	list := must[*hook.OwnerWebhooks](t)(h.WebhooksOf(h.admin, hook.Kheops, album.GetID()))
	for _, test := range []struct{ offset, limit, from, to int }{
		{0, -1, 0, 250}, {0, 0, 0, 0}, {0, 1, 0, 1}, {0, 100, 0, 100}, {99, 2, 99, 101}, {100, 150, 100, 250},
		{249, 10, 249, 250}, {250, 10, 0, 0}, {1 << 40, -1, 0, 0}, {-5, 3, 0, 3},
	} {
		if got := collect(list, test.offset, test.limit, nil); !slices.Equal(got, expect[test.from:test.to]) {
			t.Errorf("offset %d, limit %d: %v", test.offset, test.limit, got)
		}
	}
	special, unknown := "https://special.example/", "https://SPECIAL.example/"
	if got := collect(list, 1, 3, &special); !slices.Equal(got, []string{expect[50], expect[100], expect[150]}) {
		t.Errorf("by URL: %v", got)
	}
	for url, expect := range map[*string]int{nil: 250, &special: 5, &unknown: 0} {
		if n, err := list.Total(h.admin, url); n != expect || err != nil {
			t.Errorf("total %d, %v, want %d", n, err, expect)
		}
	}
	for page := range list.Pages(h.admin, 0, -1, nil) {
		if len(page) != 100 {
			t.Errorf("a page of %d", len(page))
		}
		break // and nothing goes wrong
	}
	cancelled, cancel := context.WithCancel(h.admin)
	cancel()
	for _, err := range list.Pages(cancelled, 0, -1, nil) {
		want(t, "a caller who has gone", err, hook.Unavailable)
	}
}
