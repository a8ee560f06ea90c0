package hook

import (
	"context"
	"strings"
)

// ClientFields are the fields of a client that a caller gives; absent ones keep
// their value, or get the default of a new client.
type ClientFields struct {
	Name               Patch[string]
	GrantType          Patch[GrantType]
	Confidential       Patch[bool]
	RequiresConsent    Patch[bool]
	Description        Patch[string]
	ClientURI          Patch[string]
	RedirectURI        Patch[string]
	Scope              Patch[string]
	App                Patch[string]
	AccessTokenMaxAge  Patch[int64]
	RefreshTokenMaxAge Patch[int64]
	// WebhookSecret signs PageSeeder deliveries; empty removes it.
	WebhookSecret Patch[Secret]
	// Member is the key of the owner. A client that goes to another member loses
	// its OAuth secret, with which the former owner could act as the new one.
	Member Patch[string]
	// Secret is the OAuth secret of an existing client; empty removes it.
	Secret Patch[Secret]
	// Identifier is for administrators only.
	Identifier Patch[string]
}

func (f *ClientFields) apply(c *Client) {
	f.Name.apply(&c.Name)
	f.GrantType.apply(&c.GrantType)
	f.Confidential.apply(&c.Confidential)
	f.RequiresConsent.apply(&c.RequiresConsent)
	f.Description.apply(&c.Description)
	f.ClientURI.apply(&c.ClientURI)
	f.RedirectURI.apply(&c.RedirectURI)
	f.Scope.apply(&c.Scope)
	f.App.apply(&c.App)
	f.AccessTokenMaxAge.apply(&c.AccessTokenMaxAge)
	f.RefreshTokenMaxAge.apply(&c.RefreshTokenMaxAge)
	f.Member.apply(&c.Member)
	f.Identifier.apply(&c.Identifier)
}

// The defaults of a new client.
const (
	defaultScope             = "openid profile email"
	defaultAccessTokenMaxAge = 3600
)

// Client returns a client.
func (s *Service) Client(ctx context.Context, key string) (*Client, error) {
	return one(ctx, KindClient, key, s.ClientsByKey)
}

// ClientByIdentifier returns the client of an OAuth client id.
func (s *Service) ClientByIdentifier(ctx context.Context, identifier string) (*Client, error) {
	if _, err := need(ctx, Clients, View); err != nil {
		return nil, err
	}
	found, err := s.store.Clients().Find(ctx, Query{List: ClientsByIdentifier, Equal: []any{strings.ToLower(identifier)}, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, Missing(KindClient)
	}
	return s.Client(ctx, found[0].Key)
}

// ClientsByKey returns clients in the order of the keys, nil for those that the
// viewer may not see.
func (s *Service) ClientsByKey(ctx context.Context, keys []string) ([]*Client, error) {
	v, err := need(ctx, Clients, View)
	if err != nil {
		return nil, err
	}
	clients, err := s.store.Clients().GetMany(ctx, keys)
	if err != nil || v.Global {
		return clients, err
	}
	for i, c := range clients {
		if c != nil && !v.ownsClient(c) {
			clients[i] = nil
		}
	}
	return clients, nil
}

func (v *Viewer) ownsClient(c *Client) bool {
	if !v.Owner.IsZero() {
		return v.Owner == c.GetID()
	}
	return v.Member != "" && c.Member == v.Member
}

// ClientFilter chooses clients.
type ClientFilter struct {
	// Member is the key of a member: its clients only.
	Member string
}

// Clients lists the clients that the viewer sees.
func (s *Service) Clients(ctx context.Context, filter ClientFilter, order Order, args PageArgs) (*Connection[Client], error) {
	v, err := need(ctx, Clients, View)
	if err != nil {
		return nil, err
	}
	l := listing[Client]{collection: s.store.Clients(), name: "clients", list: order.choose(ByCreated, ByName), newestFirst: order.reverse()}
	if filter.Member != "" {
		l.list, l.equal = order.choose(ClientsByMember, ClientsByMemberAndName), []any{filter.Member}
	}
	switch {
	case v.Global:
	case v.Owner.Kind == KindClient:
		own, err := l.collection.Get(ctx, v.Owner.Key)
		if err != nil {
			return nil, err
		}
		if own != nil && filter.Member != "" && own.Member != filter.Member {
			own = nil
		}
		l.collection = only[Client]{l.collection, own}
	case v.Member == "" || filter.Member != "" && filter.Member != v.Member:
		l.collection = only[Client]{Collection: l.collection}
	default:
		l.list, l.equal = order.choose(ClientsByMember, ClientsByMemberAndName), []any{v.Member}
	}
	return l.page(ctx, s.vault, args)
}

// CreateClient makes a client and returns its OAuth secret, which is never
// shown again. A member who is no administrator makes its own clients.
func (s *Service) CreateClient(ctx context.Context, fields ClientFields) (*Client, Secret, error) {
	v, err := need(ctx, Clients, Add)
	if err != nil {
		return nil, "", err
	}
	if !fields.Member.Given && v.Member != "" {
		fields.Member = Set(v.Member)
	}
	if !v.Global && (v.Member == "" || fields.Member.Value != v.Member) {
		return nil, "", &Error{Code: Forbidden, Field: "member", Message: "only an administrator makes clients of other members"}
	}
	number, err := newNumber(ctx, s, s.store.Clients())
	if err != nil {
		return nil, "", err
	}
	secret := Secret(newToken())
	c := &Client{
		Meta: Meta{Key: numberKey(number), Created: Now()}, Number: number, Identifier: newIdentifier(),
		GrantType: GrantClientCredentials, Confidential: true, Scope: defaultScope,
		AccessTokenMaxAge: defaultAccessTokenMaxAge, SecretHash: hashToken(secret), Granted: v.Permissions,
	}
	if err := s.applyClient(ctx, &fields, c); err != nil {
		return nil, "", err
	}
	if err := s.create(ctx, "createClient", c); err != nil {
		return nil, "", err
	}
	return c, secret, nil
}

// UpdateClient changes a client. A member changes its own clients; only an
// administrator gives one to another member.
func (s *Service) UpdateClient(ctx context.Context, key string, version *int64, fields ClientFields) (*Client, error) {
	v, err := need(ctx, Clients, Edit)
	if err != nil {
		return nil, err
	}
	return update(ctx, s, s.store.Clients(), KindClient, key, version, "updateClient", func(c *Client) error {
		switch {
		case v.Global:
		case !v.ownsClient(c):
			return Missing(KindClient)
		case fields.Member.Given && fields.Member.Value != c.Member:
			return &Error{Code: Forbidden, Field: "member", Message: "only an administrator gives clients to other members"}
		}
		if fields.Identifier.Given && !v.isAdministrator() {
			return onlyAdministrators("identifier")
		}
		was := c.Member
		if err := s.applyClient(ctx, &fields, c); err != nil {
			return err
		}
		if c.Member != was {
			c.SecretHash, c.Granted = nil, nil
		}
		return c.setSecret(v, fields.Secret)
	})
}

func (s *Service) applyClient(ctx context.Context, fields *ClientFields, c *Client) error {
	fields.apply(c)
	if err := c.validate(); err != nil {
		return err
	}
	if fields.WebhookSecret.Given {
		secret := fields.WebhookSecret.Value
		if err := validText("webhookSecret", secret.Reveal(), maxWebhookSecret); err != nil {
			return err
		}
		if c.WebhookSecret = nil; secret != "" {
			c.WebhookSecret = s.vault.Seal(c.GetID(), secret)
		}
	}
	if fields.Member.Given && c.Member != "" {
		m, err := s.store.Members().Get(ctx, c.Member)
		if err != nil {
			return err
		}
		if m == nil {
			return Invalidf("member", "there is no member %s", clip(c.Member))
		}
	}
	return nil
}
