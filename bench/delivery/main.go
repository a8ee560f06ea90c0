// Command delivery measures how events are delivered by the whole program, with
// durable commits in the embedded database, on the cores that the publisher and
// the receiver use too.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

// A settings is what the measurements are told.
type settings struct {
	duration time.Duration
	rounds   int
	waiting  int
	only     string
}

func main() {
	var s settings
	flag.DurationVar(&s.duration, "duration", 10*time.Second, "of one measurement")
	flag.IntVar(&s.rounds, "rounds", 3, "measurements of each that varies; the best counts")
	flag.IntVar(&s.waiting, "waiting", 1_000_000, "triggers that wait for a dead endpoint")
	flag.StringVar(&s.only, "only", "", "measurements to make: of throughput, latency, hang, fanout, backlog, separated by commas; all if empty")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := bench(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, s settings) (err error) {
	if _, err := exec.LookPath("wrk"); err != nil {
		return errors.New("wrk is needed (apt-get install wrk)")
	}
	dir, err := os.MkdirTemp("", "hookgraph-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	binary := filepath.Join(dir, "hookgraph")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	for _, one := range []struct {
		name    string
		measure func(context.Context, *office, settings) error
	}{
		{"throughput", throughput}, {"latency", latency}, {"hang", hang}, {"fanout", fanout}, {"backlog", backlog},
	} {
		if s.only != "" && !strings.Contains(","+s.only+",", ","+one.name+",") {
			continue
		}
		o, err := newOffice(binary, filepath.Join(dir, one.name))
		if err != nil {
			return err
		}
		err = one.measure(ctx, o, s)
		if err = errors.Join(err, o.close()); err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
	}
	return nil
}
