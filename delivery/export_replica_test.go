package delivery

import (
	"context"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// RunUntilKilled takes part until the context ends, then says nothing to anybody.
func (r *Replica) RunUntilKilled(ctx context.Context) { r.run(ctx) }

// Share is how many partitions one of the replicas aims at.
func Share(live []string, self string) int { return share(live, self) }

// Free returns the partitions that nobody delivers who lives.
func Free(l *hook.Leases, live []string) []int32 { return free(l, live) }

// A Roster judges which replicas live.
type Roster struct{ roster }

// NewRoster returns an empty roster.
func NewRoster(patience time.Duration) *Roster { return &Roster{roster{patience: patience}} }

// Observe takes in what is stored.
func (r *Roster) Observe(replicas []*hook.Replica, now time.Time) { r.observe(replicas, now) }

// Live returns the replicas that live.
func (r *Roster) Live(now time.Time) []string { return r.live(now) }

// Gone returns those that have not moved for long.
func (r *Roster) Gone(now time.Time, after time.Duration) []string { return r.gone(now, after) }
