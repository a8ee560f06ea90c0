package hook_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

func TestPublishAgain(t *testing.T) {
	t.Parallel()
	h := open(t)
	client := h.client("c", "").GetID()
	h.listener(hook.Standard, account, "w", []string{"*"}, nil)
	at := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	p := hook.Publication{Type: "a", Data: `{"n":1}`, OccurredAt: &at, IdempotencyKey: "k"}
	first := h.publish(p)[0]
	h.listener(hook.Standard, account, "later", []string{"*"}, nil)
	p.Groups, p.Projects = []string{}, []string{}
	again := h.publish(p)[0]
	if first.Repeated || !again.Repeated || again.Event.Key != first.Event.Key || again.Triggers != 1 {
		t.Errorf("first %+v, again %+v", first, again)
	}
	for i, change := range []func(*hook.Publication){
		func(p *hook.Publication) { p.Type = "b" },
		func(p *hook.Publication) { p.Data = `{"n":2}` },
		func(p *hook.Publication) { p.Data = "" },
		func(p *hook.Publication) { p.OccurredAt = nil },
		func(p *hook.Publication) { p.Type, p.Groups = "comment.created", []string{"g"} },
	} {
		other := p
		change(&other)
		_, err := h.PublishEvents(h.admin, []hook.Publication{other})
		wantField(t, fmt.Sprint(i), err, hook.Conflict, "idempotencyKey")
		_, err = h.PublishEvents(h.admin, []hook.Publication{{Type: "new"}, other})
		wantField(t, fmt.Sprint(i), err, hook.Conflict, "1.idempotencyKey")
	}
	other := p
	other.Owner = client
	if got := h.publish(other)[0]; got.Repeated || got.Event.Key == first.Event.Key {
		t.Errorf("the key of another owner: %+v", got)
	}
	// Within one array.
	twice := hook.Publication{Type: "a", IdempotencyKey: "t"}
	both := h.publish(twice, hook.Publication{Type: "a"}, twice)
	if both[0].Repeated || !both[2].Repeated || both[0].Event != both[2].Event || both[2].Triggers != 2 {
		t.Errorf("both %+v", both)
	}
	_, err := h.PublishEvents(h.admin, []hook.Publication{{Type: "a", IdempotencyKey: "u"}, {Type: "b", IdempotencyKey: "u"}})
	wantField(t, "two with one key", err, hook.Conflict, "1.idempotencyKey")
	if events, triggers := h.counted(); events != 4 || triggers != 1+2+2 {
		t.Errorf("%d events, %d triggers", events, triggers)
	}
}

// Many publish one event under one key at once: it is stored once.
func TestPublishAtOnce(t *testing.T) {
	t.Parallel()
	for name, wrap := range map[string]func(hook.Store) hook.Store{
		"atomic": func(s hook.Store) hook.Store { return s }, "piecemeal": func(s hook.Store) hook.Store { return piecemeal{s} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := over(t, wrap(openStore(t)))
			h.listener(hook.Standard, account, "one", []string{"*"}, nil)
			h.listener(hook.Standard, account, "two", []string{"*"}, nil)
			const n = 20
			var group sync.WaitGroup
			answers := make([][]hook.Published, n)
			for i := range n {
				group.Go(func() {
					var err error
					answers[i], err = h.PublishEvents(h.admin, []hook.Publication{{Type: "own"}, {Type: "a", IdempotencyKey: "k"}, {Type: "b", IdempotencyKey: fmt.Sprint(i)}})
					if err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			firsts := 0
			for _, a := range answers {
				if len(a) != 3 || a[1].Event.Key != answers[0][1].Event.Key || a[1].Triggers != 2 || a[0].Repeated || a[2].Repeated {
					t.Fatalf("answer %+v", a)
				}
				if !a[1].Repeated {
					firsts++
				}
			}
			h.age()
			if err := h.CompleteFanouts(t.Context()); err != nil {
				t.Fatal(err)
			}
			events, triggers := h.counted()
			if firsts != 1 || events != 2*n+1 || triggers != 2*events {
				t.Errorf("%d were the first; %d events, %d triggers", firsts, events, triggers)
			}
		})
	}
}

// Somebody publishes one of several events just before they are written, where
// writes are not atomic: the others are stored all the same, and once.
func TestPublishInterrupted(t *testing.T) {
	t.Parallel()
	store := &interfering{Store: piecemeal{openStore(t)}}
	h := over(t, store)
	h.listener(hook.Standard, account, "w", []string{"*"}, nil)
	rival := hook.Publication{Type: "a", IdempotencyKey: "k"}
	store.before = func(ctx context.Context) {
		h.publish(rival)
		// Found by the next try only.
		h.listener(hook.Standard, account, "later", []string{"*"}, nil)
	}
	got := h.publish(hook.Publication{Type: "own"}, hook.Publication{Type: "keyed", IdempotencyKey: "l"}, rival, hook.Publication{Type: "last"})
	for i, repeated := range []bool{false, false, true, false} {
		if got[i].Repeated != repeated || got[i].Triggers != 1 || len(h.triggersOf(got[i].Event.Key)) != 1 {
			t.Errorf("event %d: %+v", i, got[i])
		}
	}
	h.age()
	if err := h.CompleteFanouts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if events, triggers := h.counted(); events != 4 || triggers != 4 {
		t.Errorf("%d events, %d triggers", events, triggers)
	}
}

// A piecemeal store writes one change after the other and stops at the first that
// is refused.
type piecemeal struct{ hook.Store }

func (piecemeal) Atomic() bool { return false }

func (p piecemeal) Write(ctx context.Context, changes ...hook.Change) error {
	for _, c := range changes {
		if err := p.Store.Write(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// An interfering store runs before once, before the first event is written.
type interfering struct {
	hook.Store
	before func(context.Context)
}

func (s *interfering) Write(ctx context.Context, changes ...hook.Change) error {
	isEvent := func(c hook.Change) bool {
		_, is := c.Entity.(*hook.Event)
		return is
	}
	if f := s.before; f != nil && slices.ContainsFunc(changes, isEvent) {
		s.before = nil
		f(ctx)
	}
	return s.Store.Write(ctx, changes...)
}
