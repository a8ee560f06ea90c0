package hook

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"strings"
	"time"
)

// A Session is the login of an API key: a token that stands for the key for a
// short time. Nothing of it is stored.
type Session struct {
	Token Secret
	// Cookie must come with the token if the login asked for one; else it is
	// empty.
	Cookie           Secret
	Created, Expires time.Time
}

// SessionTime is how long a session lasts (Entrust, section 4).
const SessionTime = 15 * time.Minute

const sessionPurpose = "entrust session"

// OpenSession logs an API key in. An unknown key is NOT_FOUND, a wrong secret
// UNAUTHENTICATED: Entrust's clients tell them apart (section 3.2).
func (s *Service) OpenSession(ctx context.Context, id string, secret Secret, withCookie bool) (*Session, error) {
	id = strings.ToLower(id)
	if !validKey(id) {
		return nil, Missing(KindAPIKey)
	}
	switch key, err := s.store.APIKeys().Get(ctx, id); {
	case err != nil:
		return nil, err
	case key == nil:
		return nil, Missing(KindAPIKey)
	}
	if _, _, err := s.AuthenticateKey(ctx, id, secret); err != nil {
		return nil, err
	}
	created := time.Now().UTC().Truncate(time.Second)
	session := &Session{Created: created, Expires: created.Add(SessionTime)}
	if withCookie {
		session.Cookie = Secret(newToken())
	}
	sealed := s.vault.SealToken(sessionPurpose, []byte(id+" "+session.Cookie.Reveal()), session.Expires)
	// Entrust's tokens are padded standard base64 (section 4).
	random, err := base64.RawURLEncoding.DecodeString(sealed.Reveal())
	if err != nil {
		return nil, err
	}
	session.Token = Secret(base64.StdEncoding.EncodeToString(random))
	return session, nil
}

// AuthenticateSession returns the viewer of a session: UNAUTHENTICATED for a
// token that is none, or of which the time is over, the key gone, or the cookie
// another one.
func (s *Service) AuthenticateSession(ctx context.Context, token, cookie Secret) (*Viewer, error) {
	random, err := base64.StdEncoding.Strict().DecodeString(token.Reveal())
	if err != nil || base64.StdEncoding.EncodedLen(len(random)) != len(token) { // the decoder skips line ends
		return nil, errBadCredential
	}
	content, err := s.vault.OpenToken(sessionPurpose, Secret(base64.RawURLEncoding.EncodeToString(random)))
	if err != nil {
		return nil, err
	}
	id, want, _ := strings.Cut(string(content), " ")
	if want != "" && !cookie.Equal(Secret(want)) {
		return nil, errBadCredential
	}
	key, err := s.store.APIKeys().Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if key == nil {
		return nil, errBadCredential
	}
	return s.viewerOfKey(ctx, key)
}

// sameToken compares a token with a hash in constant time.
func sameToken(token Secret, hash []byte) bool {
	return subtle.ConstantTimeCompare(hashToken(token), hash) == 1
}
