package hook

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// Claims are what a verified token of an OpenID Connect provider tells.
type Claims struct {
	Sub      string
	Email    string
	Name     string
	Username string
}

var errBadCredential = &Error{Code: Unauthenticated, Message: "the credential is not valid"}

// usedPrecision is how often the last use of an API key is stored.
const usedPrecision = time.Minute

// AuthenticateKey returns the viewer of an API key. An unknown key and a wrong
// secret are the same UNAUTHENTICATED error.
func (s *Service) AuthenticateKey(ctx context.Context, id string, secret Secret) (*Viewer, *APIKey, error) {
	if !validKey(id) {
		return nil, nil, errBadCredential
	}
	key, err := s.store.APIKeys().Get(ctx, strings.ToLower(id))
	if err != nil {
		return nil, nil, err
	}
	// An unknown key is compared as well, so that both take the same time.
	hash := make([]byte, 32)
	if key != nil {
		hash = key.SecretHash
	}
	if !sameToken(secret, hash) || key == nil {
		return nil, nil, errBadCredential
	}
	v, err := s.viewerOfKey(ctx, key)
	if err != nil {
		return nil, nil, err
	}
	s.noteUse(ctx, key)
	return v, key, nil
}

// viewerOfKey returns whom an API key stands for: UNAUTHENTICATED if it acts as
// a member who is gone or may not sign in.
func (s *Service) viewerOfKey(ctx context.Context, key *APIKey) (*Viewer, error) {
	v := &Viewer{Name: "API key " + key.Name, Permissions: key.Permissions, APIKey: key.Key, Member: key.Member}
	switch {
	case key.Owner != "":
		v.Owner = parseOwner(key.Owner)
	case key.Member != "":
		m, err := s.store.Members().Get(ctx, key.Member)
		if err != nil {
			return nil, err
		}
		if m == nil || m.blocked() {
			return nil, errBadCredential
		}
		v.Global = m.Admin
	default:
		v.Global = true
	}
	return v, nil
}

// noteUse stores the last use of a key. Nobody depends on it: its failure is
// logged only.
func (s *Service) noteUse(ctx context.Context, key *APIKey) {
	now := Now()
	if last, ok := s.used.Load(key.Key); ok && now.Sub(last.(time.Time)) < usedPrecision {
		return
	}
	s.used.Store(key.Key, now)
	next := *key
	next.LastUsed = &now
	if err := s.store.Write(ctx, replace(&next)); err != nil && CodeOf(err) != Stale {
		s.log.WarnContext(ctx, "the last use of an API key was not stored", "key", key.Key, "error", err)
	}
}

// AuthenticateSubject returns the viewer of a member who is known by a verified
// token. An unknown one is made if create is set, else UNAUTHENTICATED.
func (s *Service) AuthenticateSubject(ctx context.Context, claims Claims, create bool) (*Viewer, error) {
	if claims.Sub == "" {
		return nil, errBadCredential
	}
	m, err := s.memberBySub(ctx, claims.Sub)
	if err != nil {
		return nil, err
	}
	if m == nil && create {
		if m, err = s.createSubject(ctx, claims); err != nil {
			return nil, err
		}
	}
	if m == nil || m.blocked() {
		return nil, errBadCredential
	}
	return MemberViewer(m), nil
}

// memberBySub returns the member with a subject, or nil.
func (s *Service) memberBySub(ctx context.Context, sub string) (*Member, error) {
	found, err := s.store.Members().Find(ctx, Query{List: MembersBySub, Equal: []any{sub}, Limit: 1})
	// What the index has in place of a missing subject is not one.
	if err != nil || len(found) == 0 || found[0].Sub != sub {
		return nil, err
	}
	return found[0], nil
}

// createSubject makes the member of a first login. Kheops stores the email
// trimmed and in lower case (section 8).
func (s *Service) createSubject(ctx context.Context, claims Claims) (*Member, error) {
	number, err := newNumber(ctx, s, s.store.Members())
	if err != nil {
		return nil, err
	}
	m := &Member{
		Meta: Meta{Key: numberKey(number), Created: Now()}, Number: number, Sub: claims.Sub, Username: claims.Username,
		Email: strings.ToLower(strings.TrimSpace(claims.Email)), FullName: claims.Name, Status: MemberActivated,
	}
	// What the provider says beside the subject is a convenience: it is left out
	// if it is not valid.
	optional := map[string]*string{"username": &m.Username, "email": &m.Email, "fullName": &m.FullName}
	for err := m.validate(); err != nil; err = m.validate() {
		var invalid *Error
		if !errors.As(err, &invalid) || optional[invalid.Field] == nil {
			return nil, errBadCredential
		}
		*optional[invalid.Field] = ""
		delete(optional, invalid.Field)
	}
	err = s.create(ctx, "signIn", m)
	if CodeOf(err) == Conflict {
		if known, findErr := s.memberBySub(ctx, claims.Sub); findErr != nil || known != nil {
			return known, findErr
		}
		m.Username = ""
		err = s.create(ctx, "signIn", m)
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

// blocked reports whether the member may not sign in.
func (m *Member) blocked() bool { return m.Locked || m.Status == MemberDisabled }

// stillThere returns UNAUTHENTICATED if a viewer who signed in some time ago
// would now be another one, or none: the key was revoked, the member is gone or
// blocked, or either may do something else.
func (s *Service) stillThere(ctx context.Context, v *Viewer) error {
	now := *v
	switch {
	case v.APIKey != "":
		key, err := s.store.APIKeys().Get(ctx, v.APIKey)
		if err != nil {
			return err
		}
		if key == nil {
			return errBadCredential
		}
		fresh, err := s.viewerOfKey(ctx, key)
		if err != nil {
			return err
		}
		now = *fresh
	case v.Member != "" && v.Owner.IsZero():
		m, err := s.store.Members().Get(ctx, v.Member)
		if err != nil {
			return err
		}
		if m == nil || m.blocked() {
			return errBadCredential
		}
		now.Global = m.Admin
	}
	if now.Global != v.Global || now.Member != v.Member || now.Owner != v.Owner || !slices.Equal(now.Permissions, v.Permissions) {
		return &Error{Code: Unauthenticated, Message: "the permissions have changed: send the credential again"}
	}
	return nil
}
