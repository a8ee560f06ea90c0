package storage

import (
	"strings"

	"github.com/hookgraph/hookgraph/hook"
)

// The collections and their indexes. An index is named as the list of hook that
// it serves; there is one for each list and no other.
var (
	members = &Collection{Name: "members", Indexes: []*Index{
		list(hook.ByCreated), list(hook.ByName),
		unique(hook.MembersByUsername), unique(hook.MembersBySub), list(hook.MembersByEmail),
	}}
	clients = &Collection{Name: "clients", Indexes: []*Index{
		list(hook.ByCreated), list(hook.ByName),
		unique(hook.ClientsByIdentifier), unique(hook.ClientsByUniqueName),
		list(hook.ClientsByMember), list(hook.ClientsByMemberAndName),
	}}
	albums = &Collection{Name: "albums", Indexes: []*Index{
		list(hook.ByCreated), list(hook.ByName),
		array(hook.AlbumsByMember), array(hook.AlbumsByMemberAndName),
	}}
	webhooks = &Collection{Name: "webhooks", Indexes: []*Index{
		list(hook.ByCreated), list(hook.ByName),
		list(hook.WebhooksByOwner), list(hook.WebhooksByOwnerAndName),
		list(hook.WebhooksByDialect), list(hook.WebhooksByDialectAndName),
		list(hook.WebhooksByHealth), list(hook.WebhooksByHealthAndName),
		list(hook.WebhooksByList), list(hook.WebhooksByNumber),
		array(hook.WebhooksByRoute), unique(hook.WebhooksBySlot), list(hook.ByChanged),
	}, Sequence: hook.ByChanged}
	// An event is told once, where it was published.
	events = &Collection{Name: "events", Indexes: []*Index{
		list(hook.ByCreated), list(hook.EventsByOwner), list(hook.EventsByOwnerAndType),
		list(hook.EventsByState), list(hook.ByChanged),
	}, Sequence: hook.ByChanged, Placed: true}
	triggers = &Collection{Name: "triggers", Indexes: []*Index{
		list(hook.ByCreated),
		list(hook.TriggersByWebhook), list(hook.TriggersByWebhookAndStatus),
		list(hook.TriggersByEvent), list(hook.TriggersByEventAndStatus),
		list(hook.TriggersByOwner), list(hook.TriggersByOwnerAndStatus),
		list(hook.TriggersByQueue), list(hook.ByChanged),
	}, Sequence: hook.ByChanged}
	apiKeys = &Collection{Name: "api_keys", Indexes: []*Index{
		list(hook.ByCreated), list(hook.KeysByMember), list(hook.KeysByOwner),
	}}
	auditEntries = &Collection{Name: "audit_entries", Indexes: []*Index{
		list(hook.ByCreated), list(hook.AuditByNode),
	}}
	deletions = &Collection{Name: "deletions", Indexes: []*Index{list(hook.ByCreated)}}
	replays   = &Collection{Name: "replays", Indexes: []*Index{list(hook.ByCreated), list(hook.ReplaysByOwner), list(hook.ReplaysByOpen)}}
	farewells = &Collection{Name: "farewells", Indexes: []*Index{list(hook.ByCreated)}}
	bodies    = &Collection{Name: "bodies", Indexes: []*Index{list(hook.ByCreated), list(hook.BodiesByEvent)}}
	removals  = &Collection{Name: "removals", Indexes: []*Index{
		list(hook.ByCreated), list(hook.ByChanged),
	}, Sequence: hook.ByChanged}

	replicas = &Collection{Name: "replicas", Indexes: []*Index{list(hook.ByCreated)}}
	leases   = &Collection{Name: "leases", Indexes: []*Index{list(hook.ByCreated)}}
	wakes    = &Collection{Name: "wakes", Indexes: []*Index{list(hook.ByCreated), list(hook.WakesByPartition)}}

	runs      = &Collection{Name: "runs", Indexes: []*Index{list(hook.ByCreated)}}
	uncounted = &Collection{Name: "uncounted", Indexes: []*Index{list(hook.ByCreated), list(hook.UncountedByRun)}}

	// stats has a document for each webhook, under its key; hours one for each
	// webhook and day; sequences one for each sequence of numbers; settings one
	// for each setting.
	stats     = &Collection{Name: "stats", Counter: true}
	hours     = &Collection{Name: "hours", Counter: true}
	sequences = &Collection{Name: "sequences", Counter: true}
	settings  = &Collection{Name: "settings"}
)

// Collections returns what an engine is opened with. The values are shared and
// not to be changed.
func Collections() []*Collection {
	return []*Collection{
		members, clients, albums, webhooks, events, triggers, apiKeys, auditEntries, deletions, removals,
		replays, bodies, farewells,
		replicas, leases, wakes,
		runs, uncounted, stats, hours, sequences, settings,
	}
}

// list declares the index of a list, which is named after its keys.
func list(name string) *Index { return &Index{Name: name, Keys: strings.Split(name, ",")} }

func unique(name string) *Index {
	x := list(name)
	x.Unique = true
	return x
}

func array(name string) *Index {
	x := list(name)
	x.Array = true
	return x
}

// collectionOf returns where an entity is kept, nil for a type that is not
// stored.
func collectionOf(e hook.Entity) *Collection {
	switch e.(type) {
	case *hook.Member:
		return members
	case *hook.Client:
		return clients
	case *hook.Album:
		return albums
	case *hook.Webhook:
		return webhooks
	case *hook.Event:
		return events
	case *hook.Trigger:
		return triggers
	case *hook.APIKey:
		return apiKeys
	case *hook.AuditEntry:
		return auditEntries
	case *hook.Deletion:
		return deletions
	case *hook.Replay:
		return replays
	case *hook.Farewell:
		return farewells
	case *hook.Body:
		return bodies
	case *hook.Removal:
		return removals
	case *hook.Replica:
		return replicas
	case *hook.Leases:
		return leases
	case *hook.Wake:
		return wakes
	case *hook.Run:
		return runs
	case *hook.Uncounted:
		return uncounted
	}
	return nil
}
