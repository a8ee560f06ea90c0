package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/hookgraph/hookgraph/gateway"
	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/resolvers"
	"github.com/hookgraph/hookgraph/web"
)

const (
	// grace is how long requests in flight may take after the signal to stop.
	grace = 10 * time.Second
	// streamGrace is how long WebSockets may take to be closed after that.
	streamGrace = 6 * time.Second
	// tidyPause is the time between two looks for deletions that were cut short.
	tidyPause = time.Minute
)

// run serves until the context ends, then finishes what is in flight.
func run(ctx context.Context, c config, s streams) (err error) {
	tuneMemory()
	log := c.logger(s)
	for _, name := range c.unknown {
		log.Warn("unknown variable", "name", name)
	}
	if c.data, err = filepath.Abs(c.data); err != nil {
		return err
	}
	tell := func(string) error { return nil }
	// Replicas share a MongoDB; a SQLite file has one gateway.
	if c.mongodb == "" {
		lock, err := lockFolder(c.data)
		if err != nil {
			return err
		}
		defer func() { _ = lock.release() }()
		tell = lock.tell
	}
	// What is delivered tells the address, so that has to be known first.
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.addr)
	if err != nil {
		return err
	}
	c.reachedAt = cmp.Or(c.publicURL, localAddress(listener.Addr()))
	h, err := open(ctx, c, log)
	if err != nil {
		_ = listener.Close()
		return err
	}
	defer func() { err = errors.Join(err, h.engine.Close()) }()

	if err := tell(localAddress(listener.Addr())); err != nil {
		_ = listener.Close()
		return err
	}
	endpoint := graph.NewHandler(h.service, resolvers.New(h.service).With(h.sending), graph.Options{
		Log: log, Introspection: c.introspection, Trusted: c.trusted, TrustedOnly: c.trustedOnly, DraftStatuses: c.draftStatuses,
		Authenticate: h.auth.Bearer, Origins: c.origins, Observe: h.numbers.Operation,
	})
	h.numbers.Connect(h.sources(c, endpoint))
	if err := endpoint.CheckTrusted(); err != nil {
		_ = listener.Close()
		return fmt.Errorf("--trusted-documents: %w", err)
	}
	server := gateway.NewServer(gateway.New(gateway.Options{
		Service:       h.service,
		Authenticator: h.auth,
		Dialects:      h.dialects,
		GraphQL:       endpoint,
		IsStream:      graph.IsStream,
		AllowOrigins:  func(next http.Handler) http.Handler { return graph.AllowOrigins(next, c.origins) },
		Pages:         web.Pages(),
		Metrics:       h.numbers.Handler(),
		Observe:       h.numbers.Answered,
		Log:           log,
	}), log)
	stop := h.begin(ctx, c, log)
	defer stop()

	c.announce(s, log, h, listener.Addr())
	// Shutdown waits for streams of events, and knows nothing of WebSockets.
	server.RegisterOnShutdown(func() { endpoint.Close(context.WithoutCancel(ctx)) })
	defer func() {
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), streamGrace)
		defer cancel()
		endpoint.Close(patience)
	}()
	return serve(ctx, server, listener, log)
}

// begin starts what goes on beside requests. The function that it returns ends
// it: requests to receivers that are under way have the grace.
func (h *house) begin(ctx context.Context, c config, log *slog.Logger) (stop func()) {
	ctx = context.WithoutCancel(ctx)
	delivering, stopDelivering := context.WithCancel(ctx)
	keeping, stopKeeping := context.WithCancel(ctx)
	var deliveries, keepers sync.WaitGroup
	if h.replica != nil {
		deliveries.Go(func() { h.replica.Run(delivering) })
	} else {
		h.scheduler.OwnAll()
	}
	deliveries.Go(func() { h.scheduler.Run(delivering, grace) })
	keepers.Go(func() { tidy(keeping, h, log) })
	keepers.Go(func() { h.keepUp(keeping, c, log) })
	failed := func(err error) { log.Warn("the state of deliveries could not be stored", "error", err) }
	keepers.Go(func() { h.service.RunDeliveries(keeping, failed) })
	keepers.Go(func() { h.service.RunReplays(keeping, h.scheduler.Owned, failed) })
	return func() {
		stopDelivering()
		deliveries.Wait()
		stopKeeping()
		keepers.Wait()
		last, cancel := context.WithTimeout(ctx, grace)
		defer cancel()
		if err := h.service.EndRun(last); err != nil {
			failed(err)
		}
		h.sender.Close()
	}
}

// errStopped is why a request ends that the stopping gateway no longer waits for.
// It is answered like one that was cancelled.
var errStopped = fmt.Errorf("the gateway is stopping: %w", context.Canceled)

// serve answers requests until the context ends. Then it takes no more and
// waits for those in flight; what takes longer than the grace is cut.
func serve(ctx context.Context, server *http.Server, listener net.Listener, log *slog.Logger) error {
	requests, cut := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cut(errStopped)
	server.BaseContext = func(net.Listener) context.Context { return requests }
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	log.Info("stopping: finishing what is in flight")
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		log.Warn("requests took too long and were cut")
		cut(errStopped)
		return server.Close()
	}
	return nil
}

// tidy completes deletions that were cut short, at the start and from time to
// time.
func tidy(ctx context.Context, h *house, log *slog.Logger) {
	ticker := time.NewTicker(tidyPause)
	defer ticker.Stop()
	for {
		if err := h.service.CompleteDeletions(ctx); err != nil && ctx.Err() == nil {
			log.Warn("deletions could not be completed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
