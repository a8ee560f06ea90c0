package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"github.com/hookgraph/hookgraph/hook"
)

// prefetchStatistics reads the statistics that a query asks of webhooks: one
// read for each number of hours, and those of the backlogs.
func prefetchStatistics(ctx context.Context, asked selections, webhooks []*hook.Webhook) {
	statistics := asked.field("statistics")
	if !statistics.asked() {
		return
	}
	l, key := LoadersOf(ctx), func(w *hook.Webhook) string { return w.Key }
	variables, done := graphql.GetOperationContext(ctx).Variables, map[int]bool{}
	for _, field := range statistics.fields {
		if hours, ok := number(field.ArgumentMap(variables)["hours"]); ok && !done[hours] {
			done[hours] = true
			prime(ctx, l.Statistics(hours), l.statistics(hours), webhooks, key)
		}
	}
	for _, name := range []string{"backlog", "backlogIsExact", "oldestUndelivered"} {
		if statistics.field(name).asked() {
			prime(ctx, l.Backlogs(), l.service.BacklogsByKey, webhooks, key)
			return
		}
	}
}
