package main

import (
	"context"
	"log/slog"
	"sync"

	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/metrics"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

// keepUp removes what has ended and is too old, and watches the disk, until the
// context ends.
func (h *house) keepUp(ctx context.Context, c config, log *slog.Logger) {
	var all sync.WaitGroup
	defer all.Wait()
	retention := hook.Retention{Age: c.retention}
	if engine, ok := h.engine.(*sqlite.Engine); ok {
		retention.Size, retention.Used = c.retentionSize, engine.Used
		if c.minFree > 0 {
			watch := &diskWatch{least: c.minFree, free: func() (int64, error) { return freeBytes(c.data) }, refuse: h.service.RefusePublishing, log: log}
			all.Go(func() { watch.run(ctx) })
		}
	}
	if retention.Age > 0 || retention.Size > 0 {
		h.service.RunRetention(ctx, retention, func(err error) { log.Warn("what is too old could not be removed", "error", err) })
	}
}

// sources are what the metrics ask for.
func (h *house) sources(c config, endpoint *graph.Endpoint) metrics.Sources {
	s := metrics.Sources{Totals: h.service.Totals, Load: h.scheduler.Load, Subscriptions: endpoint.Subscriptions}
	if engine, ok := h.engine.(*sqlite.Engine); ok {
		s.DatabaseBytes = func() (int64, error) { return engine.Size(context.Background()) }
		s.FreeBytes = func() (int64, error) { return freeBytes(c.data) }
	}
	return s
}
