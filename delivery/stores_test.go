package delivery_test

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

// alone opens an office that delivers everything.
func (o *town) alone() *office {
	o.t.Helper()
	p := o.service(new(atomic.Bool))
	p.scheduler.OwnAll()
	p.DeliverBy(p.scheduler)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { p.scheduler.Run(ctx, 10*time.Second) })
	var once sync.Once
	p.stop = func() {
		once.Do(func() {
			cancel()
			running.Wait()
		})
	}
	o.t.Cleanup(p.stop)
	return p
}

// Each database keeps the queue: what is published is delivered, tried again,
// cancelled, and outlives a restart.
func TestQueue(t *testing.T) {
	onEachStore(t, func(t *testing.T, o *town) {
		p := o.alone()
		c := receiveHTTP(t, status(http.StatusServiceUnavailable))
		w := p.webhook(c.url, "*")
		p.publish("order.made", `{"n":1}`)
		failed := p.await(w, "every try fails", hasStatus(hook.TriggerFail))
		if len(failed.Attempts) != 3 || failed.Attempts[2].StatusCode != 503 || failed.Open() || c.count() != 3 {
			t.Errorf("failed %+v after %d requests", failed, c.count())
		}
		c.mu.Lock()
		same := c.bodies[0] == c.bodies[1] && c.bodies[1] == c.bodies[2]
		c.mu.Unlock()
		if !same {
			t.Errorf("bodies %q", c.bodies)
		}

		o.form.set(delivery.Policy{Delays: []time.Duration{time.Hour}, Timeout: 5 * time.Second})
		if _, err := p.UpdateWebhook(p.admin, w.Key, nil, hook.WebhookFields{Name: hook.Set("new")}); err != nil {
			t.Fatal(err)
		}
		p.publish("order.made", `{"n":2}`)
		cancelled := p.await(w, "a retry is due", hasStatus(hook.TriggerRetrying))
		if got, err := p.CancelTrigger(p.admin, cancelled.Key); err != nil || got.Status != hook.TriggerCancelled {
			t.Fatalf("cancelled %+v, %v", got, err)
		}
		p.publish("order.made", `{"n":3}`)
		waiting := p.await(w, "a retry is due", hasStatus(hook.TriggerRetrying))
		const n = 100
		if _, err := p.PublishEvents(p.admin, make100("order.sent")); err != nil {
			t.Fatal(err)
		}
		patiently(t, "some were sent", func() bool { return c.count() > 20 })
		p.stop()

		c.mu.Lock()
		c.answer = nil
		c.mu.Unlock()
		p = o.alone()
		for _, one := range append(p.retrying(w), waiting) {
			if _, err := p.RetryTrigger(p.admin, one.Key); err != nil && hook.CodeOf(err) != hook.Conflict {
				t.Fatal(err)
			}
		}
		patiently(t, "all have passed", func() bool { return p.count(w, hook.TriggerPass) == n+1 })
		if p.count(w, hook.TriggerCancelled) != 1 || p.count(w, hook.TriggerFail) != 1 {
			t.Errorf("%d are cancelled, %d have failed", p.count(w, hook.TriggerCancelled), p.count(w, hook.TriggerFail))
		}
		eventually(t, "the webhook is well", func() bool {
			now, err := p.Webhook(p.admin, w.Key)
			return err == nil && now.Health == hook.HealthActive
		})
	})
}

// retrying returns the triggers of a webhook that have failed once.
func (p *office) retrying(w *hook.Webhook) []*hook.Trigger {
	p.t.Helper()
	found, err := p.Queue().Window(p.admin, w.Key, 1000)
	if err != nil {
		p.t.Fatal(err)
	}
	return slices.DeleteFunc(found, func(t *hook.Trigger) bool { return t.Status != hook.TriggerRetrying })
}
