package resolvers_test

import (
	"testing"

	"github.com/hookgraph/hookgraph/hook"
)

// badIDs are texts that are the id of nothing, and whether a field that expects
// a webhook refuses them as well.
var badIDs = map[string]bool{
	"": true, ":": true, "Webhook:": true, "webhook:700": true, "Webhook:7 0": true, "Webhook:7:0": true, "Deletion:1": true, "Account": false,
	"Account:": true, "V2ViaG9vazo3MDA=": true, "Webhook:../700": true, "700": false, "Webhook:7\x00": true, "Webhook:é": true,
	"Webhook:12345678901234567890123456789012345678901234567890123456789012345": true,
}

func TestMalformedIDs(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	for id, refused := range badIDs {
		g.ask(t, admin(), `query($id: ID!) { node(id: $id) { id } }`, vars{"id": id}).errorsAre(t, "BAD_USER_INPUT", "")
		a := g.ask(t, admin(), `query($id: ID!) { webhook(id: $id) { id } }`, vars{"id": id})
		if (len(a.Errors) > 0) != refused {
			t.Errorf("webhook(id: %q): %s", id, a.raw)
		}
		if refused {
			a.errorsAre(t, "BAD_USER_INPUT", "id: ")
		}
	}
	a := g.ask(t, admin(), `{ nodes(ids: ["Webhook:700", "nothing"]) { id } }`, nil)
	a.errorsAre(t, "BAD_USER_INPUT", "ids.1: ")
	a = g.ask(t, admin(), `{ auditEntries(node: "nothing") { totalCount } }`, nil)
	a.errorsAre(t, "BAD_USER_INPUT", "node: ")
}

func TestIDsOfAnotherKind(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	for _, query := range []string{
		`{ webhook(id: "Client:20") { id } }`,
		`{ member(id: "Client:20") { id } }`,
		`{ album(id: "Client:20") { id } }`,
		`{ client(id: "Member:10") { id } }`,
		`{ trigger(id: "Event:1") { id } }`,
		`{ event(id: "Trigger:1") { id } }`,
		`{ clients(member: "Client:20") { totalCount } }`,
		`{ albums(member: "Album:AAAAAAAAA1") { totalCount } }`,
		`{ webhooks(filter: {owner: {client: "Album:AAAAAAAAA1"}}) { totalCount } }`,
		`{ triggers(filter: {webhook: "Event:1"}) { totalCount } }`,
		`{ triggers(filter: {event: "Webhook:1"}) { totalCount } }`,
	} {
		g.ask(t, admin(), query, nil).errorsAre(t, "BAD_USER_INPUT", "is the id of a")
	}
	a := g.ask(t, admin(), `mutation { deleteWebhook(input: {id: "Client:20"}) { deletedWebhookId userErrors { code field message } } }`, nil)
	a.userErrorIs(t, "deleteWebhook", "deletedWebhookId", "INVALID", "id", "Client:20 is the id of a client, not of a webhook")
	a = g.ask(t, admin(), `mutation { createClient(input: {name: "n", member: "Album:AAAAAAAAA1"}) { client { id } userErrors { code field message } } }`, nil)
	a.userErrorIs(t, "createClient", "client", "INVALID", "member", "not of a member")
	g.get(t, admin(), `{ client(id: "Client:20") { id } }`, nil)
}

// An empty text is not an absent id: read as one, it would widen what was asked
// for.
func TestEmptyIDs(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	for _, query := range []string{
		`{ clients(member: "") { totalCount } }`,
		`{ albums(member: "") { totalCount } }`,
		`{ triggers(filter: {webhook: "", owner: {account: true}}) { totalCount } }`,
		`{ triggers(filter: {event: "", owner: {account: true}}) { totalCount } }`,
		`{ webhooks(filter: {owner: {client: ""}}) { totalCount } }`,
	} {
		g.ask(t, admin(), query, nil).errorsAre(t, "BAD_USER_INPUT", "is not the id or key of a")
	}
	a := g.ask(t, admin(), `mutation { createApiKey(input: {name: "n", permissions: ["ALL"], member: ""}) { apiKey { id } userErrors { code field message } } }`, nil)
	a.userErrorIs(t, "createApiKey", "apiKey", "INVALID", "member", "is not the id or key of a member")
	a = g.ask(t, admin(), `mutation { updateClient(input: {id: "20", member: ""}) { client { id } userErrors { code field message } } }`, nil)
	a.userErrorIs(t, "updateClient", "client", "INVALID", "member", "is not the id or key of a member")
}

func TestTooManyNodes(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	ids := make([]string, hook.MaxPage+1)
	for i := range ids {
		ids[i] = "Webhook:700"
	}
	query := `query($ids: [ID!]!) { nodes(ids: $ids) { id } }`
	g.ask(t, admin(), query, vars{"ids": ids}).errorsAre(t, "BAD_USER_INPUT", "ids: at most 100 are allowed")
	if got := g.get(t, admin(), query, vars{"ids": ids[1:]}).each("id", "nodes"); len(got) != hook.MaxPage || got[99] != "Webhook:700" {
		t.Errorf("nodes %v", got)
	}
	if got := g.get(t, admin(), query, vars{"ids": []string{}}).each("id", "nodes"); len(got) != 0 {
		t.Errorf("nodes %v", got)
	}
}

// Ids are found where they were given in another case or as bare keys only if
// the kind is clear; numbers are texts.
func TestIDForms(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	for _, query := range []string{`{ webhook(id: 700) { id } }`, `{ webhook(id: "700") { id } }`, `{ webhook(id: "Webhook:700") { id } }`} {
		if got := g.get(t, admin(), query, nil).text("webhook", "id"); got != "Webhook:700" {
			t.Errorf("%s: %q", query, got)
		}
	}
	if got := g.get(t, admin(), `query($id: ID!) { webhook(id: $id) { key } }`, vars{"id": 700}).text("webhook", "key"); got != "700" {
		t.Errorf("by a number: %q", got)
	}
}
