package delivery

import "context"

// RunUntilKilled takes part until the context ends, then says nothing to anybody.
func (r *Replica) RunUntilKilled(ctx context.Context) { r.run(ctx) }
