package delivery

import (
	"context"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// scanFromTimeToTime looks through partitions of the queue when they were taken
// over, and through all of them from time to time for what nobody told of.
func (s *Scheduler) scanFromTimeToTime(ctx context.Context) {
	ticker := time.NewTicker(s.options.ScanPause)
	defer ticker.Stop()
	complain := complainer{log: s.options.Log, about: "the queue could not be scanned"}
	for {
		var retry <-chan time.Time
		for p, ok := s.nextUnseen(); ok; p, ok = s.nextUnseen() {
			err := s.scanPartition(ctx, p)
			complain.of(ctx, err)
			if err != nil {
				s.unsee(p)
				retry = time.After(readPause)
				break // the others would hardly do better
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.unsee(allPartitions()...)
		case <-retry:
		case <-s.scan:
		}
	}
}

// nextUnseen returns a partition that is to be scanned. Whatever is stored from
// now on is told of.
func (s *Scheduler) nextUnseen() (int32, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p, unseen := range s.unseen {
		if unseen {
			s.unseen[p] = false
			return int32(p), true
		}
	}
	return 0, false
}

// unsee has partitions scanned that are owned.
func (s *Scheduler) unsee(partitions ...int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range partitions {
		s.unseen[p] = s.owned[p]
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

// found has the triggers of a webhook read, also if some of them are known: those
// that were stored just now say nothing of older ones.
func (s *Scheduler) found(w hook.Waiting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.owned[hook.PartitionOf(w.Webhook)] {
		return
	}
	l := s.lane(w.Webhook)
	if l.held {
		// Somebody may have enabled it without telling.
		l.refresh()
	} else {
		l.more, l.missed = true, l.reading
	}
	s.serve(l, time.Now())
	poke(s.wake)
}
