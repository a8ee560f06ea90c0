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
	"time"
)

const adminKey = "benchmark-admin-key-0123456789abcdef"

func main() {
	duration := flag.Duration("duration", 5*time.Second, "of one measurement")
	rounds := flag.Int("rounds", 3, "measurements of each; the median counts")
	many := flag.Int("webhooks", 100_000, "webhooks in the database")
	clients := flag.Int("clients", 1000, "clients in the database")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := bench(ctx, *duration, *rounds, *many, *clients); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, duration time.Duration, rounds, many, clients int) (err error) {
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
	fmt.Printf("binary                         %8.1f MB\n", float64(info.Size())/1e6)

	large, err := startGateway(ctx, binary, filepath.Join(dir, "large"), many, clients)
	if err != nil {
		return err
	}
	defer large.stop()
	small, err := startGateway(ctx, binary, filepath.Join(dir, "small"), 1000, min(clients, 1000/20))
	if err != nil {
		return err
	}
	defer small.stop()
	stock, err := startStock(ctx, stockBinary, many, clients)
	if err != nil {
		return err
	}
	defer stock.stop()
	fmt.Printf("anonymous memory after start   %8.1f MB\n\n", large.anonymous())

	m := measurement{duration: duration, rounds: rounds, dir: dir}
	for _, q := range queries(many, clients) {
		atStock, atLarge, err := m.compare(ctx, stock, large, q)
		if err != nil {
			return err
		}
		fmt.Printf("%-36s stock %8.0f/s   gateway %8.0f/s   ratio %.2f\n", q.name, atStock, atLarge, atLarge/atStock)
	}
	for _, q := range queries(1000, min(clients, 1000/20)) {
		other := queries(many, clients)
		for _, o := range other {
			if o.name != q.name {
				continue
			}
			atSmall, err := m.run(ctx, small, q)
			if err != nil {
				return err
			}
			atLarge, err := m.run(ctx, large, o)
			if err != nil {
				return err
			}
			fmt.Printf("%-36s 1,000 %8.0f/s   %d %8.0f/s   ratio %.2f\n", q.name, atSmall, many, atLarge, atSmall/atLarge)
		}
	}
	fmt.Printf("\nanonymous memory under load    %8.1f MB (highest seen)\n\n", large.highest)
	return m.rest(ctx, binary, many)
}
