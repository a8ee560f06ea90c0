package storage_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

// What a write has answered, every read that begins later sees: by key, by keys
// and by list, while others read and write the same entities.
func TestNoReadIsOlderThanAnAnsweredWrite(t *testing.T) {
	t.Parallel()
	engine, err := sqlite.Open(context.Background(), t.TempDir(), storage.Collections(), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	ctx, store := context.Background(), storage.New(engine)
	const clients, rounds = 8, 60
	keys := make([]string, clients)
	var answered [clients]atomic.Int64
	for i := range clients {
		keys[i] = fmt.Sprint(i + 1)
		c := &hook.Client{
			Meta: hook.Meta{Key: keys[i], Created: hook.Now()}, Number: int64(i + 1), Identifier: fmt.Sprintf("%016x", i+1),
			Name: fmt.Sprintf("client %d", i), GrantType: hook.GrantPassword, Member: "7",
		}
		if err := store.Write(ctx, hook.Change{Kind: hook.ChangeInsert, Entity: c}); err != nil {
			t.Fatal(err)
		}
		answered[i].Store(c.Version)
	}
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for i := range clients {
		writers.Go(func() {
			for range rounds {
				old, err := store.Clients().Get(ctx, keys[i])
				if err != nil {
					t.Error(err)
					return
				}
				next := *old
				if err := store.Write(ctx, hook.Change{Kind: hook.ChangeReplace, Entity: &next}); err != nil {
					t.Error(err)
					return
				}
				answered[i].Store(next.Version)
			}
		})
	}
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				var least [clients]int64
				for i := range least {
					least[i] = answered[i].Load()
				}
				one, err := store.Clients().Get(ctx, keys[0])
				if err != nil || one.Version < least[0] {
					t.Errorf("get: %v, want at least version %d: %v", one, least[0], err)
					return
				}
				many, err := store.Clients().GetMany(ctx, keys)
				if err != nil {
					t.Error(err)
					return
				}
				list, err := store.Clients().Find(ctx, hook.Query{List: hook.ClientsByMember, Equal: []any{"7"}, Limit: 100})
				if err != nil || len(list) != clients {
					t.Errorf("find: %d clients: %v", len(list), err)
					return
				}
				for i := range least {
					if many[i].Version < least[i] {
						t.Errorf("getMany: version %d of %s, want at least %d", many[i].Version, keys[i], least[i])
					}
				}
				for _, c := range list {
					if i := c.Number - 1; c.Version < least[i] {
						t.Errorf("find: version %d of %s, want at least %d", c.Version, c.Key, least[i])
					}
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	if err := store.Write(ctx, hook.Change{Kind: hook.ChangeRemove, Entity: &hook.Client{Meta: hook.Meta{Key: keys[0]}}}); err != nil {
		t.Fatal(err)
	}
	if gone, err := store.Clients().Get(ctx, keys[0]); gone != nil || err != nil {
		t.Errorf("a removed client is still there: %v %v", gone, err)
	}
}
