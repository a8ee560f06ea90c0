package hook

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// A Service holds the operations: the only way to read and change anything.
// Each checks what the viewer of the context may do, validates, writes, and
// records the change in the audit log. It is safe for concurrent use.
type Service struct {
	store Store
	vault *Vault
	log   *slog.Logger

	entrustLimit int // negative: none
	accountID    string

	used sync.Map // key of an API key -> when its last use was stored

	courier atomic.Pointer[Courier]
	fanned  fanned
	tally   tally
	// replaying says that a replay was started here.
	replaying atomic.Bool
	// feeds are made when somebody follows changes for the first time.
	feeds   func() *feeds
	marks   marks
	meter   meter
	runs    runs
	refusal atomic.Pointer[string] // why nothing is published
}

// Options are what a Service can be told.
type Options struct {
	// Log receives what nobody is waiting to hear, such as a deletion that could
	// not be completed. The default discards.
	Log *slog.Logger
	// EntrustLimit is how many Entrust webhooks may be active at once: zero stands
	// for DefaultEntrustLimit, a negative number for any number.
	EntrustLimit int
	// AccountID is Entrust's accountId, a UUID. The default is the one that is
	// made when the database is first used.
	AccountID string
}

// NewService returns the operations over a store, with secrets sealed by the
// vault.
func NewService(store Store, vault *Vault, options Options) *Service {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.EntrustLimit == 0 {
		options.EntrustLimit = DefaultEntrustLimit
	}
	return &Service{
		store: store, vault: vault, log: options.Log, marks: marks{run: newUUID()},
		entrustLimit: options.EntrustLimit, accountID: options.AccountID,
		feeds: sync.OnceValue(func() *feeds { return newFeeds(store, options.Log) }),
	}
}

// Ready returns an error if the database does not answer.
func (s *Service) Ready(ctx context.Context) error { return s.store.Ping(ctx) }

// CheckVault compares the vault's key with the one that the secrets in the
// database were sealed with: ErrWrongKey if they differ.
func (s *Service) CheckVault(ctx context.Context) error {
	id, err := s.store.Setting(ctx, "vaultKey", s.vault.KeyID())
	if err != nil {
		return err
	}
	if id != s.vault.KeyID() {
		return ErrWrongKey
	}
	return nil
}

// AccountID returns Entrust's accountId: the given one, or the one that was made
// when the database was first used.
func (s *Service) AccountID(ctx context.Context) (string, error) {
	if s.accountID != "" {
		return s.accountID, nil
	}
	return s.store.Setting(ctx, "accountId", newUUID())
}

type requestIDKey struct{}

// WithRequestID returns a context that carries the id of a request.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID returns the id of the request that the context belongs to, by which
// people find the log line of an internal error; "" if there is none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// maxRetries is how often a change without an expected version is tried again
// when somebody else changed the entity in between.
const maxRetries = 100

// pause lets others go first, for up to 16 ms: the more tries, the longer.
func pause(ctx context.Context, try int) error {
	timer := time.NewTimer(rand.N(time.Millisecond << min(try, 4)))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// update changes an entity by compare-and-swap and records it. change gets a
// copy and may run again; the slices of the copy are shared, so it replaces
// them. If version is given, the entity must still have it. An update that
// changes nothing writes nothing.
func update[T any](ctx context.Context, s *Service, c Collection[T], kind Kind, key string, version *int64,
	operation string, change func(*T) error,
) (*T, error) {
	return updateAlong(ctx, s, c, kind, key, version, operation, change, nil)
}

// updateAlong is update with further changes in the same write, which along makes
// of the old state and the next.
func updateAlong[T any](ctx context.Context, s *Service, c Collection[T], kind Kind, key string, version *int64,
	operation string, change func(*T) error, along func(old, next *T) ([]Change, error),
) (*T, error) {
	for try := 0; ; try++ {
		old, err := c.Get(ctx, key)
		if err != nil {
			return nil, err
		}
		if old == nil {
			return nil, Missing(kind)
		}
		next := new(T)
		*next = *old
		// change checks what the viewer may see, so it goes before the version.
		if err := change(next); err != nil {
			return nil, err
		}
		if have := asEntity(old).Base().Version; version != nil && *version != have {
			return nil, staleError(kind, have)
		}
		entity := asEntity(next)
		changes := auditChanges(asEntity(old), entity)
		if len(changes) == 0 {
			return old, nil
		}
		touch(ctx, entity)
		var writes []Change
		if w, is := entity.(*Webhook); is {
			if writes, err = s.claim(ctx, asEntity(old).(*Webhook), w); err != nil {
				return nil, err
			}
		}
		writes = append(writes, replace(entity), insert(auditEntry(ctx, operation, entity.GetID(), changes)))
		if along != nil {
			more, err := along(old, next)
			if err != nil {
				return nil, err
			}
			writes = append(writes, more...)
		}
		if err = s.store.Write(ctx, writes...); err == nil {
			if kind == KindWebhook {
				s.look(key)
			}
			return next, nil
		}
		// With an expected version, the next try tells the one that is there.
		if CodeOf(err) != Stale && !slotTaken(err) || try == maxRetries {
			return nil, err
		}
		if err := pause(ctx, try); err != nil {
			return nil, err
		}
	}
}

// create stores a new entity and records it.
func (s *Service) create(ctx context.Context, operation string, e Entity) error {
	entry := auditEntry(ctx, operation, e.GetID(), auditChanges(nil, e))
	return s.store.Write(ctx, insert(e), insert(entry))
}

// newNumber takes a number for a new entity. An import may have brought one
// that is as large as those that are made here.
func newNumber[T any](ctx context.Context, s *Service, c Collection[T]) (int64, error) {
	for {
		number, err := s.store.NextNumber(ctx)
		if err != nil {
			return 0, err
		}
		if present, err := c.Get(ctx, numberKey(number)); err != nil || present == nil {
			return number, err
		}
	}
}

// touch notes who changed an entity and when.
func touch(ctx context.Context, e Entity) {
	now := Now()
	switch e := e.(type) {
	case *Member:
		e.Modified = &now
	case *Client:
		e.Modified = &now
	case *Album:
		e.Modified = &now
	case *Webhook:
		e.Modified, e.ModifiedBy = now, viewerName(ctx)
	}
}

func viewerName(ctx context.Context) string {
	if v := ViewerFrom(ctx); v != nil {
		return v.Name
	}
	return "gateway"
}

// refuseDeleting refuses a key whose former bearer is still being deleted: what
// is left of it would be removed from the new one.
func (s *Service) refuseDeleting(ctx context.Context, id ID) error {
	d, err := s.store.Deletions().Get(ctx, deletionKey(id))
	if err != nil || d == nil {
		return err
	}
	return Unavailablef(nil, "%s is still being deleted; try again", id)
}

// A Patch is a field of a change: absent, or given a value.
type Patch[T any] struct {
	Given bool
	Value T
}

// Set returns the patch that gives a value.
func Set[T any](value T) Patch[T] { return Patch[T]{Given: true, Value: value} }

func (p Patch[T]) apply(to *T) {
	if p.Given {
		*to = p.Value
	}
}

func instant(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC().Truncate(time.Millisecond)
	return &u
}
