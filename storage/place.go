package storage

import (
	"sync/atomic"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// lastPlace is the highest place that this process has given to a change.
var lastPlace atomic.Int64

// nextPlace returns the next place in the order of changes: microseconds of the
// clock, but never one twice, nor one below another.
func nextPlace() int64 {
	for {
		last := lastPlace.Load()
		place := max(time.Now().UnixMicro(), last+1)
		if lastPlace.CompareAndSwap(last, place) {
			return place
		}
	}
}

// Watch implements hook.Store.
func (s *Store) Watch(changed func(hook.Kind)) bool {
	engine, ok := s.engine.(Exclusive)
	if !ok {
		return false
	}
	engine.Watch(Watcher{After: func(c *Collection, _ string) {
		switch c {
		case events:
			changed(hook.KindEvent)
		case triggers:
			changed(hook.KindTrigger)
		case webhooks, removals:
			changed(hook.KindWebhook)
		}
	}})
	return true
}
