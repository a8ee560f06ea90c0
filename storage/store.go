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
	bodies       collection[hook.Body]
	farewells    collection[hook.Farewell]
	runs         collection[hook.Run]
	uncounted    collection[hook.Uncounted]
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
		bodies:       collection[hook.Body]{engine: engine, declared: bodies},
		farewells:    collection[hook.Farewell]{engine: engine, declared: farewells},
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

// Bodies implements hook.Store.
func (s *Store) Bodies() hook.Collection[hook.Body] { return &s.bodies }

// Farewells implements hook.Store.
func (s *Store) Farewells() hook.Collection[hook.Farewell] { return &s.farewells }

// Runs implements hook.Store.
func (s *Store) Runs() hook.Collection[hook.Run] { return &s.runs }

// Uncounted implements hook.Store.
func (s *Store) Uncounted() hook.Collection[hook.Uncounted] { return &s.uncounted }

// Atomic implements hook.Store.
func (s *Store) Atomic() bool {
	_, exclusive := s.engine.(Exclusive)
	return exclusive
}

// Ping implements hook.Store.
func (s *Store) Ping(ctx context.Context) error {
	return failure("ask the database", s.engine.Ping(ctx))
}
