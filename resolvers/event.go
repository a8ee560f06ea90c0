package resolvers

import (
	"context"

	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/graph/relay"
	"github.com/hookgraph/hookgraph/hook"
)

func (q query) Event(ctx context.Context, id string) (*hook.Event, error) {
	key, err := hook.ParseKey(hook.KindEvent, "id", id)
	if err != nil {
		return nil, err
	}
	return graph.LoadersOf(ctx).Events().Load(ctx, key)
}

func (q query) Events(ctx context.Context, filter *graph.EventFilterInput, first *int32, after *string, last *int32, before *string) (*relay.EventConnection, error) {
	chosen, err := filter.Filter()
	if err != nil {
		return nil, err
	}
	return relay.Events(q.Service.Events(ctx, chosen, graph.Page(first, after, last, before)))
}

func (r event) Owner(ctx context.Context, e *hook.Event) (relay.Owner, error) {
	return owner(ctx, e.OwnerID())
}

func (r event) OwnerKind(_ context.Context, e *hook.Event) (graph.OwnerKind, error) {
	return *ownerKind(e.OwnerID()), nil
}

func (r event) Member(ctx context.Context, e *hook.Event) (*hook.Member, error) {
	return optional(ctx, e.Member, graph.LoadersOf(ctx).Members().Load)
}

func (r event) Triggers(ctx context.Context, e *hook.Event, status *hook.TriggerStatus, first *int32, after *string, last *int32, before *string) (*relay.TriggerConnection, error) {
	return relay.Triggers(graph.PrefetchTriggers(ctx)(r.Service.Triggers(ctx, hook.TriggerFilter{Event: e.Key, Status: orZero(status)}, graph.Page(first, after, last, before))))
}

func (q query) Trigger(ctx context.Context, id string) (*hook.Trigger, error) {
	key, err := hook.ParseKey(hook.KindTrigger, "id", id)
	if err != nil {
		return nil, err
	}
	return graph.LoadersOf(ctx).Triggers().Load(ctx, key)
}

func (q query) Triggers(ctx context.Context, filter graph.TriggerFilterInput, first *int32, after *string, last *int32, before *string) (*relay.TriggerConnection, error) {
	chosen, err := filter.Filter()
	if err != nil {
		return nil, err
	}
	return relay.Triggers(graph.PrefetchTriggers(ctx)(q.Service.Triggers(ctx, chosen, graph.Page(first, after, last, before))))
}

func (r trigger) Webhook(ctx context.Context, t *hook.Trigger) (*hook.Webhook, error) {
	return graph.LoadersOf(ctx).Webhooks().Load(ctx, t.Webhook)
}

func (r trigger) Event(ctx context.Context, t *hook.Trigger) (*hook.Event, error) {
	return optional(ctx, t.Event, graph.LoadersOf(ctx).Events().Load)
}
