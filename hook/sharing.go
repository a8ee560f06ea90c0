package hook

import (
	"context"
	"slices"
)

// maxReplicas is how many replicas share the deliveries; the youngest of more
// get none.
const maxReplicas = 2 * Partitions

// Join stores a new replica.
func (q Queue) Join(ctx context.Context) (*Replica, error) {
	r := &Replica{Meta{Key: newUUID(), Created: Now()}}
	return r, q.store.Write(ctx, insert(r))
}

// Beat shows that a replica lives, and returns it as it is now. It is NOT_FOUND
// if others have removed it, because they thought that it did not.
func (q Queue) Beat(ctx context.Context, r *Replica) (*Replica, error) {
	for {
		next := *r
		err := q.store.Write(ctx, replace(&next))
		if CodeOf(err) != Stale {
			return &next, err
		}
		// An earlier beat may have arrived whose answer did not.
		if r, err = q.store.Replicas().Get(ctx, r.Key); err != nil {
			return nil, err
		}
		if r == nil {
			return nil, Missing(kindReplica)
		}
	}
}

// Remove forgets a replica that has ended.
func (q Queue) Remove(ctx context.Context, r *Replica) error { return q.store.Write(ctx, remove(r)) }

// Replicas returns the replicas that were not removed, the oldest first.
func (q Queue) Replicas(ctx context.Context) ([]*Replica, error) {
	return q.store.Replicas().Find(ctx, Query{List: ByCreated, Limit: maxReplicas})
}

// Leases returns who delivers what. Nobody delivers anything if nobody ever has.
func (q Queue) Leases(ctx context.Context) (*Leases, error) {
	l, err := q.store.Leases().Get(ctx, leasesKey)
	if err != nil || l != nil {
		return l, err
	}
	return &Leases{Meta: Meta{Key: leasesKey, Created: Now()}, Owners: make([]string, Partitions)}, nil
}

// Lease stores leases with other owners of some partitions, and returns them as
// they are now. It is STALE if somebody else has stored others since they were
// read.
func (q Queue) Lease(ctx context.Context, l *Leases, owners map[int32]string) (*Leases, error) {
	next := *l
	next.Owners = slices.Clone(l.Owners)
	for p, owner := range owners {
		next.Owners[p] = owner
	}
	change := replace(&next)
	if l.Version == 0 {
		change = insert(&next)
	}
	err := q.store.Write(ctx, change)
	if l.Version == 0 && CodeOf(err) == Conflict {
		return nil, &Error{Code: Stale, Field: "version", Message: "the leases were changed meanwhile"}
	}
	return &next, err
}

// Wake stores wakes for the replicas that deliver to their webhooks. What is
// there already and was not received yet does the same.
func (q Queue) Wake(ctx context.Context, wakes []*Wake) error {
	for some := range slices.Chunk(wakes, fanoutStep) {
		changes := make([]Change, len(some))
		for i, w := range some {
			changes[i] = Change{Kind: ChangeInsert, Entity: w, Present: true}
		}
		if err := q.store.Write(ctx, changes...); err != nil {
			return err
		}
	}
	return nil
}

// wakesAtOnce is how many wakes are read at once.
const wakesAtOnce = 100

// Wakes takes out wakes for partitions. What they tell of has been stored before
// they were taken out, so whoever looks at the queue afterwards finds it. With an
// error, too, those that are returned may be gone.
func (q Queue) Wakes(ctx context.Context, partitions []int32) ([]*Wake, error) {
	// Mostly there are none or few, for whomever: one look at all of them.
	found, err := q.store.Wakes().Find(ctx, Query{List: ByCreated, Limit: wakesAtOnce})
	if err != nil {
		return nil, err
	}
	if len(found) == wakesAtOnce {
		// Perhaps many wait for a replica that has died, and hide the others.
		values := make([]any, len(partitions))
		for i, p := range partitions {
			values[i] = p
		}
		each, err := q.store.Wakes().FindEach(ctx, Query{List: WakesByPartition, Equal: []any{int32(0)}, Limit: wakesAtOnce}, values)
		if err != nil {
			return nil, err
		}
		found = slices.Concat(each...)
	}
	var taken []*Wake
	var changes []Change
	for _, w := range found {
		if slices.Contains(partitions, w.Partition) {
			taken, changes = append(taken, w), append(changes, remove(w))
		}
	}
	for some := range slices.Chunk(changes, fanoutStep) {
		if err := q.store.Write(ctx, some...); err != nil {
			return taken, err
		}
	}
	return taken, nil
}
