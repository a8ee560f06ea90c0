package resolvers_test

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// watched is a store that counts its reads, and fails if it is told to.
type watched struct {
	hook.Store
	mu    sync.Mutex
	reads map[string]int
	err   error
	panic any
}

// fail makes every read of entities fail from now on.
func (w *watched) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = err
}

// reset forgets the reads so far.
func (w *watched) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.reads)
}

// counted returns the reads since reset by collection and operation, and their
// sum.
func (w *watched) counted() (map[string]int, int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	sum := 0
	for _, n := range w.reads {
		sum += n
	}
	return maps.Clone(w.reads), sum
}

func (w *watched) read(what string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reads[what]++
	if w.panic != nil {
		panic(w.panic)
	}
	return w.err
}

func (w *watched) Members() hook.Collection[hook.Member] {
	return watch(w, "members", w.Store.Members())
}
func (w *watched) Clients() hook.Collection[hook.Client] {
	return watch(w, "clients", w.Store.Clients())
}
func (w *watched) Albums() hook.Collection[hook.Album] { return watch(w, "albums", w.Store.Albums()) }
func (w *watched) Events() hook.Collection[hook.Event] { return watch(w, "events", w.Store.Events()) }
func (w *watched) APIKeys() hook.Collection[hook.APIKey] {
	return watch(w, "apiKeys", w.Store.APIKeys())
}
func (w *watched) Webhooks() hook.Collection[hook.Webhook] {
	return watch(w, "webhooks", w.Store.Webhooks())
}
func (w *watched) Triggers() hook.Collection[hook.Trigger] {
	return watch(w, "triggers", w.Store.Triggers())
}
func (w *watched) AuditEntries() hook.Collection[hook.AuditEntry] {
	return watch(w, "auditEntries", w.Store.AuditEntries())
}

func (w *watched) Stats(ctx context.Context, webhooks []string) ([]*hook.Stats, error) {
	if err := w.read("stats.GetMany"); err != nil {
		return nil, err
	}
	return w.Store.Stats(ctx, webhooks)
}

type watchedCollection[T any] struct {
	hook.Collection[T]
	store *watched
	name  string
}

func watch[T any](w *watched, name string, c hook.Collection[T]) hook.Collection[T] {
	return watchedCollection[T]{c, w, name}
}

func (c watchedCollection[T]) Get(ctx context.Context, key string) (*T, error) {
	if err := c.store.read(c.name + ".Get"); err != nil {
		return nil, err
	}
	return c.Collection.Get(ctx, key)
}

func (c watchedCollection[T]) GetMany(ctx context.Context, keys []string) ([]*T, error) {
	if err := c.store.read(c.name + ".GetMany"); err != nil {
		return nil, err
	}
	return c.Collection.GetMany(ctx, keys)
}

func (c watchedCollection[T]) Find(ctx context.Context, q hook.Query) ([]*T, error) {
	if err := c.store.read(c.name + ".Find"); err != nil {
		return nil, err
	}
	return c.Collection.Find(ctx, q)
}

func (c watchedCollection[T]) FindEach(ctx context.Context, q hook.Query, values []any) ([][]*T, error) {
	if err := c.store.read(c.name + ".FindEach"); err != nil {
		return nil, err
	}
	return c.Collection.FindEach(ctx, q, values)
}

func (c watchedCollection[T]) Count(ctx context.Context, q hook.Query) (int, error) {
	if err := c.store.read(c.name + ".Count"); err != nil {
		return 0, err
	}
	return c.Collection.Count(ctx, q)
}

func (c watchedCollection[T]) FindMany(ctx context.Context, queries []hook.Query) ([][]*T, error) {
	if err := c.store.read(c.name + ".FindMany"); err != nil {
		return nil, err
	}
	return c.Collection.FindMany(ctx, queries)
}

func (c watchedCollection[T]) CountMany(ctx context.Context, queries []hook.Query) ([]int, error) {
	if err := c.store.read(c.name + ".CountMany"); err != nil {
		return nil, err
	}
	return c.Collection.CountMany(ctx, queries)
}

func (w *watched) Hours(ctx context.Context, webhooks []string, from time.Time) ([][]*hook.WebhookHour, error) {
	if err := w.read("hours.GetMany"); err != nil {
		return nil, err
	}
	return w.Store.Hours(ctx, webhooks, from)
}
