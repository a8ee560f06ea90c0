package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// hang measures whether a healthy endpoint notices that others hang.
func hang(ctx context.Context, o *office, s settings) error {
	if err := o.start(); err != nil {
		return err
	}
	if _, err := o.webhook(ctx, o.receiverURL("/"), "order.made"); err != nil {
		return err
	}
	if _, err := o.paced(ctx, "order.made", 50, time.Second); err != nil {
		return err
	}
	healthy := func() (sample, error) { return o.paced(ctx, "order.made", 50, s.duration) }
	before, err := bestOf(s.rounds, healthy)
	if err != nil {
		return err
	}
	fmt.Printf("healthy endpoint alone, 50 events/s        %v\n", before)
	endpoints := 0
	for _, n := range []int{1, 100} {
		pattern := fmt.Sprintf("hang.%d", n)
		for range n {
			if _, err := o.webhook(ctx, o.hangingURL(), pattern); err != nil {
				return err
			}
		}
		endpoints += n
		for range 10 {
			batch := make([]json.RawMessage, 100)
			for i := range batch {
				batch[i] = json.RawMessage(event(pattern, "hang"))
			}
			if _, err := o.post(ctx, "/events", batch); err != nil {
				return err
			}
		}
		beside, err := bestOf(s.rounds, healthy)
		if err != nil {
			return err
		}
		ok := beside.quantile(0.5) <= 2*before.quantile(0.5)+time.Millisecond && beside.quantile(0.99) <= 2*before.quantile(0.99)+5*time.Millisecond
		fmt.Printf("beside %3d that hang with 1,000 events each %v   within 2x + 1 ms and 2x + 5 ms: %v\n", endpoints, beside, ok)
	}
	fmt.Printf("anonymous memory                           %8.1f MB\n", o.anonymous())
	return nil
}
