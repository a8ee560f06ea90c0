package hook

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// DefaultEntrustLimit is how many Entrust webhooks may be active at once, as in
// the original (Entrust, section 6).
const DefaultEntrustLimit = 20

// MaxEntrustLimit is the largest limit that can be set.
const MaxEntrustLimit = 1000

// slotPrefix begins the slots, before everything that begins a key.
const slotPrefix = "!entrust "

// Each active Entrust webhook holds a numbered slot under a unique index, so
// that no two gateways fill the last one: of those who try at once, one gets it
// and the others look again. Slots are given back with the webhook or when it is
// disabled. An expired webhook keeps its slot until somebody needs it.

func (w *Webhook) holdsSlot() bool { return strings.HasPrefix(w.Slot, slotPrefix) }

// setSlot takes the slot from a webhook that is not entitled to one. The key
// stands for none: it is nobody else's.
func (w *Webhook) setSlot() {
	if w.Dialect != Entrust || !w.Enabled || !w.holdsSlot() {
		w.Slot = w.Key
	}
}

// claim gives a webhook that becomes active the lowest free slot. The changes
// are to be written before the webhook; slotTaken tells of the write's error
// that somebody was faster. CONFLICT if there is no free slot.
func (s *Service) claim(ctx context.Context, old, w *Webhook) ([]Change, error) {
	if w.Dialect != Entrust || s.entrustLimit < 0 || !w.Active() || old != nil && old.Active() {
		return nil, nil
	}
	// An expired webhook may have lost the slot since it was read; then its
	// version is not the same any more.
	if w.holdsSlot() {
		return nil, nil
	}
	holders, err := s.slotHolders(ctx)
	if err != nil {
		return nil, err
	}
	active := 0
	expired := map[string]*Webhook{}
	taken := map[string]bool{}
	for _, h := range holders {
		if h.Active() {
			active++
			taken[h.Slot] = true
		} else {
			expired[h.Slot] = h
		}
	}
	if active >= s.entrustLimit {
		return nil, &Error{Code: Conflict, Kind: KindWebhook, Field: "enabled",
			Message: fmt.Sprintf("%d webhooks are active, and at most %d may be: disable one first", active, s.entrustLimit)}
	}
	number := 1
	for taken[slot(number)] {
		number++
	}
	w.Slot = slot(number)
	loser := expired[w.Slot]
	if loser == nil {
		return nil, nil
	}
	next := *loser
	next.Slot = ""
	return []Change{replace(&next)}, nil
}

func slot(number int) string { return fmt.Sprintf("%s%04d", slotPrefix, number) }

// slotHolders reads the webhooks that hold slots.
func (s *Service) slotHolders(ctx context.Context) ([]*Webhook, error) {
	var holders []*Webhook
	q := Query{List: WebhooksBySlot, After: []any{slotPrefix, ""}, Limit: max(s.entrustLimit+1, 2)}
	for {
		page, err := s.store.Webhooks().Find(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, w := range page {
			if !w.holdsSlot() {
				return holders, nil
			}
			holders = append(holders, w)
		}
		if len(page) < q.Limit {
			return holders, nil
		}
		last := page[len(page)-1]
		q.After = []any{last.Slot, last.Key}
	}
}

// slotTaken reports whether a write failed because somebody else took the slot.
func slotTaken(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == Conflict && e.Kind == KindWebhook && e.Field == "slot"
}

// insertWebhook stores a new webhook and records it.
func (s *Service) insertWebhook(ctx context.Context, w *Webhook) error {
	for try := 0; ; try++ {
		w.Slot = ""
		changes, err := s.claim(ctx, nil, w)
		if err != nil {
			return err
		}
		entry := auditEntry(ctx, "createWebhook", w.GetID(), auditChanges(nil, w))
		err = s.store.Write(ctx, append(changes, insert(w), insert(entry))...)
		// An expired webhook that is to lose its slot may be stale.
		if !slotTaken(err) && CodeOf(err) != Stale || try == maxRetries {
			return err
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
}
