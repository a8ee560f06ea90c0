package delivery

import (
	"cmp"
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

const (
	// handOverPause lies between two looks while a partition is being given up.
	handOverPause = 100 * time.Millisecond
	// conflictPause is the most that a replica waits when another one was faster.
	conflictPause = 50 * time.Millisecond
	// forgetAfter is after how many patiences a replica that has died is removed.
	forgetAfter = 8
)

// lookFromTimeToTime has the replica deliver its share.
func (r *Replica) lookFromTimeToTime(ctx context.Context) {
	complain := complainer{log: r.options.Log, about: "the replicas could not agree on who delivers what"}
	for pause := time.Duration(0); sleep(ctx, pause); {
		err := r.look(ctx)
		switch pause = r.options.Look; {
		case hook.CodeOf(err) == hook.Stale:
			pause = rand.N(conflictPause)
			continue
		case len(r.handing) > 0:
			pause = min(pause, handOverPause)
		}
		complain.of(ctx, err)
	}
}

// look finds out who lives and who has what, and takes or gives up partitions.
// It is STALE if another replica has done so meanwhile.
func (r *Replica) look(ctx context.Context) error {
	s := r.standing()
	if s.lapsed {
		r.scheduler.Disown(allPartitions()...)
		clear(r.handing)
	}
	if s.self == nil {
		start := time.Now()
		self, err := r.queue.Join(ctx)
		if err != nil {
			return err
		}
		r.joined(self, start)
		s = r.standing()
	}
	self := s.self.Key
	// In this order: who has a lease is among the replicas, unless it has gone.
	leases, err := r.queue.Leases(ctx)
	if err != nil {
		return err
	}
	replicas, err := r.queue.Replicas(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	r.roster.observe(replicas, now)
	r.mu.Lock()
	r.looked = now
	r.mu.Unlock()
	live := r.roster.live(now)
	if !slices.Contains(live, self) {
		return nil // the others may take over; the next beat tells how it stands
	}
	mine := leases.Of(self)
	r.drop(mine)
	changes := r.plan(leases, live, self, now)
	if len(changes) > 0 || s.lapsed && len(mine) > 0 {
		if leases, err = r.queue.Lease(ctx, leases, changes); err != nil {
			return err
		}
	}
	r.take(leases.Of(self), s, len(live))
	if live[0] == self {
		return r.bury(ctx, leases, now)
	}
	return nil
}

// drop gives up at once what others have taken over.
func (r *Replica) drop(mine []int32) {
	var lost []int32
	for _, p := range allPartitions() {
		if !slices.Contains(mine, p) {
			lost = append(lost, p)
			delete(r.handing, p)
		}
	}
	r.scheduler.Disown(lost...)
}

// plan returns the partitions that are to change hands now. What the replica has
// beyond its share it stops delivering, and gives up when the requests under way
// are recorded.
func (r *Replica) plan(l *hook.Leases, live []string, self string, now time.Time) map[int32]string {
	changes := map[int32]string{}
	mine := slices.DeleteFunc(l.Of(self), func(p int32) bool { return !r.handing[p].IsZero() })
	lacking := share(live, self) - len(mine)
	switch {
	case lacking < 0:
		flying := map[int32]int{}
		for _, p := range mine {
			flying[p] = r.scheduler.Flying(p)
		}
		slices.SortStableFunc(mine, func(a, b int32) int { return cmp.Compare(flying[a], flying[b]) })
		surplus := mine[:-lacking]
		r.scheduler.Disown(surplus...)
		for _, p := range surplus {
			r.handing[p] = now.Add(r.options.HandOver)
		}
	case lacking > 0:
		back := slices.Collect(maps.Keys(r.handing))
		for _, p := range back[:min(lacking, len(back))] {
			delete(r.handing, p)
			lacking--
		}
		unowned := free(l, live)
		for _, p := range unowned[:min(lacking, len(unowned))] {
			changes[p] = self
		}
	}
	for p, deadline := range r.handing {
		if r.scheduler.Flying(p) == 0 || now.After(deadline) {
			changes[p] = ""
		}
	}
	return changes
}

// take delivers what is leased and not being given up.
func (r *Replica) take(mine []int32, s standing, replicas int) {
	maps.DeleteFunc(r.handing, func(p int32, _ time.Time) bool { return !slices.Contains(mine, p) })
	mine = slices.DeleteFunc(mine, func(p int32) bool { return !r.handing[p].IsZero() })
	r.deliver(mine, s)
	if now := [2]int{len(mine), replicas}; now != r.told {
		r.told = now
		r.options.Log.Info("deliveries are shared", "partitions", len(mine), "of", hook.Partitions, "replicas", replicas)
	}
}

// bury removes replicas that have died long ago and have nothing any more.
func (r *Replica) bury(ctx context.Context, l *hook.Leases, now time.Time) error {
	for _, key := range r.roster.gone(now, forgetAfter*r.options.Patience) {
		if len(l.Of(key)) == 0 {
			if err := r.queue.Remove(ctx, &hook.Replica{Meta: hook.Meta{Key: key}}); err != nil {
				return err
			}
		}
	}
	return nil
}

// leave gives up everything, each partition when its requests under way are
// recorded, and tells the others that the replica has gone.
func (r *Replica) leave(ctx context.Context) error {
	r.scheduler.Disown(allPartitions()...)
	self := r.standing().self
	for deadline := time.Now().Add(r.options.HandOver); self != nil; {
		leases, err := r.queue.Leases(ctx)
		if err != nil {
			return err
		}
		rest, changes := 0, map[int32]string{}
		for _, p := range leases.Of(self.Key) {
			if r.scheduler.Flying(p) == 0 || time.Now().After(deadline) {
				changes[p] = ""
			} else {
				rest++
			}
		}
		if len(changes) > 0 {
			_, err = r.queue.Lease(ctx, leases, changes)
		}
		switch {
		case hook.CodeOf(err) == hook.Stale:
			sleep(ctx, rand.N(conflictPause))
		case err != nil:
			return err
		case rest > 0:
			sleep(ctx, handOverPause)
		default:
			if err := r.queue.Remove(ctx, self); err != nil {
				return err
			}
			self = nil
		}
	}
	return r.outbox.flush(ctx, r)
}
