package storage

import (
	"context"

	"github.com/hookgraph/hookgraph/hook"
)

// A Store is the hook.Store over an engine.
type Store struct {
	engine Engine

	members      collection[hook.Member]
	clients      collection[hook.Client]
	albums       collection[hook.Album]
	webhooks     collection[hook.Webhook]
	events       collection[hook.Event]
	triggers     collection[hook.Trigger]
	apiKeys      collection[hook.APIKey]
	auditEntries collection[hook.AuditEntry]
	deletions    collection[hook.Deletion]
	replays      collection[hook.Replay]
	bodies       collection[hook.Body]
	farewells    collection[hook.Farewell]
	removals     collection[hook.Removal]
	replicas     collection[hook.Replica]
	leases       collection[hook.Leases]
	wakes        collection[hook.Wake]
	runs         collection[hook.Run]
	uncounted    collection[hook.Uncounted]

	counters *documents // nil where they are not remembered
}

var _ hook.Store = (*Store)(nil)

// New returns the store over an engine that was opened with Collections. The
// engine stays the caller's to close.
func New(engine Engine) *Store {
	s := &Store{
		engine:       engine,
		members:      collection[hook.Member]{engine: engine, declared: members},
		clients:      collection[hook.Client]{engine: engine, declared: clients},
		albums:       collection[hook.Album]{engine: engine, declared: albums},
		webhooks:     collection[hook.Webhook]{engine: engine, declared: webhooks},
		events:       collection[hook.Event]{engine: engine, declared: events},
		triggers:     collection[hook.Trigger]{engine: engine, declared: triggers},
		apiKeys:      collection[hook.APIKey]{engine: engine, declared: apiKeys},
		auditEntries: collection[hook.AuditEntry]{engine: engine, declared: auditEntries},
		deletions:    collection[hook.Deletion]{engine: engine, declared: deletions},
		replays:      collection[hook.Replay]{engine: engine, declared: replays},
		bodies:       collection[hook.Body]{engine: engine, declared: bodies},
		farewells:    collection[hook.Farewell]{engine: engine, declared: farewells},
		removals:     collection[hook.Removal]{engine: engine, declared: removals},
		replicas:     collection[hook.Replica]{engine: engine, declared: replicas},
		leases:       collection[hook.Leases]{engine: engine, declared: leases},
		wakes:        collection[hook.Wake]{engine: engine, declared: wakes},
		runs:         collection[hook.Run]{engine: engine, declared: runs},
		uncounted:    collection[hook.Uncounted]{engine: engine, declared: uncounted},
	}
	if exclusive, ok := engine.(Exclusive); ok {
		s.remember(exclusive)
	}
	return s
}

// Members implements hook.Store.
func (s *Store) Members() hook.Collection[hook.Member] { return &s.members }

// Clients implements hook.Store.
func (s *Store) Clients() hook.Collection[hook.Client] { return &s.clients }

// Albums implements hook.Store.
func (s *Store) Albums() hook.Collection[hook.Album] { return &s.albums }

// Webhooks implements hook.Store.
func (s *Store) Webhooks() hook.Collection[hook.Webhook] { return &s.webhooks }

// Events implements hook.Store.
func (s *Store) Events() hook.Collection[hook.Event] { return &s.events }

// Triggers implements hook.Store.
func (s *Store) Triggers() hook.Collection[hook.Trigger] { return &s.triggers }

// APIKeys implements hook.Store.
func (s *Store) APIKeys() hook.Collection[hook.APIKey] { return &s.apiKeys }

// AuditEntries implements hook.Store.
func (s *Store) AuditEntries() hook.Collection[hook.AuditEntry] { return &s.auditEntries }

// Deletions implements hook.Store.
func (s *Store) Deletions() hook.Collection[hook.Deletion] { return &s.deletions }

// Replays implements hook.Store.
func (s *Store) Replays() hook.Collection[hook.Replay] { return &s.replays }

// Bodies implements hook.Store.
func (s *Store) Bodies() hook.Collection[hook.Body] { return &s.bodies }

// Farewells implements hook.Store.
func (s *Store) Farewells() hook.Collection[hook.Farewell] { return &s.farewells }

// Replicas implements hook.Store.
func (s *Store) Replicas() hook.Collection[hook.Replica] { return &s.replicas }

// Leases implements hook.Store.
func (s *Store) Leases() hook.Collection[hook.Leases] { return &s.leases }

// Wakes implements hook.Store.
func (s *Store) Wakes() hook.Collection[hook.Wake] { return &s.wakes }

// Runs implements hook.Store.
func (s *Store) Runs() hook.Collection[hook.Run] { return &s.runs }

// Uncounted implements hook.Store.
func (s *Store) Uncounted() hook.Collection[hook.Uncounted] { return &s.uncounted }

// Atomic implements hook.Store.
func (s *Store) Atomic() bool {
	_, exclusive := s.engine.(Exclusive)
	return exclusive
}

// Removals implements hook.Store.
func (s *Store) Removals() hook.Collection[hook.Removal] { return &s.removals }

// Ping implements hook.Store.
func (s *Store) Ping(ctx context.Context) error {
	return failure("ask the database", s.engine.Ping(ctx))
}
