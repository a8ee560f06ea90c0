package resolvers

import (
	"context"

	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/hook"
)

type subscription struct{ *hook.Service }

// Subscription implements graph.ResolverRoot.
func (r *Root) Subscription() graph.SubscriptionResolver { return subscription{r.service} }

func (s subscription) TriggerChanged(ctx context.Context, webhook *string, owner *graph.OwnerInput, after *string) (<-chan *graph.TriggerChange, error) {
	filter, err := graph.FollowFilter(webhook, owner, nil)
	if err != nil {
		return nil, err
	}
	f, err := s.FollowTriggers(ctx, filter, graph.After(ctx, after))
	return graph.Stream(ctx, f, err, func(c *hook.Followed[hook.Trigger]) *graph.TriggerChange {
		return &graph.TriggerChange{Cursor: c.Cursor, Trigger: c.Node}
	})
}

func (s subscription) WebhookChanged(ctx context.Context, webhook *string, owner *graph.OwnerInput, after *string) (<-chan *graph.WebhookChange, error) {
	filter, err := graph.FollowFilter(webhook, owner, nil)
	if err != nil {
		return nil, err
	}
	f, err := s.FollowWebhooks(ctx, filter, graph.After(ctx, after))
	return graph.Stream(ctx, f, err, func(c *hook.Followed[hook.WebhookState]) *graph.WebhookChange {
		return &graph.WebhookChange{Cursor: c.Cursor, WebhookID: c.Node.GetID().String(), Webhook: c.Node.Webhook}
	})
}

func (s subscription) EventPublished(ctx context.Context, webhook *string, owner *graph.OwnerInput, eventType, after *string) (<-chan *graph.EventPublication, error) {
	filter, err := graph.FollowFilter(webhook, owner, eventType)
	if err != nil {
		return nil, err
	}
	f, err := s.FollowEvents(ctx, filter, graph.After(ctx, after))
	return graph.Stream(ctx, f, err, func(c *hook.Followed[hook.Event]) *graph.EventPublication {
		return &graph.EventPublication{Cursor: c.Cursor, Event: c.Node}
	})
}
