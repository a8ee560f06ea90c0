package graph

import (
	"context"
	"time"

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
}

// gathering is how long a loader waits for more keys: long enough for the
// resolvers of one list, which start together.
const gathering = 200 * time.Microsecond

func newLoaders(s *hook.Service) *Loaders {
	return &Loaders{
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
			errs := make([]error, len(keys))
			for i := range errs {
				errs[i] = err
			}
			return nil, errs
		}
		return found, nil
	}, dataloadgen.WithWait(gathering), dataloadgen.WithBatchCapacity(hook.MaxPage))
}

type loadersKey struct{}

// LoadersOf returns the loaders of the request.
func LoadersOf(ctx context.Context) *Loaders { return ctx.Value(loadersKey{}).(*Loaders) }
