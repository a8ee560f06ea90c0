package hook

import (
	"context"
	"math"
)

const (
	// deletionStep is how many children one write removes.
	deletionStep = 500
	// deletionSteps is how many steps the caller of a deletion waits for; the
	// rest is left to CompleteDeletions. Webhooks and clients do not count: what
	// people see goes before the call returns.
	deletionSteps = 20
)

// DeleteWebhook removes a webhook, its triggers and its counters.
func (s *Service) DeleteWebhook(ctx context.Context, key string, version *int64) error {
	v, err := needOwned(ctx, Webhooks, Remove)
	if err != nil {
		return err
	}
	return deleteNode(ctx, s, s.store.Webhooks(), KindWebhook, key, version, "deleteWebhook", func(w *Webhook) error {
		return s.permitOwned(ctx, v, KindWebhook, w.OwnerID(), Webhooks, Remove)
	})
}

// DeleteClient removes a client with its webhooks and events, and the API keys
// that are bound to it.
func (s *Service) DeleteClient(ctx context.Context, key string, version *int64) error {
	v, err := need(ctx, Clients, Remove)
	if err != nil {
		return err
	}
	return deleteNode(ctx, s, s.store.Clients(), KindClient, key, version, "deleteClient", func(c *Client) error {
		if !v.Global && !v.ownsClient(c) {
			return Missing(KindClient)
		}
		return nil
	})
}

// DeleteAlbum removes an album with its webhooks and events, and the API keys
// that are bound to it.
func (s *Service) DeleteAlbum(ctx context.Context, key string, version *int64) error {
	v, err := need(ctx, Albums, Remove)
	if err != nil {
		return err
	}
	var told []*Trigger
	err = deleteNodeAlong(ctx, s, s.store.Albums(), KindAlbum, key, version, "deleteAlbum", v.permitAlbum, func(a *Album) (changes []Change, err error) {
		told, changes, err = s.farewells(ctx, a)
		return changes, err
	})
	if err == nil {
		s.taken(nil, told)
	}
	return err
}

// DeleteMember removes a member from its albums and with the API keys that act
// as it. A member who owns clients is a CONFLICT, unless cascade deletes those
// too.
func (s *Service) DeleteMember(ctx context.Context, key string, version *int64, cascade bool) error {
	if err := needEverywhere(ctx, Members, Remove); err != nil {
		return err
	}
	return deleteNode(ctx, s, s.store.Members(), KindMember, key, version, "deleteMember", func(*Member) error {
		owned, err := s.store.Clients().Find(ctx, Query{List: ClientsByMember, Equal: []any{key}, Limit: 1})
		switch {
		case err != nil || len(owned) == 0:
			return err
		case !cascade:
			return &Error{Code: Conflict, Kind: KindClient, Field: "cascade", Message: "the member owns clients: delete those first, or ask for cascade"}
		}
		return needEverywhere(ctx, Clients, Remove)
	})
}

// deleteNode removes a node and, in steps, its children. If version is given,
// the node must still have it.
func deleteNode[T any](ctx context.Context, s *Service, c Collection[T], kind Kind, key string, version *int64,
	operation string, permit func(*T) error,
) error {
	return deleteNodeAlong(ctx, s, c, kind, key, version, operation, permit, nil)
}

// deleteNodeAlong is deleteNode with further changes in the same write.
func deleteNodeAlong[T any](ctx context.Context, s *Service, c Collection[T], kind Kind, key string, version *int64,
	operation string, permit func(*T) error, along func(*T) ([]Change, error),
) error {
	for try := 0; ; try++ {
		found, err := c.Get(ctx, key)
		if err != nil {
			return err
		}
		if found == nil {
			return Missing(kind)
		}
		if err := permit(found); err != nil {
			return err
		}
		last := new(T)
		*last = *found
		e := asEntity(last)
		if have := e.Base().Version; version != nil && *version != have {
			return staleError(kind, have)
		}
		d := newDeletion(e.GetID())
		var more []Change
		if along != nil {
			if more, err = along(found); err != nil {
				return err
			}
		}
		// A removal takes any version: the replacement is what makes sure that
		// nobody has changed the node since. The deletion stands before the removal,
		// which it repeats.
		changes := append([]Change{replace(e), d.begin(), insert(auditEntry(ctx, operation, e.GetID(), nil))}, more...)
		err = s.store.Write(ctx, append(changes, removing(e)...)...)
		if CodeOf(err) == Stale && try < maxRetries {
			if err := pause(ctx, try); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		steps := deletionSteps
		if err := s.complete(ctx, d, &steps); err != nil {
			// The node is gone; its children go with the next CompleteDeletions.
			s.log.WarnContext(ctx, "a deletion will be completed later", "node", d.Node, "error", err)
		}
		return nil
	}
}

// CompleteDeletions removes what deletions that were cut short have left. The
// gateway calls it at the start and from time to time.
func (s *Service) CompleteDeletions(ctx context.Context) error {
	if err := s.forgetRemovals(ctx); err != nil {
		return err
	}
	for {
		open, err := s.store.Deletions().Find(ctx, Query{List: ByCreated, Limit: MaxPage})
		if err != nil || len(open) == 0 {
			return err
		}
		for _, d := range open {
			// The node itself may be there yet where writes are not atomic.
			node, err := d.node()
			if err != nil {
				return err
			}
			if err := s.store.Write(ctx, remove(node)); err != nil {
				return err
			}
			steps := math.MaxInt
			if err := s.complete(ctx, d, &steps); err != nil {
				return err
			}
		}
	}
}

// complete removes the children of a deleted node, then the deletion itself.
// Children that are nodes with children of their own go at once; all others in
// as many steps as are left. Each step can be repeated.
func (s *Service) complete(ctx context.Context, d *Deletion, steps *int) error {
	id, err := ParseID(d.Node)
	if err != nil {
		return err
	}
	owned := []any{id.String()}
	var parts []func() (bool, error)
	switch id.Kind {
	case KindWebhook:
		parts = append(parts, removeAll(ctx, s, s.store.Triggers(), TriggersByWebhook, []any{id.Key}))
	case KindClient, KindAlbum:
		if err := deleteAll(ctx, s, s.store.Webhooks(), WebhooksByOwner, owned, steps); err != nil {
			return err
		}
		parts = append(parts,
			removeAll(ctx, s, s.store.APIKeys(), KeysByOwner, owned),
			removeAll(ctx, s, s.store.Replays(), ReplaysByOwner, owned),
			s.removeEvents(ctx, owned))
	case KindMember:
		if err := deleteAll(ctx, s, s.store.Clients(), ClientsByMember, []any{id.Key}, steps); err != nil {
			return err
		}
		parts = append(parts,
			removeAll(ctx, s, s.store.APIKeys(), KeysByMember, []any{id.Key}),
			func() (bool, error) { return s.leaveAlbums(ctx, id.Key) })
	}
	for _, part := range parts {
		for done := false; !done; *steps-- {
			if *steps <= 0 {
				return nil
			}
			if done, err = part(); err != nil {
				return err
			}
		}
	}
	changes := []Change{remove(d)}
	if id.Kind == KindWebhook {
		s.look(id.Key)
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

// removeEvents returns a step that removes events of an owner with their bodies.
func (s *Service) removeEvents(ctx context.Context, owned []any) func() (bool, error) {
	return func() (bool, error) {
		events, err := s.store.Events().Find(ctx, Query{List: EventsByOwner, Equal: owned, Limit: MaxPage})
		if err != nil || len(events) == 0 {
			return true, err
		}
		keys := make([]any, len(events))
		for i, e := range events {
			keys[i] = e.Key
		}
		bodies, err := s.store.Bodies().FindEach(ctx, Query{List: BodiesByEvent, Equal: []any{""}, Limit: deletionStep}, keys)
		if err != nil {
			return false, err
		}
		// An event goes when all of its bodies have.
		var changes []Change
		for i, of := range bodies {
			for _, b := range of {
				changes = append(changes, remove(b))
			}
			if len(of) < deletionStep {
				changes = append(changes, remove(events[i]))
			}
		}
		return false, s.store.Write(ctx, changes...)
	}
}

// deleteAll deletes entities with children of one stretch.
func deleteAll[T any](ctx context.Context, s *Service, c Collection[T], list string, equal []any, steps *int) error {
	for {
		found, err := c.Find(ctx, Query{List: list, Equal: equal, Limit: deletionStep / 2})
		if err != nil || len(found) == 0 {
			return err
		}
		changes := make([]Change, 0, 2*len(found))
		deletions := make([]*Deletion, len(found))
		for i, e := range found {
			deletions[i] = newDeletion(asEntity(e).GetID())
			changes = append(append(changes, deletions[i].begin()), removing(asEntity(e))...)
		}
		if err := s.store.Write(ctx, changes...); err != nil {
			return err
		}
		for _, d := range deletions {
			if err := s.complete(ctx, d, steps); err != nil {
				return err
			}
		}
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
