package hook

import (
	"context"
	"slices"
)

// EventFilter chooses events; the zero filter chooses all.
type EventFilter struct {
	Owner ID
	Type  string
}

// Events lists the events that the viewer sees, the latest first.
func (s *Service) Events(ctx context.Context, filter EventFilter, args PageArgs) (*Connection[Event], error) {
	v, err := needOwned(ctx, Events, View)
	if err != nil {
		return nil, err
	}
	l := listing[Event]{collection: s.store.Events(), name: "events", list: ByCreated, newestFirst: true, countLimit: CountLimit}
	kind := filter.Type
	if filter.Owner.IsZero() {
		err = restrict(ctx, s, v, &l, Events, EventsByOwner, func(e *Event) string { return e.Owner })
	} else {
		err = s.permitOwner(ctx, v, filter.Owner, Events, View)
		l.list, l.equal = EventsByOwner, []any{filter.Owner.String()}
		if kind != "" {
			l.list, l.equal, kind = EventsByOwnerAndType, []any{filter.Owner.String(), kind}, ""
		}
	}
	if err != nil {
		return nil, err
	}
	if kind != "" {
		l.filter("type "+kind, func(e *Event) bool { return e.Type == kind })
	}
	return l.page(ctx, s.vault, args)
}

// EventsByKey returns events in the order of the keys, nil for those that the
// viewer may not see.
func (s *Service) EventsByKey(ctx context.Context, keys []string) ([]*Event, error) {
	v, err := needOwned(ctx, Events, View)
	if err != nil {
		return nil, err
	}
	events, err := s.store.Events().GetMany(ctx, keys)
	if err != nil {
		return nil, err
	}
	return events, hide(ctx, s, v, events, Events, func(e *Event) string { return e.Owner })
}

// TriggerFilter chooses triggers: those of a webhook, of an event, or of an
// owner. One of the three is needed; the first that is given chooses the list,
// and what else is given filters it.
type TriggerFilter struct {
	Webhook string
	Event   string
	Owner   ID
	Status  TriggerStatus
}

// Triggers lists triggers, the latest first.
func (s *Service) Triggers(ctx context.Context, filter TriggerFilter, args PageArgs) (*Connection[Trigger], error) {
	v, err := needOwned(ctx, Webhooks, View)
	if err != nil {
		return nil, err
	}
	l := listing[Trigger]{collection: s.store.Triggers(), name: "triggers", newestFirst: true, countLimit: CountLimit}
	byStatus := TriggersByWebhookAndStatus
	switch {
	case filter.Webhook != "":
		if _, err := s.Webhook(ctx, filter.Webhook); err != nil {
			return nil, err
		}
		l.list, l.equal = TriggersByWebhook, []any{filter.Webhook}
	case filter.Event != "":
		if _, err := one(ctx, KindEvent, filter.Event, s.EventsByKey); err != nil {
			return nil, err
		}
		l.list, l.equal = TriggersByEvent, []any{filter.Event}
		byStatus = TriggersByEventAndStatus
		l.keep = func(ctx context.Context, page []*Trigger) ([]bool, error) { return s.visibleTriggers(ctx, v, page) }
	case !filter.Owner.IsZero():
		if err := s.permitOwner(ctx, v, filter.Owner, Webhooks, View); err != nil {
			return nil, err
		}
		l.list, l.equal = TriggersByOwner, []any{filter.Owner.String()}
		byStatus = TriggersByOwnerAndStatus
	default:
		return nil, Invalidf("filter", "a webhook, an event or an owner is needed")
	}
	if filter.Status != "" {
		l.list, l.equal = byStatus, append(l.equal, string(filter.Status))
	}
	if filter.Webhook != "" && filter.Event != "" {
		l.filter("event "+filter.Event, func(t *Trigger) bool { return t.Event == filter.Event })
	}
	if (filter.Webhook != "" || filter.Event != "") && !filter.Owner.IsZero() {
		owner := filter.Owner.String()
		l.filter("owner "+owner, func(t *Trigger) bool { return t.Owner == owner })
	}
	return l.page(ctx, s.vault, args)
}

// visibleTriggers tells which triggers belong to owners whose webhooks the
// viewer sees.
func (s *Service) visibleTriggers(ctx context.Context, v *Viewer, page []*Trigger) ([]bool, error) {
	shown := slices.Clone(page)
	err := hide(ctx, s, v, shown, Webhooks, func(t *Trigger) string { return t.Owner })
	kept := make([]bool, len(page))
	for i, t := range shown {
		kept[i] = t != nil
	}
	return kept, err
}

// TriggersByKey returns triggers in the order of the keys, nil for those that
// the viewer may not see.
func (s *Service) TriggersByKey(ctx context.Context, keys []string) ([]*Trigger, error) {
	v, err := needOwned(ctx, Webhooks, View)
	if err != nil {
		return nil, err
	}
	triggers, err := s.store.Triggers().GetMany(ctx, keys)
	if err != nil {
		return nil, err
	}
	return triggers, hide(ctx, s, v, triggers, Webhooks, func(t *Trigger) string { return t.Owner })
}
