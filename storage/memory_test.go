package storage_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

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

// The webhooks of a route are those of the last answered write, also when the
// route was asked for before and had none or others.
func TestRoutesFollowWrites(t *testing.T) {
	t.Parallel()
	engine, err := sqlite.Open(context.Background(), t.TempDir(), storage.Collections(), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	ctx, store := context.Background(), storage.New(engine)
	found := func(route string, limit int) string {
		t.Helper()
		webhooks, err := store.Webhooks().Find(ctx, hook.Query{List: hook.WebhooksByRoute, Equal: []any{route}, Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		names := ""
		for _, w := range webhooks {
			names += w.Name
		}
		return names
	}
	expect := func(want string) {
		t.Helper()
		for range 2 { // the second answer is a remembered one
			if got := found("Account *", 10) + "," + found("Account user.created", 10); got != want {
				t.Fatalf("found %q, want %q", got, want)
			}
		}
	}
	write := func(kind hook.ChangeKind, w *hook.Webhook, pattern string) {
		t.Helper()
		w.Subscriptions = []hook.Subscription{{Pattern: pattern}}
		if err := store.Write(ctx, hook.Change{Kind: kind, Entity: w}); err != nil {
			t.Fatal(err)
		}
	}
	expect(",")
	a := &hook.Webhook{Meta: hook.Meta{Key: "a", Created: hook.Now()}, Dialect: hook.Entrust, Owner: hook.AccountOwner, Name: "a"}
	b := &hook.Webhook{Meta: hook.Meta{Key: "b", Created: hook.Now().Add(time.Second)}, Dialect: hook.Entrust, Owner: hook.AccountOwner, Name: "b"}
	write(hook.ChangeInsert, a, "*")
	expect("a,")
	write(hook.ChangeInsert, b, "*")
	expect("ab,")
	if got := found("Account *", 1); got != "a" {
		t.Errorf("a page of one has %q", got)
	}
	write(hook.ChangeReplace, a, "user.created")
	expect("b,a")
	if err := store.Write(ctx, hook.Change{Kind: hook.ChangeRemove, Entity: b}); err != nil {
		t.Fatal(err)
	}
	expect(",a")
}

// A long list is read without remembering all of it: that would take memory with
// its length, and drive out what is asked for.
func TestLongListIsNotRemembered(t *testing.T) {
	t.Parallel()
	engine, err := sqlite.Open(t.Context(), t.TempDir(), storage.Collections(), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	store := storage.New(engine)
	const webhooks = 1100
	changes := []hook.Change{{Kind: hook.ChangeInsert, Entity: &hook.Client{
		Meta: hook.Meta{Key: "7", Created: hook.Now()}, Number: 7, Identifier: "0123456789abcdef", Name: "client", GrantType: hook.GrantPassword,
	}}}
	for n := range webhooks {
		changes = append(changes, hook.Change{Kind: hook.ChangeInsert, Entity: &hook.Webhook{
			Meta: hook.Meta{Key: fmt.Sprint(n + 1), Created: hook.Now()}, Number: int64(n + 1), Dialect: hook.PageSeeder, Owner: "Client:7",
			List: hook.WebhookList(hook.PageSeeder, "Client:7"), URL: "https://a.test", Subscriptions: []hook.Subscription{{ID: "1", Pattern: "*"}},
		}})
	}
	for part := range slices.Chunk(changes, 100) {
		if err := store.Write(t.Context(), part...); err != nil {
			t.Fatal(err)
		}
	}
	vault, err := hook.NewVault(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	ctx := hook.WithViewer(t.Context(), hook.AdminViewer())
	list, err := hook.NewService(store, vault, hook.Options{}).WebhooksOf(ctx, hook.PageSeeder, hook.ID{Kind: hook.KindClient, Key: "7"})
	if err != nil {
		t.Fatal(err)
	}
	read := func() (all []*hook.Webhook) {
		for page, err := range list.Pages(ctx, 0, -1, nil) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, page...)
		}
		return all
	}
	first, second := read(), read()
	if len(first) != webhooks || len(second) != webhooks {
		t.Fatalf("%d and %d webhooks", len(first), len(second))
	}
	for i := range first {
		if first[i].Number != int64(i+1) || second[i].Number != int64(i+1) {
			t.Fatalf("place %d has the numbers %d and %d", i, first[i].Number, second[i].Number)
		}
		if remembered := first[i] == second[i]; remembered != (i < 1000) {
			t.Fatalf("place %d is remembered: %t", i, remembered)
		}
	}
}

// A readCounter counts the documents that are read by their keys.
type readCounter struct {
	*sqlite.Engine
	read atomic.Int64
}

func (c *readCounter) Get(ctx context.Context, of *storage.Collection, key string) (bson.Raw, error) {
	c.read.Add(1)
	return c.Engine.Get(ctx, of, key)
}

func (c *readCounter) GetMany(ctx context.Context, of *storage.Collection, keys []string) ([]bson.Raw, error) {
	c.read.Add(int64(len(keys)))
	return c.Engine.GetMany(ctx, of, keys)
}

func countReads(t *testing.T) (*readCounter, *storage.Store) {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), t.TempDir(), storage.Collections(), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	c := &readCounter{Engine: engine}
	return c, storage.New(c)
}

// Many more entities are remembered than the memory of decoded ones holds, and
// of those that change nothing old is seen.
func TestDocumentsAreRemembered(t *testing.T) {
	t.Parallel()
	engine, store := countReads(t)
	const clients = 4000
	keys := make([]string, clients)
	changes := make([]hook.Change, clients)
	for i := range clients {
		keys[i] = fmt.Sprint(i + 1)
		changes[i] = hook.Change{Kind: hook.ChangeInsert, Entity: &hook.Client{
			Meta: hook.Meta{Key: keys[i], Created: hook.Now()}, Number: int64(i + 1), Identifier: fmt.Sprintf("%016x", i+1),
			Name: "client " + keys[i], Description: strings.Repeat("x", 1000), GrantType: hook.GrantPassword,
		}}
	}
	for part := range slices.Chunk(changes, 500) {
		if err := store.Write(t.Context(), part...); err != nil {
			t.Fatal(err)
		}
	}
	read := func() (found []*hook.Client, reads int64) {
		t.Helper()
		before := engine.read.Load()
		for part := range slices.Chunk(keys, 100) {
			some, err := store.Clients().GetMany(t.Context(), part)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, some...)
		}
		return found, engine.read.Load() - before
	}
	if _, reads := read(); reads != clients {
		t.Fatalf("%d documents were read at first, not %d", reads, clients)
	}
	again, reads := read()
	if reads != 0 {
		t.Errorf("%d documents were read again", reads)
	}
	for i, c := range again {
		if c.Number != int64(i+1) {
			t.Fatalf("client %d is %d", i+1, c.Number)
		}
	}
	changed := *again[clients/2]
	changed.Name = "another name"
	if err := store.Write(t.Context(), hook.Change{Kind: hook.ChangeReplace, Entity: &changed}); err != nil {
		t.Fatal(err)
	}
	if found, reads := read(); found[clients/2].Name != changed.Name || reads < 1 || reads > 20 {
		t.Errorf("the changed client is called %q; %d documents were read", found[clients/2].Name, reads)
	}
}

// Counters are those of the last answered write, also of a webhook that had none.
func TestStatsAreRemembered(t *testing.T) {
	t.Parallel()
	engine, store := countReads(t)
	for want := range int64(5) {
		for range 2 {
			found, err := store.Stats(t.Context(), []string{"a", "b"})
			if err != nil {
				t.Fatal(err)
			}
			if found[0].Triggers != want || found[0].Key != "a" || found[1].Triggers != 0 || found[1].Key != "b" {
				t.Fatalf("after %d writes: %+v, %+v", want, found[0], found[1])
			}
		}
		if err := store.Write(t.Context(), hook.Change{Kind: hook.ChangeCount, Webhook: "a", Add: hook.Stats{Triggers: 1}}); err != nil {
			t.Fatal(err)
		}
	}
	// The first read is of both, those that follow a write are of what it changed,
	// and of the other if that has the same hash.
	if reads := engine.read.Load(); reads != 6 && reads != 10 {
		t.Errorf("%d documents were read, not 6", reads)
	}
}
