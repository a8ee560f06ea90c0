package hook

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strconv"
)

// Published is what became of a publication.
type Published struct {
	Event *Event
	// Triggers is how many webhooks are told.
	Triggers int
	// Repeated: the event had been published before, under the same idempotency
	// key.
	Repeated bool
}

// fanoutStep is how many triggers one write stores.
const fanoutStep = 500

// PublishEvents stores events and a trigger for each webhook that is told, and
// returns when all of it will be delivered whatever happens. The publications
// are checked all together: if one is refused, none is stored. The viewer needs
// EVENTS:PUBLISH for the owner of each.
//
// The same idempotency key with the same event answers the same; with another
// event it is a CONFLICT. Errors name the position of a publication, such as
// "2.type", unless there is only one.
func (s *Service) PublishEvents(ctx context.Context, publications []Publication) ([]Published, error) {
	v, err := needOwned(ctx, Events, Publish)
	if err != nil {
		return nil, err
	}
	switch n := len(publications); {
	case n == 0:
		return nil, Invalidf("events", "at least one event is needed")
	case n > MaxPublications:
		return nil, Invalidf("events", "at most %d events are published at once", MaxPublications)
	}
	if err := s.mayPublish(); err != nil {
		return nil, err
	}
	now := Now()
	events := make([]*Event, len(publications))
	permitted := map[string]bool{}
	for i := range publications {
		e, err := publications[i].event(now)
		if err == nil && !permitted[e.Owner] {
			err = s.permitOwner(ctx, v, e.OwnerID(), Events, Publish)
			permitted[e.Owner] = err == nil
		}
		if err != nil {
			return nil, position(i, len(publications), err)
		}
		e.Member = v.Member
		events[i] = e
	}
	for try := 0; ; try++ {
		published, err := s.publish(ctx, events)
		// Somebody else published one of them meanwhile: the next try finds it.
		if !repeated(err) || try == maxRetries {
			return published, err
		}
	}
}

// mayPublish refuses events while the disk is nearly full.
func (s *Service) mayPublish() error {
	if refusal := s.refusal.Load(); refusal != nil {
		return Unavailablef(nil, "%s", *refusal)
	}
	return nil
}

// RefusePublishing refuses all events from now on, with a sentence that says
// why; an empty one takes them again.
func (s *Service) RefusePublishing(reason string) {
	if reason == "" {
		s.refusal.Store(nil)
		return
	}
	s.refusal.Store(&reason)
}

// position puts the position of one of several in front of the field of an
// error.
func position(i, n int, err error) error {
	if n == 1 {
		return err
	}
	return within(strconv.Itoa(i), err)
}

// repeated reports whether the key of an event is taken.
func repeated(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == Conflict && e.Kind == KindEvent && e.Field == "key"
}

// publish stores the events that are new.
func (s *Service) publish(ctx context.Context, events []*Event) ([]Published, error) {
	published := make([]Published, len(events))
	known, err := s.published(ctx, events)
	if err != nil {
		return nil, err
	}
	var fresh []*fanout
	m := matcher{service: s}
	for i, e := range events {
		if e.IdempotencyKey == "" {
			e.Key = TimeKey(e.Created)
		} else {
			e.Key, e.Order = idempotentKey(e.Owner, e.IdempotencyKey), timeOrder(e.Created)
		}
		if old := known[e.Key]; old != nil {
			if !bytes.Equal(old.BodyHash, e.BodyHash) {
				return nil, position(i, len(events), &Error{Code: Conflict, Kind: KindEvent, Field: "idempotencyKey",
					Message: "another event was published with this key"})
			}
			published[i] = Published{Event: old, Triggers: len(old.Targets), Repeated: true}
			continue
		}
		webhooks, err := m.match(ctx, e)
		if err != nil {
			return nil, err
		}
		f := newFanout(e, webhooks)
		fresh = append(fresh, f)
		published[i] = Published{Event: e, Triggers: len(f.triggers)}
		if e.IdempotencyKey != "" {
			known[e.Key] = e
		}
	}
	return published, s.fan(ctx, fresh)
}

// published returns those of the events that were published before. One whose
// triggers are not all stored is completed first: its publisher was never
// answered.
func (s *Service) published(ctx context.Context, events []*Event) (map[string]*Event, error) {
	known := map[string]*Event{}
	var keys []string
	for _, e := range events {
		if e.IdempotencyKey != "" {
			keys = append(keys, idempotentKey(e.Owner, e.IdempotencyKey))
		}
	}
	found, err := getMany(ctx, s.store.Events(), keys)
	if err != nil {
		return nil, err
	}
	for _, e := range found {
		if e == nil {
			continue
		}
		if e.State == EventFanout {
			if err := s.completeFanout(ctx, e); err != nil {
				return nil, err
			}
		}
		known[e.Key] = e
	}
	return known, nil
}

// A fanout is an event with its triggers on the way into the store.
type fanout struct {
	event    *Event
	triggers []*Trigger
}

// newFanout freezes whom an event reaches.
func newFanout(e *Event, webhooks []*Webhook) *fanout {
	f := &fanout{event: e, triggers: make([]*Trigger, len(webhooks))}
	e.Targets = make([]string, len(webhooks))
	for i, w := range webhooks {
		e.Targets[i] = w.Key
		f.triggers[i] = newTrigger(e, w.Key, w.Owner)
	}
	e.State = EventFanout
	return f
}

func newTrigger(e *Event, webhook, owner string) *Trigger {
	return &Trigger{
		Meta:    Meta{Key: triggerKey(e, webhook), Created: e.Created},
		Webhook: webhook, Owner: owner, Event: e.Key, EventType: e.Type,
		Status: TriggerPending, Partition: PartitionOf(webhook), Due: e.Created,
	}
}

// fan stores events with their triggers. Where all of them fit into one commit
// the events are done with it; elsewhere they are marked afterwards, and
// CompleteFanouts finds those that were not.
func (s *Service) fan(ctx context.Context, fanouts []*fanout) error {
	total := 0
	for _, f := range fanouts {
		total += len(f.triggers)
	}
	once := s.store.Atomic() && total <= fanoutStep
	var changes, rest []Change
	for _, f := range fanouts {
		if once {
			f.event.State = EventDone
		}
		changes = append(changes, insert(f.event))
	}
	for _, f := range fanouts {
		for _, t := range f.triggers {
			rest = append(rest, Change{Kind: ChangeInsert, Entity: t, Present: !once})
		}
	}
	if len(fanouts) == 0 {
		return nil
	}
	s.tally.noting.RLock()
	defer s.tally.noting.RUnlock()
	var webhooks []string
	for _, f := range fanouts {
		webhooks = append(webhooks, countedWebhooks(f.triggers)...)
	}
	marks := s.mark(webhooks...)
	changes = append(marks, changes...)
	for chunk := range slices.Chunk(append(changes, rest...), len(changes)+fanoutStep) {
		err := s.store.Write(ctx, chunk...)
		s.marked(marks, err)
		if err != nil {
			s.suspect(webhooks...)
			return err
		}
	}
	s.meter.events.Add(int64(len(fanouts)))
	s.meter.triggers.Add(int64(total))
	for _, f := range fanouts {
		if !once {
			s.fanned.add(f.event)
		}
		s.taken(f.event, f.triggers)
	}
	return nil
}
