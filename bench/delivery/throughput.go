package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"
)

// event is what is published: a body of 265 bytes.
func event(eventType, mark string) string {
	text := `{"type":"` + eventType + `","data":{"mark":"` + mark + `","pad":"`
	const end = `"}}`
	return text + strings.Repeat("x", max(265-len(text)-len(end), 0)) + end
}

const publisher = `
local bad = 0
request = function()
  return wrk.format("POST", "/events", {["Content-Type"] = "application/json", ["Authorization"] = "Bearer %s"}, '%s')
end
response = function(status, headers, body)
  if status ~= 202 then
    bad = bad + 1
    if bad == 1 then io.stderr:write("unexpected answer: " .. status .. " " .. string.sub(body, 1, 300) .. "\n") end
  end
end
`

// throughput lets 32 publishers publish as fast as they can to one endpoint that
// answers at once. What counts is what has arrived when they end.
func throughput(ctx context.Context, o *office, s settings) error {
	if err := o.start(); err != nil {
		return err
	}
	if _, err := o.webhook(ctx, o.receiverURL("/"), "order.made"); err != nil {
		return err
	}
	var arrived atomic.Int64
	count := func(string, []byte) { arrived.Add(1) }
	o.arrived.Store(&count)
	script := o.data + ".lua"
	if err := os.WriteFile(script, fmt.Appendf(nil, publisher, adminKey, event("order.made", "throughput")), 0o600); err != nil {
		return err
	}
	best, lag := 0.0, int64(0)
	for range s.rounds {
		before := arrived.Load()
		begun := time.Now()
		cmd := exec.CommandContext(ctx, "wrk", "-t", "1", "-c", "32", "-d", s.duration.String(), "-s", script, o.url)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		out, err := cmd.Output()
		if err != nil || errs.Len() > 0 {
			return fmt.Errorf("wrk: %w %s", err, errs.Bytes())
		}
		n, took := arrived.Load()-before, time.Since(begun)
		published := requests(out)
		if rate := float64(n) / took.Seconds(); rate > best {
			best, lag = rate, published-n
		}
		if err := settle(ctx, &arrived, before+published); err != nil {
			return err
		}
	}
	fmt.Printf("one event to one endpoint, 32 publishers   %8.0f delivered/s (%d on the way at the end, all delivered)\n", best, max(lag, 0))
	return nil
}

func requests(out []byte) int64 {
	var n int64
	for line := range strings.Lines(string(out)) {
		if before, _, found := strings.Cut(line, " requests in "); found {
			fmt.Sscan(before, &n)
		}
	}
	return n
}

// settle waits until so much has arrived.
func settle(ctx context.Context, arrived *atomic.Int64, want int64) error {
	for end := time.Now().Add(time.Minute); arrived.Load() < want; time.Sleep(time.Millisecond) {
		if time.Now().After(end) || ctx.Err() != nil {
			return fmt.Errorf("%d of %d arrived", arrived.Load(), want)
		}
	}
	return nil
}
