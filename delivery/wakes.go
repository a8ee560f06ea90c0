package delivery

import (
	"context"
	"sync"

	"github.com/hookgraph/hookgraph/hook"
)

// An outbox has the webhooks that other replicas are to be told of.
type outbox struct {
	mu sync.Mutex
	// pending has them with whether they were changed.
	pending map[string]bool
	filled  chan struct{}
}

func newOutbox() outbox { return outbox{pending: map[string]bool{}, filled: make(chan struct{}, 1)} }

// put has the replica that delivers to a webhook told.
func (o *outbox) put(webhook string, changed bool) {
	o.mu.Lock()
	o.pending[webhook] = o.pending[webhook] || changed
	o.mu.Unlock()
	poke(o.filled)
}

func (o *outbox) take() map[string]bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	taken := o.pending
	o.pending = map[string]bool{}
	return taken
}

// flush sends what is there. What could not be sent stays.
func (o *outbox) flush(ctx context.Context, r *Replica) error {
	pending := o.take()
	var wakes []*hook.Wake
	for webhook, changed := range pending {
		if r.scheduler.Owned(hook.PartitionOf(webhook)) {
			r.scheduler.look(webhook, changed) // meanwhile this one does
			continue
		}
		wakes = append(wakes, hook.NewWake(webhook, changed))
	}
	if len(wakes) == 0 {
		return nil
	}
	err := r.queue.Wake(ctx, wakes)
	if err != nil {
		for webhook, changed := range pending {
			o.put(webhook, changed)
		}
	}
	return err
}

// sendWakes tells other replicas of what was stored for them here: at once, and
// then again not before a while, so that much that is stored makes few messages.
func (r *Replica) sendWakes(ctx context.Context) {
	complain := complainer{log: r.options.Log, about: "other replicas could not be told of their deliveries"}
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.outbox.filled:
		}
		pause := r.options.Coalesce
		err := r.outbox.flush(ctx, r)
		complain.of(ctx, err)
		if err != nil {
			pause = readPause
		}
		sleep(ctx, pause)
	}
}

// receiveWakes looks at what other replicas have stored for this one.
func (r *Replica) receiveWakes(ctx context.Context) {
	complain := complainer{log: r.options.Log, about: "what other replicas have stored could not be read"}
	for sleep(ctx, r.options.Poll) {
		mine := r.scheduler.delivering()
		if len(mine) == 0 {
			continue
		}
		wakes, err := r.queue.Wakes(ctx, mine)
		complain.of(ctx, err)
		changed := map[string]bool{}
		for _, w := range wakes {
			changed[w.Webhook] = changed[w.Webhook] || w.Changed
		}
		for webhook, changed := range changed {
			r.scheduler.look(webhook, changed)
		}
		if err != nil {
			sleep(ctx, readPause)
		}
	}
}
