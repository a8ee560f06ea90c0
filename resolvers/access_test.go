package resolvers_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/hook"
)

// sight is what a viewer finds in the lists: keys, or the code of the error.
func (g *gateway) sight(t *testing.T, v *hook.Viewer) map[string]any {
	t.Helper()
	a := g.ask(t, v, `{
		members(first: 100) { nodes { key } } clients(first: 100) { nodes { key } } albums(first: 100) { nodes { key } } webhooks(first: 100) { nodes { key } }
		events(first: 100) { nodes { key } } apiKeys(first: 100) { nodes { key } } auditEntries(first: 100) { nodes { key } }
	}`, nil)
	seen := map[string]any{}
	for list := range a.Data {
		keys := ""
		for _, key := range a.each("key", list, "nodes") {
			keys += " " + key.(string)
		}
		seen[list] = strings.TrimSpace(keys)
	}
	for _, e := range a.Errors {
		seen[e.Path[0].(string)] = e.code()
	}
	return seen
}

func TestWhatViewersSee(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	join := func(keys ...string) string { return strings.Join(keys, " ") }
	all := map[string]any{
		"members": join(alan, root, grace, ada), "clients": join(gamma, beta, alpha), "albums": join(knees, lungs),
		"webhooks": join(bygone, orders, accounts, images, pages), "events": join(loggedIn, ordered), "apiKeys": join(anyKey, actingKey, boundKey),
		"auditEntries": join(secondEntry, firstEntry),
	}
	none := func(only map[string]any) map[string]any {
		for list := range all {
			if only[list] == nil {
				only[list] = "FORBIDDEN"
			}
		}
		return only
	}
	for name, c := range map[string]struct {
		viewer *hook.Viewer
		want   map[string]any
	}{
		"admin key":     {admin(), all},
		"administrator": {g.as(t, root), all},
		"member": {g.as(t, ada), map[string]any{"members": ada, "clients": alpha, "albums": lungs, "webhooks": join(images, pages), "events": "",
			"apiKeys": actingKey, "auditEntries": "FORBIDDEN"}},
		"another member": {g.as(t, grace), map[string]any{"members": grace, "clients": beta, "albums": join(knees, lungs), "webhooks": join(bygone, orders), "events": ordered,
			"apiKeys": "", "auditEntries": "FORBIDDEN"}},
		"stranger": {g.as(t, alan), map[string]any{"members": alan, "clients": "", "albums": "", "webhooks": "", "events": "", "apiKeys": "", "auditEntries": "FORBIDDEN"}},
		"nobody": {nil, map[string]any{"members": "UNAUTHENTICATED", "clients": "UNAUTHENTICATED", "albums": "UNAUTHENTICATED", "webhooks": "UNAUTHENTICATED",
			"events": "UNAUTHENTICATED", "apiKeys": "UNAUTHENTICATED", "auditEntries": "UNAUTHENTICATED"}},
		"key for webhooks":   {key("WEBHOOKS:VIEW"), none(map[string]any{"webhooks": join(orders, accounts, pages)})},
		"key for albums":     {key("ALBUMS:ALL"), none(map[string]any{"albums": join(knees, lungs), "webhooks": join(bygone, images), "events": ""})},
		"key for audit":      {key("AUDIT:VIEW"), none(map[string]any{"auditEntries": join(secondEntry, firstEntry)})},
		"key for publishing": {key("EVENTS:PUBLISH"), none(map[string]any{})},
		"bound key":          {bound("WEBHOOKS:VIEW", "EVENTS:VIEW"), none(map[string]any{"webhooks": orders, "events": ordered})},
		"bound key with all": {bound("ALL"), map[string]any{"members": "", "clients": beta, "albums": "", "webhooks": orders, "events": ordered, "apiKeys": boundKey, "auditEntries": "FORBIDDEN"}},
		"key acting as a member": {&hook.Viewer{Name: "API key acting", Permissions: hook.PermissionSet{"WEBHOOKS:VIEW"}, Member: ada, APIKey: actingKey},
			none(map[string]any{"webhooks": join(images, pages)})},
	} {
		if diff := cmp.Diff(c.want, g.sight(t, c.viewer)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What may not be seen is null in queries and NOT_FOUND in mutations, the same
// as what does not exist; what may be seen but not changed is FORBIDDEN.
func TestHiddenObjects(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	ids := []string{"Webhook:" + pages, "Webhook:" + images, "Webhook:" + orders, "Webhook:" + accounts, "Client:" + alpha, "Client:" + beta, "Album:" + lungs, "Album:" + knees,
		"Member:" + ada, "Member:" + root, "Event:" + ordered, "Trigger:" + delivered, "Trigger:" + foreign, "ApiKey:" + actingKey, "ApiKey:" + boundKey, "AuditEntry:" + firstEntry}
	for name, c := range map[string]struct {
		viewer *hook.Viewer
		seen   []string
	}{
		"ada":   {g.as(t, ada), []string{"Webhook:" + pages, "Webhook:" + images, "Client:" + alpha, "Album:" + lungs, "Member:" + ada, "Trigger:" + foreign, "ApiKey:" + actingKey}},
		"grace": {g.as(t, grace), []string{"Webhook:" + orders, "Client:" + beta, "Album:" + lungs, "Album:" + knees, "Member:" + ada, "Event:" + ordered, "Trigger:" + delivered}},
		"bound": {bound("ALL"), []string{"Webhook:" + orders, "Client:" + beta, "Event:" + ordered, "Trigger:" + delivered, "ApiKey:" + boundKey}},
	} {
		var want []any
		for _, id := range ids {
			want = append(want, nil)
			for _, seen := range c.seen {
				if seen == id {
					want[len(want)-1] = map[string]any{"id": id}
				}
			}
		}
		a := g.get(t, c.viewer, `query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, vars{"ids": ids})
		if diff := cmp.Diff(any(want), a.at("nodes")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		for i, id := range ids {
			if strings.HasPrefix(id, "AuditEntry:") {
				continue
			}
			a := g.get(t, c.viewer, `query($id: ID!) { node(id: $id) { id } }`, vars{"id": id})
			if diff := cmp.Diff(want[i], a.at("node")); diff != "" {
				t.Errorf("%s: node(%s) (-want +got):\n%s", name, id, diff)
			}
		}
	}
	for _, c := range []struct {
		viewer         *hook.Viewer
		mutation, code string
	}{
		{g.as(t, ada), `deleteWebhook(input: {id: "` + pages + `"})`, "FORBIDDEN"},
		{g.as(t, ada), `deleteWebhook(input: {id: "` + orders + `"})`, "NOT_FOUND"},
		{g.as(t, grace), `updateWebhook(input: {id: "` + images + `", name: "x"})`, "NOT_FOUND"},
		{g.as(t, grace), `updateAlbum(input: {id: "` + lungs + `", name: "x"})`, "FORBIDDEN"},
		{g.as(t, ada), `updateAlbum(input: {id: "` + knees + `", name: "x"})`, "NOT_FOUND"},
		{g.as(t, ada), `updateClient(input: {id: "` + beta + `", name: "x"})`, "NOT_FOUND"},
		{g.as(t, ada), `updateMember(input: {id: "` + ada + `", admin: true})`, "FORBIDDEN"},
		{g.as(t, ada), `createMember(input: {username: "x"})`, "FORBIDDEN"},
		{g.as(t, ada), `createWebhook(input: {dialect: STANDARD, owner: {client: "20"}, url: "https://x.test"})`, "FORBIDDEN"},
		{g.as(t, ada), `createWebhook(input: {dialect: STANDARD, owner: {client: "21"}, url: "https://x.test"})`, "NOT_FOUND"},
		{g.as(t, ada), `createWebhook(input: {dialect: STANDARD, owner: {account: true}, url: "https://x.test"})`, "FORBIDDEN"},
		{g.as(t, ada), `createApiKey(input: {name: "x", permissions: ["ALL"], member: "12"})`, "FORBIDDEN"},
		{g.as(t, ada), `createApiKey(input: {name: "x", permissions: ["ALL"]})`, "FORBIDDEN"},
		{key("KEYS:ADD"), `createApiKey(input: {name: "x", permissions: ["WEBHOOKS:VIEW"]})`, "FORBIDDEN"},
		{bound("ALL"), `deleteWebhook(input: {id: "` + pages + `"})`, "NOT_FOUND"},
		{bound("ALL"), `revokeApiKey(input: {id: "` + anyKey + `"})`, "NOT_FOUND"},
	} {
		a := g.ask(t, c.viewer, `mutation { m: `+c.mutation+` { userErrors { code } } }`, nil)
		if len(a.Errors) != 1 || a.Errors[0].code() != c.code {
			t.Errorf("%s as %s: %s, want %s", c.mutation, c.viewer.Name, a.raw, c.code)
		}
	}
	if after := g.sight(t, admin()); after["webhooks"] != strings.Join([]string{bygone, orders, accounts, images, pages}, " ") {
		t.Errorf("something was changed: %v", after)
	}
}

// A key sees itself, whatever it may see otherwise.
func TestViewerOfAKey(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	a := g.get(t, bound("EVENTS:PUBLISH"), `{ viewer { name ownerKind apiKey { name } } }`, nil)
	if a.text("viewer", "apiKey", "name") != "bound" || a.text("viewer", "ownerKind") != "CLIENT" {
		t.Error(a.raw)
	}
	a = g.get(t, &hook.Viewer{Name: "API key acting", Permissions: hook.PermissionSet{"EVENTS:PUBLISH"}, Member: ada, APIKey: actingKey}, `{ viewer { member { username } apiKey { name } } }`, nil)
	if a.text("viewer", "member", "username") != "ada" || a.text("viewer", "apiKey", "name") != "acting" {
		t.Error(a.raw)
	}
}
