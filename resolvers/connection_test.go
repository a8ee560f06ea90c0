package resolvers_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/hook"
)

// insert writes entities past the service, whose rules take no fixed keys.
func (g *gateway) insert(t *testing.T, entities ...hook.Entity) {
	t.Helper()
	for part := range slices.Chunk(entities, 500) {
		changes := make([]hook.Change, len(part))
		for i, e := range part {
			changes[i] = hook.Change{Kind: hook.ChangeInsert, Entity: e}
		}
		if err := g.store.Write(t.Context(), changes...); err != nil {
			t.Fatal(err)
		}
	}
}

func standard(key, owner, name string, created int) *hook.Webhook {
	return &hook.Webhook{Meta: meta(key, created), Dialect: hook.Standard, Owner: owner, Name: name, URL: "https://x.test/" + key, Enabled: true,
		Health: hook.HealthActive, SecretState: hook.SecretNone, Format: hook.FormatJSON, Detail: hook.DetailMinimal, Modified: day(created)}
}

// lists are the connections of the schema, each over seven objects named a to g
// in the order in which they were made.
func seven(t *testing.T) (*gateway, map[string]string) {
	g := open(t)
	var entities []hook.Entity
	album := &hook.Album{Meta: meta("SSSSSSSSS1", 1), Name: "z"}
	entities = append(entities, &hook.Member{Meta: meta("1", 1), Number: 1, Username: "zz", Status: hook.MemberActivated}, album)
	for i := range 7 {
		name, n := string(rune('a'+i)), i+10
		entities = append(entities,
			&hook.Member{Meta: meta(fmt.Sprint(n), n), Number: int64(n), Username: name, Status: hook.MemberActivated},
			&hook.Client{Meta: meta(fmt.Sprint(n), n), Number: int64(n), Identifier: fmt.Sprintf("00000000000000%02d", n), Name: name, GrantType: hook.GrantImplicit, Member: "1"},
			&hook.Album{Meta: meta(fmt.Sprintf("SSSSSSSS%02d", n), n), Name: name, Members: []hook.AlbumMember{{Member: "1", IsAdmin: true}}},
			standard(fmt.Sprintf("w-%02d", n), "Client:10", name, n),
			standard(fmt.Sprintf("v-%02d", n), "Album:SSSSSSSSS1", name, n),
			&hook.Event{Meta: meta(fmt.Sprintf("e-%02d", n), n), Dialect: hook.Standard, Type: name, Owner: "Client:10", OccurredAt: day(n), State: hook.EventDone},
			&hook.Trigger{Meta: meta(fmt.Sprintf("t-%02d", n), n), Webhook: "w-10", Owner: "Client:10", Event: "e-10", EventType: name, Status: hook.TriggerPass,
				Partition: hook.ClosedPartition},
			&hook.APIKey{Meta: meta(fmt.Sprintf("00000000-0000-4000-8000-0000000000%02d", n), n), Name: name},
			&hook.AuditEntry{Meta: meta(fmt.Sprintf("d-%02d", n), n), Who: name, Operation: "o", Node: "Client:10"})
		album.Members = append(album.Members, hook.AlbumMember{Member: fmt.Sprint(n)})
	}
	g.insert(t, entities...)
	// Each with the arguments of the page in the place of %s.
	return g, map[string]string{
		"members":          `{ list: members(orderBy: {field: NAME, direction: DESC} %s) { ... on MemberConnection { nodes { name: username } edges { cursor node { name: username } } %s } } }`,
		"clients":          `{ list: clients(%s) { nodes { name } edges { cursor node { name } } %s } }`,
		"member.clients":   `{ up: member(id: "1") { list: clients(orderBy: {field: NAME, direction: DESC} %s) { nodes { name } edges { cursor node { name } } %s } } }`,
		"albums":           `{ list: albums(member: "1" %s) { nodes { name } edges { cursor node { name } } %s } }`,
		"member.albums":    `{ up: member(id: "1") { list: albums(%s) { nodes { name } edges { cursor node { name } } %s } } }`,
		"webhooks":         `{ list: webhooks(filter: {owner: {client: "10"}} %s) { nodes { name } edges { cursor node { name } } %s } }`,
		"residual":         `{ list: webhooks(filter: {owner: {client: "10"}, enabled: true} %s) { nodes { name } edges { cursor node { name } } %s } }`,
		"client.webhooks":  `{ up: client(id: "10") { list: webhooks(%s) { nodes { name } edges { cursor node { name } } %s } } }`,
		"album.webhooks":   `{ up: album(id: "SSSSSSSSS1") { list: webhooks(%s) { nodes { name } edges { cursor node { name } } %s } } }`,
		"events":           `{ list: events(%s) { nodes { name: type } edges { cursor node { name: type } } %s } }`,
		"triggers":         `{ list: triggers(filter: {webhook: "w-10"} %s) { nodes { name: eventType } edges { cursor node { name: eventType } } %s } }`,
		"webhook.triggers": `{ up: webhook(id: "w-10") { list: triggers(status: PASS %s) { nodes { name: eventType } edges { cursor node { name: eventType } } %s } } }`,
		"event.triggers":   `{ up: event(id: "e-10") { list: triggers(%s) { nodes { name: eventType } edges { cursor node { name: eventType } } %s } } }`,
		"apiKeys":          `{ list: apiKeys(%s) { nodes { name } edges { cursor node { name } } %s } }`,
		"auditEntries":     `{ list: auditEntries(%s) { nodes { name: who } edges { cursor node { name: who } } %s } }`,
		"album.members":    `{ up: album(id: "SSSSSSSSS1") { list: members(%s) { nodes { name: username } edges { cursor node { name: username } } %s } } }`,
	}
}

type page struct {
	Names          string
	Next, Previous bool
}

const pageInfo = `pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`

// pageOf reads a page, and checks that its edges are its nodes and its cursors
// theirs.
func (g *gateway) pageOf(t *testing.T, list, args string) (p page, start, end string) {
	t.Helper()
	if args == "" {
		args = "first: 100"
	}
	a := g.get(t, admin(), fmt.Sprintf(list, args, pageInfo), nil)
	at := []any{"list"}
	if a.at("list") == nil {
		at = []any{"up", "list"}
	}
	for _, name := range a.each("name", append(at, "nodes")...) {
		p.Names += name.(string)
	}
	edges := ""
	for _, node := range a.each("node", append(at, "edges")...) {
		edges += node.(map[string]any)["name"].(string)
	}
	info := append(at, "pageInfo")
	p.Next, _ = a.at(append(info, "hasNextPage")...).(bool)
	p.Previous, _ = a.at(append(info, "hasPreviousPage")...).(bool)
	start, end = a.text(append(info, "startCursor")...), a.text(append(info, "endCursor")...)
	if cursors := a.each("cursor", append(at, "edges")...); edges != p.Names || len(cursors) > 0 && (cursors[0] != start || cursors[len(cursors)-1] != end) {
		t.Errorf("edges %q, nodes %q, cursors %v between %s and %s", edges, p.Names, cursors, start, end)
	}
	return p, start, end
}

// TestPages walks every list of the schema from both ends.
func TestPages(t *testing.T) {
	t.Parallel()
	g, lists := seven(t)
	for name, list := range lists {
		t.Run(name, func(t *testing.T) {
			all, first, last := g.pageOf(t, list, "")
			want, skipped := "gfedcba", ""
			switch name {
			case "members":
				want, skipped = "zzgfedcba", "zz"
			case "album.members":
				want = "abcdefg"
			}
			if diff := cmp.Diff(page{want, false, false}, all); diff != "" {
				t.Fatal(diff)
			}
			if skipped != "" {
				_, first, _ = g.pageOf(t, list, "first: 1")
				want = want[len(skipped):]
			}
			is := func(args string, names string, next, previous bool) (start, end string) {
				t.Helper()
				p, start, end := g.pageOf(t, list, args)
				if diff := cmp.Diff(page{names, next, previous}, p); diff != "" {
					t.Errorf("%s (-want +got):\n%s", args, diff)
				}
				return start, end
			}
			after := ""
			if skipped != "" {
				after = fmt.Sprintf(", after: %q", first)
			}
			previous := skipped != ""
			_, end := is("first: 3"+after, want[:3], true, previous)
			start, end := is(fmt.Sprintf("first: 3, after: %q", end), want[3:6], true, true)
			is(fmt.Sprintf("first: 3, after: %q", end), want[6:], false, true)
			is(fmt.Sprintf("first: 1, after: %q", end), want[6:], false, true)
			is(fmt.Sprintf("last: 2, before: %q", start), want[1:3], true, true)
			is(fmt.Sprintf("first: 2, after: %q, before: %q", start, last), want[4:6], true, true)
			is("last: 4", want[3:], false, true)
			is(fmt.Sprintf("first: 5, after: %q", last), "", false, true)
			if skipped == "" {
				is("last: 7", want, false, false)
				is(fmt.Sprintf("last: 5, before: %q", first), "", true, false)
			}
		})
	}
}

func TestBadPages(t *testing.T) {
	t.Parallel()
	g, lists := seven(t)
	for name, list := range lists {
		for args, message := range map[string]string{
			"first: 0": "first: must be between 1 and 100", "first: -1": "first: must be between 1 and 100", "first: 101": "first: must be between 1 and 100",
			"last: 0": "last: must be between 1 and 100", "last: -1": "last: must be between 1 and 100", "last: 101": "last: must be between 1 and 100",
			"first: 1, last: 1": "last: first and last must not be given together", `after: ""`: "after: is not a cursor", `after: "x"`: "after: is not a cursor",
			`before: "AAAAAAAAAAAAAAAA"`: "before: is not a cursor", `after: "AQAAAAB0"`: "after: is",
		} {
			a := g.ask(t, admin(), fmt.Sprintf(list, args, "pageInfo { endCursor }"), nil)
			if len(a.Errors) != 1 {
				t.Errorf("%s(%s): %s", name, args, a.raw)
				continue
			}
			a.errorsAre(t, "BAD_USER_INPUT", message)
		}
	}
}

// A cursor belongs to its list: owner, filter and order included.
func TestCursorsOfOtherLists(t *testing.T) {
	t.Parallel()
	g, lists := seven(t)
	lists["by name"] = `{ list: clients(orderBy: {field: NAME, direction: DESC} %s) { nodes { name } edges { cursor node { name } } %s } }`
	lists["of album"] = `{ list: webhooks(filter: {owner: {album: "SSSSSSSSS1"}} %s) { nodes { name } edges { cursor node { name } } %s } }`
	lists["named"] = `{ list: webhooks(filter: {owner: {client: "10"}, name: "a"} %s) { nodes { name } edges { cursor node { name } } %s } }`
	// The same lists under two names.
	same := map[string]string{"client.webhooks": "webhooks", "album.webhooks": "of album", "member.albums": "albums"}
	cursors := map[string]string{}
	for name, list := range lists {
		_, _, cursors[name] = g.pageOf(t, list, "first: 1")
	}
	for name, list := range lists {
		for other, cursor := range cursors {
			if other == name || same[name] == other || same[other] == name {
				continue
			}
			a := g.ask(t, admin(), fmt.Sprintf(list, fmt.Sprintf("after: %q", cursor), "pageInfo { endCursor }"), nil)
			if len(a.Errors) != 1 || a.Errors[0].code() != "BAD_USER_INPUT" {
				t.Errorf("%s took a cursor of %s: %s", name, other, a.raw)
			}
		}
	}
}

// A cursor stays good when what it stands at is gone.
func TestCursorOfWhatIsGone(t *testing.T) {
	t.Parallel()
	g, lists := seven(t)
	_, _, end := g.pageOf(t, lists["webhooks"], "first: 3")
	g.get(t, admin(), `mutation { deleteWebhook(input: {id: "w-14"}) { deletedWebhookId } }`, nil)
	if p, _, _ := g.pageOf(t, lists["webhooks"], fmt.Sprintf("first: 2, after: %q", end)); p.Names != "dc" {
		t.Errorf("page %v", p)
	}
}

// The total is read only where it is asked for, and once for both fields.
func TestTotalsAreLazy(t *testing.T) {
	t.Parallel()
	g, lists := seven(t)
	for name, list := range lists {
		reads := func(fields string) (int, int) {
			g.store.reset()
			g.get(t, admin(), fmt.Sprintf(list, "first: 2", fields), nil)
			by, sum := g.store.counted()
			counts := 0
			for what, n := range by {
				if len(what) > 6 && what[len(what)-6:] == ".Count" {
					counts += n
				}
			}
			return counts, sum
		}
		without, plain := reads(pageInfo)
		if without != 0 {
			t.Errorf("%s is counted unasked", name)
		}
		switch name {
		case "album.members":
			continue // Its members are a part of the album.
		case "residual", "event.triggers":
			// Each object is looked at.
			if _, with := reads("totalCount totalCountIsExact"); with != plain+1 {
				t.Errorf("%s: %d reads with the total, %d without", name, with, plain)
			}
		default:
			if with, _ := reads("totalCount totalCountIsExact again: totalCount"); with != 1 {
				t.Errorf("%s is counted %d times", name, with)
			}
		}
	}
}

// A total that stops early says so.
func TestTotalIsExact(t *testing.T) {
	t.Parallel()
	g := open(t)
	var entities []hook.Entity
	for i := range hook.MaxExamined + 1 {
		entities = append(entities, standard(fmt.Sprintf("w-%d", i), hook.AccountOwner, "n", 1))
	}
	g.insert(t, entities...)
	a := g.get(t, admin(), `{
		all: webhooks(first: 1) { totalCount totalCountIsExact }
		some: webhooks(first: 1, filter: {enabled: true}) { totalCount totalCountIsExact }
		none: webhooks(filter: {enabled: false}) { totalCount totalCountIsExact nodes { id } pageInfo { hasNextPage endCursor } }
	}`, nil)
	want := map[string]any{
		"all":  map[string]any{"totalCount": 1001.0, "totalCountIsExact": true},
		"some": map[string]any{"totalCount": 1000.0, "totalCountIsExact": false},
		"none": map[string]any{"totalCount": 0.0, "totalCountIsExact": false, "nodes": []any{},
			"pageInfo": map[string]any{"hasNextPage": true, "endCursor": a.at("none", "pageInfo", "endCursor")}},
	}
	if diff := cmp.Diff(want, a.Data); diff != "" {
		t.Error(diff)
	}
	rest := g.get(t, admin(), `query($c: String) { webhooks(filter: {enabled: false}, after: $c) { nodes { id } pageInfo { hasNextPage } } }`,
		vars{"c": a.text("none", "pageInfo", "endCursor")})
	if rest.at("webhooks", "pageInfo", "hasNextPage") != false {
		t.Errorf("rest %s", rest.raw)
	}
}
