package hook

import "time"

// Meta is what every stored entity has. Its fields are embedded in the entity.
type Meta struct {
	// Key is the bare key, the second part of the id.
	Key string `bson:"_id" audit:"-"`
	// Version counts the changes, from 1; compare-and-swap works on it.
	Version int64 `bson:"version" audit:"-"`
	// Created orders the entity. It has whole milliseconds and is in UTC.
	Created time.Time `bson:"created" audit:"-"`
}

// A Place is embedded in the entities whose changes can be followed.
type Place struct {
	// Changed is the place in the order of changes: microseconds of the writer's
	// clock, ascending. The store sets it: an embedded database when it commits, so
	// that of an entity that was just written is not exact.
	Changed int64 `bson:"changed" audit:"-"`
}

// Placed returns the embedded place.
func (p *Place) Placed() *Place { return p }

// Base returns the embedded fields.
func (m *Meta) Base() *Meta { return m }

// An Entity is stored in a collection of its own.
type Entity interface {
	Base() *Meta
	// GetID returns the id of the node.
	GetID() ID
	// SetIndexed fills the fields that exist only to be indexed. The store calls
	// it before it writes.
	SetIndexed()
}

// Now returns the instant in the precision in which instants are stored.
func Now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
