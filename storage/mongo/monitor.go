package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/event"
)

// composed makes the one monitor that the driver takes of all that are wanted,
// nil if none is.
func composed(o Options) *event.CommandMonitor {
	monitors := o.Monitors
	if o.Observe != nil {
		monitors = append(monitors[:len(monitors):len(monitors)], observer(o.Observe))
	}
	if len(monitors) == 0 {
		return nil
	}
	return &event.CommandMonitor{
		Started: func(ctx context.Context, e *event.CommandStartedEvent) {
			for _, m := range monitors {
				if m.Started != nil {
					m.Started(ctx, e)
				}
			}
		},
		Succeeded: func(ctx context.Context, e *event.CommandSucceededEvent) {
			for _, m := range monitors {
				if m.Succeeded != nil {
					m.Succeeded(ctx, e)
				}
			}
		},
		Failed: func(ctx context.Context, e *event.CommandFailedEvent) {
			for _, m := range monitors {
				if m.Failed != nil {
					m.Failed(ctx, e)
				}
			}
		},
	}
}

func observer(observe func(command string, took time.Duration, ok bool)) *event.CommandMonitor {
	return &event.CommandMonitor{
		Succeeded: func(_ context.Context, e *event.CommandSucceededEvent) {
			observe(e.CommandName, e.Duration, true)
		},
		Failed: func(_ context.Context, e *event.CommandFailedEvent) {
			observe(e.CommandName, e.Duration, false)
		},
	}
}
