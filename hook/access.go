package hook

import (
	"context"
)

// access is how far a viewer reaches an object.
type access int

const (
	// hidden objects are answered as if they did not exist.
	hidden access = iota
	// visible objects may be seen, but not used in the way that was asked for.
	visible
	allowed
)

// reach says how far the viewer reaches the webhooks (and events) of an owner
// for an action on an entity, WEBHOOKS or EVENTS:
//   - an album's are for its admins and for ALBUMS:ALL;
//   - a client's for administrators and, to look at, for its member;
//   - the account's for the permission itself;
//   - a key that is bound to an owner reaches that owner's only.
//
// ALBUMS:ALL opens an album's webhooks also to the admins and bound keys that
// lack the permission itself.
func (s *Service) reach(ctx context.Context, v *Viewer, owner ID, entity, action string) (access, error) {
	if !v.Owner.IsZero() {
		switch {
		case v.Owner != owner:
			return hidden, nil
		case v.opens(owner, entity, action):
			return allowed, nil
		}
		return visible, nil
	}
	if v.Global {
		switch {
		case owner.Kind == KindAlbum && v.May(Albums, All), owner.Kind != KindAlbum && v.May(entity, action):
			return allowed, nil
		case owner.Kind == KindAccount, owner.Kind == KindClient && v.May(Clients, View), owner.Kind == KindAlbum && v.May(Albums, View):
			return visible, nil
		}
		return hidden, nil
	}
	switch owner.Kind {
	case KindClient:
		c, err := s.store.Clients().Get(ctx, owner.Key)
		return v.reachClient(c, entity, action), err
	case KindAlbum:
		a, err := s.store.Albums().Get(ctx, owner.Key)
		return v.reachAlbum(a, entity, action), err
	}
	return hidden, nil
}

// reachClient is reach for a viewer who is a member; c is nil if there is no
// such client.
func (v *Viewer) reachClient(c *Client, entity, action string) access {
	switch {
	case c == nil || c.Member != v.Member:
		return hidden
	case action == View && v.May(entity, View):
		return allowed
	}
	return visible
}

// reachAlbum is reach for a viewer who is a member; a is nil if there is no such
// album.
func (v *Viewer) reachAlbum(a *Album, entity, action string) access {
	if a == nil {
		return hidden
	}
	isMember, isAdmin := a.HasMember(v.Member)
	switch {
	case isAdmin && v.opens(a.GetID(), entity, action):
		return allowed
	case isMember:
		return visible
	}
	return hidden
}

// opens reports whether the permissions of a viewer who administers the owner
// allow an action on what belongs to it.
func (v *Viewer) opens(owner ID, entity, action string) bool {
	return v.May(entity, action) || owner.Kind == KindAlbum && v.May(Albums, All)
}

// seen returns the owners, of those given as ids, whose objects the viewer may
// look at. Owners are read together: one read for clients, one for albums.
func (s *Service) seen(ctx context.Context, v *Viewer, entity string, owners []string) (map[string]bool, error) {
	seen := make(map[string]bool, len(owners))
	var clients, albums []string
	for _, owner := range owners {
		if _, known := seen[owner]; known {
			continue
		}
		seen[owner] = false
		id := parseOwner(owner)
		switch {
		case v.Global || !v.Owner.IsZero() || id.Kind == KindAccount:
			how, err := s.reach(ctx, v, id, entity, View)
			if err != nil {
				return nil, err
			}
			seen[owner] = how == allowed
		case id.Kind == KindClient:
			clients = append(clients, id.Key)
		case id.Kind == KindAlbum:
			albums = append(albums, id.Key)
		}
	}
	foundClients, err := getMany(ctx, s.store.Clients(), clients)
	if err != nil {
		return nil, err
	}
	for _, c := range foundClients {
		if c != nil {
			seen[c.ID()] = v.reachClient(c, entity, View) == allowed
		}
	}
	foundAlbums, err := getMany(ctx, s.store.Albums(), albums)
	if err != nil {
		return nil, err
	}
	for _, a := range foundAlbums {
		if a != nil {
			seen[a.ID()] = v.reachAlbum(a, entity, View) == allowed
		}
	}
	return seen, nil
}

// getMany asks the store only if there is something to ask for.
func getMany[T any](ctx context.Context, c Collection[T], keys []string) ([]*T, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	return c.GetMany(ctx, keys)
}

// hide replaces what the viewer may not see by nil.
func hide[T any](ctx context.Context, s *Service, v *Viewer, list []*T, entity string, ownerOf func(*T) string) error {
	var owners []string
	for _, e := range list {
		if e != nil {
			owners = append(owners, ownerOf(e))
		}
	}
	seen, err := s.seen(ctx, v, entity, owners)
	if err != nil {
		return err
	}
	for i, e := range list {
		if e != nil && !seen[ownerOf(e)] {
			list[i] = nil
		}
	}
	return nil
}

// permitOwner checks that the viewer may do an action with the webhooks or
// events of an owner, and that the owner exists.
func (s *Service) permitOwner(ctx context.Context, v *Viewer, owner ID, entity, action string) error {
	how, err := s.reach(ctx, v, owner, entity, action)
	if err != nil {
		return err
	}
	if how == hidden {
		if owner.Kind == KindAccount {
			return forbidden(entity, action)
		}
		return Missing(owner.Kind)
	}
	exists, err := s.ownerExists(ctx, owner)
	switch {
	case err != nil:
		return err
	case !exists:
		return Missing(owner.Kind)
	case how == visible && owner.Kind == KindAlbum && v.Global:
		return forbidden(Albums, All)
	case how == visible:
		return forbidden(entity, action)
	}
	return nil
}

func (s *Service) ownerExists(ctx context.Context, owner ID) (bool, error) {
	switch owner.Kind {
	case KindClient:
		c, err := s.store.Clients().Get(ctx, owner.Key)
		return c != nil, err
	case KindAlbum:
		a, err := s.store.Albums().Get(ctx, owner.Key)
		return a != nil, err
	}
	return owner.Kind == KindAccount, nil
}

// permitOwned checks an action on one object of an owner: NOT_FOUND if the
// viewer may neither do it nor see the object.
func (s *Service) permitOwned(ctx context.Context, v *Viewer, kind Kind, owner ID, entity, action string) error {
	how, err := s.reach(ctx, v, owner, entity, action)
	if err != nil || how == allowed {
		return err
	}
	if how, err = s.reach(ctx, v, owner, entity, View); err != nil {
		return err
	}
	if how == allowed {
		return forbidden(entity, action)
	}
	return Missing(kind)
}

// needOwned is need for objects that have owners: the permission for albums
// opens those of albums too.
func needOwned(ctx context.Context, entity, action string) (*Viewer, error) {
	v, err := need(ctx, entity, action)
	if err != nil {
		if w := ViewerFrom(ctx); w != nil && w.May(Albums, All) {
			return w, nil
		}
		return nil, err
	}
	return v, nil
}

// maxOwners is how many clients and albums of a member are looked through.
const maxOwners = 1000

// ownersOf returns the owners of whose webhooks or events a viewer who is not
// global sees the list.
func (s *Service) ownersOf(ctx context.Context, v *Viewer, entity string) ([]any, error) {
	owners := []any{}
	if !v.Owner.IsZero() {
		if v.opens(v.Owner, entity, View) {
			owners = append(owners, v.Owner.String())
		}
		return owners, nil
	}
	if v.Member == "" {
		return owners, nil
	}
	if v.May(entity, View) {
		clients, err := s.store.Clients().Find(ctx, Query{List: ClientsByMember, Equal: []any{v.Member}, Limit: maxOwners})
		if err != nil {
			return nil, err
		}
		for _, c := range clients {
			owners = append(owners, c.ID())
		}
	}
	albums, err := s.store.Albums().Find(ctx, Query{List: AlbumsByMember, Equal: []any{v.Member}, Limit: maxOwners})
	if err != nil {
		return nil, err
	}
	for _, a := range albums {
		if _, isAdmin := a.HasMember(v.Member); isAdmin && v.opens(a.GetID(), entity, View) {
			owners = append(owners, a.ID())
		}
	}
	return owners, nil
}

// restrict narrows a listing, made for everybody, to what the viewer sees of
// objects with owners. byOwner is the list that has the owner as its first
// field and otherwise equals the listing's.
func restrict[T any](ctx context.Context, s *Service, v *Viewer, l *listing[T], entity, byOwner string, ownerOf func(*T) string) error {
	if !v.Global {
		owners, err := s.ownersOf(ctx, v, entity)
		if err != nil {
			return err
		}
		l.list, l.equal, l.each = byOwner, []any{""}, owners
		return nil
	}
	other, albums := v.May(entity, View), v.May(Albums, All)
	if !other || !albums {
		l.filter("owners", func(e *T) bool {
			if parseOwner(ownerOf(e)).Kind == KindAlbum {
				return albums
			}
			return other
		})
	}
	return nil
}

// filter adds a residual filter. name tells it from others in cursors.
func (l *listing[T]) filter(name string, keep func(*T) bool) {
	before := l.keep
	l.residual += " " + name
	l.keep = func(ctx context.Context, page []*T) ([]bool, error) {
		kept := make([]bool, len(page))
		for i, e := range page {
			kept[i] = keep(e)
		}
		if before == nil {
			return kept, nil
		}
		others, err := before(ctx, page)
		for i := range others {
			kept[i] = kept[i] && others[i]
		}
		return kept, err
	}
}
