package hook

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Partitions is the number of parts of the queue of triggers.
const Partitions = 64

// PartitionOf returns the part of the queue that has the triggers of a webhook.
func PartitionOf(webhook string) int32 {
	h := fnv.New32a()
	h.Write([]byte(webhook))
	return int32(h.Sum32() % Partitions)
}

// MaxEventData is the largest JSON text of an event, in bytes.
const MaxEventData = 256 << 10

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
	if e.Data == "" {
		e.Data = "{}"
	}
	switch {
	case len(e.Data) > MaxEventData:
		return Invalidf("data", "the data has %d bytes; at most %d are allowed", len(e.Data), MaxEventData)
	case !utf8.ValidString(e.Data) || !json.Valid([]byte(e.Data)) || strings.TrimLeft(e.Data, " \t\r\n")[0] != '{':
		return Invalidf("data", "must be a JSON object")
	}
	return nil
}

// TriggerWebhook stores an event for one webhook and its way there, whether the
// webhook is enabled and subscribes to that type or not, and returns when both
// will be delivered. The viewer needs EVENTS:PUBLISH for the webhook's owner.
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
	if err := s.permitPublish(ctx, v, w); err != nil {
		return nil, err
	}
	if err := event.validate(w.Dialect); err != nil {
		return nil, err
	}
	now := Now()
	e := &Event{
		Meta: Meta{Key: TimeKey(now), Created: now}, Dialect: w.Dialect, Type: event.Type, OccurredAt: now, Owner: w.Owner,
		Member: v.Member, Data: event.Data, Targets: []string{w.Key}, State: EventDone,
	}
	t := &Trigger{
		Meta: Meta{Key: TimeKey(now), Created: now}, Webhook: w.Key, Owner: w.Owner, Event: e.Key, EventType: e.Type,
		Manual: true, Status: TriggerPending, Partition: PartitionOf(w.Key), Due: now,
	}
	if err := s.storeTrigger(ctx, e, t); err != nil {
		return nil, err
	}
	// A webhook that was deleted meanwhile has left nobody to remove these.
	if w, err = s.store.Webhooks().Get(ctx, key); err == nil && w == nil {
		if err := s.store.Write(ctx, remove(t), remove(e), Change{Kind: ChangeForget, Webhook: key}); err != nil {
			return nil, err
		}
		return nil, Missing(KindWebhook)
	}
	return t, err
}

// permitPublish checks that the viewer may make events for a webhook: NOT_FOUND
// if it may not see the webhook either.
func (s *Service) permitPublish(ctx context.Context, v *Viewer, w *Webhook) error {
	how, err := s.reach(ctx, v, w.OwnerID(), Events, Publish)
	if err != nil || how == allowed {
		return err
	}
	if how, err = s.reach(ctx, v, w.OwnerID(), Webhooks, View); err != nil {
		return err
	}
	if how == allowed {
		return forbidden(Events, Publish)
	}
	return Missing(KindWebhook)
}

// triggering lets the manual triggers of a partition be stored one after the
// other: each writes the list of the latest ones of its webhook, which is in the
// order of their instants.
type triggering struct {
	sync.Mutex
	latest time.Time
}

// instant returns the present, but no instant twice.
func (t *triggering) instant() time.Time {
	now := Now()
	if !now.After(t.latest) {
		now = t.latest.Add(time.Millisecond)
	}
	t.latest = now
	return now
}

// storeTrigger writes an event with its trigger, and counts it. Other replicas
// can write the list of the latest triggers in between: it is short of one then,
// until the next.
func (s *Service) storeTrigger(ctx context.Context, e *Event, t *Trigger) error {
	lock := &s.triggering[t.Partition]
	lock.Lock()
	defer lock.Unlock()
	stats, err := s.store.Stats(ctx, []string{t.Webhook})
	if err != nil {
		return err
	}
	last := append([]LastTrigger{{Trigger: t.Key, Status: t.Status}}, stats[0].Last...)
	t.Created = lock.instant()
	entry := auditEntry(ctx, "triggerWebhook", ID{KindWebhook, t.Webhook}, []AuditChange{{Field: "trigger", New: auditText(t.Key)}, {Field: "type", New: auditText(e.Type)}})
	return s.store.Write(ctx, insert(e), insert(t),
		Change{Kind: ChangeCount, Webhook: t.Webhook, Add: Stats{Triggers: 1}, Last: last[:min(len(last), LastTriggers)]}, insert(entry))
}

// auditText is a text as the audit log shows it.
func auditText(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}
