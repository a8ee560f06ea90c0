package hook

import "sync/atomic"

// Totals are what a process has counted since its start.
type Totals struct {
	// Events and Triggers were stored; StatsErrors are writes of Stats that
	// failed.
	Events, Triggers, StatsErrors int64
	// Refusing says that nothing is published, see RefusePublishing.
	Refusing bool
}

type meter struct{ events, triggers, statsErrors atomic.Int64 }

// Totals returns what this process has counted since its start.
func (s *Service) Totals() Totals {
	return Totals{s.meter.events.Load(), s.meter.triggers.Load(), s.meter.statsErrors.Load(), s.refusal.Load() != nil}
}
