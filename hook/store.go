package hook

import (
	"context"
	"time"
)

// A Store keeps the entities. The room storage implements it. It is safe for
// concurrent use. Its errors are *Error: CONFLICT with the field whose value is
// taken, STALE, UNAVAILABLE; any other error is internal.
type Store interface {
	Members() Collection[Member]
	Clients() Collection[Client]
	Albums() Collection[Album]
	Webhooks() Collection[Webhook]
	Events() Collection[Event]
	Triggers() Collection[Trigger]
	APIKeys() Collection[APIKey]
	AuditEntries() Collection[AuditEntry]
	Deletions() Collection[Deletion]
	Replays() Collection[Replay]
	Bodies() Collection[Body]
	Farewells() Collection[Farewell]
	Replicas() Collection[Replica]
	Leases() Collection[Leases]
	Wakes() Collection[Wake]
	Runs() Collection[Run]
	Uncounted() Collection[Uncounted]

	// Atomic reports whether a Write is one commit: all of it or nothing.
	Atomic() bool
	Removals() Collection[Removal]

	// Write applies the changes in their order, all in one commit on the
	// embedded database. On MongoDB a failure leaves the changes before it, so
	// they are ordered in a way that writing again completes them.
	Write(ctx context.Context, changes ...Change) error

	// Stats returns the counters of each webhook, in the order of the keys; zero
	// counters where there are none.
	Stats(ctx context.Context, webhooks []string) ([]*Stats, error)

	// Hours returns the hours of each webhook in which something was delivered,
	// in the order of the keys, from the hour that begins at an instant on. They
	// are kept for StatisticsHours.
	Hours(ctx context.Context, webhooks []string, from time.Time) ([][]*WebhookHour, error)

	// NextNumber returns a number that was never returned before, at least
	// 1,000,000,000.
	NextNumber(ctx context.Context) (int64, error)

	// Setting returns a value that is the same for all who share the database:
	// the given one for the first who asks, then always that.
	Setting(ctx context.Context, name, value string) (string, error)

	// Ping returns an error if the database does not answer.
	Ping(ctx context.Context) error

	// Watch has changed called, from then on, after every commit that may have
	// changed an event, a trigger or a webhook, once for each, and returns true.
	// Then their places in ByChanged are in the order of the commits. It returns
	// false if others write to the database too: who waits for changes has to look,
	// and places are those of the writers' clocks. changed must return at once.
	Watch(changed func(Kind)) bool
}

// A Collection reads the entities of one kind. The entities that it returns are
// shared and not to be changed; the slices are the caller's.
type Collection[T any] interface {
	// Get returns the entity of a key, or nil.
	Get(ctx context.Context, key string) (*T, error)
	// GetMany returns the entities in the order of the keys, nil where there is
	// none.
	GetMany(ctx context.Context, keys []string) ([]*T, error)
	// Find returns the entities of one stretch of a list, in its order.
	Find(ctx context.Context, q Query) ([]*T, error)
	// FindEach runs q for each value in the place of the last of q.Equal.
	FindEach(ctx context.Context, q Query, values []any) ([][]*T, error)
	// FindMany runs several queries as one read, in their order.
	FindMany(ctx context.Context, queries []Query) ([][]*T, error)
	// Count counts the entities of one stretch, up to q.Limit.
	Count(ctx context.Context, q Query) (int, error)
	// CountMany runs several counts as one read, in their order.
	CountMany(ctx context.Context, queries []Query) ([]int, error)
}

// A Query reads one stretch of one declared list.
type Query struct {
	// List is the name of the list: the stored fields that order it, joined by
	// commas. Entities with equal values are ordered by key.
	List string
	// Equal are values of the first fields.
	Equal []any
	// From and To bound the field that follows those of Equal: From <= value < To;
	// nil is open.
	From, To any
	// After is the position to continue behind: values of the remaining fields,
	// then the key.
	After []any
	// Reverse reads from the end.
	Reverse bool
	Limit   int
	// Passing reads a part of a long list, which is not worth remembering.
	Passing bool
}

// The declared lists. A store has an index for each; there is no other way to
// read many entities.
const (
	ByCreated = "created"
	ByName    = "nameKey,created"
	// ByChanged is the order of changes of webhooks and triggers, and the order in
	// which events came to be.
	ByChanged = "changed"

	MembersByUsername = "usernameKey"
	MembersBySub      = "subKey"
	MembersByEmail    = "emailKey,created"

	ClientsByIdentifier    = "identifier"
	ClientsByUniqueName    = "name"
	ClientsByMember        = "member,created"
	ClientsByMemberAndName = "member,nameKey,created"

	AlbumsByMember        = "memberKeys,created"
	AlbumsByMemberAndName = "memberKeys,nameKey,created"

	WebhooksByOwner          = "owner,created"
	WebhooksByOwnerAndName   = "owner,nameKey,created"
	WebhooksByDialect        = "dialect,created"
	WebhooksByDialectAndName = "dialect,nameKey,created"
	WebhooksByHealth         = "health,created"
	WebhooksByHealthAndName  = "health,nameKey,created"
	WebhooksByList           = "list,created"
	WebhooksByNumber         = "list,number"
	WebhooksByRoute          = "routes,created"
	WebhooksBySlot           = "slot"

	TriggersByWebhook          = "webhook,created"
	TriggersByWebhookAndStatus = "webhook,status,created"
	TriggersByEvent            = "event,created"
	TriggersByEventAndStatus   = "event,status,created"
	TriggersByOwner            = "owner,created"
	TriggersByOwnerAndStatus   = "owner,status,created"
	TriggersByQueue            = "partition,webhook,due"

	EventsByOwner        = "owner,created"
	EventsByOwnerAndType = "owner,type,created"
	EventsByState        = "state,created"

	ReplaysByOwner = "owner,created"
	ReplaysByOpen  = "open,created"

	BodiesByEvent = "event,created"

	WakesByPartition = "partition,created"
	UncountedByRun   = "run,created"

	KeysByMember = "member,created"
	KeysByOwner  = "owner,created"

	AuditByNode = "node,created"
)

// A ChangeKind says what a Change does.
type ChangeKind int

// The kinds of changes.
const (
	// ChangeInsert adds the entity with version 1; CONFLICT if its key is taken.
	ChangeInsert ChangeKind = iota + 1
	// ChangeReplace stores the entity under its next version, if the stored one has
	// the entity's Version; else STALE. The entity is given the new version.
	ChangeReplace
	// ChangeRemove removes the entity, whatever its version.
	ChangeRemove
	// ChangeDiscard removes the entity if the stored one has its Version; else
	// STALE.
	ChangeDiscard
	// ChangeCount adds to the counters of a webhook.
	ChangeCount
	// ChangeForget removes the counters of a webhook.
	ChangeForget
)

// A Change is one part of a Write.
type Change struct {
	Kind   ChangeKind
	Entity Entity
	// Webhook, Add, Hours and Last belong to ChangeCount and ChangeForget; Last replaces the latest
	// triggers unless nil.
	Webhook string
	Add     Stats
	Hours   []*WebhookHour
	Last    []LastTrigger
	// Present accepts that the entity of a ChangeInsert is there already.
	Present bool
}

func insert(e Entity) Change  { return Change{Kind: ChangeInsert, Entity: e} }
func replace(e Entity) Change { return Change{Kind: ChangeReplace, Entity: e} }
func remove(e Entity) Change  { return Change{Kind: ChangeRemove, Entity: e} }
