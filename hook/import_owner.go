package hook

import (
	"context"
	"time"
)

// takeClient takes over the client of a record and its member, if they are new
// or their source has changed.
func (m *importer) takeClient(ctx context.Context, r *Record) ([]Change, error) {
	var changes []Change
	if r.Member != nil {
		change, err := m.takeMember(ctx, r.Member)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change...)
	}
	next := *r.Client
	if r.Member != nil {
		next.Member = r.Member.Key
	}
	next.Source = sourceHash(next)
	old, err := m.store.Clients().Get(ctx, next.Key)
	if err != nil {
		return nil, err
	}
	if old != nil && old.Identifier != next.Identifier {
		return nil, Conflictf("client.id", "%s is taken by another client, %s", next.Key, old.Identifier)
	}
	if old != nil && old.Source == next.Source {
		return changes, nil
	}
	if next.Created.IsZero() {
		next.Created, next.CreatedUnknown = m.now, true
		if old != nil {
			next.Created, next.CreatedUnknown = old.Created, old.CreatedUnknown
		}
	}
	if err := within("client", next.validate()); err != nil {
		return nil, err
	}
	if old == nil {
		if err := m.refuseDeleting(ctx, next.GetID()); err != nil {
			return nil, err
		}
		return append(changes, insert(&next)), nil
	}
	next.Version, next.WebhookSecret, next.SecretHash = old.Version, old.WebhookSecret, old.SecretHash
	if next.Member == "" {
		next.Member = old.Member
	}
	return append(changes, replace(&next)), nil
}

func (m *importer) takeMember(ctx context.Context, from *Member) ([]Change, error) {
	next := *from
	// An import makes nobody an administrator.
	next.Admin = false
	next.Source = sourceHash(next)
	old, err := m.store.Members().Get(ctx, next.Key)
	if err != nil {
		return nil, err
	}
	if old != nil && old.Source == next.Source {
		return nil, nil
	}
	if old == nil && next.Created.IsZero() {
		next.Created = m.now
	}
	if err := within("client.member", next.validate()); err != nil {
		return nil, err
	}
	if old == nil {
		if err := m.refuseDeleting(ctx, next.GetID()); err != nil {
			return nil, err
		}
		return []Change{insert(&next)}, nil
	}
	next.Version, next.Created = old.Version, old.Created
	next.Admin, next.Sub = old.Admin, old.Sub
	return []Change{replace(&next)}, nil
}

// within puts the field of an error below the object it belongs to.
func within(path string, err error) error {
	if e, ok := err.(*Error); ok && e.Field != "" {
		nested := *e
		nested.Field = path + "." + e.Field
		return &nested
	}
	return err
}

// takeTriggers takes over the latest triggers of a webhook and their number.
func (m *importer) takeTriggers(ctx context.Context, r *Record, w *Webhook) ([]Change, error) {
	if r.Triggers == 0 && len(r.Last) == 0 {
		return nil, nil
	}
	keys := make([]string, len(r.Last))
	for i, last := range r.Last {
		if keys[i] = last.Trigger; !validKey(last.Trigger) {
			return nil, Invalidf("last_triggers", "%q is not the id of a trigger", clip(last.Trigger))
		}
	}
	known, err := m.store.Triggers().GetMany(ctx, keys)
	if err != nil {
		return nil, err
	}
	stats, err := m.store.Stats(ctx, []string{w.Key})
	if err != nil {
		return nil, err
	}
	var changes []Change
	for i, last := range r.Last {
		if known[i] != nil {
			if known[i].Webhook != w.Key {
				return nil, Conflictf("last_triggers", "%s is taken by another trigger", clip(last.Trigger))
			}
			if known[i].Status == last.Status || !known[i].Imported {
				continue
			}
			next := *known[i]
			next.Status = last.Status
			changes = append(changes, replace(&next))
			continue
		}
		changes = append(changes, insert(&Trigger{
			Meta:    Meta{Key: last.Trigger, Created: m.now.Add(-time.Duration(i) * time.Millisecond)},
			Webhook: w.Key, Owner: w.Owner, Status: last.Status, Imported: true, Partition: ClosedPartition, Due: m.now,
		}))
	}
	have := stats[0]
	count := Change{Kind: ChangeCount, Webhook: w.Key, Add: Stats{Imported: r.Triggers - have.Imported}}
	if have.Triggers == 0 {
		count.Last = r.Last
	}
	return append(changes, count), nil
}
