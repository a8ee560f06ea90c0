package hook

import (
	"bytes"
	"context"
	"strings"
	"time"
)

// A ClientToken is an access token that an OAuth client has got for itself.
// Nothing of it is stored.
type ClientToken struct {
	Token Secret
	// MaxAge is how long the token is good.
	MaxAge time.Duration
	Scope  string
}

const clientTokenPurpose = "client access"

// fingerprint is how much of a secret's hash a token carries, in bytes: when the
// secret changes, its tokens end.
const fingerprint = 8

// ErrGrant says that the client is known and its secret right, but its grant
// type is not client_credentials.
var ErrGrant = &Error{Code: Forbidden, Kind: KindClient, Message: "the grant type of the client is not client_credentials"}

// IssueClientToken returns an access token for a client that shows its OAuth
// secret: UNAUTHENTICATED if the client is unknown, the secret wrong, or its
// member gone or blocked; ErrGrant. The time of the token is stored with the
// client, at most once in a minute.
func (s *Service) IssueClientToken(ctx context.Context, identifier string, secret Secret) (*ClientToken, error) {
	found, err := s.store.Clients().Find(ctx, Query{List: ClientsByIdentifier, Equal: []any{strings.ToLower(identifier)}, Limit: 1})
	if err != nil {
		return nil, err
	}
	// An unknown client is compared as well, so that both take the same time.
	c := &Client{SecretHash: make([]byte, 32)}
	if len(found) > 0 {
		c = found[0]
	}
	if !sameToken(secret, c.SecretHash) {
		return nil, errBadCredential
	}
	if c.GrantType != GrantClientCredentials {
		return nil, ErrGrant
	}
	if _, err := s.viewerOfClient(ctx, c); err != nil {
		return nil, err
	}
	age := c.AccessTokenMaxAge
	if age == 0 {
		age = defaultAccessTokenMaxAge
	}
	t := &ClientToken{MaxAge: time.Duration(age) * time.Second, Scope: c.Scope}
	payload := append([]byte(c.Key+" "), c.SecretHash[:fingerprint]...)
	t.Token = s.vault.SealToken(clientTokenPurpose, payload, time.Now().Add(t.MaxAge))
	s.noteToken(ctx, c)
	return t, nil
}

// AuthenticateClientToken returns the viewer of a client's access token:
// UNAUTHENTICATED if it has expired, or the client is gone, has another secret
// by now, or another member.
func (s *Service) AuthenticateClientToken(ctx context.Context, token Secret) (*Viewer, error) {
	payload, err := s.vault.OpenToken(clientTokenPurpose, token)
	if err != nil {
		return nil, err
	}
	key, hash, _ := bytes.Cut(payload, []byte(" "))
	c, err := s.store.Clients().Get(ctx, string(key))
	if err != nil {
		return nil, err
	}
	if c == nil || len(hash) != fingerprint || !bytes.HasPrefix(c.SecretHash, hash) {
		return nil, errBadCredential
	}
	return s.viewerOfClient(ctx, c)
}

// viewerOfClient returns whom a client acts as: its member, with no more
// permissions than whoever set its secret had.
func (s *Service) viewerOfClient(ctx context.Context, c *Client) (*Viewer, error) {
	if c.Member == "" {
		return nil, errBadCredential
	}
	m, err := s.store.Members().Get(ctx, c.Member)
	if err != nil {
		return nil, err
	}
	if m == nil || m.blocked() {
		return nil, errBadCredential
	}
	return &Viewer{Name: "client " + c.Name, Permissions: c.Granted, Global: m.Admin, Member: m.Key}, nil
}

// noteToken stores when a client got its latest token. Nobody depends on it: its
// failure is logged only.
func (s *Service) noteToken(ctx context.Context, c *Client) {
	now := Now()
	if last, ok := s.used.Load(c.ID()); ok && now.Sub(last.(time.Time)) < usedPrecision {
		return
	}
	s.used.Store(c.ID(), now)
	next := *c
	next.LastToken = &now
	if err := s.store.Write(ctx, replace(&next)); err != nil && CodeOf(err) != Stale {
		s.log.WarnContext(ctx, "the latest token of a client was not stored", "client", c.Key, "error", err)
	}
}
