package resolvers_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/hookgraph/hookgraph/hook"
)

// crowd writes a hundred webhooks, of fifty clients and fifty albums that belong
// to fifty members, each with five triggers, and returns their ids.
func (g *gateway) crowd(t *testing.T) []string {
	t.Helper()
	var entities []hook.Entity
	var changes []hook.Change
	ids := make([]string, hook.MaxPage)
	for i := range hook.MaxPage {
		number := fmt.Sprint(100 + i/2)
		owner := "Client:" + number
		if i%2 == 0 {
			owner = "Album:SSSSSSS" + number
			entities = append(entities,
				&hook.Member{Meta: meta(number, 1), Number: int64(100 + i/2), Username: "m" + number, Status: hook.MemberActivated},
				&hook.Client{Meta: meta(number, 1), Number: int64(100 + i/2), Identifier: "0000000000000" + number, Name: "c" + number,
					GrantType: hook.GrantImplicit, Member: number},
				&hook.Album{Meta: meta("SSSSSSS"+number, 1), Name: "a" + number, Members: []hook.AlbumMember{{Member: number, IsAdmin: true}}})
		}
		w := standard(fmt.Sprintf("w-%02d", i), owner, "n", 1+i)
		ids[i] = w.ID()
		stats := hook.Change{Kind: hook.ChangeCount, Webhook: w.Key, Add: hook.Stats{Triggers: hook.LastTriggers}}
		for j := range hook.LastTriggers {
			trigger := &hook.Trigger{Meta: meta(fmt.Sprintf("t-%02d-%d", i, j), 1+i), Webhook: w.Key, Owner: owner, Status: hook.TriggerPass, Partition: hook.ClosedPartition}
			entities = append(entities, trigger)
			stats.Last = append(stats.Last, hook.LastTrigger{Trigger: trigger.Key, Status: trigger.Status})
		}
		entities, changes = append(entities, w), append(changes, stats)
	}
	g.insert(t, entities...)
	if err := g.store.Write(t.Context(), changes...); err != nil {
		t.Fatal(err)
	}
	return ids
}

const crowded = ` id triggerCount consecutiveFailures lastTriggers { id status webhook { id } }
	owner { ... on Client { name member { username } } ... on Album { name members(first: 1) { nodes { username } } } }
	client { name member { username } } album { name members(first: 1) { nodes { username } } } `

// TestReadsOfAPage: what a page of 100 webhooks needs is read in a number of
// reads that does not depend on the size of the page, through nodes, edges and
// the nodes of ids, on each engine. A read is one command of MongoDB.
//
// They are the page, the clients, albums, members, counters and triggers; the
// webhooks of the triggers are those of the page. No time is involved.
func TestReadsOfAPage(t *testing.T) { onEach(t, testReadsOfAPage) }

func testReadsOfAPage(t *testing.T, g *gateway, commands *atomic.Int64) {
	ids := g.crowd(t)
	const most = 6
	for name, c := range map[string]struct {
		query string
		path  []any
	}{
		"nodes": {`{ webhooks(first: 100) { nodes {` + crowded + `} } }`, []any{"webhooks", "nodes"}},
		"edges": {`{ webhooks(first: 100) { edges { node {` + crowded + `} } } }`, []any{"webhooks", "edges"}},
		"ids":   {`query($ids: [ID!]!) { nodes(ids: $ids) { ... on Webhook {` + crowded + `} } }`, []any{"nodes"}},
	} {
		g.store.reset()
		commands.Store(0)
		a := g.get(t, admin(), c.query, vars{"ids": ids})
		by, sum := g.store.counted()
		t.Logf("%s: %d reads: %v; %d commands", name, sum, by, commands.Load())
		if n := commands.Load(); n > most {
			t.Errorf("%s: %d commands, at most %d are right", name, n, most)
		}
		if sum > most {
			t.Errorf("%s: %d reads, at most %d are right: %v", name, sum, most, by)
		}
		if got := len(a.each("", c.path...)); got != hook.MaxPage {
			t.Errorf("%s: %d webhooks", name, got)
		}
		first := append(c.path, 0)
		if name == "edges" {
			first = append(first, "node")
		}
		if got := len(a.each("id", append(first, "lastTriggers")...)); got != hook.LastTriggers {
			t.Errorf("%s: %d last triggers in %v", name, got, a.at(first...))
		}
	}
}

// A page of audit entries reads what they are about together.
func TestReadsOfAuditEntries(t *testing.T) {
	g := open(t)
	g.crowd(t)
	var entries []hook.Entity
	for i := range hook.MaxPage {
		entries = append(entries, &hook.AuditEntry{Meta: meta(fmt.Sprintf("d-%02d", i), i), Who: "x", Operation: "y", Node: fmt.Sprintf("Webhook:w-%02d", i)})
	}
	g.insert(t, entries...)
	g.store.reset()
	a := g.get(t, admin(), `{ auditEntries(first: 100) { nodes { node { id } } } }`, nil)
	by, sum := g.store.counted()
	t.Logf("%d reads: %v", sum, by)
	if sum > 50 || a.text("auditEntries", "nodes", 99, "node", "id") != "Webhook:w-00" {
		t.Errorf("%d reads: %v", sum, by)
	}
}

// What a mutation changed is not answered from before it.
func TestLoadersAreFreshInMutations(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	a := g.get(t, admin(), `mutation {
		before: disableWebhook(input: {id: "700"}) { webhook { client { name member { username } } } }
		updateClient(input: {id: "20", name: "Renamed", member: "11"}) { client { member { username } } }
		after: enableWebhook(input: {id: "700"}) { webhook { client { name member { username } } } }
		deleteClient(input: {id: "20"}) { deletedClientId }
	}`, nil)
	if a.text("before", "webhook", "client", "name") != "Alpha" || a.text("after", "webhook", "client", "name") != "Renamed" ||
		a.text("after", "webhook", "client", "member", "username") != "Grace" {
		t.Error(a.raw)
	}
}
