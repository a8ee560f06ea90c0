package delivery

import (
	"slices"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// A roster is what a replica knows of all replicas. Whether one lives it judges
// by its own clock alone, from when it saw the other's version move last.
type roster struct {
	patience time.Duration
	seen     map[string]sighting
	looked   time.Time
}

type sighting struct {
	version int64
	at      time.Time
}

// observe takes in what is stored of the replicas at an instant. Time in which it
// could not look does not count: while the database is away nobody can beat.
func (r *roster) observe(replicas []*hook.Replica, now time.Time) {
	blind := now.Sub(r.looked)
	if r.looked.IsZero() || blind < r.patience/4 {
		blind = 0
	}
	r.looked = now
	seen := make(map[string]sighting, len(replicas))
	for _, one := range replicas {
		s, known := r.seen[one.Key]
		if !known || s.version != one.Version {
			s = sighting{one.Version, now}
		} else {
			s.at = s.at.Add(blind)
		}
		seen[one.Key] = s
	}
	r.seen = seen
}

// live returns the keys of the replicas that live, in an order that is the same
// for all who see the same ones.
func (r *roster) live(now time.Time) (keys []string) {
	for key, s := range r.seen {
		if now.Sub(s.at) < r.patience {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// gone returns the keys of the replicas that have not moved for so long that
// nothing is to be expected of them.
func (r *roster) gone(now time.Time, after time.Duration) (keys []string) {
	for key, s := range r.seen {
		if now.Sub(s.at) >= after {
			keys = append(keys, key)
		}
	}
	return keys
}

// share returns how many partitions one of the replicas aims at.
func share(live []string, self string) int {
	i := slices.Index(live, self)
	if i < 0 {
		return 0
	}
	n := hook.Partitions / len(live)
	if i < hook.Partitions%len(live) {
		n++
	}
	return n
}

// free returns the partitions that nobody delivers who lives.
func free(l *hook.Leases, live []string) (partitions []int32) {
	for p, owner := range l.Owners {
		if !slices.Contains(live, owner) {
			partitions = append(partitions, int32(p))
		}
	}
	return partitions
}
