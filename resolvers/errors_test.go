package resolvers_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/hook"
)

func TestUnauthenticated(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	g.sendBy(nowhere)
	for _, query := range []string{
		`{ webhooks { totalCount } }`, `{ members { totalCount } }`, `{ clients { totalCount } }`, `{ albums { totalCount } }`, `{ events { totalCount } }`,
		`{ apiKeys { totalCount } }`, `{ auditEntries { totalCount } }`, `{ triggers(filter: {owner: {account: true}}) { totalCount } }`,
		`{ node(id: "Webhook:700") { id } }`, `{ nodes(ids: ["Webhook:700"]) { id } }`, `{ node(id: "AuditEntry:1") { id } }`,
		`{ webhook(id: "700") { id } }`, `{ member(id: "10") { id } }`, `{ client(id: "20") { id } }`, `{ album(id: "AAAAAAAAA1") { id } }`,
		`{ event(id: "1") { id } }`, `{ trigger(id: "1") { id } }`,
		`mutation { createMember(input: {username: "x"}) { userErrors { code } } }`,
		`mutation { createWebhook(input: {dialect: STANDARD, owner: {account: true}, url: "https://x.test"}) { userErrors { code } } }`,
		`mutation { createApiKey(input: {name: "x", permissions: ["ALL"]}) { userErrors { code } } }`,
		`mutation { deleteWebhook(input: {id: "700"}) { userErrors { code } } }`,
		`mutation { revokeApiKey(input: {id: "x"}) { userErrors { code } } }`,
		`mutation { publishEvents(input: {events: [{type: "a"}]}) { userErrors { code } } }`,
		`mutation { triggerWebhook(input: {id: "700", type: "a"}) { userErrors { code } } }`,
		`mutation { retryTrigger(input: {id: "x"}) { userErrors { code } } }`, `mutation { cancelTrigger(input: {id: "x"}) { userErrors { code } } }`,
		`mutation { pingWebhook(input: {id: "700"}) { userErrors { code } } }`, `mutation { testWebhook(input: {id: "700"}) { userErrors { code } } }`,
		`mutation { checkUrl(input: {url: "https://x.test"}) { userErrors { code } } }`,
		`mutation { verifySignature(input: {webhook: "700", headers: [], body: ""}) { userErrors { code } } }`,
	} {
		g.ask(t, nil, query, nil).errorsAre(t, "UNAUTHENTICATED", "a credential is needed")
	}
}

func TestForbidden(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	g.sendBy(nowhere)
	for query, needed := range map[string]string{
		`mutation { pingWebhook(input: {id: "700"}) { userErrors { code } } }`:                                 "WEBHOOKS:EDIT",
		`mutation { testWebhook(input: {id: "700"}) { userErrors { code } } }`:                                 "WEBHOOKS:EDIT",
		`mutation { checkUrl(input: {url: "https://x.test"}) { userErrors { code } } }`:                        "WEBHOOKS:ADD",
		`mutation { verifySignature(input: {webhook: "700", headers: [], body: ""}) { userErrors { code } } }`: "WEBHOOKS:VIEW",
		`{ webhooks { totalCount } }`:     "WEBHOOKS:VIEW",
		`{ members { totalCount } }`:      "MEMBERS:VIEW",
		`{ clients { totalCount } }`:      "CLIENTS:VIEW",
		`{ albums { totalCount } }`:       "ALBUMS:VIEW",
		`{ events { totalCount } }`:       "EVENTS:VIEW",
		`{ apiKeys { totalCount } }`:      "KEYS:VIEW",
		`{ auditEntries { totalCount } }`: "AUDIT:VIEW",
		`{ webhook(id: "700") { id } }`:   "WEBHOOKS:VIEW",
		`mutation { createWebhook(input: {dialect: STANDARD, owner: {account: true}, url: "https://x.test"}) { userErrors { code } } }`: "WEBHOOKS:ADD",
		`mutation { deleteAlbum(input: {id: "AAAAAAAAA1"}) { userErrors { code } } }`:                                                   "ALBUMS:REMOVE",
		`mutation { updateMember(input: {id: "10"}) { userErrors { code } } }`:                                                          "MEMBERS:EDIT",
		`mutation { createApiKey(input: {name: "n", permissions: ["ALL"]}) { userErrors { code } } }`:                                   "KEYS:ADD",
	} {
		a := g.ask(t, key("EVENTS:PUBLISH"), query, nil)
		a.errorsAre(t, "FORBIDDEN", needed+" required")
	}
}

// One field that fails leaves the others of the query alone, also if it is a
// list.
func TestOneFailureLeavesTheOthers(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	a := g.ask(t, key("WEBHOOKS:VIEW", "ALBUMS:VIEW"), `{
		auditEntries { totalCount }
		webhooks { nodes { id client { name } } }
		albums { nodes { name members { totalCount } webhooks { totalCount } } }
	}`, nil)
	if a.at("auditEntries") != nil || a.text("albums", "nodes", 0, "name") != "knees" || len(a.each("id", "webhooks", "nodes")) != 3 {
		t.Errorf("data of %s", a.raw)
	}
	for _, e := range a.Errors {
		if e.code() != "FORBIDDEN" {
			t.Errorf("error %+v", e)
		}
	}
	a = g.ask(t, admin(), `mutation {
		gone: deleteWebhook(input: {id: "999"}) { deletedWebhookId }
		done: disableWebhook(input: {id: "700"}) { webhook { enabled } }
	}`, nil)
	a.errorsAre(t, "NOT_FOUND", "Webhook not found")
	if len(a.Errors[0].Path) != 1 || a.Errors[0].Path[0] != "gone" || a.at("done", "webhook", "enabled") != false {
		t.Errorf("answer %s", a.raw)
	}
}

func TestNotFoundInMutations(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	g.sendBy(nowhere)
	for _, mutation := range []string{
		`updateMember(input: {id: "999", username: "x"})`, `deleteMember(input: {id: "999"})`,
		`updateClient(input: {id: "999", name: "x"})`, `deleteClient(input: {id: "999"})`,
		`updateAlbum(input: {id: "AAAAAAAAA9", name: "x"})`, `deleteAlbum(input: {id: "AAAAAAAAA9"})`,
		`setAlbumMember(input: {album: "AAAAAAAAA9", member: "10"})`, `setAlbumMember(input: {album: "AAAAAAAAA1", member: "no@example.org"})`,
		`removeAlbumMember(input: {album: "AAAAAAAAA1", member: "12"})`,
		`updateWebhook(input: {id: "999", name: "x"})`, `deleteWebhook(input: {id: "999"})`, `enableWebhook(input: {id: "999"})`,
		`disableWebhook(input: {id: "999"})`, `rotateWebhookSecret(input: {id: "999"})`, `setWebhookSecret(input: {id: "999", secret: "x"})`,
		`createWebhook(input: {dialect: PAGESEEDER, owner: {client: "999"}, url: "https://x.test"})`,
		`revokeApiKey(input: {id: "999"})`,
		`publishEvents(input: {events: [{type: "a", owner: {client: "999"}}]})`, `triggerWebhook(input: {id: "999", type: "a"})`,
		`retryTrigger(input: {id: "999"})`, `cancelTrigger(input: {id: "999"})`, `pingWebhook(input: {id: "999"})`, `testWebhook(input: {id: "999"})`,
		`verifySignature(input: {webhook: "999", headers: [], body: ""})`,
	} {
		a := g.ask(t, admin(), `mutation { m: `+mutation+` { userErrors { code } } }`, nil)
		if len(a.Errors) != 1 || a.Errors[0].code() != "NOT_FOUND" || a.at("m") != nil {
			t.Errorf("%s: %s", mutation, a.raw)
		}
	}
}

func TestUnavailable(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	g.store.fail(hook.Unavailablef(errors.New("dial tcp 10.0.0.1: refused"), "the database cannot be reached"))
	for _, query := range []string{`{ webhooks { totalCount } }`, `{ webhook(id: "700") { id } }`, `{ node(id: "Webhook:700") { id } }`,
		`mutation { deleteWebhook(input: {id: "700"}) { userErrors { code } } }`} {
		a := g.ask(t, admin(), query, nil)
		a.errorsAre(t, "UNAVAILABLE", "the database cannot be reached")
		if strings.Contains(a.raw, "10.0.0.1") {
			t.Errorf("the cause is shown: %s", a.raw)
		}
	}
}

func TestInternal(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(*watched){
		"error": func(w *watched) { w.fail(errors.New("disk is melting")) },
		"panic": func(w *watched) { w.panic = "disk is melting" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := openSeeded(t)
			harm(g.store)
			// In a resolver, in a loader, and in both for one page.
			for _, query := range []string{`{ webhooks { totalCount } }`, `{ trigger(id: "T1") { id } }`, `mutation { deleteWebhook(input: {id: "700"}) { userErrors { code } } }`} {
				a := g.ask(t, admin(), query, nil)
				a.errorsAre(t, "INTERNAL_SERVER_ERROR", "internal error")
				if got := a.Errors[0].Extensions["requestId"]; got != requestID {
					t.Errorf("request id %v in %s", got, a.raw)
				}
				if strings.Contains(a.raw, "melting") {
					t.Errorf("the cause is shown: %s", a.raw)
				}
			}
			if log := g.log.String(); !strings.Contains(log, "melting") || !strings.Contains(log, requestID) {
				t.Errorf("log %s", log)
			}
		})
	}
}

// A value that a scalar does not take is the caller's mistake, wherever it
// stands.
func TestScalarsOfArguments(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	update := `mutation($at: DateTime) { updateWebhook(input: {id: "700", expiresAt: $at}) { webhook { id } } }`
	for _, at := range []any{"tomorrow", "", "2026-01-31", "2026-01-31T12:00:00", "2026-01-31T1:00:00Z", "2026-01-31T12:00:00,5Z", "2026-02-30T12:00:00Z",
		"2026-01-31T24:00:00Z", "2026-01-31T12:00:00+25:00", "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00", "10000-01-01T00:00:00Z", 5, true,
		map[string]any{}, "2026-01-31T12:00:00Z "} {
		a := g.ask(t, admin(), update, vars{"at": at})
		if len(a.Errors) != 1 || a.Errors[0].code() != "BAD_USER_INPUT" {
			t.Errorf("%v: %s", at, a.raw)
			continue
		}
		if field, _ := a.Errors[0].Extensions["field"].([]any); len(field) != 2 || field[1] != "expiresAt" {
			t.Errorf("%v: field %v", at, field)
		}
		if len(a.Errors[0].Path) != 1 {
			t.Errorf("the path leads into the arguments: %s", a.raw)
		}
	}
	for _, query := range []string{
		`{ webhooks(first: 2147483648) { totalCount } }`, `{ webhooks(first: -2147483649) { totalCount } }`, `{ webhooks(last: 99999999999999999999) { totalCount } }`,
		`mutation { updateWebhook(input: {id: "700", version: 2147483648}) { webhook { id } } }`,
		`mutation { updateWebhook(input: {id: "700", retryPolicy: {delays: [1, 3000000000]}}) { webhook { id } } }`,
		`mutation { updateWebhook(input: {id: "700", url: 5}) { webhook { id } } }`,
		`mutation { createApiKey(input: {name: "n", permissions: [5]}) { apiKey { id } } }`,
	} {
		a := g.ask(t, admin(), query, nil)
		if code := a.Errors[0].code(); code != "BAD_USER_INPUT" && code != "GRAPHQL_VALIDATION_FAILED" {
			t.Errorf("%s: %s", query, a.raw)
		}
	}
	for _, first := range []any{2147483648, "5", 1.5, true, -1e300} {
		a := g.ask(t, admin(), `query($n: Int) { webhooks(first: $n) { totalCount } }`, vars{"n": first})
		if len(a.Errors) != 1 || a.Errors[0].code() != "BAD_USER_INPUT" && a.Errors[0].code() != "GRAPHQL_VALIDATION_FAILED" {
			t.Errorf("first %v: %s", first, a.raw)
		}
	}
	if strings.Contains(g.log.String(), "internal error") {
		t.Errorf("logged as internal: %s", g.log.String())
	}
}

func TestInstantsOfArguments(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	for in, out := range map[string]string{
		"2999-01-31T12:00:00Z":           "2999-01-31T12:00:00.000Z",
		"2999-01-31T12:00:00.1239Z":      "2999-01-31T12:00:00.123Z",
		"2999-01-31T12:00:00.5+05:30":    "2999-01-31T06:30:00.500Z",
		"9998-12-31T23:59:59.999+00:00":  "9998-12-31T23:59:59.999Z",
		"2999-12-31T23:59:59.999999999Z": "2999-12-31T23:59:59.999Z",
	} {
		a := g.get(t, admin(), `mutation($at: DateTime) { updateWebhook(input: {id: "700", expiresAt: $at}) { webhook { expiresAt } userErrors { message } } }`, vars{"at": in})
		if got := a.text("updateWebhook", "webhook", "expiresAt"); got != out {
			t.Errorf("%s: %s, want %s", in, a.raw, out)
		}
	}
}
