package graph

import "github.com/hookgraph/hookgraph/hook"

// Filter is the filter of the service.
func (f *WebhookFilterInput) Filter() (hook.WebhookFilter, error) {
	if f == nil {
		return hook.WebhookFilter{}, nil
	}
	owner, err := optionalOwner("filter.owner", f.Owner)
	return hook.WebhookFilter{
		Owner: owner, Dialect: value(f.Dialect), Health: value(f.Health), Enabled: f.Enabled.Value(), Name: value(f.Name),
	}, err
}

// Filter is the filter of the service.
func (f *EventFilterInput) Filter() (hook.EventFilter, error) {
	if f == nil {
		return hook.EventFilter{}, nil
	}
	owner, err := optionalOwner("filter.owner", f.Owner)
	return hook.EventFilter{Owner: owner, Type: value(f.Type)}, err
}

// Filter is the filter of the service.
func (f *TriggerFilterInput) Filter() (hook.TriggerFilter, error) {
	webhook, err := reference(hook.KindWebhook, "filter.webhook", f.Webhook)
	if err != nil {
		return hook.TriggerFilter{}, err
	}
	event, err := reference(hook.KindEvent, "filter.event", f.Event)
	if err != nil {
		return hook.TriggerFilter{}, err
	}
	owner, err := optionalOwner("filter.owner", f.Owner)
	return hook.TriggerFilter{Webhook: webhook.Value, Event: event.Value, Owner: owner, Status: value(f.Status)}, err
}

// FollowFilter is the filter of a subscription.
func FollowFilter(webhook *string, owner *OwnerInput, eventType *string) (f hook.FollowFilter, err error) {
	if webhook != nil {
		if f.Webhook, err = hook.ParseKey(hook.KindWebhook, "webhook", *webhook); err != nil {
			return f, err
		}
	}
	if owner != nil {
		if f.Owner, err = owner.ID("owner"); err != nil {
			return f, err
		}
	}
	if eventType != nil {
		f.Type = *eventType
	}
	return f, nil
}

// Order is the order of the service; the zero order if none was asked for.
func (o *MemberOrderInput) Order() hook.Order {
	if o == nil {
		return hook.Order{}
	}
	return hook.Order{Field: o.Field, Direction: o.Direction}
}

// Order is the order of the service; the zero order if none was asked for.
func (o *ClientOrderInput) Order() hook.Order { return (*MemberOrderInput)(o).Order() }

// Order is the order of the service; the zero order if none was asked for.
func (o *AlbumOrderInput) Order() hook.Order { return (*MemberOrderInput)(o).Order() }

// Order is the order of the service; the zero order if none was asked for.
func (o *WebhookOrderInput) Order() hook.Order { return (*MemberOrderInput)(o).Order() }
