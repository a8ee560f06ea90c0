package hook_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// age makes the events whose triggers may be missing a minute older.
func (h *house) age() {
	h.t.Helper()
	for _, e := range h.fanouts() {
		older := *e
		older.Created = older.Created.Add(-time.Minute)
		if err := h.store.Write(h.t.Context(), hook.Change{Kind: hook.ChangeReplace, Entity: &older}); err != nil {
			h.t.Fatal(err)
		}
	}
}

func (h *house) fanouts() []*hook.Event {
	h.t.Helper()
	return must[[]*hook.Event](h.t)(h.store.Events().Find(h.t.Context(), hook.Query{List: hook.EventsByState, Equal: []any{string(hook.EventFanout)}, Limit: 1000}))
}

// seedListeners stores webhooks of the account that are told everything.
func (h *house) seedListeners(n int) {
	h.t.Helper()
	changes := make([]hook.Change, n)
	for i := range n {
		changes[i] = hook.Change{Kind: hook.ChangeInsert, Entity: &hook.Webhook{
			Meta: hook.Meta{Key: fmt.Sprintf("w%04d", i), Created: hook.Now()}, Dialect: hook.Standard, Owner: hook.AccountOwner,
			URL: "https://hooks.example.org/", Enabled: true, Subscriptions: []hook.Subscription{{ID: "1", Pattern: "*"}},
		}}
	}
	for some := range slices.Chunk(changes, 200) {
		if err := h.store.Write(h.t.Context(), some...); err != nil {
			h.t.Fatal(err)
		}
	}
}

// Many webhooks take several writes. It is not parallel: each of them is large,
// and the database gives up those that wait too long.
func TestLargeFanout(t *testing.T) {
	h := open(t)
	const n = 1200
	h.seedListeners(n)
	courier := &recorder{}
	h.DeliverBy(courier)
	start := time.Now()
	first := h.publish(hook.Publication{Type: "a"})[0]
	t.Logf("%d triggers were stored in %s", n, time.Since(start))
	second := h.publish(hook.Publication{Type: "b", IdempotencyKey: "k"})[0]
	if first.Triggers != n || second.Triggers != n || len(first.Event.Targets) != n {
		t.Fatalf("%d and %d triggers", first.Triggers, second.Triggers)
	}
	one, two := h.triggersOf(first.Event.Key), h.triggersOf(second.Event.Key)
	if len(one) != n || len(two) != n || len(courier.taken) != 2*n {
		t.Fatalf("%d and %d are stored, the courier has %d", len(one), len(two), len(courier.taken))
	}
	if slices.Max(keysOf(one)) >= slices.Min(keysOf(two)) {
		t.Error("the triggers of the second event do not follow those of the first")
	}
	if got := len(h.fanouts()); got != 2 {
		t.Errorf("%d events are to be marked", got)
	}
	if err := h.MarkFanned(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := len(h.fanouts()); got != 0 {
		t.Errorf("%d events are not marked", got)
	}
	// Repeated after that, nothing is written.
	if again := h.publish(hook.Publication{Type: "b", IdempotencyKey: "k"})[0]; !again.Repeated || again.Triggers != n {
		t.Errorf("again %+v", again)
	}
	if events, triggers := h.counted(); events != 2 || triggers != 2*n {
		t.Errorf("%d events, %d triggers", events, triggers)
	}
}

// A gateway that ends anywhere within a publishing leaves events that are
// completed afterwards: no trigger is lost, none is there twice.
func TestFanoutCutShort(t *testing.T) {
	t.Parallel()
	for name, repair := range map[string]func(h *house, p []hook.Publication){
		"swept": func(h *house, _ []hook.Publication) {
			h.age()
			if err := h.CompleteFanouts(h.t.Context()); err != nil {
				h.t.Fatal(err)
			}
		},
		"published again": func(h *house, p []hook.Publication) {
			for i, one := range h.publish(p...) {
				if one.Triggers != 3 {
					h.t.Errorf("event %d: %+v", i, one)
				}
			}
			if err := h.MarkFanned(h.t.Context()); err != nil {
				h.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := openStore(t)
			whole := over(t, store)
			whole.seedListeners(3)
			var before, runs int
			onEachCut(store, false, func(cut hook.Store, n int) error {
				runs++
				p := []hook.Publication{{Type: "a", IdempotencyKey: fmt.Sprint("a", n)}, {Type: "b", IdempotencyKey: fmt.Sprint("b", n)}}
				h := over(t, cut)
				_, err := h.PublishEvents(h.admin, p)
				if err == nil {
					err = h.MarkFanned(t.Context())
				}
				courier := &recorder{}
				whole.DeliverBy(courier)
				open := whole.fanouts()
				repair(whole, p)
				if left := whole.fanouts(); len(left) > 0 {
					t.Errorf("cut after %d: %d events are not completed", n, len(left))
				}
				for _, e := range open {
					if got := len(whole.triggersOf(e.Key)); got != 3 {
						t.Errorf("cut after %d: an event has %d triggers", n, got)
					}
				}
				if len(open) > 0 && len(courier.looked)+len(courier.taken) < 3*len(open) {
					t.Errorf("cut after %d: the courier was told of %d and %d for %d events", n, len(courier.looked), len(courier.taken), len(open))
				}
				events, triggers := whole.counted()
				if triggers != 3*events || name == "published again" && events != 2*runs {
					t.Errorf("cut after %d: %d events, %d triggers", n, events, triggers)
				}
				before = events
				return err
			})
			if before == 0 || runs < 9 {
				t.Errorf("%d events after %d runs", before, runs)
			}
		})
	}
}

// What is younger than the patience may still be on its way.
func TestFanoutPatience(t *testing.T) {
	t.Parallel()
	store := openStore(t)
	whole := over(t, store)
	whole.seedListeners(3)
	// The marks of the process and of three webhooks, the event and one trigger.
	h := over(t, &cutStore{Store: store, left: 6})
	_, err := h.PublishEvents(h.admin, []hook.Publication{{Type: "a"}})
	want(t, "publish", err, hook.Unavailable)
	if err := whole.CompleteFanouts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, triggers := whole.counted(); triggers != 1 || len(whole.fanouts()) != 1 {
		t.Errorf("%d triggers", triggers)
	}
	whole.age()
	// One of the webhooks is gone by now.
	if err := whole.DeleteWebhook(whole.admin, "w0002", nil); err != nil {
		t.Fatal(err)
	}
	if err := whole.CompleteFanouts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, triggers := whole.counted(); triggers != 2 || len(whole.fanouts()) != 0 {
		t.Errorf("%d triggers", triggers)
	}
}
