// Command bench measures the whole program in one run: GraphQL beside a stock
// gqlgen server that answers the same queries from memory, the REST APIs beside
// the static answer of net/http. wrk (from Debian) sends the requests over 32
// connections, and the two cores are shared by all.
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
	"slices"
	"time"
)

const adminKey = "benchmark-admin-key-0123456789abcdef"

const (
	// few is the number of webhooks that many are compared with.
	few = 1000
	// settling is how long a server rests before its memory counts as idle.
	settling = 3 * time.Second
)

func main() {
	duration := flag.Duration("duration", 5*time.Second, "of one measurement")
	rounds := flag.Int("rounds", 3, "measurements of each; the median counts")
	many := flag.Int("webhooks", 100_000, "webhooks in the database")
	clients := flag.Int("clients", 1000, "clients in the database")
	only := flag.String("only", "", "graphql or rest: measure only that")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := bench(ctx, *only, *duration, *rounds, *many, *clients); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, only string, duration time.Duration, rounds, many, clients int) (err error) {
	if _, err := exec.LookPath("wrk"); err != nil {
		return errors.New("wrk is needed (apt-get install wrk)")
	}
	dir, err := os.MkdirTemp("", "hookgraph-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	binary, stockBinary := filepath.Join(dir, "hookgraph"), filepath.Join(dir, "stock")
	for path, pkg := range map[string]string{binary: ".", stockBinary: "./bench/stock"} {
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", path, pkg).CombinedOutput(); err != nil {
			return fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
		}
	}
	info, err := os.Stat(binary)
	if err != nil {
		return err
	}
	atMost("binary", float64(info.Size())/1e6, "MB", mostBinary)

	m := measurement{duration: duration, rounds: rounds, dir: dir}
	if only != "rest" {
		if err := m.graphql(ctx, binary, stockBinary, many, clients); err != nil {
			return err
		}
		fmt.Println()
	}
	if only != "graphql" {
		return m.rest(ctx, binary, many)
	}
	return nil
}

// graphql measures the gateway beside the stock server, and with many webhooks
// beside few.
func (m measurement) graphql(ctx context.Context, binary, stockBinary string, many, clients int) error {
	data := filepath.Join(m.dir, "large")
	large, err := startGateway(ctx, binary, data, many, clients)
	if err != nil {
		return err
	}
	defer large.stop()
	fewClients := min(clients, few/20)
	small, err := startGateway(ctx, binary, filepath.Join(m.dir, "small"), few, fewClients)
	if err != nil {
		return err
	}
	defer small.stop()
	stock, err := startStock(ctx, stockBinary, many, clients)
	if err != nil {
		return err
	}
	defer stock.stop()
	time.Sleep(settling)
	atMost("anonymous memory, idle after start", large.anonymous(), "MB", mostIdle)

	var missed []query
	asked := queries(many, clients)
	for _, q := range asked {
		atStock, atLarge, err := m.compare(ctx, stock, large, q, q)
		if err != nil {
			return err
		}
		fmt.Printf("%-36s stock %8.0f/s, gateway %8.0f/s\n", q.name, atStock, atLarge)
		if !atLeast("  to the stock server", atLarge/atStock, q.toStock) {
			missed = append(missed, q)
		}
	}
	for i, q := range queries(few, fewClients) {
		atSmall, atLarge, err := m.compare(ctx, small, large, q, asked[i])
		if err != nil {
			return err
		}
		fmt.Printf("%-36s %d %8.0f/s, %d %8.0f/s\n", q.name, few, atSmall, many, atLarge)
		if !atMost("  with few to with many webhooks", atSmall/atLarge, "times", mostSlower) && !slices.Contains(missed, asked[i]) {
			missed = append(missed, asked[i])
		}
	}
	atMost("anonymous memory, highest under load", large.highest, "MB", mostLoaded)
	time.Sleep(settling)
	fmt.Printf("%-36s %8.1f MB\n", "anonymous memory, idle after load", large.anonymous())
	large.stop()
	for _, q := range missed {
		if err := m.profile(ctx, data, q); err != nil {
			return err
		}
	}
	return nil
}
