package hook_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/mongo"
	"github.com/hookgraph/hookgraph/storage/mongotest"
)

// TestFollowersMissNothing: several writers; one follower that keeps up and some
// that leave and come back with their cursors.
func TestFollowersMissNothing(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		h := open(t)
		followWriters(t, 150, h, h, h, h, h)
	})
	// Each of several processes writes; the followers are those of another one.
	t.Run("mongo", func(t *testing.T) {
		t.Parallel()
		database := mongotest.Open(t)
		houses := make([]*house, 3)
		for i := range houses {
			engine := must[*mongo.Engine](t)(mongo.Open(t.Context(), database.URI, storage.Collections(), mongo.Options{}))
			t.Cleanup(func() { engine.Close() })
			houses[i] = over(t, storage.New(engine))
		}
		followWriters(t, 40, houses[0], houses[1:]...)
	})
}

// followWriters lets writers change triggers under followers, who must all end
// with the last states.
func followWriters(t *testing.T, perWriter int, h *house, writers ...*house) {
	t.Helper()
	w := h.webhook(hook.Standard, account, "busy")
	var versions sync.Map
	var writing sync.WaitGroup
	start := hook.FollowFilter{Webhook: w.Key}
	type result struct {
		seen    map[string]int64
		repeats int
	}
	results := make(chan result)
	goal := func(seen map[string]int64) bool {
		done := true
		versions.Range(func(key, version any) bool {
			done = seen[key.(string)] == version.(int64)
			return done
		})
		return done
	}
	written := make(chan struct{})
	followers := []int{0, 1, 7, 100} // items until they leave; 0 for never
	for _, leave := range followers {
		f, err := h.FollowTriggers(h.admin, start, nil)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			r := result{seen: map[string]int64{}}
			defer func() { results <- r }()
			defer func() { f.Close() }()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			for n := 1; ; n++ {
				select {
				case <-written:
					if goal(r.seen) {
						return
					}
				default:
				}
				step, end := context.WithCancel(ctx)
				timer := time.AfterFunc(200*time.Millisecond, end)
				got, err := f.Next(step)
				interrupted := !timer.Stop()
				end()
				if err != nil && ctx.Err() == nil && interrupted {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if have := r.seen[got.Node.Key]; got.Node.Version <= have {
					r.repeats++
				}
				r.seen[got.Node.Key] = max(got.Node.Version, r.seen[got.Node.Key])
				if leave > 0 && n%leave == 0 {
					f.Close()
					if f, err = h.FollowTriggers(h.admin, start, &got.Cursor); err != nil {
						t.Error(err)
						return
					}
				}
			}
		}()
	}
	for i, writer := range writers {
		writing.Go(func() {
			mine := pending(10, &hook.Webhook{Meta: hook.Meta{Key: fmt.Sprint("writer", i)}, Owner: w.Owner})
			for n := range perWriter {
				trigger := mine[rand.N(len(mine))]
				trigger.Webhook = w.Key
				kind := hook.ChangeReplace
				if trigger.Version == 0 {
					kind = hook.ChangeInsert
				}
				writer.write(kind, trigger)
				versions.Store(trigger.Key, trigger.Version)
				if n%50 == 49 {
					time.Sleep(5 * time.Millisecond) // so that followers catch up in between
				}
			}
		})
	}
	writing.Wait()
	close(written)
	for range followers {
		r := <-results
		if !goal(r.seen) {
			t.Errorf("a follower ends with %d of the triggers, or not with their last states", len(r.seen))
		}
		if exact := h.store.Watch(func(hook.Kind) {}); exact && r.repeats > 0 {
			t.Errorf("%d states were told twice", r.repeats)
		}
	}
}
