package storage

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync/atomic"
	"unsafe"

	"github.com/maypok86/otter/v2"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// memoryBytes bounds the decoded entities that are remembered, as an estimate.
const memoryBytes = 8 << 20

// A memory keeps entities of a collection of an Exclusive engine: the most
// wanted ones decoded, many more as documents. What is changed is forgotten
// before the change is answered, so a read that begins after the answer does not
// find the old state.
type memory[T any] struct {
	engine    Exclusive
	entities  *otter.Cache[string, remembered]
	documents *documents
	// changes counts those of the collection; changing is how many are about to be
	// seen by others.
	changes  atomic.Uint64
	changing atomic.Int64
	// stretches are the keys of short lists, each as of a count of changes.
	stretches *otter.Cache[string, stretch]
}

// A remembered entity and about what it takes in memory, in bytes. The type is
// left out of it, so that one cache is compiled for all.
type remembered struct {
	entity any // *T
	bytes  uint32
}

// A stretch is the keys of a query's answer while the collection has changed so
// often.
type stretch struct {
	changed uint64
	keys    []string
}

// worthwhile is how often a document is decoded on average before the entity is
// remembered. Taking one into the cache, for which another goes, costs about as
// much as decoding it.
const worthwhile = 8

// What is remembered of lists: which are short, and how many of them.
const (
	maxStretch   = 16
	maxStretches = 4096
)

func remember[T any](c *collection[T], d *documents, share uint64) forgetful {
	m := &memory[T]{engine: d.engine, documents: d, entities: otter.Must(&otter.Options[string, remembered]{
		MaximumWeight: memoryBytes / 100 * share,
		Weigher:       func(_ string, r remembered) uint32 { return r.bytes },
	})}
	m.stretches = otter.Must(&otter.Options[string, stretch]{MaximumSize: maxStretches})
	c.memory = m
	return m
}

// A forgetful memory is told before and after the document of a key changes.
type forgetful interface {
	expect()
	forget(key string)
}

// remember has the store remember what most requests look at.
func (s *Store) remember(engine Exclusive) {
	cache := newDocuments(s)
	of := func(c *Collection) *documents { return &documents{engine: engine, declared: c, cache: cache} }
	s.counters = of(stats)
	s.counters.absences = true // of webhooks that had no trigger yet
	all := map[*Collection]forgetful{
		webhooks: remember(&s.webhooks, of(webhooks), 60),
		clients:  remember(&s.clients, of(clients), 15),
		members:  remember(&s.members, of(members), 10),
		albums:   remember(&s.albums, of(albums), 10),
		apiKeys:  remember(&s.apiKeys, of(apiKeys), 5),
		stats:    s.counters,
	}
	engine.Watch(Watcher{
		Before: func(c *Collection, _ string) {
			if m := all[c]; m != nil {
				m.expect()
			}
		},
		After: func(c *Collection, key string) {
			if m := all[c]; m != nil {
				m.forget(key)
			}
		},
	})
}

// entityBytes is about what an entity takes that was decoded from a document:
// itself with the text of the document, its lists, and its place in the cache.
func entityBytes[T any](doc bson.Raw) uint32 {
	const place = 200
	var e T
	return uint32(place + int(unsafe.Sizeof(e)) + len(doc)*3/2)
}

func (m *memory[T]) expect() { m.changing.Add(1) }

// forget drops an entity that has changed. It counts before it drops: whoever
// remembers it either sees the count, or has done so before and it is dropped.
func (m *memory[T]) forget(key string) {
	m.documents.forget(key)
	m.entities.Invalidate(key)
	m.changes.Add(1)
	m.changing.Add(-1)
}

func (m *memory[T]) get(ctx context.Context, c *collection[T], key string) (*T, error) {
	if r, ok := m.entities.GetIfPresent(key); ok {
		return r.entity.(*T), ctx.Err()
	}
	doc, err := m.documents.get(ctx, key)
	if err != nil {
		return nil, c.failure(err)
	}
	return m.keep(c, key, doc)
}

// keep decodes a document, and remembers the entity unless it has changed.
func (m *memory[T]) keep(c *collection[T], key string, doc document) (*T, error) {
	e, err := decode[T](c.declared, doc.raw)
	if e == nil || err != nil || doc.known && rand.Uint32()%worthwhile != 0 {
		return e, err
	}
	// Under the lock that forget needs to drop it: nobody finds it in between.
	m.entities.Compute(key, func(old remembered, _ bool) (remembered, otter.ComputeOp) {
		if m.documents.changed(key, doc) {
			return old, otter.CancelOp
		}
		return remembered{e, entityBytes[T](doc.raw)}, otter.WriteOp
	})
	return e, nil
}

func (m *memory[T]) getMany(ctx context.Context, c *collection[T], keys []string) ([]*T, error) {
	found := make([]*T, len(keys))
	var missing []string
	var places []int
	for i, key := range keys {
		if r, ok := m.entities.GetIfPresent(key); ok {
			found[i] = r.entity.(*T)
		} else {
			missing, places = append(missing, key), append(places, i)
		}
	}
	if len(missing) == 0 {
		return found, ctx.Err()
	}
	docs, err := m.documents.getMany(ctx, missing)
	if err != nil {
		return nil, c.failure(err)
	}
	for i, doc := range docs {
		if found[places[i]], err = m.keep(c, missing[i], doc); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// find reads the keys of a stretch from its index and most entities from the
// memory. ok is false if the collection changes meanwhile: the keys and the
// entities could be of different states then.
func (m *memory[T]) find(ctx context.Context, c *collection[T], q Query) (found []*T, ok bool, err error) {
	if q.Index.Array && len(q.Equal) == 0 {
		return nil, false, nil
	}
	before := m.changes.Load()
	if m.changing.Load() != 0 {
		return nil, false, nil
	}
	keys, err := m.keysOf(ctx, q, before)
	if err != nil {
		return nil, false, c.failure(err)
	}
	if found, err = m.getMany(ctx, c, keys); err != nil {
		return nil, false, err
	}
	if m.changing.Load() != 0 || m.changes.Load() != before || slices.Contains(found, nil) {
		return nil, false, nil
	}
	return found, true, nil
}

// keysOf returns the keys of a query's answer. Events look for the same few
// routes all the time.
func (m *memory[T]) keysOf(ctx context.Context, q Query, changed uint64) ([]string, error) {
	name, ok := stretchName(q)
	if !ok {
		return m.engine.FindKeys(ctx, q)
	}
	if known, found := m.stretches.GetIfPresent(name); found && known.changed == changed {
		return known.keys, ctx.Err()
	}
	keys, err := m.engine.FindKeys(ctx, q)
	if err == nil && len(keys) <= maxStretch && m.changes.Load() == changed {
		m.stretches.Set(name, stretch{changed, keys})
	}
	return keys, err
}

// stretchName names the query of a route; other lists are not asked for often
// enough to be remembered.
func stretchName(q Query) (string, bool) {
	if !q.Index.Array || len(q.Equal) != 1 || q.After != nil || q.From != nil || q.To != nil || q.Reverse {
		return "", false
	}
	value, ok := q.Equal[0].(string)
	return q.Index.Name + "\x00" + strconv.Itoa(q.Limit) + "\x00" + value, ok
}
