package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

// backlog measures a gateway in whose queue very many triggers wait for an
// endpoint that is dead.
func backlog(ctx context.Context, o *office, s settings) error {
	if err := o.start(); err != nil {
		return err
	}
	dead, err := o.webhook(ctx, "http://127.0.0.1:1/", "dead.made")
	if err != nil {
		return err
	}
	if _, err := o.webhook(ctx, o.receiverURL("/"), "order.made"); err != nil {
		return err
	}
	if err := o.stop(); err != nil {
		return err
	}
	if err := seed(ctx, o.data, dead, s.waiting); err != nil {
		return err
	}
	if err := o.start(); err != nil {
		return err
	}
	highest := 0.0
	watching, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for watching.Err() == nil {
			highest = max(highest, o.anonymous())
			time.Sleep(100 * time.Millisecond)
		}
	}()
	if _, err := o.paced(ctx, "order.made", 50, time.Second); err != nil {
		stop()
		return err
	}
	beside, err := bestOf(s.rounds, func() (sample, error) { return o.paced(ctx, "order.made", 50, s.duration) })
	stop()
	<-watched
	if err != nil {
		return err
	}
	fmt.Printf("beside %d triggers for a dead one   %v   anonymous memory %.1f MB (highest seen)\n", s.waiting, beside, highest)
	return nil
}

// stop ends the gateway and waits for it.
func (o *office) stop() error {
	if err := o.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	err := o.cmd.Wait()
	o.cmd = nil
	return err
}

// seed stores triggers of one event directly.
func seed(ctx context.Context, data, webhook string, n int) (err error) {
	engine, err := sqlite.Open(ctx, data, storage.Collections(), sqlite.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	store := storage.New(engine)
	now := hook.Now()
	e := &hook.Event{
		Meta: hook.Meta{Key: hook.TimeKey(now), Created: now}, Dialect: hook.Standard, Type: "dead.made", OccurredAt: now,
		Owner: hook.AccountOwner, Data: "{}", Targets: []string{webhook}, State: hook.EventDone,
	}
	changes := []hook.Change{{Kind: hook.ChangeInsert, Entity: e}}
	for i := range n {
		created := now.Add(-time.Duration(n-i) * time.Millisecond)
		changes = append(changes, hook.Change{Kind: hook.ChangeInsert, Entity: &hook.Trigger{
			Meta: hook.Meta{Key: hook.TimeKey(created), Created: created}, Webhook: webhook, Owner: hook.AccountOwner,
			Event: e.Key, EventType: e.Type, Status: hook.TriggerPending, Partition: hook.PartitionOf(webhook), Due: created,
		}})
		if len(changes) < 5000 && i < n-1 {
			continue
		}
		if err := store.Write(ctx, changes...); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
		changes = changes[:0]
	}
	return nil
}
