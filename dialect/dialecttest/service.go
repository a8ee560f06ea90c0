// Package dialecttest is what the tests of the dialects share.
package dialecttest

import (
	"context"
	"sync"
	"testing"

	"github.com/hookgraph/hookgraph/auth"
	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

// AdminKey is the admin key of a Service.
const AdminKey = "0123456789abcdefghijklmnopqrstuv"

// A Service has a database of its own.
type Service struct {
	*hook.Service
	Auth  *auth.Authenticator
	Store *Store
	Log   *Log // for the dialect; nothing is written to it otherwise
}

// Open makes a service, which ends with the test.
func Open(t testing.TB, options hook.Options) *Service {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), t.TempDir(), storage.Collections(), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	vault, err := hook.NewVault(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	s := &Service{Store: &Store{Store: storage.New(engine)}, Log: new(Log)}
	s.Service = hook.NewService(s.Store, vault, options)
	if s.Auth, err = auth.New(s.Service, auth.Options{AdminKey: AdminKey}); err != nil {
		t.Fatal(err)
	}
	return s
}

// A Store fails on demand when webhooks are read.
type Store struct {
	hook.Store
	mu sync.Mutex
	// reads is how many more succeed before err.
	reads int
	err   error
}

// FailAfter has lists of webhooks fail after so many that are read.
func (s *Store) FailAfter(reads int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads, s.err = reads, err
}

// Webhooks implements hook.Store.
func (s *Store) Webhooks() hook.Collection[hook.Webhook] {
	return failing{s.Store.Webhooks(), s}
}

type failing struct {
	hook.Collection[hook.Webhook]
	store *Store
}

func (f failing) Find(ctx context.Context, q hook.Query) ([]*hook.Webhook, error) {
	f.store.mu.Lock()
	defer f.store.mu.Unlock()
	if f.store.err != nil {
		if f.store.reads == 0 {
			return nil, f.store.err
		}
		f.store.reads--
	}
	return f.Collection.Find(ctx, q)
}
