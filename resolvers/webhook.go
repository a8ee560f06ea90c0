package resolvers

import (
	"context"
	"math"

	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/graph/relay"
	"github.com/hookgraph/hookgraph/hook"
)

func (q query) Webhook(ctx context.Context, id string) (*hook.Webhook, error) {
	key, err := hook.ParseKey(hook.KindWebhook, "id", id)
	if err != nil {
		return nil, err
	}
	return orNull(q.Service.Webhook(ctx, key))
}

func (q query) Webhooks(ctx context.Context, filter *graph.WebhookFilterInput, order *graph.WebhookOrderInput, first *int32, after *string, last *int32, before *string) (*relay.WebhookConnection, error) {
	chosen, err := filter.Filter()
	if err != nil {
		return nil, err
	}
	return relay.Webhooks(graph.PrefetchWebhooks(ctx)(q.Service.Webhooks(ctx, chosen, order.Order(), graph.Page(first, after, last, before))))
}

func (r webhook) Owner(ctx context.Context, w *hook.Webhook) (relay.Owner, error) {
	return owner(ctx, w.OwnerID())
}

func (r webhook) OwnerKind(_ context.Context, w *hook.Webhook) (graph.OwnerKind, error) {
	return *ownerKind(w.OwnerID()), nil
}

func (r webhook) Client(ctx context.Context, w *hook.Webhook) (*hook.Client, error) {
	return optional(ctx, w.ClientKey(), graph.LoadersOf(ctx).Clients().Load)
}

func (r webhook) Album(ctx context.Context, w *hook.Webhook) (*hook.Album, error) {
	return optional(ctx, w.AlbumKey(), graph.LoadersOf(ctx).Albums().Load)
}

func (r webhook) TriggerCount(ctx context.Context, w *hook.Webhook) (int32, error) {
	stats, err := graph.LoadersOf(ctx).Stats().Load(ctx, w.Key)
	if err != nil {
		return 0, err
	}
	return int32(min(stats.Total(), math.MaxInt32)), nil
}

func (r webhook) ConsecutiveFailures(ctx context.Context, w *hook.Webhook) (int32, error) {
	stats, err := graph.LoadersOf(ctx).Stats().Load(ctx, w.Key)
	if err != nil {
		return 0, err
	}
	return int32(min(stats.Failures, math.MaxInt32)), nil
}

func (r webhook) LastTriggers(ctx context.Context, w *hook.Webhook) ([]*hook.Trigger, error) {
	stats, err := graph.LoadersOf(ctx).Stats().Load(ctx, w.Key)
	if err != nil || len(stats.Last) == 0 {
		return nil, err
	}
	keys := make([]string, len(stats.Last))
	for i, last := range stats.Last {
		keys[i] = last.Trigger
	}
	found, err := graph.LoadAll(ctx, graph.LoadersOf(ctx).Triggers(), keys)
	return compact(found), err
}

// compact leaves out what is gone.
func compact[T any](list []*T) []*T {
	var kept []*T
	for _, e := range list {
		if e != nil {
			kept = append(kept, e)
		}
	}
	return kept
}

func (r webhook) Triggers(ctx context.Context, w *hook.Webhook, status *hook.TriggerStatus, first *int32, after *string, last *int32, before *string) (*relay.TriggerConnection, error) {
	return relay.Triggers(graph.PrefetchTriggers(ctx)(r.Service.Triggers(ctx, hook.TriggerFilter{Webhook: w.Key, Status: orZero(status)}, graph.Page(first, after, last, before))))
}

func orZero[T any](v *T) T {
	var zero T
	if v != nil {
		return *v
	}
	return zero
}
