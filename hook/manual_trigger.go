package hook

import (
	"context"
	"encoding/json"
	"hash/fnv"
)

// Partitions is the number of parts of the queue of triggers.
const Partitions = 64

// PartitionOf returns the part of the queue that has the triggers of a webhook.
func PartitionOf(webhook string) int32 {
	h := fnv.New32a()
	h.Write([]byte(webhook))
	return int32(h.Sum32() % Partitions)
}

// A ManualEvent is an event that somebody makes for one webhook only.
type ManualEvent struct {
	// Type is of the webhook's dialect.
	Type string
	// Data is a JSON object; empty stands for one without members.
	Data string
}

func (e *ManualEvent) validate(d Dialect) error {
	if !KnownEventType(d, e.Type) {
		return Invalidf("type", "%q is not an event type of dialect %s", clip(e.Type), d)
	}
	var err error
	e.Data, err = eventData(d, e.Data)
	return err
}

// TriggerWebhook stores an event for one webhook and its way there, whether the
// webhook is enabled and subscribes to that type or not, and returns when both
// will be delivered. A webhook that waits for its ping is a CONFLICT. The viewer
// needs EVENTS:PUBLISH for the webhook's owner.
func (s *Service) TriggerWebhook(ctx context.Context, key string, event ManualEvent) (*Trigger, error) {
	v, err := needOwned(ctx, Events, Publish)
	if err != nil {
		return nil, err
	}
	w, err := s.store.Webhooks().Get(ctx, key)
	if err != nil {
		return nil, err
	}
	if w == nil {
		return nil, Missing(KindWebhook)
	}
	if err := s.permitPublish(ctx, v, KindWebhook, w.OwnerID()); err != nil {
		return nil, err
	}
	if err := event.validate(w.Dialect); err != nil {
		return nil, err
	}
	if w.AwaitsPing() {
		return nil, Conflictf("id", "the webhook waits for its first good ping")
	}
	if err := s.mayPublish(); err != nil {
		return nil, err
	}
	now := Now()
	e := &Event{
		Meta: Meta{Key: TimeKey(now), Created: now}, Dialect: w.Dialect, Type: event.Type, OccurredAt: now, Owner: w.Owner,
		Member: v.Member, Data: event.Data, Targets: []string{w.Key}, State: EventDone,
	}
	t := newTrigger(e, w.Key, w.Owner)
	t.Manual = true
	entry := auditEntry(ctx, "triggerWebhook", w.GetID(), []AuditChange{{Field: "trigger", New: auditText(t.Key)}, {Field: "type", New: auditText(e.Type)}})
	changes := []Change{insert(e), insert(t), insert(entry)}
	err = s.writeCounted(ctx, []string{w.Key}, changes, func() {
		s.tally.created([]*Trigger{t})
		s.meter.events.Add(1)
		s.meter.triggers.Add(1)
	})
	if err != nil {
		return nil, err
	}
	// A webhook that was deleted meanwhile has left nobody to remove these.
	if w, err = s.store.Webhooks().Get(ctx, key); err == nil && w == nil {
		if err := s.store.Write(ctx, remove(t), remove(e)); err != nil {
			return nil, err
		}
		return nil, Missing(KindWebhook)
	}
	s.take(e, []*Trigger{t})
	return t, err
}

// permitPublish checks that the viewer may make events for an object of an
// owner: NOT_FOUND if it may not see the object either.
func (s *Service) permitPublish(ctx context.Context, v *Viewer, kind Kind, owner ID) error {
	how, err := s.reach(ctx, v, owner, Events, Publish)
	if err != nil || how == allowed {
		return err
	}
	if how, err = s.reach(ctx, v, owner, Webhooks, View); err != nil {
		return err
	}
	if how == allowed {
		return forbidden(Events, Publish)
	}
	return Missing(kind)
}

// auditText is a text as the audit log shows it.
func auditText(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}
