package hook

import (
	"context"
	"sync"
	"time"
)

// RetryTrigger has a trigger delivered again: one that has ended begins anew,
// with all the tries that its policy gives, and one that waits for its next try
// gets it now. One whose request may be under way is a CONFLICT. The viewer
// needs EVENTS:PUBLISH for the webhook's owner.
func (s *Service) RetryTrigger(ctx context.Context, key string) (*Trigger, error) {
	return s.changeTrigger(ctx, key, "retryTrigger", func(t *Trigger, w *Webhook) error {
		now := Now()
		switch {
		case t.Imported || t.Event == "":
			return Conflictf("id", "the trigger was imported: what it told is not known here")
		case w == nil:
			return Missing(KindWebhook)
		case t.Open() && t.Reason != "":
			return Conflictf("id", "the trigger waits: %s", t.Reason)
		case t.Open() && !t.Manual && !w.Active():
			return Conflictf("id", "the trigger waits: the webhook is disabled or has expired")
		case t.Open() && !t.Due.After(now):
			return Conflictf("id", "the trigger is under way")
		case t.Open():
			t.Due, t.Reason = now, ""
			return nil
		}
		if e, err := s.store.Events().Get(ctx, t.Event); err != nil || e == nil {
			if err == nil {
				err = Conflictf("id", "the event of the trigger is not kept any more")
			}
			return err
		}
		t.Before, t.Reason = t.lastNumber(), ""
		t.reopen(TriggerPending, now)
		return nil
	})
}

// CancelTrigger ends a trigger that is not delivered yet. A request that is
// under way may still arrive. One that has ended is a CONFLICT.
func (s *Service) CancelTrigger(ctx context.Context, key string) (*Trigger, error) {
	return s.changeTrigger(ctx, key, "cancelTrigger", func(t *Trigger, _ *Webhook) error {
		if !t.Open() {
			return Conflictf("id", "the trigger has ended already: it is %s", t.Status)
		}
		t.close(TriggerCancelled)
		return nil
	})
}

// changeTrigger changes a trigger by compare-and-swap and tells the courier. w
// is nil if the webhook is gone.
func (s *Service) changeTrigger(ctx context.Context, key, operation string, change func(t *Trigger, w *Webhook) error) (*Trigger, error) {
	v, err := needOwned(ctx, Events, Publish)
	if err != nil {
		return nil, err
	}
	for try := 0; ; try++ {
		old, err := s.store.Triggers().Get(ctx, key)
		if err != nil {
			return nil, err
		}
		if old == nil {
			return nil, Missing(KindTrigger)
		}
		if err := s.permitPublish(ctx, v, KindTrigger, parseOwner(old.Owner)); err != nil {
			return nil, err
		}
		w, err := s.store.Webhooks().Get(ctx, old.Webhook)
		if err != nil {
			return nil, err
		}
		next := *old
		if err := change(&next, w); err != nil {
			return nil, err
		}
		entry := auditEntry(ctx, operation, next.GetID(), []AuditChange{{Field: "status", Old: auditText(string(old.Status)), New: auditText(string(next.Status))}})
		err = s.writeCounted(ctx, []string{next.Webhook}, []Change{replace(&next), insert(entry)}, func() { s.tally.changed(next.Webhook) })
		if err == nil {
			s.look(next.Webhook)
			return &next, nil
		}
		if CodeOf(err) != Stale || try == maxRetries {
			return nil, err
		}
		if err := pause(ctx, try); err != nil {
			return nil, err
		}
	}
}

// RunDeliveries keeps what belongs to deliveries up to date until the context
// ends: counters, and events whose publisher has gone. failed is told of errors.
func (s *Service) RunDeliveries(ctx context.Context, failed func(error)) {
	ticker := time.NewTicker(statsPause)
	defer ticker.Stop()
	var recounting sync.WaitGroup
	defer recounting.Wait()
	recounting.Go(func() { s.recountFromTimeToTime(ctx, failed) })
	for n := 0; ; n++ {
		for _, err := range []error{s.MarkFanned(ctx), s.WriteStats(ctx)} {
			if err != nil && ctx.Err() == nil {
				failed(err)
			}
		}
		if n%sweepEvery == 0 {
			for _, err := range []error{s.CompleteFanouts(ctx), s.unmark(ctx)} {
				if err != nil && ctx.Err() == nil {
					failed(err)
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

const (
	// statsPause lies between two writes of the counters.
	statsPause = time.Second
	// sweepEvery is after how many of them unfinished events are looked for.
	sweepEvery = 5
)
