package hook

import "context"

// MemberByName returns the member with a username or, failing that, with an
// email; both ignore case. Of several members with the email it is the oldest
// one that the viewer sees.
func (s *Service) MemberByName(ctx context.Context, name string) (*Member, error) {
	if ViewerFrom(ctx) == nil {
		return nil, &Error{Code: Unauthenticated, Message: "a credential is needed"}
	}
	folded := fold(name)
	found, err := s.store.Members().Find(ctx, Query{List: MembersByUsername, Equal: []any{folded}, Limit: 1})
	if err != nil {
		return nil, err
	}
	// What the index has in place of a missing username is not one.
	if len(found) == 0 || fold(found[0].Username) != folded {
		found = nil
	}
	if len(found) == 0 && folded != "" {
		if found, err = s.store.Members().Find(ctx, Query{List: MembersByEmail, Equal: []any{folded}, Limit: MaxPage}); err != nil {
			return nil, err
		}
	}
	keys := make([]string, len(found))
	for i, m := range found {
		keys[i] = m.Key
	}
	visible, err := s.MembersByKey(ctx, keys)
	if err != nil {
		return nil, err
	}
	for _, m := range visible {
		if m != nil {
			return m, nil
		}
	}
	return nil, Missing(KindMember)
}
