package delivery

import (
	"context"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// scanFromTimeToTime looks through the queue when a partition was taken over,
// and from time to time for what nobody told of.
func (s *Scheduler) scanFromTimeToTime(ctx context.Context) {
	ticker := time.NewTicker(s.options.ScanPause)
	defer ticker.Stop()
	for {
		for p := range hook.Partitions {
			if !s.Owned(int32(p)) {
				continue
			}
			if err := s.scanPartition(ctx, int32(p)); err != nil && ctx.Err() == nil {
				s.options.Log.Warn("the queue could not be scanned", "partition", p, "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-s.scan:
		}
	}
}

// scanPartition finds the webhooks with open triggers, seeking from one to the
// next.
func (s *Scheduler) scanPartition(ctx context.Context, partition int32) error {
	for behind := ""; ; {
		found, err := s.queue.NextWaiting(ctx, partition, behind)
		if err != nil || found == nil {
			return err
		}
		s.found(*found)
		behind = found.Webhook
	}
}

// found compares a webhook of the queue with what is known of it.
func (s *Scheduler) found(w hook.Waiting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.owned[hook.PartitionOf(w.Webhook)] {
		return
	}
	l := s.lane(w.Webhook)
	known := len(l.flying) > 0 || len(l.window) > 0 && !l.window[0].trigger.Due.After(w.Due)
	if l.held {
		// Somebody may have enabled it without telling.
		l.refresh()
	} else if !known {
		l.more = true
	}
	s.serve(l, time.Now())
	poke(s.wake)
}
