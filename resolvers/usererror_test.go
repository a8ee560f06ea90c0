package resolvers_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var long = strings.Repeat("x", 256)

// TestUserErrors: what a person can correct is told in the payload, with the
// path of the input, and nothing is written.
func TestUserErrors(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	state := func() string {
		return g.get(t, admin(), `{
			auditEntries(first: 100) { totalCount } members { nodes { id version } } clients { nodes { id version } } albums { nodes { id version } }
			webhooks { nodes { id version secretState } } apiKeys { nodes { id } } }`, nil).raw
	}
	before := state()
	for _, c := range []struct{ mutation, object, code, field, message string }{
		{`createMember(input: {})`, "member", "INVALID", "username", "needs a username"},
		{`createMember(input: {username: "` + long + `"})`, "member", "INVALID", "username", "has 256 characters"},
		{`createMember(input: {username: "123"})`, "member", "INVALID", "username", "digits only"},
		{`createMember(input: {username: "ADA"})`, "member", "CONFLICT", "username", ""},
		{`createMember(input: {sub: "sub-ada"})`, "member", "CONFLICT", "sub", ""},
		{`createMember(input: {username: "x", email: "nobody"})`, "member", "INVALID", "email", "not an email address"},
		{`createMember(input: {username: "a\u0007b"})`, "member", "INVALID", "username", "control character U+0007"},
		{`createMember(input: {username: "a\nb"})`, "member", "INVALID", "username", "one line"},
		{`createMember(input: {username: "x", firstName: "a\u0085"})`, "member", "INVALID", "firstName", "control character U+0085"},
		{`updateMember(input: {id: "11", username: "ada"})`, "member", "CONFLICT", "username", ""},
		{`updateMember(input: {id: "11", version: 9, locked: true})`, "member", "STALE", "version", "its version is now 1"},
		{`deleteMember(input: {id: "10"})`, "deletedMemberId", "CONFLICT", "cascade", "owns clients"},
		{`deleteMember(input: {id: "13", version: 0})`, "deletedMemberId", "STALE", "version", ""},

		{`createClient(input: {name: ""})`, "client", "INVALID", "name", "must not be empty"},
		{`createClient(input: {name: "  "})`, "client", "INVALID", "name", "must not be empty"},
		{`createClient(input: {name: "` + long + `"})`, "client", "INVALID", "name", "has 256 characters"},
		{`createClient(input: {name: "Alpha"})`, "client", "CONFLICT", "name", ""},
		{`createClient(input: {name: "n", member: "999"})`, "client", "INVALID", "member", "there is no member 999"},
		{`createClient(input: {name: "n", clientUri: "nowhere"})`, "client", "INVALID", "clientUri", "absolute URL"},
		{`createClient(input: {name: "n", redirectUri: "https://u:p@x.test/"})`, "client", "INVALID", "redirectUri", "without credentials"},
		{`createClient(input: {name: "n", accessTokenMaxAge: -1})`, "client", "INVALID", "accessTokenMaxAge", "between 0 and"},
		{`updateClient(input: {id: "20", version: 2, name: "x"})`, "client", "STALE", "version", ""},
		{`updateClient(input: {id: "20", name: "beta"})`, "client", "CONFLICT", "name", ""},
		{`deleteClient(input: {id: "20", version: 2})`, "deletedClientId", "STALE", "version", ""},

		{`createAlbum(input: {name: "` + long + `"})`, "album", "INVALID", "name", "has 256 characters"},
		{`createAlbum(input: {name: "x", modalities: ["CT", ""]})`, "album", "INVALID", "modalities", ""},
		{`updateAlbum(input: {id: "AAAAAAAAA1", version: 2, name: "x"})`, "album", "STALE", "version", ""},
		{`deleteAlbum(input: {id: "AAAAAAAAA1", version: 2})`, "deletedAlbumId", "STALE", "version", ""},

		{`createWebhook(input: {dialect: PAGESEEDER, owner: {account: true}, url: "https://x.test"})`, "webhook", "INVALID", "owner", "belongs to a client"},
		{`createWebhook(input: {dialect: KHEOPS, owner: {client: "20"}, url: "https://x.test", name: "n"})`, "webhook", "INVALID", "owner", "belongs to an album"},
		{`createWebhook(input: {dialect: ENTRUST, owner: {client: "20"}, url: "https://x.test"})`, "webhook", "INVALID", "owner", "belongs to the account"},
		{`createWebhook(input: {dialect: STANDARD, owner: {account: true}, url: "x"})`, "webhook", "INVALID", "url", "absolute URL"},
		{`createWebhook(input: {dialect: STANDARD, owner: {account: true}, url: "https://user:secret@x.test/"})`, "webhook", "INVALID", "url", "must not contain credentials"},
		{`createWebhook(input: {dialect: KHEOPS, owner: {album: "AAAAAAAAA1"}, name: "n", url: "https://user@x.test/"})`, "webhook", "INVALID", "url", "must not contain credentials"},
		{`createWebhook(input: {dialect: STANDARD, owner: {account: true}, url: "ftp://x.test"})`, "webhook", "INVALID", "url", "http or https"},
		{`createWebhook(input: {dialect: ENTRUST, owner: {account: true}, url: "http://x.test", subscriptions: [{pattern: "*"}]})`, "webhook", "INVALID", "url", "https"},
		{`createWebhook(input: {dialect: ENTRUST, owner: {account: true}, url: "https://x.test"})`, "webhook", "INVALID", "subscriptions", "at least one"},
		{`createWebhook(input: {dialect: KHEOPS, owner: {album: "AAAAAAAAA1"}, url: "https://x.test"})`, "webhook", "INVALID", "name", "must not be empty"},
		{`createWebhook(input: {dialect: KHEOPS, owner: {album: "AAAAAAAAA1"}, url: "https://x.test", name: "n", subscriptions: [{pattern: "new_user"}, {pattern: "user.created"}]})`,
			"webhook", "INVALID", "subscriptions.1.pattern", "not an event type of dialect KHEOPS"},
		{`createWebhook(input: {dialect: STANDARD, owner: {account: true}, url: "https://x.test", subscriptions: [{pattern: "a", filter: "{}"}]})`,
			"webhook", "INVALID", "subscriptions.0.filter", "only Entrust"},
		{`createWebhook(input: {dialect: STANDARD, owner: {account: true}, url: "https://x.test", format: XML})`, "webhook", "INVALID", "format", "PageSeeder"},
		{`createWebhook(input: {dialect: STANDARD, owner: {account: true}, url: "https://x.test", secret: "short"})`, "webhook", "INVALID", "secret", "whsec_"},
		{`createWebhook(input: {dialect: PAGESEEDER, owner: {client: "20"}, url: "https://x.test", secret: "short"})`, "webhook", "INVALID", "secret", "of the client"},
		{`createWebhook(input: {dialect: PAGESEEDER, owner: {client: "20"}, url: "https://x.test", projects: ["a", "b,c"]})`, "webhook", "INVALID", "projects.1", "comma"},
		{`createWebhook(input: {dialect: STANDARD, owner: {account: true}, url: "https://x.test", headers: [{name: "X-A", value: "1"}, {name: "Host", value: "x"}]})`,
			"webhook", "INVALID", "headers.1.name", "set by the delivery"},
		{`createWebhook(input: {dialect: STANDARD, owner: {account: true}, url: "https://x.test", headers: [{name: "X-A", value: "a\nb"}]})`, "webhook", "INVALID", "headers.0.value", "one line"},
		{`createWebhook(input: {dialect: STANDARD, owner: {account: true}, url: "https://x.test", retryPolicy: {delays: [1, -1]}})`, "webhook", "INVALID", "retryPolicy.delays.1", "between 0"},
		{`createWebhook(input: {dialect: STANDARD, owner: {account: true}, url: "https://x.test", retryPolicy: {timeout: 301}})`, "webhook", "INVALID", "retryPolicy.timeout", ""},
		{`updateWebhook(input: {id: "700", version: 7, name: "x"})`, "webhook", "STALE", "version", "now 1"},
		{`updateWebhook(input: {id: "700", url: "https://u:p@x.test"})`, "webhook", "INVALID", "url", "credentials"},
		{`updateWebhook(input: {id: "700", name: "` + long + `"})`, "webhook", "INVALID", "name", "has 256 characters"},
		{`deleteWebhook(input: {id: "700", version: 7})`, "deletedWebhookId", "STALE", "version", ""},
		{`enableWebhook(input: {id: "33333333-3333-4333-8333-333333333333"})`, "webhook", "CONFLICT", "expiresAt", "expired"},
		{`rotateWebhookSecret(input: {id: "700"})`, "webhook", "INVALID", "", "of the client"},
		{`rotateWebhookSecret(input: {id: "22222222-2222-4222-8222-222222222222", version: 3})`, "webhook", "STALE", "version", ""},
		{`setWebhookSecret(input: {id: "22222222-2222-4222-8222-222222222222", secret: "x"})`, "webhook", "INVALID", "secret", "whsec_"},
		{`setWebhookSecret(input: {id: "KKKKKKKKKKKKKKKKKKK1", version: 3, secret: "x"})`, "webhook", "STALE", "version", ""},

		{`createApiKey(input: {name: "", permissions: ["ALL"]})`, "apiKey", "INVALID", "name", "must not be empty"},
		{`createApiKey(input: {name: "n", permissions: []})`, "apiKey", "INVALID", "permissions", "at least one"},
		{`createApiKey(input: {name: "n", permissions: ["ALL", "WEBHOOKS:FLY"]})`, "apiKey", "INVALID", "permissions", `"WEBHOOKS:FLY" is not a permission`},
		{`createApiKey(input: {name: "n", permissions: ["ALL"], member: "999"})`, "apiKey", "INVALID", "member", "no member 999"},
		{`createApiKey(input: {name: "n", permissions: ["ALL"], owner: {client: "999"}})`, "apiKey", "INVALID", "owner", "no Client:999"},
		{`createApiKey(input: {name: "n", permissions: ["ALL"], owner: {client: "20"}, member: "10"})`, "apiKey", "INVALID", "owner", "not both"},
		{`createApiKey(input: {name: "n", permissions: ["ALL"], owner: {account: false}})`, "apiKey", "INVALID", "owner", "exactly one"},
		{`revokeApiKey(input: {id: "Webhook:700"})`, "revokedApiKeyId", "INVALID", "id", "not of an API key"},
	} {
		a := g.ask(t, admin(), `mutation { m: `+c.mutation+` { `+selectionOf(c.object)+` userErrors { code field message } } }`, nil)
		field := c.field
		if field == "" && len(a.Errors) == 0 {
			if path, ok := a.at("m", "userErrors", 0, "field").([]any); ok && len(path) > 0 {
				field, _ = path[0].(string)
			}
		}
		t.Run(c.mutation[:min(len(c.mutation), 60)], func(t *testing.T) { a.userErrorIs(t, "m", c.object, c.code, field, c.message) })
	}
	if diff := cmp.Diff(before, state()); diff != "" {
		t.Errorf("something was written (-before +after):\n%s", diff)
	}
}

func selectionOf(object string) string {
	if strings.HasSuffix(object, "Id") {
		return object
	}
	return object + " { id }"
}

// Halves of surrogate pairs, control characters and the like, as JSON carries
// them.
func TestBadTexts(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	const mutation = `mutation($n: String!) { createClient(input: {name: $n}) { client { id } clientSecret userErrors { code field message } } }`
	for text, message := range map[string]string{
		`\ud800`: "not valid Unicode", `a\udc00b`: "not valid Unicode", `\ud83d\ud83d`: "not valid Unicode", `\ufffd`: "not valid Unicode",
		`a\u0000b`: "U+0000", `\u001b[31m`: "U+001B", `a\u007fb`: "U+007F", `a\u0009b`: "one line", "\xff": "not valid Unicode", "a\xc3": "not valid Unicode",
	} {
		a := g.send(t, admin(), `{"query":`+quoted(mutation)+`,"variables":{"n":"`+text+`"}}`)
		a.userErrorIs(t, "createClient", "client", "INVALID", "name", message)
	}
	a := g.send(t, admin(), `{"query":`+quoted(mutation)+`,"variables":{"n":"pair \ud83d\ude00"}}`)
	if len(a.Errors) > 0 || a.at("createClient", "client") == nil {
		t.Error(a.raw)
	}
	// 255 is the limit in UTF-16 units.
	for name, ok := range map[string]bool{strings.Repeat("é", 255): true, strings.Repeat("é", 256): false, strings.Repeat("😀", 127) + "z": true, strings.Repeat("😀", 128): false} {
		a := g.get(t, admin(), mutation, vars{"n": name})
		if got := a.at("createClient", "client") != nil; got != ok {
			t.Errorf("%d characters: %s", len([]rune(name)), a.raw)
		}
	}
	// In a literal of the document and in the name of a key.
	g.send(t, admin(), `{"query":"{ webhooks(filter: {name: \"\\ud800\"}) { totalCount } }"}`)
	a = g.send(t, admin(), `{"query":"{ webhook(id: \"\ud800\") { id } }"}`)
	a.errorsAre(t, "BAD_USER_INPUT", "is not the id or key of a webhook")
}

func quoted(s string) string {
	return `"` + strings.NewReplacer(`"`, `\"`, "\n", " ", "\t", " ").Replace(s) + `"`
}
