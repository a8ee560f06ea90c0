package hook

import (
	"context"
	"slices"
	"strings"
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
	return l.page(ctx, args)
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

// permitAlbum checks that the viewer may change an album: its admins, and
// administrators with the permission.
func (s *Service) permitAlbum(ctx context.Context, key, action string) error {
	v, err := need(ctx, Albums, action)
	if err != nil {
		return err
	}
	a, err := s.Album(ctx, key)
	if err != nil {
		return err
	}
	if _, isAdmin := a.HasMember(v.Member); !v.Global && !isAdmin && v.Owner != a.GetID() {
		return &Error{Code: Forbidden, Kind: KindAlbum, Message: "only admins of the album may do this"}
	}
	return nil
}

// UpdateAlbum changes an album.
func (s *Service) UpdateAlbum(ctx context.Context, key string, version *int64, fields AlbumFields) (*Album, error) {
	if err := s.permitAlbum(ctx, key, Edit); err != nil {
		return nil, err
	}
	return update(ctx, s, s.store.Albums(), KindAlbum, key, version, "updateAlbum", func(a *Album) error {
		fields.apply(a)
		return a.validate()
	})
}

// SetAlbumMember adds a member to an album, or makes it an admin or an ordinary
// member. The member is named by key, sub or email.
func (s *Service) SetAlbumMember(ctx context.Context, album, member string, isAdmin *bool) (*Album, *Member, error) {
	if err := s.permitAlbum(ctx, album, Edit); err != nil {
		return nil, nil, err
	}
	m, err := s.memberByReference(ctx, member)
	if err != nil {
		return nil, nil, err
	}
	a, err := update(ctx, s, s.store.Albums(), KindAlbum, album, nil, "setAlbumMember", func(a *Album) error {
		_, admin := a.HasMember(m.Key)
		if isAdmin != nil {
			admin = *isAdmin
		}
		a.setMember(m.Key, admin)
		return a.validate()
	})
	return a, m, err
}

// RemoveAlbumMember takes a member out of an album. A member may leave.
func (s *Service) RemoveAlbumMember(ctx context.Context, album, member string) (*Album, *Member, error) {
	v, err := need(ctx, Albums, View)
	if err != nil {
		return nil, nil, err
	}
	m, err := s.memberByReference(ctx, member)
	if err != nil {
		return nil, nil, err
	}
	if m.Key == v.Member {
		_, err = s.Album(ctx, album)
	} else {
		err = s.permitAlbum(ctx, album, Edit)
	}
	if err != nil {
		return nil, nil, err
	}
	a, err := update(ctx, s, s.store.Albums(), KindAlbum, album, nil, "removeAlbumMember", func(a *Album) error {
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
	if len(ref) > maxSub {
		return nil, Missing(KindMember)
	}
	if validKey(ref) {
		if m, err := s.store.Members().Get(ctx, ref); err != nil || m != nil {
			return m, err
		}
	}
	q := Query{List: MembersBySub, Equal: []any{ref}, Limit: 2}
	if strings.Contains(ref, "@") {
		q.List, q.Equal = MembersByEmail, []any{fold(ref)}
	}
	found, err := s.store.Members().Find(ctx, q)
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0 || ref == "":
		return nil, Missing(KindMember)
	case len(found) > 1:
		return nil, Conflictf("member", "several members have this email")
	}
	return found[0], nil
}
