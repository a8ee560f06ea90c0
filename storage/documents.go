package storage

import (
	"encoding/binary"
	"runtime"

	"github.com/VictoriaMetrics/fastcache"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// documentBytes bounds the documents that are remembered: 64 MB hold some
// 120,000 webhooks.
const documentBytes = 64 << 20

// documents keeps the documents of an Exclusive engine as they are stored. They
// take a third of the memory of decoded entities, none of which the garbage
// collector looks at or lets grow: they stand outside of Go's heap. Decoding one
// costs a fraction of reading it from the database.
type documents struct{ cache *fastcache.Cache }

func newDocuments() *documents {
	d := &documents{cache: fastcache.New(documentBytes)}
	// The memory is not Go's: what is collected with d must be given back first.
	runtime.AddCleanup(d, (*fastcache.Cache).Reset, d.cache)
	return d
}

// get returns the document of a key if it was put while the key had changed as
// often as it has now.
func (d *documents) get(c *Collection, key string, changes uint64) (bson.Raw, bool) {
	kept := d.cache.Get(nil, documentKey(c, key))
	if len(kept) <= 8 || binary.LittleEndian.Uint64(kept) != changes {
		return nil, false
	}
	return kept[8:], true
}

// put remembers a document as of so many changes of its key. One beyond 64 KB
// is not remembered.
func (d *documents) put(c *Collection, key string, doc bson.Raw, changes uint64) {
	kept := binary.LittleEndian.AppendUint64(make([]byte, 0, 8+len(doc)), changes)
	d.cache.Set(documentKey(c, key), append(kept, doc...))
}

func documentKey(c *Collection, key string) []byte {
	full := make([]byte, 0, 64)
	full = append(append(full, c.Name...), 0)
	return append(full, key...)
}
