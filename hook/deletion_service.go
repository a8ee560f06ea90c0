package hook

import (
	"context"
)

const (
	// deletionStep is how many children one write removes.
	deletionStep = 500
	// deletionSteps is how many steps the caller of a deletion waits for; the
	// rest is left to CompleteDeletions.
	deletionSteps = 20
)

func deletionKey(id ID) string { return string(id.Kind) + "-" + id.Key }

// DeleteWebhook removes a webhook, its triggers and its counters.
func (s *Service) DeleteWebhook(ctx context.Context, key string, version *int64) error {
	v, err := needOwned(ctx, Webhooks, Remove)
	if err != nil {
		return err
	}
	w, err := s.store.Webhooks().Get(ctx, key)
	if err != nil {
		return err
	}
	if w == nil {
		return Missing(KindWebhook)
	}
	if err := s.permitOwned(ctx, v, KindWebhook, w.OwnerID(), Webhooks, Remove); err != nil {
		return err
	}
	return s.delete(ctx, "deleteWebhook", w, version)
}

// DeleteClient removes a client with its webhooks and events, and the API keys
// that are bound to it.
func (s *Service) DeleteClient(ctx context.Context, key string, version *int64) error {
	if _, err := need(ctx, Clients, Remove); err != nil {
		return err
	}
	c, err := s.Client(ctx, key)
	if err != nil {
		return err
	}
	return s.delete(ctx, "deleteClient", c, version)
}

// DeleteAlbum removes an album with its webhooks and events, and the API keys
// that are bound to it.
func (s *Service) DeleteAlbum(ctx context.Context, key string, version *int64) error {
	if err := s.permitAlbum(ctx, key, Remove); err != nil {
		return err
	}
	a, err := s.Album(ctx, key)
	if err != nil {
		return err
	}
	return s.delete(ctx, "deleteAlbum", a, version)
}

// DeleteMember removes a member from its albums and with the API keys that act
// as it. A member who owns clients is a CONFLICT, unless cascade deletes those
// too.
func (s *Service) DeleteMember(ctx context.Context, key string, version *int64, cascade bool) error {
	if err := needEverywhere(ctx, Members, Remove); err != nil {
		return err
	}
	m, err := s.Member(ctx, key)
	if err != nil {
		return err
	}
	owned, err := s.store.Clients().Find(ctx, Query{List: ClientsByMember, Equal: []any{key}, Limit: 1})
	if err != nil {
		return err
	}
	if len(owned) > 0 {
		if !cascade {
			return &Error{Code: Conflict, Kind: KindClient, Field: "cascade", Message: "the member owns clients: delete those first, or ask for cascade"}
		}
		if err := needEverywhere(ctx, Clients, Remove); err != nil {
			return err
		}
	}
	return s.delete(ctx, "deleteMember", m, version)
}

func (s *Service) delete(ctx context.Context, operation string, e Entity, version *int64) error {
	id := e.GetID()
	if have := e.Base().Version; version != nil && *version != have {
		return staleError(id.Kind, have)
	}
	d := newDeletion(id)
	entry := auditEntry(ctx, operation, id, nil)
	if err := s.store.Write(ctx, Change{Kind: ChangeInsert, Entity: d, Present: true}, remove(e), insert(entry)); err != nil {
		return err
	}
	steps := deletionSteps
	if err := s.complete(ctx, d, &steps); err != nil {
		// The node is gone; its children go with the next CompleteDeletions.
		s.log.WarnContext(ctx, "a deletion will be completed later", "node", id.String(), "error", err)
	}
	return nil
}

func newDeletion(id ID) *Deletion {
	return &Deletion{Meta: Meta{Key: deletionKey(id), Created: Now()}, Node: id.String()}
}

// CompleteDeletions removes what deletions that were cut short have left. The
// gateway calls it at the start and from time to time.
func (s *Service) CompleteDeletions(ctx context.Context) error {
	for {
		open, err := s.store.Deletions().Find(ctx, Query{List: ByCreated, Limit: MaxPage})
		if err != nil || len(open) == 0 {
			return err
		}
		for _, d := range open {
			steps := int(^uint(0) >> 1)
			if err := s.complete(ctx, d, &steps); err != nil {
				return err
			}
		}
	}
}

// complete removes the children of a deleted node, step by step, then the
// deletion itself. Each step can be repeated.
func (s *Service) complete(ctx context.Context, d *Deletion, steps *int) error {
	id, err := ParseID(d.Node)
	if err != nil {
		return err
	}
	var parts []func() (bool, error)
	owned := []any{id.String()}
	switch id.Kind {
	case KindWebhook:
		parts = append(parts, removeAll(ctx, s, s.store.Triggers(), TriggersByWebhook, []any{id.Key}))
	case KindClient, KindAlbum:
		parts = append(parts,
			deleteAll(ctx, s, s.store.Webhooks(), WebhooksByOwner, owned, steps),
			removeAll(ctx, s, s.store.Events(), EventsByOwner, owned),
			removeAll(ctx, s, s.store.APIKeys(), KeysByOwner, owned))
	case KindMember:
		parts = append(parts,
			deleteAll(ctx, s, s.store.Clients(), ClientsByMember, []any{id.Key}, steps),
			func() (bool, error) { return s.leaveAlbums(ctx, id.Key) },
			removeAll(ctx, s, s.store.APIKeys(), KeysByMember, []any{id.Key}))
	}
	for _, part := range parts {
		for done := false; !done; {
			if *steps--; *steps < 0 {
				return nil
			}
			var err error
			if done, err = part(); err != nil {
				return err
			}
		}
	}
	changes := []Change{remove(d)}
	if id.Kind == KindWebhook {
		changes = []Change{{Kind: ChangeForget, Webhook: id.Key}, remove(d)}
	}
	return s.store.Write(ctx, changes...)
}

// removeAll returns a step that removes childless entities of one stretch.
func removeAll[T any](ctx context.Context, s *Service, c Collection[T], list string, equal []any) func() (bool, error) {
	return func() (bool, error) {
		found, err := c.Find(ctx, Query{List: list, Equal: equal, Limit: deletionStep})
		if err != nil || len(found) == 0 {
			return true, err
		}
		changes := make([]Change, len(found))
		for i, e := range found {
			changes[i] = remove(asEntity(e))
		}
		return len(found) < deletionStep, s.store.Write(ctx, changes...)
	}
}

// deleteAll returns a step that deletes entities with children of one stretch.
func deleteAll[T any](ctx context.Context, s *Service, c Collection[T], list string, equal []any, steps *int) func() (bool, error) {
	return func() (bool, error) {
		found, err := c.Find(ctx, Query{List: list, Equal: equal, Limit: deletionStep / 2})
		if err != nil || len(found) == 0 {
			return true, err
		}
		var changes []Change
		var deletions []*Deletion
		for _, e := range found {
			d := newDeletion(asEntity(e).GetID())
			deletions = append(deletions, d)
			changes = append(changes, Change{Kind: ChangeInsert, Entity: d, Present: true}, remove(asEntity(e)))
		}
		if err := s.store.Write(ctx, changes...); err != nil {
			return false, err
		}
		for _, d := range deletions {
			if err := s.complete(ctx, d, steps); err != nil {
				return false, err
			}
		}
		return false, nil
	}
}

// leaveAlbums takes a member out of some of its albums.
func (s *Service) leaveAlbums(ctx context.Context, member string) (bool, error) {
	albums, err := s.store.Albums().Find(ctx, Query{List: AlbumsByMember, Equal: []any{member}, Limit: MaxPage})
	if err != nil || len(albums) == 0 {
		return true, err
	}
	for _, a := range albums {
		_, err := update(ctx, s, s.store.Albums(), KindAlbum, a.Key, nil, "removeAlbumMember", func(a *Album) error {
			a.removeMember(member)
			return nil
		})
		if err != nil && CodeOf(err) != NotFound {
			return false, err
		}
	}
	return false, nil
}
