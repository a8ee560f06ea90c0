package hook

import (
	"context"
	"strings"
)

// AlbumMembers returns an album with all its members, in the order of their
// keys; at most a few thousand. Members who are just being deleted are left out.
func (s *Service) AlbumMembers(ctx context.Context, key string) (*Album, []*Member, error) {
	if _, err := need(ctx, Members, View); err != nil {
		return nil, nil, err
	}
	a, err := s.Album(ctx, key)
	if err != nil {
		return nil, nil, err
	}
	keys := make([]string, len(a.Members))
	for i, m := range a.Members {
		keys[i] = m.Member
	}
	found, err := s.store.Members().GetMany(ctx, keys)
	if err != nil {
		return nil, nil, err
	}
	members := make([]*Member, 0, len(found))
	for _, m := range found {
		if m != nil {
			members = append(members, m)
		}
	}
	return a, members, nil
}

// AlbumMember finds whom an event of an album is about, by key, sub, or email in
// any case, and its place in the album, which is nil if it has none. Of several
// members with the email those in the album count; CONFLICT if that leaves
// several. The viewer needs EVENTS:PUBLISH for the album.
func (s *Service) AlbumMember(ctx context.Context, album, reference string) (*Member, *AlbumMember, error) {
	if err := s.Permit(ctx, ID{KindAlbum, album}, Permission(Events+":"+Publish)); err != nil {
		return nil, nil, err
	}
	a, err := s.store.Albums().Get(ctx, album)
	if err != nil {
		return nil, nil, err
	}
	if a == nil {
		return nil, nil, Missing(KindAlbum)
	}
	m, err := s.memberByReference(ctx, reference)
	if CodeOf(err) == Conflict {
		m, err = s.memberByEmail(ctx, a, reference)
	}
	if err != nil {
		return nil, nil, err
	}
	if i, found := a.place(m.Key); found {
		return m, &a.Members[i], nil
	}
	return m, nil, nil
}

// maxSameEmail is how many members with one email are looked at.
const maxSameEmail = 100

// memberByEmail finds the one of several members with an email who is in the
// album, or one who is not if none is.
func (s *Service) memberByEmail(ctx context.Context, a *Album, email string) (*Member, error) {
	found, err := s.store.Members().Find(ctx, Query{List: MembersByEmail, Equal: []any{fold(email)}, Limit: maxSameEmail})
	if err != nil {
		return nil, err
	}
	var in, out *Member
	for _, m := range found {
		switch isMember, _ := a.HasMember(m.Key); {
		case !isMember:
			out = m
		case in != nil:
			return nil, Conflictf("member", "several members of the album have this email")
		default:
			in = m
		}
	}
	switch {
	case in != nil:
		return in, nil
	case out != nil:
		return out, nil
	}
	return nil, Missing(KindMember)
}

// DisplayName is what people call the member: the full name, or else the
// username; empty if it has neither.
func (m *Member) DisplayName() string {
	if name := strings.TrimSpace(m.FullName); name != "" {
		return name
	}
	return m.Username
}
