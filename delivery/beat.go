package delivery

import (
	"context"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// beatFromTimeToTime shows the other replicas that this one lives.
func (r *Replica) beatFromTimeToTime(ctx context.Context) {
	complain := complainer{log: r.options.Log, about: "the other replicas could not be shown that this one lives"}
	for pause := r.options.Beat; sleep(ctx, pause); {
		err := r.beat(ctx)
		complain.of(ctx, err)
		if pause = r.options.Beat; err != nil {
			pause /= 8
		}
	}
}

func (r *Replica) beat(ctx context.Context) error {
	r.mu.Lock()
	self, looking := r.self, time.Since(r.looked) < r.options.Patience
	r.mu.Unlock()
	if self == nil || !looking {
		return nil // who does not know what to deliver does not live
	}
	start := time.Now()
	// Long enough for a database with much to do, and worth nothing later.
	ctx, cancel := context.WithTimeout(ctx, r.options.Patience/2)
	defer cancel()
	next, err := r.queue.Beat(ctx, self)
	switch {
	case hook.CodeOf(err) == hook.NotFound:
		r.joined(nil, start)
		return nil
	case err != nil:
		return err
	}
	r.joined(next, start)
	return nil
}

// joined notes that the replica was stored by a write that began at start, or
// was found to be removed.
func (r *Replica) joined(self *hook.Replica, start time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.expire(); self == nil {
		r.lapsed = true
		r.lapses++
	}
	r.self = self
	// The others wait longer by a quarter: time for a request to begin, and for
	// clocks that do not run alike.
	r.until = start.Add(r.options.Patience * 3 / 4)
	if !r.lapsed {
		r.scheduler.DeliverUntil(r.until)
	}
}

// expire notes that the last beat is too long ago. The lock is held.
func (r *Replica) expire() {
	if !time.Now().Before(r.until) {
		r.lapsed = true
		r.lapses++
	}
}

// A standing is how a replica stands with the others.
type standing struct {
	self   *hook.Replica // as it is stored; nil if it has to join
	lapsed bool          // what it has it has to lease anew
	lapses int
}

func (r *Replica) standing() standing {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire()
	return standing{r.self, r.lapsed, r.lapses}
}

// deliver has the scheduler deliver partitions that were leased, unless the
// replica has lapsed since it stood like that.
func (r *Replica) deliver(partitions []int32, s standing) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.expire(); r.lapses != s.lapses {
		return
	}
	r.lapsed = false
	r.scheduler.DeliverUntil(r.until)
	r.scheduler.Own(partitions...)
}
