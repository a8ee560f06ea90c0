package hook

import (
	"context"
	"slices"
	"strings"
)

// MemberFields are the fields of a member that a caller gives; absent ones keep
// their value, or get the default of a new member.
type MemberFields struct {
	Username   Patch[string]
	Sub        Patch[string]
	Email      Patch[string]
	FirstName  Patch[string]
	Surname    Patch[string]
	FullName   Patch[string]
	Status     Patch[MemberStatus]
	Admin      Patch[bool]
	ExternalID Patch[string]
	Locked     Patch[bool]
	OnVacation Patch[bool]
}

func (f *MemberFields) apply(m *Member) {
	f.Username.apply(&m.Username)
	f.Sub.apply(&m.Sub)
	f.Email.apply(&m.Email)
	f.FirstName.apply(&m.FirstName)
	f.Surname.apply(&m.Surname)
	f.Status.apply(&m.Status)
	f.Admin.apply(&m.Admin)
	f.ExternalID.apply(&m.ExternalID)
	f.Locked.apply(&m.Locked)
	f.OnVacation.apply(&m.OnVacation)
	switch {
	case f.FullName.Given:
		m.FullName = f.FullName.Value
	case f.FirstName.Given || f.Surname.Given:
		m.FullName = strings.TrimSpace(m.FirstName + " " + m.Surname)
	}
}

// Member returns a member.
func (s *Service) Member(ctx context.Context, key string) (*Member, error) {
	return one(ctx, KindMember, key, s.MembersByKey)
}

// one returns the entity of one key from a batch reader, or NOT_FOUND.
func one[T any](ctx context.Context, kind Kind, key string, many func(context.Context, []string) ([]*T, error)) (*T, error) {
	found, err := many(ctx, []string{key})
	if err != nil {
		return nil, err
	}
	if found[0] == nil {
		return nil, Missing(kind)
	}
	return found[0], nil
}

// MembersByKey returns members in the order of the keys, nil for those that the
// viewer may not see: others than itself and who shares an album with it, unless
// it is an administrator.
func (s *Service) MembersByKey(ctx context.Context, keys []string) ([]*Member, error) {
	v, err := need(ctx, Members, View)
	if err != nil {
		// Everybody sees itself.
		if v = ViewerFrom(ctx); v == nil || v.Member == "" || !slices.Contains(keys, v.Member) {
			return nil, err
		}
	}
	members, err := s.store.Members().GetMany(ctx, keys)
	if err != nil {
		return nil, err
	}
	mayView := v.May(Members, View)
	if mayView && v.Global {
		return members, nil
	}
	var albums []*Album
	if mayView && v.Member != "" {
		albums, err = s.store.Albums().Find(ctx, Query{List: AlbumsByMember, Equal: []any{v.Member}, Limit: maxOwners})
		if err != nil {
			return nil, err
		}
	}
	for i, m := range members {
		if m == nil || m.Key == v.Member {
			continue
		}
		shared := slices.ContainsFunc(albums, func(a *Album) bool {
			isMember, _ := a.HasMember(m.Key)
			return isMember
		})
		if !shared {
			members[i] = nil
		}
	}
	return members, nil
}

// Members lists the members: all for administrators, else the viewer's own.
func (s *Service) Members(ctx context.Context, order Order, args PageArgs) (*Connection[Member], error) {
	v, err := need(ctx, Members, View)
	if err != nil {
		return nil, err
	}
	l := listing[Member]{collection: s.store.Members(), name: "members", list: order.choose(ByCreated, ByName), newestFirst: order.reverse()}
	if !v.Global {
		self := only[Member]{Collection: l.collection}
		if v.Member != "" {
			if self.entity, err = l.collection.Get(ctx, v.Member); err != nil {
				return nil, err
			}
		}
		l.collection = self
	}
	return l.page(ctx, s.vault, args)
}

// CreateMember makes a member. Only an administrator makes another one.
func (s *Service) CreateMember(ctx context.Context, fields MemberFields) (*Member, error) {
	if err := needEverywhere(ctx, Members, Add); err != nil {
		return nil, err
	}
	number, err := newNumber(ctx, s, s.store.Members())
	if err != nil {
		return nil, err
	}
	m := &Member{Meta: Meta{Key: numberKey(number), Created: Now()}, Number: number, Status: MemberActivated}
	fields.apply(m)
	if m.Admin && !ViewerFrom(ctx).isAdministrator() {
		return nil, onlyAdministrators("admin")
	}
	if err := m.validate(); err != nil {
		return nil, err
	}
	if err := s.create(ctx, "createMember", m); err != nil {
		return nil, err
	}
	return m, nil
}

// UpdateMember changes a member. Only an administrator makes another one,
// changes one, or decides whose sign-in a member is: a viewer could otherwise
// give itself what the member has.
func (s *Service) UpdateMember(ctx context.Context, key string, version *int64, fields MemberFields) (*Member, error) {
	if err := needEverywhere(ctx, Members, Edit); err != nil {
		return nil, err
	}
	return update(ctx, s, s.store.Members(), KindMember, key, version, "updateMember", func(m *Member) error {
		was := *m
		fields.apply(m)
		if !ViewerFrom(ctx).isAdministrator() {
			switch {
			case was.Admin || m.Admin:
				return onlyAdministrators("admin")
			case was.Sub != m.Sub:
				return onlyAdministrators("sub")
			}
		}
		return m.validate()
	})
}

func onlyAdministrators(field string) error {
	return &Error{Code: Forbidden, Field: field, Missing: PermissionAll, Message: "only a viewer with permission ALL may do this"}
}
