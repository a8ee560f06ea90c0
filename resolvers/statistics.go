package resolvers

import (
	"context"
	"time"

	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/hook"
)

func (r webhook) Statistics(ctx context.Context, w *hook.Webhook, hours int32) (*hook.WebhookStatistics, error) {
	return graph.LoadersOf(ctx).Statistics(int(hours)).Load(ctx, w.Key)
}

func (statistics) Backlog(ctx context.Context, s *hook.WebhookStatistics) (int32, error) {
	b, err := graph.LoadersOf(ctx).Backlogs().Load(ctx, s.Webhook)
	if err != nil {
		return 0, err
	}
	return int32(b.Open), nil
}

func (statistics) BacklogIsExact(ctx context.Context, s *hook.WebhookStatistics) (bool, error) {
	b, err := graph.LoadersOf(ctx).Backlogs().Load(ctx, s.Webhook)
	if err != nil {
		return false, err
	}
	return b.Exact, nil
}

func (statistics) OldestUndelivered(ctx context.Context, s *hook.WebhookStatistics) (*time.Time, error) {
	b, err := graph.LoadersOf(ctx).Backlogs().Load(ctx, s.Webhook)
	if err != nil {
		return nil, err
	}
	return b.Oldest, nil
}
