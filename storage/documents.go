package storage

import (
	"context"
	"encoding/binary"
	"hash/maphash"
	"runtime"
	"sync/atomic"

	"github.com/VictoriaMetrics/fastcache"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// documentBytes bounds the documents that are remembered: 64 MB hold some
// 120,000 webhooks.
const documentBytes = 64 << 20

// newDocuments returns the memory of all documents. They take a third of what
// decoded entities take, and the garbage collector neither looks at them nor lets
// them grow: but for Windows they are outside of Go's heap. Decoding a document
// costs a fraction of reading it from the database.
func newDocuments(s *Store) *fastcache.Cache {
	cache := fastcache.New(documentBytes)
	cache.Set(nil, nil) // takes the address space now: without it a gateway does not start
	// The memory is not Go's: the store must give it back when it is collected.
	runtime.AddCleanup(s, (*fastcache.Cache).Reset, cache)
	return cache
}

// documents reads the documents of a collection of an Exclusive engine, and
// remembers them until they change.
type documents struct {
	engine   Exclusive
	declared *Collection
	cache    *fastcache.Cache
	// counts are of the changes of keys with one hash. Each document stands in
	// the cache with the count from before it was read, and is not known when that
	// has changed.
	counts [4096]atomic.Uint64
	// absences: that there is no document of a key is remembered too.
	absences bool
}

// A document that was read. Its bytes are nobody else's.
type document struct {
	raw bson.Raw // nil if there is none
	// before is the count of changes before it was read.
	before uint64
	// known: it was remembered.
	known bool
}

var hashSeed = maphash.MakeSeed()

func (d *documents) count(key string) *atomic.Uint64 {
	return &d.counts[maphash.String(hashSeed, key)%uint64(len(d.counts))]
}

func (d *documents) expect() {}

// forget is called when the document of a key has changed, before the change is
// answered: a read that begins after the answer does not find the old state.
func (d *documents) forget(key string) { d.count(key).Add(1) }

// changed reports whether the document of a key may have changed since it was
// read.
func (d *documents) changed(key string, since document) bool {
	return d.count(key).Load() != since.before
}

func (d *documents) get(ctx context.Context, key string) (document, error) {
	found := d.recall(key)
	if found.known {
		return found, ctx.Err()
	}
	raw, err := d.engine.Get(ctx, d.declared, key)
	if err != nil {
		return found, err
	}
	found.raw = raw
	d.remember(key, found)
	return found, nil
}

func (d *documents) getMany(ctx context.Context, keys []string) ([]document, error) {
	found := make([]document, len(keys))
	var missing []string
	var places []int
	for i, key := range keys {
		if found[i] = d.recall(key); !found[i].known {
			missing, places = append(missing, key), append(places, i)
		}
	}
	if len(missing) == 0 {
		return found, ctx.Err()
	}
	docs, err := d.engine.GetMany(ctx, d.declared, missing)
	if err != nil {
		return nil, err
	}
	for i, raw := range docs {
		found[places[i]].raw = raw
		d.remember(missing[i], found[places[i]])
	}
	return found, nil
}

// stamp is the length of the count that stands before a document in the cache.
const stamp = 8

func (d *documents) recall(key string) document {
	found := document{before: d.count(key).Load()}
	kept := d.cache.Get(nil, d.name(key))
	if len(kept) < stamp || binary.LittleEndian.Uint64(kept) != found.before {
		return found
	}
	if found.known = true; len(kept) > stamp {
		found.raw = kept[stamp:]
	}
	return found
}

// remember leaves out documents beyond 64 KB, which the cache does not take.
func (d *documents) remember(key string, read document) {
	if read.raw == nil && !d.absences {
		return
	}
	kept := binary.LittleEndian.AppendUint64(make([]byte, 0, stamp+len(read.raw)), read.before)
	d.cache.Set(d.name(key), append(kept, read.raw...))
}

// name is the key among those of all collections.
func (d *documents) name(key string) []byte {
	name := make([]byte, 0, 64)
	name = append(append(name, d.declared.Name...), 0)
	return append(name, key...)
}
