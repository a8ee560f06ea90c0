package graph

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vikstrous/dataloadgen"

	"github.com/hookgraph/hookgraph/hook"
)

// Loaders gather the keys that one request asks for and read them together. A
// loader is made when it is first asked for: most requests need one or none.
type Loaders struct {
	members  lazy[hook.Member]
	clients  lazy[hook.Client]
	albums   lazy[hook.Album]
	webhooks lazy[hook.Webhook]
	events   lazy[hook.Event]
	triggers lazy[hook.Trigger]
	apiKeys  lazy[hook.APIKey]
	replays  lazy[hook.Replay]
	stats    lazy[hook.Stats]
	backlogs lazy[hook.Backlog]

	service *hook.Service
	mu      sync.Mutex
	hours   map[int]*Loader[hook.WebhookStatistics]
	root    *graphql.RootFieldContext
	own     *Loaders
}

// A Loader reads objects of one kind by key.
type Loader[T any] = dataloadgen.Loader[string, *T]

type lazy[T any] struct {
	once   sync.Once
	loader *Loader[T]
}

func (l *lazy[T]) get(many func(context.Context, []string) ([]*T, error)) *Loader[T] {
	l.once.Do(func() { l.loader = load(many) })
	return l.loader
}

// Members loads members.
func (l *Loaders) Members() *Loader[hook.Member] { return l.members.get(l.service.MembersByKey) }

// Clients loads clients.
func (l *Loaders) Clients() *Loader[hook.Client] { return l.clients.get(l.service.ClientsByKey) }

// Albums loads albums.
func (l *Loaders) Albums() *Loader[hook.Album] { return l.albums.get(l.service.AlbumsByKey) }

// Webhooks loads webhooks.
func (l *Loaders) Webhooks() *Loader[hook.Webhook] { return l.webhooks.get(l.service.WebhooksByKey) }

// Events loads events.
func (l *Loaders) Events() *Loader[hook.Event] { return l.events.get(l.service.EventsByKey) }

// Triggers loads triggers.
func (l *Loaders) Triggers() *Loader[hook.Trigger] { return l.triggers.get(l.service.TriggersByKey) }

// APIKeys loads API keys.
func (l *Loaders) APIKeys() *Loader[hook.APIKey] { return l.apiKeys.get(l.service.APIKeysByKey) }

// Replays loads replays.
func (l *Loaders) Replays() *Loader[hook.Replay] { return l.replays.get(l.service.ReplaysByKey) }

// Stats loads the counters of webhooks.
func (l *Loaders) Stats() *Loader[hook.Stats] { return l.stats.get(l.service.WebhookStats) }

// Backlogs loads what webhooks have not been delivered yet.
func (l *Loaders) Backlogs() *Loader[hook.Backlog] { return l.backlogs.get(l.service.BacklogsByKey) }

// Statistics loads the statistics of webhooks for a number of hours.
func (l *Loaders) Statistics(hours int) *Loader[hook.WebhookStatistics] {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.hours[hours] == nil {
		if l.hours == nil {
			l.hours = map[int]*Loader[hook.WebhookStatistics]{}
		}
		l.hours[hours] = load(l.statistics(hours))
	}
	return l.hours[hours]
}

func (l *Loaders) statistics(hours int) func(context.Context, []string) ([]*hook.WebhookStatistics, error) {
	return func(ctx context.Context, keys []string) ([]*hook.WebhookStatistics, error) {
		return l.service.StatisticsByKey(ctx, keys, hours)
	}
}

// gathering is how long a loader waits for more keys: long enough for the
// resolvers of one list, which start together.
const gathering = 200 * time.Microsecond

func load[T any](many func(context.Context, []string) ([]*T, error)) *Loader[T] {
	return dataloadgen.NewLoader(func(ctx context.Context, keys []string) ([]*T, []error) {
		found, err := many(ctx, keys)
		if err != nil {
			// One error stands for all keys; as many as there are keys would need as
			// many objects.
			return nil, []error{err}
		}
		return found, nil
	}, dataloadgen.WithWait(gathering), dataloadgen.WithBatchCapacity(hook.MaxPage))
}

// LoadAll loads the objects of keys, in their order.
func LoadAll[T any](ctx context.Context, l *dataloadgen.Loader[string, *T], keys []string) ([]*T, error) {
	found, err := l.LoadAll(ctx, keys)
	if each, ok := err.(dataloadgen.ErrorSlice); ok {
		// The slice hides its errors from errors.As.
		i := slices.IndexFunc(each, func(err error) bool { return err != nil })
		return nil, each[i]
	}
	return found, err
}

type loadersKey struct{}

// LoadersOf returns the loaders of the request; in a mutation, those of its root
// field: what an earlier one loaded may have been changed by a later one.
func LoadersOf(ctx context.Context) *Loaders {
	l := ctx.Value(loadersKey{}).(*Loaders)
	root := graphql.GetRootFieldContext(ctx)
	if root == nil || graphql.GetOperationContext(ctx).Operation.Operation != ast.Mutation {
		return l
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.root != root {
		// The fields of a mutation run one after the other.
		l.root, l.own = root, &Loaders{service: l.service}
	}
	return l.own
}
