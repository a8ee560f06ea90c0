package hook

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"
)

// AlbumFields are the fields of an album that a caller gives; absent ones keep
// their value, or get the default of a new album.
type AlbumFields struct {
	Name              Patch[string]
	Description       Patch[string]
	Modalities        Patch[[]string]
	MemberPermissions Patch[MemberPermissions]
}

func (f *AlbumFields) apply(a *Album) {
	f.Name.apply(&a.Name)
	f.Description.apply(&a.Description)
	f.MemberPermissions.apply(&a.MemberPermissions)
	if f.Modalities.Given {
		a.Modalities = slices.Compact(slices.Sorted(slices.Values(f.Modalities.Value)))
	}
}

// Album returns an album.
func (s *Service) Album(ctx context.Context, key string) (*Album, error) {
	return one(ctx, KindAlbum, key, s.AlbumsByKey)
}

// AlbumsByKey returns albums in the order of the keys, nil for those that the
// viewer may not see.
func (s *Service) AlbumsByKey(ctx context.Context, keys []string) ([]*Album, error) {
	v, err := need(ctx, Albums, View)
	if err != nil {
		return nil, err
	}
	albums, err := s.store.Albums().GetMany(ctx, keys)
	if err != nil || v.Global {
		return albums, err
	}
	for i, a := range albums {
		if a == nil {
			continue
		}
		isMember, _ := a.HasMember(v.Member)
		if !isMember && v.Owner != a.GetID() {
			albums[i] = nil
		}
	}
	return albums, nil
}

// AlbumFilter chooses albums.
type AlbumFilter struct {
	// Member is the key of a member: the albums that it is in.
	Member string
}

// Albums lists the albums that the viewer sees.
func (s *Service) Albums(ctx context.Context, filter AlbumFilter, order Order, args PageArgs) (*Connection[Album], error) {
	v, err := need(ctx, Albums, View)
	if err != nil {
		return nil, err
	}
	l := listing[Album]{collection: s.store.Albums(), name: "albums", list: order.choose(ByCreated, ByName), newestFirst: order.reverse()}
	member := filter.Member
	switch {
	case v.Global:
	case v.Owner.Kind == KindAlbum:
		own, err := l.collection.Get(ctx, v.Owner.Key)
		if err != nil {
			return nil, err
		}
		if own != nil && member != "" {
			if isMember, _ := own.HasMember(member); !isMember {
				own = nil
			}
		}
		l.collection = only[Album]{l.collection, own}
	case v.Member == "":
		l.collection = only[Album]{Collection: l.collection}
	case member == "" || member == v.Member:
		member = v.Member
	default:
		l.filter("mine "+v.Member, func(a *Album) bool {
			isMember, _ := a.HasMember(v.Member)
			return isMember
		})
	}
	if member != "" {
		l.list, l.equal = order.choose(AlbumsByMember, AlbumsByMemberAndName), []any{member}
	}
	return l.page(ctx, s.vault, args)
}

// CreateAlbum makes an album. The member who makes it is its first admin.
func (s *Service) CreateAlbum(ctx context.Context, fields AlbumFields) (*Album, error) {
	v, err := need(ctx, Albums, Add)
	if err != nil {
		return nil, err
	}
	if !v.Owner.IsZero() {
		return nil, forbidden(Albums, Add)
	}
	a := &Album{Meta: Meta{Key: newKey(albumKeyLength), Created: Now()}, MemberPermissions: DefaultMemberPermissions()}
	fields.apply(a)
	if v.Member != "" {
		a.setMember(v.Member, true)
	}
	if err := a.validate(); err != nil {
		return nil, err
	}
	if err := s.create(ctx, "createAlbum", a); err != nil {
		return nil, err
	}
	return a, nil
}

// permitAlbum checks that the viewer may change an album: one that it sees and
// administers.
func (v *Viewer) permitAlbum(a *Album) error {
	isMember, isAdmin := a.HasMember(v.Member)
	switch {
	case v.Global || isAdmin || v.Owner == a.GetID():
		return nil
	case isMember:
		return &Error{Code: Forbidden, Kind: KindAlbum, Message: "only admins of the album may do this"}
	}
	return Missing(KindAlbum)
}

// updateAlbum changes an album of which the viewer is an admin.
func (s *Service) updateAlbum(ctx context.Context, key string, version *int64, operation string, change func(*Album) error) (*Album, error) {
	v, err := need(ctx, Albums, Edit)
	if err != nil {
		return nil, err
	}
	return update(ctx, s, s.store.Albums(), KindAlbum, key, version, operation, func(a *Album) error {
		if err := v.permitAlbum(a); err != nil {
			return err
		}
		return change(a)
	})
}

// UpdateAlbum changes an album.
func (s *Service) UpdateAlbum(ctx context.Context, key string, version *int64, fields AlbumFields) (*Album, error) {
	return s.updateAlbum(ctx, key, version, "updateAlbum", func(a *Album) error {
		fields.apply(a)
		return a.validate()
	})
}

// SetAlbumMember adds a member to an album, or makes it an admin or an ordinary
// member. The member is named by key, sub or email. An admin has everything in
// the album, so that ALBUMS:ALL is needed to make one.
func (s *Service) SetAlbumMember(ctx context.Context, album, member string, isAdmin *bool) (a *Album, m *Member, err error) {
	if isAdmin != nil && *isAdmin {
		if _, err := need(ctx, Albums, All); err != nil {
			return nil, nil, err
		}
	}
	v, err := need(ctx, Albums, Edit)
	if err != nil {
		return nil, nil, err
	}
	var told *fanout
	var marks []Change
	a, err = updateAlong(ctx, s, s.store.Albums(), KindAlbum, album, nil, "setAlbumMember", func(a *Album) error {
		if err := v.permitAlbum(a); err != nil {
			return err
		}
		if m, err = s.memberByReference(ctx, member); err != nil {
			return err
		}
		_, admin := a.HasMember(m.Key)
		if isAdmin != nil {
			admin = *isAdmin
		}
		a.setMember(m.Key, admin)
		return a.validate()
	}, func(old, next *Album) (changes []Change, err error) {
		if wasMember, _ := old.HasMember(m.Key); wasMember {
			told = nil
			return nil, nil
		}
		if told, err = s.newMember(ctx, next, m); err != nil || told == nil {
			return nil, err
		}
		marks = s.mark(countedWebhooks(told.triggers)...)
		return append(marks, told.changes()...), nil
	})
	s.marked(marks, err)
	if err == nil && told != nil {
		s.fannedOut(told)
	}
	return a, m, err
}

// RemoveAlbumMember takes a member out of an album. A member may leave.
func (s *Service) RemoveAlbumMember(ctx context.Context, album, member string) (a *Album, m *Member, err error) {
	v, err := need(ctx, Albums, Edit)
	if err != nil {
		return nil, nil, err
	}
	a, err = update(ctx, s, s.store.Albums(), KindAlbum, album, nil, "removeAlbumMember", func(a *Album) error {
		refused := v.permitAlbum(a)
		if CodeOf(refused) == NotFound {
			return refused
		}
		m, err = s.memberByReference(ctx, member)
		switch {
		case refused != nil && (err != nil || m.Key != v.Member):
			// Not err, which tells whether there is such a member.
			return refused
		case err != nil:
			return err
		}
		if isMember, _ := a.HasMember(m.Key); !isMember {
			return &Error{Code: NotFound, Kind: KindMember, Field: "member", Message: "the member is not in the album"}
		}
		a.removeMember(m.Key)
		return nil
	})
	return a, m, err
}

// memberByReference finds a member by key, by email if the reference contains @,
// or by sub (Kheops, section 1).
func (s *Service) memberByReference(ctx context.Context, ref string) (*Member, error) {
	if ref == "" || !utf8.ValidString(ref) || length(ref) > maxSub {
		return nil, Missing(KindMember)
	}
	if validKey(ref) {
		if m, err := s.store.Members().Get(ctx, ref); err != nil || m != nil {
			return m, err
		}
	}
	if !strings.Contains(ref, "@") {
		m, err := s.memberBySub(ctx, ref)
		if err == nil && m == nil {
			err = Missing(KindMember)
		}
		return m, err
	}
	found, err := s.store.Members().Find(ctx, Query{List: MembersByEmail, Equal: []any{fold(ref)}, Limit: 2})
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, Missing(KindMember)
	case len(found) > 1:
		return nil, Conflictf("member", "several members have this email")
	}
	return found[0], nil
}
