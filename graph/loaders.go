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

// Loaders gather the keys that one request asks for and read them together.
type Loaders struct {
	Members  *dataloadgen.Loader[string, *hook.Member]
	Clients  *dataloadgen.Loader[string, *hook.Client]
	Albums   *dataloadgen.Loader[string, *hook.Album]
	Webhooks *dataloadgen.Loader[string, *hook.Webhook]
	Events   *dataloadgen.Loader[string, *hook.Event]
	Triggers *dataloadgen.Loader[string, *hook.Trigger]
	APIKeys  *dataloadgen.Loader[string, *hook.APIKey]
	Stats    *dataloadgen.Loader[string, *hook.Stats]

	service *hook.Service
	mu      sync.Mutex
	root    *graphql.RootFieldContext
	own     *Loaders
}

// gathering is how long a loader waits for more keys: long enough for the
// resolvers of one list, which start together.
const gathering = 200 * time.Microsecond

func newLoaders(s *hook.Service) *Loaders {
	return &Loaders{
		service:  s,
		Members:  load(s.MembersByKey),
		Clients:  load(s.ClientsByKey),
		Albums:   load(s.AlbumsByKey),
		Webhooks: load(s.WebhooksByKey),
		Events:   load(s.EventsByKey),
		Triggers: load(s.TriggersByKey),
		APIKeys:  load(s.APIKeysByKey),
		Stats:    load(s.WebhookStats),
	}
}

func load[T any](many func(context.Context, []string) ([]*T, error)) *dataloadgen.Loader[string, *T] {
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
		l.root, l.own = root, newLoaders(l.service)
	}
	return l.own
}
