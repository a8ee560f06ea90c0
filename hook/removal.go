package hook

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"
)

// A Removal tells those who follow webhooks of one that was deleted. It is
// stored with the deletion.
type Removal struct {
	Meta    `bson:",inline"`
	Place   `bson:",inline"`
	Webhook string `bson:"webhook"`
	Owner   string `bson:"owner"`
	// Last is the webhook's last version.
	Last int64 `bson:"last"`
}

// removalTime is how long removals are kept: how long a follower may be away
// and still hear of them.
const removalTime = 7 * 24 * time.Hour

// GetID implements Entity; a removal is no node.
func (r *Removal) GetID() ID { return ID{Kind("Removal"), r.Key} }

// SetIndexed implements Entity.
func (r *Removal) SetIndexed() {}

// removing returns the changes that remove an entity.
func removing(e Entity) []Change {
	w, is := e.(*Webhook)
	if !is {
		return []Change{remove(e)}
	}
	return []Change{insert(&Removal{
		Meta: Meta{Key: newKey(webhookKeyLength), Created: Now()}, Webhook: w.Key, Owner: w.Owner, Last: w.Version,
	}), remove(e)}
}

// forgetRemovals removes those that nobody waits for any more.
func (s *Service) forgetRemovals(ctx context.Context) error {
	for {
		oldest, err := s.store.Removals().Find(ctx, Query{List: ByCreated, Limit: deletionStep})
		if err != nil {
			return err
		}
		var changes []Change
		for _, r := range oldest {
			if time.Since(r.Created) > removalTime {
				changes = append(changes, remove(r))
			}
		}
		if len(changes) > 0 {
			err = s.store.Write(ctx, changes...)
		}
		if err != nil || len(changes) < deletionStep {
			return err
		}
	}
}

// A WebhookState is a webhook as it is, or what is left of a deleted one. Its
// key is the webhook's.
type WebhookState struct {
	Meta  `bson:",inline"`
	Place `bson:",inline"`
	Owner string
	// Webhook is nil if it was deleted.
	Webhook *Webhook
}

// GetID implements Entity: the id is the webhook's.
func (w *WebhookState) GetID() ID { return ID{KindWebhook, w.Key} }

// SetIndexed implements Entity; a state is not stored.
func (w *WebhookState) SetIndexed() {}

// webhookStates reads the order of changes of webhooks and removals as one.
func webhookStates(store Store) func(context.Context, Query) ([]*WebhookState, error) {
	var find func(ctx context.Context, q Query) ([]*WebhookState, error)
	find = func(ctx context.Context, q Query) ([]*WebhookState, error) {
		// The two lists are read one after the other. All changes up to the highest
		// place of now have been committed; one behind it may be missing in one list
		// while a later one is in the other, so they are left for the next time.
		highest := int64(math.MaxInt64)
		if !q.Reverse {
			last, err := find(ctx, Query{List: q.List, Reverse: true, Limit: 1})
			if err != nil || len(last) == 0 {
				return nil, err
			}
			highest = last[0].Changed
		}
		removals, err := store.Removals().Find(ctx, q)
		if err != nil {
			return nil, err
		}
		webhooks, err := store.Webhooks().Find(ctx, q)
		if err != nil {
			return nil, err
		}
		states := make([]*WebhookState, 0, len(removals)+len(webhooks))
		for _, r := range removals {
			states = append(states, &WebhookState{Meta: Meta{Key: r.Webhook, Version: r.Last + 1, Created: r.Created}, Place: r.Place, Owner: r.Owner})
		}
		for _, w := range webhooks {
			states = append(states, &WebhookState{Meta: w.Meta, Place: w.Place, Owner: w.Owner, Webhook: w})
		}
		slices.SortStableFunc(states, func(a, b *WebhookState) int {
			order := cmp.Or(cmp.Compare(a.Changed, b.Changed), cmp.Compare(a.Key, b.Key))
			if q.Reverse {
				return -order
			}
			return order
		})
		states = slices.DeleteFunc(states, func(w *WebhookState) bool { return w.Changed > highest })
		return states[:min(len(states), q.Limit)], nil
	}
	return find
}
