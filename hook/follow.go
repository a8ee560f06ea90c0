package hook

import (
	"context"
	"log/slog"
	"slices"
)

// feeds are those of a service, one for each kind that can be followed.
type feeds struct {
	webhooks *feed[WebhookState]
	triggers *feed[Trigger]
	events   *feed[Event]
	// catching bounds how many followers read the database at a time: those who
	// come back after a long time must not keep others from it.
	catching chan struct{}
}

func newFeeds(store Store, log *slog.Logger) *feeds {
	f := &feeds{}
	exact := store.Watch(func(kind Kind) {
		switch kind {
		case KindWebhook:
			f.webhooks.tell()
		case KindTrigger:
			f.triggers.tell()
		case KindEvent:
			f.events.tell()
		}
	})
	f.catching = make(chan struct{}, 2)
	const fields = 500 // what the short fields take
	f.webhooks = newFeed(webhookStates(store), exact, log, func(s *WebhookState) int {
		w := s.Webhook
		if w == nil {
			return fields
		}
		return 2*fields + len(w.URL) + 100*(len(w.Subscriptions)+len(w.Headers))
	})
	f.triggers = newFeed(store.Triggers().Find, exact, log, func(t *Trigger) int {
		size := fields
		for _, a := range t.Attempts {
			size += fields + len(a.Body)
		}
		return size
	})
	f.events = newFeed(store.Events().Find, exact, log, func(e *Event) int {
		return fields + len(e.Data) + 32*len(e.Targets)
	})
	return f
}

// FollowFilter chooses whose changes are followed; the zero filter chooses those
// of all that the viewer sees.
type FollowFilter struct {
	// Webhook is the key of a webhook: itself, its triggers, or the events that
	// it is told.
	Webhook string
	Owner   ID
	// Type is that of events.
	Type string
}

func (f *FollowFilter) scope(name string) string {
	owner := ""
	if !f.Owner.IsZero() {
		owner = f.Owner.String()
	}
	return "follow " + name + "\x00" + f.Webhook + "\x00" + owner + "\x00" + f.Type
}

// FollowTriggers returns the changes of triggers from now on, or from behind a
// cursor on.
func (s *Service) FollowTriggers(ctx context.Context, filter FollowFilter, after *string) (*Following[Trigger], error) {
	f := &Following[Trigger]{service: s, feed: s.feeds().triggers, scope: filter.scope("triggers"), entity: Webhooks}
	f.ownerOf = func(t *Trigger) string { return t.Owner }
	owner := filter.Owner.String()
	f.keep = func(t *Trigger) bool {
		return (filter.Webhook == "" || t.Webhook == filter.Webhook) && (filter.Owner.IsZero() || t.Owner == owner)
	}
	return f.open(ctx, filter, after)
}

// FollowWebhooks returns the changes of webhooks, deletions among them, from now
// on, or from behind a cursor on. Their counters are not theirs. A deletion is
// known for seven days.
func (s *Service) FollowWebhooks(ctx context.Context, filter FollowFilter, after *string) (*Following[WebhookState], error) {
	f := &Following[WebhookState]{service: s, feed: s.feeds().webhooks, scope: filter.scope("webhooks"), entity: Webhooks}
	f.ownerOf = func(w *WebhookState) string { return w.Owner }
	owner := filter.Owner.String()
	f.keep = func(w *WebhookState) bool {
		return (filter.Webhook == "" || w.Key == filter.Webhook) && (filter.Owner.IsZero() || w.Owner == owner)
	}
	return f.open(ctx, filter, after)
}

// FollowEvents returns the events that are published from now on, or behind a
// cursor, each once.
func (s *Service) FollowEvents(ctx context.Context, filter FollowFilter, after *string) (*Following[Event], error) {
	f := &Following[Event]{service: s, feed: s.feeds().events, scope: filter.scope("events"), entity: Events}
	f.ownerOf = func(e *Event) string { return e.Owner }
	owner := filter.Owner.String()
	f.keep = func(e *Event) bool {
		return (filter.Webhook == "" || slices.Contains(e.Targets, filter.Webhook)) &&
			(filter.Owner.IsZero() || e.Owner == owner) && (filter.Type == "" || e.Type == filter.Type)
	}
	return f.open(ctx, filter, after)
}
