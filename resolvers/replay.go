package resolvers

import (
	"context"

	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/graph/relay"
	"github.com/hookgraph/hookgraph/hook"
)

func (q query) Replay(ctx context.Context, id string) (*hook.Replay, error) {
	key, err := hook.ParseKey(hook.KindReplay, "id", id)
	if err != nil {
		return nil, err
	}
	return graph.LoadersOf(ctx).Replays().Load(ctx, key)
}

func (q query) Replays(ctx context.Context, first *int32, after *string, last *int32, before *string) (*relay.ReplayConnection, error) {
	return relay.Replays(q.Service.Replays(ctx, graph.Page(first, after, last, before)))
}

func (m mutation) StartReplay(ctx context.Context, input graph.StartReplayInput) (*graph.StartReplayPayload, error) {
	fields, err := input.Fields()
	var started *hook.Replay
	if err == nil {
		started, err = m.Service.StartReplay(ctx, fields)
	}
	userErrors, err := graph.UserErrors(err)
	return &graph.StartReplayPayload{Replay: started, UserErrors: userErrors}, err
}

func (m mutation) CancelReplay(ctx context.Context, input graph.CancelReplayInput) (*graph.CancelReplayPayload, error) {
	key, err := hook.ParseKey(hook.KindReplay, "id", input.ID)
	var ended *hook.Replay
	if err == nil {
		ended, err = m.Service.CancelReplay(ctx, key)
	}
	userErrors, err := graph.UserErrors(err)
	return &graph.CancelReplayPayload{Replay: ended, UserErrors: userErrors}, err
}

func (r replay) Webhook(ctx context.Context, replay *hook.Replay) (*hook.Webhook, error) {
	return optional(ctx, replay.Webhook, graph.LoadersOf(ctx).Webhooks().Load)
}

func (r replay) Owner(ctx context.Context, replay *hook.Replay) (relay.Owner, error) {
	return owner(ctx, replay.OwnerID())
}

func (r replay) OwnerKind(_ context.Context, replay *hook.Replay) (graph.OwnerKind, error) {
	return *ownerKind(replay.OwnerID()), nil
}

func (r trigger) Replay(ctx context.Context, t *hook.Trigger) (*hook.Replay, error) {
	return optional(ctx, t.Replay, graph.LoadersOf(ctx).Replays().Load)
}
