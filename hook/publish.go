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
			err = ofOwner(s.permitOwner(ctx, v, e.OwnerID(), Events, Publish))
			permitted[e.Owner] = err == nil
		}
		if err != nil {
			return nil, position(i, len(publications), err)
		}
		e.Member = v.Member
		e.giveKey()
		events[i] = e
	}
	fanouts := make([]*fanout, len(events))
	for try := 0; ; try++ {
		published, err := s.publish(ctx, events, fanouts)
		// Somebody else published one of them meanwhile: the next try finds it.
		if !repeated(err) || try == maxRetries {
			return published, err
		}
	}
}

// giveKey gives a new event its key, which it keeps however often it is tried to
// be stored.
func (e *Event) giveKey() {
	if e.IdempotencyKey == "" {
		e.Key = TimeKey(e.Created)
		return
	}
	e.Key, e.Order = idempotentKey(e.Owner, e.IdempotencyKey), timeOrder(e.Created)
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

// ofOwner says of a refusal that it is about the owner.
func ofOwner(err error) error {
	e, ok := err.(*Error)
	if !ok || e.Code != NotFound && e.Code != Forbidden {
		return err
	}
	refused := *e
	refused.Field = "owner"
	return &refused
}

// position puts the position of one of several in front of the field of an
// error.
func position(i, n int, err error) error {
	e, ok := err.(*Error)
	if !ok || n == 1 || e.Field == "" {
		return err
	}
	placed := *e
	placed.Field = strconv.Itoa(i) + "." + e.Field
	return &placed
}

// repeated reports whether the key of an event is taken.
func repeated(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == Conflict && e.Kind == KindEvent && e.Field == "key"
}

// publish stores the events that are new. fanouts are what earlier tries have
// made of them; where writes are not atomic, one of those may be stored in part.
func (s *Service) publish(ctx context.Context, events []*Event, fanouts []*fanout) ([]Published, error) {
	known, err := s.published(ctx, events)
	if err != nil {
		return nil, err
	}
	published := make([]Published, len(events))
	here := map[string]*Event{}
	var fresh []*fanout
	m := matcher{service: s}
	for i, e := range events {
		f := fanouts[i]
		old := here[e.Key]
		if old == nil {
			old = known[e.Key]
			if old != nil && f != nil && old.Order == e.Order {
				f.stored, old = true, nil // by an earlier try
			}
			if old != nil && old.State == EventFanout {
				// Its publisher was never answered, or will be soon.
				if err := s.completeFanout(ctx, old); err != nil {
					return nil, err
				}
			}
		}
		if old != nil {
			if !bytes.Equal(old.BodyHash, e.BodyHash) {
				return nil, position(i, len(events), &Error{Code: Conflict, Kind: KindEvent, Field: "idempotencyKey",
					Message: "another event was published with this key"})
			}
			published[i] = Published{Event: old, Triggers: len(old.Targets), Repeated: true}
			continue
		}
		if f == nil {
			webhooks, err := m.match(ctx, e)
			if err != nil {
				return nil, err
			}
			f = newFanout(e, webhooks)
			fanouts[i] = f
		} else if e.IdempotencyKey == "" {
			f.stored = true // perhaps
		}
		fresh = append(fresh, f)
		published[i] = Published{Event: e, Triggers: len(f.triggers)}
		if e.IdempotencyKey != "" {
			here[e.Key] = e
		}
	}
	return published, s.fan(ctx, fresh)
}

// published returns those of the events that were published before, by key.
func (s *Service) published(ctx context.Context, events []*Event) (map[string]*Event, error) {
	var keys []string
	for _, e := range events {
		if e.IdempotencyKey != "" && !slices.Contains(keys, e.Key) {
			keys = append(keys, e.Key)
		}
	}
	found, err := getMany(ctx, s.store.Events(), keys)
	known := make(map[string]*Event, len(found))
	for _, e := range found {
		if e != nil {
			known[e.Key] = e
		}
	}
	return known, err
}

// A fanout is an event with its triggers on the way into the store.
type fanout struct {
	event    *Event
	triggers []*Trigger
	// stored: the event may be there already, from a try that did not get further.
	stored bool
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
	if len(fanouts) == 0 {
		return nil
	}
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
		changes = append(changes, Change{Kind: ChangeInsert, Entity: f.event, Present: f.stored})
	}
	for _, f := range fanouts {
		for _, t := range f.triggers {
			rest = append(rest, Change{Kind: ChangeInsert, Entity: t, Present: !once})
		}
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
