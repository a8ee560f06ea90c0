package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"
)

// A sample is latencies from the publisher's request to the arrival at the
// receiver.
type sample []time.Duration

func (s sample) quantile(q float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

func (s sample) String() string {
	return fmt.Sprintf("p50 %6.2f ms   p99 %6.2f ms", ms(s.quantile(0.5)), ms(s.quantile(0.99)))
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// paced publishes so many events a second of a type, each by a request of its
// own, and waits for all of them.
func (o *office) paced(ctx context.Context, eventType string, perSecond int, duration time.Duration) (sample, error) {
	n := int(duration.Seconds() * float64(perSecond))
	begun, ended := make([]time.Time, n), make([]time.Time, n)
	var mu sync.Mutex
	left := n
	all := make(chan struct{})
	arrived := func(_ string, body []byte) {
		now := time.Now()
		var delivered struct {
			Data struct{ Mark string }
		}
		if json.Unmarshal(body, &delivered) != nil {
			return
		}
		i, err := strconv.Atoi(delivered.Data.Mark)
		if err != nil || i >= n {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if ended[i].IsZero() {
			ended[i] = now
			if left--; left == 0 {
				close(all)
			}
		}
	}
	o.arrived.Store(&arrived)
	ticker := time.NewTicker(time.Second / time.Duration(perSecond))
	defer ticker.Stop()
	var requests sync.WaitGroup
	var failed error
	for i := range n {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-ticker.C:
		}
		requests.Go(func() {
			mu.Lock()
			begun[i] = time.Now()
			mu.Unlock()
			if _, err := o.post(ctx, "/events", json.RawMessage(event(eventType, strconv.Itoa(i)))); err != nil {
				mu.Lock()
				failed = err
				mu.Unlock()
			}
		})
	}
	requests.Wait()
	select {
	case <-all:
	case <-time.After(time.Minute):
	}
	mu.Lock()
	defer mu.Unlock()
	if failed != nil {
		return nil, failed
	}
	if left > 0 {
		return nil, fmt.Errorf("%d of %d did not arrive", left, n)
	}
	latencies := make(sample, n)
	for i := range n {
		latencies[i] = ended[i].Sub(begun[i])
	}
	return latencies, nil
}

// latency publishes 100 events a second to an endpoint that answers at once.
func latency(ctx context.Context, o *office, s settings) error {
	if err := o.start(); err != nil {
		return err
	}
	if _, err := o.webhook(ctx, o.receiverURL("/"), "order.made"); err != nil {
		return err
	}
	if _, err := o.paced(ctx, "order.made", 100, time.Second); err != nil { // connections are made
		return err
	}
	best, err := bestOf(s.rounds, func() (sample, error) { return o.paced(ctx, "order.made", 100, s.duration) })
	if err != nil {
		return err
	}
	fmt.Printf("publish to arrival at 100 events/s         %v\n", best)
	return nil
}

// bestOf returns the sample with the least p99.
func bestOf(rounds int, measure func() (sample, error)) (best sample, err error) {
	for range rounds {
		one, err := measure()
		if err != nil {
			return nil, err
		}
		if best == nil || one.quantile(0.99) < best.quantile(0.99) {
			best = one
		}
	}
	return best, nil
}
