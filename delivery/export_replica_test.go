package delivery

import (
	"context"
	"time"
)

// RunUntilKilled takes part until the context ends, then says nothing to anybody.
func (r *Replica) RunUntilKilled(ctx context.Context) { r.run(ctx) }

// Delivers reports whether requests of a partition may be made now.
func (s *Scheduler) Delivers(partition int32) bool { return s.stillDelivers(partition, time.Now()) }
