package hook

import "context"

// The events that operations on albums make by themselves (Kheops, section 6).
const (
	typeNewUser     = "new_user"
	typeDeleteAlbum = "delete_album"
)

// albumEvent returns an event of an album that the viewer causes, about a member
// if one is given, and the webhooks that it reaches.
func (s *Service) albumEvent(ctx context.Context, a *Album, eventType string, about *Member) (*Event, []*Webhook, error) {
	data, err := s.AlbumEventBy(ctx, a, about)
	if err != nil {
		return nil, nil, err
	}
	now := Now()
	e := &Event{
		Meta: Meta{Key: TimeKey(now), Created: now}, Dialect: Kheops, Type: eventType, OccurredAt: now, Owner: a.ID(), Data: data.Text(),
	}
	if v := ViewerFrom(ctx); v != nil {
		e.Member = v.Member
	}
	m := matcher{service: s}
	webhooks, err := m.match(ctx, e)
	return e, webhooks, err
}

// newMember returns the event of a member who is new in an album.
func (s *Service) newMember(ctx context.Context, a *Album, m *Member) (*fanout, error) {
	e, webhooks, err := s.albumEvent(ctx, a, typeNewUser, m)
	if err != nil || len(webhooks) == 0 { // nobody wants to know
		return nil, err
	}
	return newFanout(e, webhooks), nil
}

// changes store the event with its triggers: in the same write as the change
// that it tells of. Where that is not one commit CompleteFanouts finds what is
// missing.
func (f *fanout) changes() []Change {
	if f == nil {
		return nil
	}
	changes := []Change{insert(f.event)}
	for _, t := range f.triggers {
		changes = append(changes, Change{Kind: ChangeInsert, Entity: t, Present: true})
	}
	return changes
}

// fannedOut tells the courier of an event that was stored with its triggers.
func (s *Service) fannedOut(f *fanout) {
	s.fanned.add(f.event)
	s.taken(f.event, f.triggers)
}

// farewellPrefix begins the webhook of a farewell's trigger: the deletion of the
// webhook leaves it alone.
const farewellPrefix = "farewell-"

// farewells returns the triggers that tell an album's webhooks of its deletion,
// and the changes that store them with all they need.
func (s *Service) farewells(ctx context.Context, a *Album) ([]*Trigger, []Change, error) {
	e, webhooks, err := s.albumEvent(ctx, a, typeDeleteAlbum, nil)
	if err != nil {
		return nil, nil, err
	}
	var triggers []*Trigger
	var changes []Change
	for _, w := range webhooks {
		t := newTrigger(e, w.Key, w.Owner)
		t.Webhook = farewellPrefix + w.Key
		t.Farewell, t.Partition = true, PartitionOf(t.Webhook)
		triggers = append(triggers, t)
		changes = append(changes,
			Change{Kind: ChangeInsert, Entity: &Farewell{Meta: Meta{Key: t.Key, Created: t.Created}, Webhook: *w, Event: *e}, Present: true},
			Change{Kind: ChangeInsert, Entity: t, Present: true})
	}
	return triggers, changes, nil
}
