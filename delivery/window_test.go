package delivery_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

// A lingering store holds back one window of the queue after it was read.
type lingering struct {
	hook.Store
	arm, read, release chan struct{}
}

func (l *lingering) Triggers() hook.Collection[hook.Trigger] {
	return lingeringTriggers{l.Store.Triggers(), l}
}

type lingeringTriggers struct {
	hook.Collection[hook.Trigger]
	store *lingering
}

func (c lingeringTriggers) Find(ctx context.Context, q hook.Query) ([]*hook.Trigger, error) {
	found, err := c.Collection.Find(ctx, q)
	if q.List == hook.TriggersByQueue && len(q.Equal) == 2 {
		select {
		case <-c.store.arm:
			close(c.store.read)
			<-c.store.release
		default:
		}
	}
	return found, err
}

// A request that fails while the queue of its webhook is being read is made
// again when it is due: what is read shows the trigger as it was before.
func TestRetryWhileTheQueueIsRead(t *testing.T) {
	t.Parallel()
	var store *lingering
	p := openOfficeOver(t, func(s hook.Store) hook.Store {
		store = &lingering{Store: s, arm: make(chan struct{}, 1), read: make(chan struct{}), release: make(chan struct{})}
		return store
	}, delivery.SchedulerOptions{})
	arrived, answer := make(chan struct{}), make(chan struct{})
	c := receiveHTTP(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		if n == 1 {
			close(arrived)
			<-answer
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	w := p.webhook(c.url, "*")
	p.publish("order.made", `{}`)
	<-arrived
	store.arm <- struct{}{}
	p.scheduler.Stored(w.Key)
	<-store.read
	close(answer)
	p.await(w, "the first request is recorded", hasStatus(hook.TriggerRetrying))
	eventually(t, "nothing is under way", func() bool { return p.scheduler.Flying(hook.PartitionOf(w.Key)) == 0 })
	close(store.release)
	p.await(w, "the second request passes", hasStatus(hook.TriggerPass))
	if c.count() != 2 {
		t.Errorf("%d requests were made", c.count())
	}
}
