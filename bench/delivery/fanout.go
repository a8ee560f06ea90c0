package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"
)

// fanout publishes one event for 1,000 webhooks.
func fanout(ctx context.Context, o *office, s settings) error {
	const webhooks = 1000
	if err := o.start(); err != nil {
		return err
	}
	for i := range webhooks {
		if _, err := o.webhook(ctx, o.receiverURL(fmt.Sprintf("/%d", i)), "order.made"); err != nil {
			return err
		}
	}
	var arrived atomic.Int64
	count := func(string, []byte) { arrived.Add(1) }
	o.arrived.Store(&count)
	var stored, delivered time.Duration
	for range s.rounds {
		before, begun := arrived.Load(), time.Now()
		if _, err := o.post(ctx, "/events", json.RawMessage(event("order.made", "fanout"))); err != nil {
			return err
		}
		took := time.Since(begun)
		if err := settle(ctx, &arrived, before+webhooks); err != nil {
			return err
		}
		if all := time.Since(begun); delivered == 0 || all < delivered {
			stored, delivered = took, all
		}
	}
	fmt.Printf("one event to 1,000 webhooks                stored in %.0f ms, delivered in %.0f ms\n", ms(stored), ms(delivered))
	return nil
}
