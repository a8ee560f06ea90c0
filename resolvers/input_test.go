package resolvers_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An absent field keeps its value; null clears what can be empty and leaves
// alone what cannot.
func TestAbsentAndNull(t *testing.T) {
	t.Parallel()
	const cleared, kept = "cleared", "kept"
	for name, c := range map[string]struct {
		mutation, input, object, id string
		selection                   string
		null                        map[string]string
	}{
		"member": {"updateMember", "UpdateMemberInput", "member", ada,
			"username sub email firstName surname fullName status admin externalId locked onVacation",
			map[string]string{"email": cleared, "firstName": cleared, "surname": cleared, "fullName": cleared, "externalId": cleared,
				"status": kept, "admin": kept, "locked": kept, "onVacation": kept, "sub": cleared}},
		"client": {"updateClient", "UpdateClientInput", "client", alpha,
			"name grantType confidential requiresConsent description clientUri redirectUri scope app accessTokenMaxAge refreshTokenMaxAge hasWebhookSecret member { id }",
			map[string]string{"description": cleared, "clientUri": cleared, "redirectUri": cleared, "scope": cleared, "app": cleared, "member": cleared,
				"grantType": kept, "confidential": kept, "requiresConsent": kept, "accessTokenMaxAge": kept, "refreshTokenMaxAge": kept}},
		"album": {"updateAlbum", "UpdateAlbumInput", "album", lungs, "name description modalities memberPermissions { addSeries addUser }",
			map[string]string{"description": cleared, "modalities": cleared, "memberPermissions": kept}},
		"webhook": {"updateWebhook", "UpdateWebhookInput", "webhook", orders,
			"name url subscriptions { pattern } enabled expiresAt format detail verifyTls serverEvents projects groups headerNames retryPolicy { timeout }",
			map[string]string{"name": cleared, "subscriptions": cleared, "expiresAt": cleared, "retryPolicy": cleared, "enabled": kept, "format": kept,
				"detail": kept, "verifyTls": kept, "serverEvents": kept, "projects": cleared, "groups": cleared}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := openSeeded(t)
			mutation := "mutation($input: " + c.input + "!) { " + c.mutation + "(input: $input) { " + c.object + " { version " + c.selection + " } userErrors { field message } } }"
			change := func(input vars) map[string]any {
				input["id"] = c.id
				a := g.get(t, admin(), mutation, vars{"input": input})
				object, ok := a.at(c.mutation, c.object).(map[string]any)
				if !ok {
					t.Fatalf("%v: %s", input, a.raw)
				}
				return object
			}
			before := change(vars{})
			if before["version"] != 1.0 {
				t.Errorf("an update of nothing changed the version: %v", before)
			}
			for field, want := range c.null {
				after := change(vars{field: nil})
				if list, isList := before[field].([]any); want == cleared && !isList && after[field] != nil {
					t.Errorf("%s: null: %v", field, after[field])
				} else if want == cleared && isList {
					if got, _ := after[field].([]any); len(got) != 0 || len(list) == 0 && field == "modalities" {
						t.Errorf("%s: null: %v", field, after[field])
					}
				} else if want == kept && !cmp.Equal(before[field], after[field]) {
					t.Errorf("%s: null changed %v into %v", field, before[field], after[field])
				}
			}
			// What nobody named is as before.
			for field, value := range change(vars{}) {
				if c.null[field] != cleared && field != "version" && field != "headerNames" && !cmp.Equal(before[field], value) {
					t.Errorf("%s changed from %v to %v", field, before[field], value)
				}
			}
		})
	}
}

// What must not be empty refuses null as a user error.
func TestNullWhereAValueIsNeeded(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	for _, c := range []struct{ mutation, object, field string }{
		{`updateClient(input: {id: "20", name: null})`, "client", "name"},
		{`updateAlbum(input: {id: "AAAAAAAAA1", name: null})`, "album", "name"},
		{`updateWebhook(input: {id: "700", url: null})`, "webhook", "url"},
		{`updateWebhook(input: {id: "KKKKKKKKKKKKKKKKKKK1", name: null})`, "webhook", "name"},
		{`updateWebhook(input: {id: "11111111-1111-4111-8111-111111111111", subscriptions: null})`, "webhook", "subscriptions"},
		{`setWebhookSecret(input: {id: "22222222-2222-4222-8222-222222222222", secret: null})`, "webhook", "secret"},
	} {
		a := g.ask(t, admin(), `mutation { m: `+c.mutation+` { `+c.object+` { id } userErrors { code field message } } }`, nil)
		a.userErrorIs(t, "m", c.object, "INVALID", c.field, "")
	}
}

// A header without a value keeps the one that it has; null is the same.
func TestHeadersKeepTheirValues(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	const mutation = `mutation($headers: [HeaderInput!]) { updateWebhook(input: {id: "22222222-2222-4222-8222-222222222222", headers: $headers}) {
		webhook { headerNames } userErrors { code field message } } }`
	names := func(headers any) any {
		return g.get(t, admin(), mutation, vars{"headers": headers}).at("updateWebhook", "webhook", "headerNames")
	}
	if diff := cmp.Diff(any([]any{"x-tenant", "X-Other"}), names([]vars{{"name": "x-tenant"}, {"name": "X-Other", "value": "o"}})); diff != "" {
		t.Error(diff)
	}
	w, err := g.service.Webhook(adminContext(t), orders)
	if err != nil {
		t.Fatal(err)
	}
	if secret, err := g.vault.Open(w.GetID(), w.Headers[0].Value); err != nil || secret.Reveal() != "value-of-the-header" {
		t.Errorf("the value is lost: %v", err)
	}
	a := g.ask(t, admin(), mutation, vars{"headers": []vars{{"name": "X-Third", "value": nil}}})
	a.userErrorIs(t, "updateWebhook", "webhook", "INVALID", "headers.0.value", "a new header needs a value")
	if diff := cmp.Diff(any([]any{}), names(nil)); diff != "" {
		t.Error(diff)
	}
}

// An empty text is stored as an absent one and shown as null.
func TestEmptyTexts(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	a := g.get(t, admin(), `mutation { updateClient(input: {id: "20", description: "", clientUri: "", app: ""}) { client { description clientUri app } userErrors { message } } }`, nil)
	if got := a.at("updateClient", "client"); !cmp.Equal(got, any(map[string]any{"description": nil, "clientUri": nil, "app": nil})) {
		t.Error(a.raw)
	}
}

func TestOwnerInput(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	for literal, variable := range map[string]vars{
		`{}`:                             {},
		`{client: "20", account: true}`:  {"client": "20", "account": true},
		`{client: "20", album: null}`:    {"client": "20", "album": nil},
		`{client: null}`:                 {"client": nil},
		`{account: null}`:                {"account": nil},
		`{account: false}`:               {"account": false},
		`{client: "20", client2: "21"}`:  {"client": "20", "client2": "21"},
		`{album: "A", client: "20"}`:     {"client": "20", "album": "A"},
		`{client: 20, account: false}`:   {"client": 20, "account": false},
		`{album: null, account: true}`:   {"album": nil, "account": true},
		`{album: "", account: null}`:     {"album": "", "account": nil},
		`{client: "20", account: false}`: {"client": "20", "account": false},
	} {
		for query, variables := range map[string]vars{
			`{ webhooks(filter: {owner: ` + literal + `}) { totalCount } }`:                                       nil,
			`query($o: OwnerInput) { webhooks(filter: {owner: $o}) { totalCount } }`:                              {"o": variable},
			`query($f: WebhookFilterInput) { webhooks(filter: $f) { totalCount } }`:                               {"f": vars{"owner": variable}},
			`query($f: TriggerFilterInput!) { triggers(filter: $f) { totalCount } }`:                              {"f": vars{"owner": variable}},
			`query($c: ID) { webhooks(filter: {owner: {client: $c}}) { totalCount } }`:                            {"c": nil},
			`query($c: ID!, $a: Boolean) { webhooks(filter: {owner: {client: $c, account: $a}}) { totalCount } }`: {"c": "20", "a": nil},
		} {
			a := g.ask(t, admin(), query, variables)
			if len(a.Errors) == 0 || a.Errors[0].code() != "BAD_USER_INPUT" && a.Errors[0].code() != "GRAPHQL_VALIDATION_FAILED" {
				t.Errorf("%s with %v: %s", query, variables, a.raw)
			}
		}
		a := g.ask(t, admin(), `mutation($o: OwnerInput!) { createWebhook(input: {dialect: STANDARD, owner: $o, url: "https://x.test"}) { webhook { id } userErrors { code field message } } }`, vars{"o": variable})
		if len(a.Errors) == 0 {
			a.userErrorIs(t, "createWebhook", "webhook", "INVALID", "owner", "exactly one of client, album and account")
		}
	}
	for _, owner := range []vars{{"client": "Client:20"}, {"client": 20}, {"album": lungs}, {"account": true}} {
		a := g.get(t, admin(), `query($o: OwnerInput) { webhooks(filter: {owner: $o}) { totalCount } }`, vars{"o": owner})
		if a.at("webhooks", "totalCount") != 1.0 {
			t.Errorf("%v: %s", owner, a.raw)
		}
	}
}

// Enum values are taken in their own spelling only, by literal and by variable.
func TestEnumSpelling(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	for query, variables := range map[string]vars{
		`query($d: Dialect) { eventTypes(dialect: $d) { name } }`:                                            {"d": "kheops"},
		`query($d: OrderDirection!) { webhooks(orderBy: {field: NAME, direction: $d}) { totalCount } }`:      {"d": "desc"},
		`query($o: WebhookOrderInput) { webhooks(orderBy: $o) { totalCount } }`:                              {"o": vars{"field": "Name", "direction": "ASC"}},
		`query($f: WebhookFilterInput) { webhooks(filter: $f) { totalCount } }`:                              {"f": vars{"health": "active"}},
		`mutation($i: UpdateMemberInput!) { updateMember(input: $i) { member { id } userErrors { code } } }`: {"i": vars{"id": ada, "status": "Disabled"}},
		`query($s: TriggerStatus) { webhook(id: "700") { triggers(status: $s) { totalCount } } }`:            {"s": "pass"},
		`query($f: TriggerFilterInput!) { triggers(filter: $f) { totalCount } }`:                             {"f": vars{"webhook": "700", "status": "pASS"}},
	} {
		a := g.ask(t, admin(), query, variables)
		if len(a.Errors) != 1 || a.Errors[0].code() != "GRAPHQL_VALIDATION_FAILED" && a.Errors[0].code() != "BAD_USER_INPUT" {
			t.Errorf("%v: %s", variables, a.raw)
		}
	}
}
