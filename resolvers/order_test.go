package resolvers_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOrders(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	for list, want := range map[string]map[string][]any{
		"members": {"CREATED, direction: ASC": {ada, grace, root, alan}, "CREATED, direction: DESC": {alan, root, grace, ada},
			"NAME, direction: ASC": {ada, grace, root, alan}, "NAME, direction: DESC": {alan, root, grace, ada}},
		"clients": {"CREATED, direction: ASC": {alpha, beta, gamma}, "CREATED, direction: DESC": {gamma, beta, alpha},
			"NAME, direction: ASC": {alpha, beta, gamma}, "NAME, direction: DESC": {gamma, beta, alpha}},
		"albums": {"CREATED, direction: ASC": {lungs, knees}, "CREATED, direction: DESC": {knees, lungs},
			"NAME, direction: ASC": {knees, lungs}, "NAME, direction: DESC": {lungs, knees}},
		// A webhook without a name is the first by name.
		"webhooks": {"CREATED, direction: ASC": {pages, images, accounts, orders, bygone}, "CREATED, direction: DESC": {bygone, orders, accounts, images, pages},
			"NAME, direction: ASC": {bygone, accounts, images, orders, pages}, "NAME, direction: DESC": {pages, orders, images, accounts, bygone}},
	} {
		for order, keys := range want {
			a := g.get(t, admin(), fmt.Sprintf(`{ list: %s(orderBy: {field: %s}) { nodes { key } } }`, list, order), nil)
			if diff := cmp.Diff(keys, a.each("key", "list", "nodes")); diff != "" {
				t.Errorf("%s by %s (-want +got):\n%s", list, order, diff)
			}
		}
		a := g.get(t, admin(), fmt.Sprintf(`{ list: %s { nodes { key } } }`, list), nil)
		if diff := cmp.Diff(want["CREATED, direction: DESC"], a.each("key", "list", "nodes")); diff != "" {
			t.Errorf("%s by default (-want +got):\n%s", list, diff)
		}
	}
}

func TestWebhookFilters(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	for filter, want := range map[string][]any{
		`{}`:                                   {bygone, orders, accounts, images, pages},
		`{owner: {client: "20"}}`:              {pages},
		`{owner: {album: "Album:AAAAAAAAA1"}}`: {images},
		`{owner: {account: true}}`:             {accounts},
		`{dialect: STANDARD}`:                  {bygone, orders},
		`{health: ACTIVE}`:                     {bygone, orders, images},
		`{dialect: STANDARD, health: WARNING}`: {},
		`{health: WARNING, dialect: ENTRUST}`:  {accounts},
		`{enabled: false}`:                     {bygone},
		`{enabled: true, dialect: STANDARD}`:   {orders},
		`{name: "A"}`:                          {accounts, images, pages},
		`{name: "ORD"}`:                        {orders},
		`{name: "ß"}`:                          {},
		`{owner: {client: "21"}, dialect: STANDARD, health: ACTIVE, enabled: true, name: "rder"}`: {orders},
		`{owner: {client: "21"}, dialect: KHEOPS}`:                                                {},
		`{owner: null, dialect: null, health: null, enabled: null, name: null}`:                   {bygone, orders, accounts, images, pages},
	} {
		a := g.get(t, admin(), `{ webhooks(filter: `+filter+`) { totalCount nodes { key } } }`, nil)
		if diff := cmp.Diff(want, a.each("key", "webhooks", "nodes")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", filter, diff)
		}
		if a.at("webhooks", "totalCount") != float64(len(want)) {
			t.Errorf("%s: %s", filter, a.raw)
		}
	}
	g.ask(t, admin(), `{ webhooks(filter: {owner: {client: "999"}}) { totalCount } }`, nil).errorsAre(t, "NOT_FOUND", "Client not found")
}

func TestTriggerAndEventFilters(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	for filter, want := range map[string][]any{
		`{webhook: "` + orders + `"}`:                                {failed, delivered},
		`{webhook: "` + orders + `", status: PASS}`:                  {delivered},
		`{webhook: "` + orders + `", event: "` + ordered + `"}`:      {failed, delivered},
		`{webhook: "` + orders + `", event: "` + loggedIn + `"}`:     {},
		`{event: "Event:` + loggedIn + `"}`:                          {waiting},
		`{event: "` + ordered + `", owner: {client: "21"}}`:          {failed, delivered},
		`{event: "` + ordered + `", owner: {client: "20"}}`:          {},
		`{owner: {album: "AAAAAAAAA1"}}`:                             {foreign},
		`{owner: {client: "21"}, status: FAIL}`:                      {failed},
		`{owner: {account: true}, status: CANCELLED, webhook: null}`: {},
	} {
		a := g.get(t, admin(), `{ triggers(filter: `+filter+`) { nodes { key } } }`, nil)
		if diff := cmp.Diff(want, a.each("key", "triggers", "nodes")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", filter, diff)
		}
	}
	g.ask(t, admin(), `{ triggers(filter: {}) { totalCount } }`, nil).errorsAre(t, "BAD_USER_INPUT", "filter: a webhook, an event or an owner is needed")
	g.ask(t, admin(), `{ triggers(filter: {webhook: "999"}) { totalCount } }`, nil).errorsAre(t, "NOT_FOUND", "Webhook not found")
	for filter, want := range map[string][]any{
		`{}`:                             {loggedIn, ordered},
		`{owner: {client: "Client:21"}}`: {ordered},
		`{owner: {account: true}, type: "authentication.succeeded"}`: {loggedIn},
		`{owner: {account: true}, type: "order.created"}`:            {},
		`{type: "order.created"}`:                                    {ordered},
	} {
		a := g.get(t, admin(), `{ events(filter: `+filter+`) { nodes { key } } }`, nil)
		if diff := cmp.Diff(want, a.each("key", "events", "nodes")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", filter, diff)
		}
	}
}
