package hook

import (
	"context"
	"slices"
	"strings"
	"time"
)

// takeClient takes over the client of a record and its member, if they are new
// or their source has changed.
func (m *importer) takeClient(ctx context.Context, r *Record) ([]Change, error) {
	var changes []Change
	if r.Member != nil {
		change, err := m.takeMember(ctx, r.Member)
		if err != nil {
			return nil, within("client.member", err)
		}
		changes = append(changes, change...)
	}
	next := *r.Client
	if r.Member != nil {
		next.Member = r.Member.Key
	}
	source, err := sourceHash(next)
	if err != nil {
		return nil, within("client", err)
	}
	next.Source = source
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
	if err := next.validate(); err != nil {
		return nil, within("client", err)
	}
	// The store refuses these too, but not always before it has written others.
	for _, unique := range []struct{ list, field, value string }{
		{ClientsByIdentifier, "client.identifier", next.Identifier}, {ClientsByUniqueName, "client.name", next.Name},
	} {
		if err := refuseTaken(ctx, m.store.Clients(), unique.list, unique.value, unique.field, unique.value, next.Key); err != nil {
			return nil, err
		}
	}
	if old == nil {
		if err := m.refuseDeleting(ctx, next.GetID()); err != nil {
			return nil, err
		}
		return append(changes, insert(&next)), nil
	}
	next.Version, next.WebhookSecret = old.Version, old.WebhookSecret
	if next.Member == "" {
		next.Member = old.Member
	}
	// The former owner of a client could act as the new one by the secret.
	if next.Member == old.Member {
		next.SecretHash, next.Granted = old.SecretHash, old.Granted
	}
	return append(changes, replace(&next)), nil
}

func (m *importer) takeMember(ctx context.Context, from *Member) ([]Change, error) {
	next := *from
	// An import makes nobody an administrator and signs nobody in.
	next.Admin, next.Sub = false, ""
	source, err := sourceHash(next)
	if err != nil {
		return nil, err
	}
	next.Source = source
	old, err := m.store.Members().Get(ctx, next.Key)
	if err != nil {
		return nil, err
	}
	if old != nil {
		switch {
		case old.Source == "" && fold(old.Username) != fold(next.Username):
			return nil, Conflictf("id", "%s is taken by another member", next.Key)
		case old.Source == next.Source:
			return nil, nil
		case old.Admin && !ViewerFrom(ctx).isAdministrator():
			return nil, nil
		}
		next.Version, next.Created, next.Modified = old.Version, old.Created, old.Modified
		next.Admin, next.Sub = old.Admin, old.Sub
		// Lists show these only if the account has them and the reader may see them.
		if next.Email == "" {
			next.Email = old.Email
		}
		if next.ExternalID == "" {
			next.ExternalID = old.ExternalID
		}
	} else if next.Created.IsZero() {
		next.Created = m.now
	}
	if err := next.validate(); err != nil {
		return nil, err
	}
	if next.Username != "" {
		if err := refuseTaken(ctx, m.store.Members(), MembersByUsername, fold(next.Username), "username", next.Username, next.Key); err != nil {
			return nil, err
		}
	}
	if old != nil {
		return []Change{replace(&next)}, nil
	}
	if err := m.refuseDeleting(ctx, next.GetID()); err != nil {
		return nil, err
	}
	return []Change{insert(&next)}, nil
}

// refuseTaken refuses the value of a unique list that another entity has.
func refuseTaken[T any](ctx context.Context, c Collection[T], list, value, field, shown, own string) error {
	found, err := c.Find(ctx, Query{List: list, Equal: []any{value}, Limit: 1})
	if err != nil || len(found) == 0 || asEntity(found[0]).Base().Key == own {
		return err
	}
	return Conflictf(field, "%q is taken", clip(shown))
}

// within puts the field of an error below the object it belongs to.
func within(path string, err error) error {
	e, ok := err.(*Error)
	if !ok || e.Code != Invalid && e.Code != Conflict {
		return err
	}
	nested := *e
	nested.Field = strings.TrimSuffix(path+"."+e.Field, ".")
	return &nested
}

// takeTriggers takes over the latest triggers of a webhook and their number.
func (m *importer) takeTriggers(ctx context.Context, r *Record, w *Webhook, created bool) ([]Change, error) {
	if created && r.Triggers == 0 && len(r.Last) == 0 {
		return nil, nil
	}
	keys := make([]string, len(r.Last))
	for i, last := range r.Last {
		if keys[i] = last.Trigger; !alphanumeric(last.Trigger) || last.Trigger == "" || len(last.Trigger) > maxKey {
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
	if have.Triggers == 0 && !slices.Equal(have.Last, r.Last) {
		count.Last = append([]LastTrigger{}, r.Last...)
	}
	if count.Add.Imported != 0 || count.Last != nil {
		changes = append(changes, count)
	}
	return changes, nil
}
