package hook_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// fill stores STANDARD webhooks without the service, many in a write. Several
// share an instant and a name.
func (h *house) fill(n int, owner func(i int) hook.ID) []*hook.Webhook {
	h.t.Helper()
	all := make([]*hook.Webhook, n)
	var changes []hook.Change
	for i := range n {
		all[i] = &hook.Webhook{
			Meta:    hook.Meta{Key: fmt.Sprintf("webhook-%05d", (i*7919)%n), Created: springtime.Add(time.Duration(i/3) * time.Second)},
			Dialect: hook.Standard, Owner: owner(i).String(), Name: fmt.Sprintf("Name %d", i%10), URL: "https://hooks.example.org/",
			Enabled: i%2 == 0, Health: hook.HealthActive, SecretState: hook.SecretNone, Format: hook.FormatJSON, Detail: hook.DetailMinimal,
		}
		changes = append(changes, hook.Change{Kind: hook.ChangeInsert, Entity: all[i]})
		if len(changes) == 250 || i == n-1 {
			if err := h.store.Write(h.t.Context(), changes...); err != nil {
				h.t.Fatal(err)
			}
			changes = nil
		}
	}
	return all
}

// inOrder sorts webhooks as a list has them.
func inOrder(all []*hook.Webhook, order hook.Order) []string {
	all = slices.Clone(all)
	byName := order.Field == hook.OrderName
	slices.SortFunc(all, func(a, b *hook.Webhook) int {
		c := 0
		if byName {
			c = strings.Compare(a.NameKey, b.NameKey)
		}
		if c == 0 {
			c = a.Created.Compare(b.Created)
		}
		if c == 0 {
			c = strings.Compare(a.Key, b.Key)
		}
		return c
	})
	if order.Direction == hook.Descending || order.Direction == "" && !byName {
		slices.Reverse(all)
	}
	return keysOf(all)
}

var orders = []hook.Order{
	{},
	{Field: hook.OrderCreated, Direction: hook.Ascending},
	{Field: hook.OrderName},
	{Field: hook.OrderName, Direction: hook.Descending},
}

type pager func(hook.PageArgs) (*hook.Connection[hook.Webhook], error)

// forward and backward walk a list by pages of a size.
func forward(t *testing.T, size int, page pager) (keys []string, pages int) {
	t.Helper()
	args := hook.PageArgs{First: &size}
	for {
		c := must[*hook.Connection[hook.Webhook]](t)(page(args))
		keys = append(keys, keysOf(c.Nodes)...)
		if pages++; len(c.Nodes) > size || c.HasPrevious != (args.After != nil) {
			t.Fatalf("page %d: %d nodes, previous %t", pages, len(c.Nodes), c.HasPrevious)
		}
		if !c.HasNext {
			return keys, pages
		}
		if len(c.Nodes) == size && c.End != c.Cursor(c.Nodes[size-1]) {
			t.Fatalf("page %d does not end at its last node", pages)
		}
		args.After = &c.End
	}
}

func backward(t *testing.T, size int, page pager) (keys []string, pages int) {
	t.Helper()
	args := hook.PageArgs{Last: &size}
	for {
		c := must[*hook.Connection[hook.Webhook]](t)(page(args))
		keys = append(keysOf(c.Nodes), keys...)
		if pages++; len(c.Nodes) > size || c.HasNext != (args.Before != nil) {
			t.Fatalf("page %d: %d nodes, next %t", pages, len(c.Nodes), c.HasNext)
		}
		if !c.HasPrevious {
			return keys, pages
		}
		args.Before = &c.Start
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	h := open(t)
	all := h.fill(47, func(int) hook.ID { return account })
	for _, order := range orders {
		expect := inOrder(all, order)
		page := func(args hook.PageArgs) (*hook.Connection[hook.Webhook], error) {
			return h.Webhooks(h.admin, hook.WebhookFilter{}, order, args)
		}
		for _, size := range []int{1, 7, 46, 47, 48, 100} {
			keys, pages := forward(t, size, page)
			if !slices.Equal(keys, expect) || pages != (46+size)/size {
				t.Errorf("%v forward by %d: %d pages, %v", order, size, pages, keys)
			}
			keys, pages = backward(t, size, page)
			if !slices.Equal(keys, expect) || pages != (46+size)/size {
				t.Errorf("%v backward by %d: %d pages, %v", order, size, pages, keys)
			}
		}
		c := must[*hook.Connection[hook.Webhook]](t)(page(hook.PageArgs{}))
		if len(c.Nodes) != hook.DefaultPage || !c.HasNext || c.HasPrevious {
			t.Errorf("a page by default: %d, %t, %t", len(c.Nodes), c.HasNext, c.HasPrevious)
		}
		// Between two cursors.
		third, tenth := c.Cursor(c.Nodes[2]), c.Cursor(c.Nodes[9])
		for _, args := range []hook.PageArgs{{First: number(50)}, {Last: number(50)}, {First: number(6)}, {Last: number(6)}} {
			args.After, args.Before = &third, &tenth
			between := must[*hook.Connection[hook.Webhook]](t)(page(args))
			if !slices.Equal(keysOf(between.Nodes), expect[3:9]) || !between.HasNext || !between.HasPrevious {
				t.Errorf("between: %v, %t, %t", keysOf(between.Nodes), between.HasPrevious, between.HasNext)
			}
		}
		swapped := must[*hook.Connection[hook.Webhook]](t)(page(hook.PageArgs{After: &tenth, Before: &third}))
		if len(swapped.Nodes) != 0 {
			t.Errorf("after the end and before the start: %v", keysOf(swapped.Nodes))
		}
		n, exact, err := c.Total(h.admin)
		if n != 47 || !exact || err != nil {
			t.Errorf("total %d, %t, %v", n, exact, err)
		}
	}
}

// A cursor is good when its entity is gone.
func TestCursorOfTheDead(t *testing.T) {
	t.Parallel()
	h := open(t)
	expect := inOrder(h.fill(9, func(int) hook.ID { return account }), hook.Order{})
	c := must[*hook.Connection[hook.Webhook]](t)(h.Webhooks(h.admin, hook.WebhookFilter{}, hook.Order{}, hook.PageArgs{First: number(4)}))
	if err := h.DeleteWebhook(h.admin, expect[3], nil); err != nil {
		t.Fatal(err)
	}
	c = must[*hook.Connection[hook.Webhook]](t)(h.Webhooks(h.admin, hook.WebhookFilter{}, hook.Order{}, hook.PageArgs{After: &c.End}))
	if !slices.Equal(keysOf(c.Nodes), expect[4:]) {
		t.Errorf("%v, want %v", keysOf(c.Nodes), expect[4:])
	}
}

func TestBadPages(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.fill(9, func(int) hook.ID { return account })
	a := h.album("a", h.member("ann"), h.member("bob"))
	page := func(args hook.PageArgs) error {
		_, err := h.Webhooks(h.admin, hook.WebhookFilter{}, hook.Order{}, args)
		return err
	}
	wantField(t, "first 0", page(hook.PageArgs{First: number(0)}), hook.Invalid, "first")
	wantField(t, "first -1", page(hook.PageArgs{First: number(-1)}), hook.Invalid, "first")
	wantField(t, "first 101", page(hook.PageArgs{First: number(101)}), hook.Invalid, "first")
	wantField(t, "last 0", page(hook.PageArgs{Last: number(0)}), hook.Invalid, "last")
	wantField(t, "last -1", page(hook.PageArgs{Last: number(-1)}), hook.Invalid, "last")
	wantField(t, "last 101", page(hook.PageArgs{Last: number(101)}), hook.Invalid, "last")
	wantField(t, "both", page(hook.PageArgs{First: number(1), Last: number(1)}), hook.Invalid, "last")

	foreign := map[string]string{"empty": "", "garbage": "garbage!", "long": strings.Repeat("A", 100_000), "zeros": strings.Repeat("A", 80)}
	take := func(name string, c *hook.Connection[hook.Webhook], err error) {
		if err != nil || c.Start == "" {
			t.Fatalf("%s: %v", name, err)
		}
		foreign[name] = c.Start
	}
	c, err := h.Webhooks(h.admin, hook.WebhookFilter{}, hook.Order{Field: hook.OrderName}, hook.PageArgs{})
	take("other order", c, err)
	c, err = h.Webhooks(h.admin, hook.WebhookFilter{Name: "name"}, hook.Order{}, hook.PageArgs{})
	take("other filter", c, err)
	c, err = h.Webhooks(h.admin, hook.WebhookFilter{Owner: account}, hook.Order{}, hook.PageArgs{})
	take("other owner", c, err)
	c, err = h.Webhooks(h.admin, hook.WebhookFilter{Dialect: hook.Standard}, hook.Order{}, hook.PageArgs{})
	take("other dialect", c, err)
	albums := must[*hook.Connection[hook.Album]](t)(h.Albums(h.admin, hook.AlbumFilter{}, hook.Order{}, hook.PageArgs{}))
	foreign["other list"] = albums.Start
	members := must[*hook.Connection[hook.AlbumMember]](t)(a.MembersPage(hook.PageArgs{}))
	foreign["members of an album"] = members.Start
	other := hook.NewService(h.store, otherVault(t), hook.Options{})
	c, err = other.Webhooks(h.admin, hook.WebhookFilter{}, hook.Order{}, hook.PageArgs{})
	take("other key", c, err)
	c, err = h.Webhooks(h.admin, hook.WebhookFilter{}, hook.Order{}, hook.PageArgs{})
	if err != nil {
		t.Fatal(err)
	}
	foreign["padded"] = c.Start + "="
	foreign["cut"] = c.Start[:len(c.Start)-2]
	foreign["tampered"] = c.Start[:60] + "A" + c.Start[61:]
	raw, err := base64.RawURLEncoding.DecodeString(c.Start)
	if err != nil {
		t.Fatal(err)
	}
	raw[0]++
	foreign["other version"] = base64.RawURLEncoding.EncodeToString(raw)
	for name, cursor := range foreign {
		if cursor == c.Start {
			t.Fatalf("%s is the cursor itself", name)
		}
		wantField(t, "after "+name, page(hook.PageArgs{After: &cursor}), hook.Invalid, "after")
		wantField(t, "before "+name, page(hook.PageArgs{Before: &cursor}), hook.Invalid, "before")
	}
	want(t, "its own", page(hook.PageArgs{After: &c.Start, Before: &c.End}), "")
	_, err = a.MembersPage(hook.PageArgs{After: &c.Start})
	wantField(t, "a webhook in the members", err, hook.Invalid, "after")
}
