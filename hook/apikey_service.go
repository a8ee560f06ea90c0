package hook

import (
	"context"
	"fmt"
	"slices"
)

// APIKeyFields are what a new API key is given.
type APIKeyFields struct {
	Name        string
	Permissions []Permission
	// Member is the key of the member it acts as; empty for none.
	Member string
	// Owner is the only owner that it reaches; zero for none.
	Owner     ID
	LongLived bool
}

// TokenPrefix begins the token of an API key: hg_<key>_<secret>.
const TokenPrefix = "hg_"

// CreateAPIKey makes an API key and returns its token, which is never shown
// again. No key grants more than its creator has.
func (s *Service) CreateAPIKey(ctx context.Context, fields APIKeyFields) (*APIKey, Secret, error) {
	v, err := need(ctx, Keys, Add)
	if err != nil {
		return nil, "", err
	}
	if err := validLine("name", fields.Name, maxName); err != nil {
		return nil, "", err
	}
	permissions, err := validPermissions("permissions", fields.Permissions)
	if err != nil {
		return nil, "", err
	}
	if fields.Member != "" && !fields.Owner.IsZero() {
		return nil, "", Invalidf("owner", "a key acts as a member or is bound to an owner, not both")
	}
	if err := s.mayGrant(ctx, v, permissions, fields); err != nil {
		return nil, "", err
	}
	secret := Secret(newToken())
	k := &APIKey{
		Meta: Meta{Key: newUUID(), Created: Now()}, Name: fields.Name, SecretHash: hashToken(secret),
		Permissions: permissions, Member: fields.Member, LongLived: fields.LongLived,
	}
	if !fields.Owner.IsZero() {
		k.Owner = fields.Owner.String()
	}
	if err := s.create(ctx, "createApiKey", k); err != nil {
		return nil, "", err
	}
	return k, Secret(fmt.Sprintf("%s%s_%s", TokenPrefix, k.Key, secret.Reveal())), nil
}

// mayGrant checks that a new key grants nothing that its creator has not.
func (s *Service) mayGrant(ctx context.Context, v *Viewer, permissions PermissionSet, fields APIKeyFields) error {
	for _, p := range permissions {
		if !v.Permissions.Covers(PermissionSet{p}) {
			return &Error{Code: Forbidden, Field: "permissions", Missing: p, Message: fmt.Sprintf("a key cannot grant %s: its creator does not have it", p)}
		}
	}
	if fields.Member != "" {
		if fields.Member != v.Member && !v.isAdministrator() {
			return &Error{Code: Forbidden, Field: "member", Missing: PermissionAll, Message: "a key cannot act as another member"}
		}
		m, err := s.store.Members().Get(ctx, fields.Member)
		if err == nil && m == nil {
			err = Invalidf("member", "there is no member %s", clip(fields.Member))
		}
		return err
	}
	if v.Global {
		if fields.Owner.IsZero() {
			return nil
		}
		switch {
		case fields.Owner.Kind == KindAlbum && !v.May(Albums, All):
			return forbidden(Albums, All)
		case fields.Owner.Kind == KindClient && !v.May(Clients, View):
			return forbidden(Clients, View)
		}
		exists, err := s.ownerExists(ctx, fields.Owner)
		if err == nil && !exists {
			err = Invalidf("owner", "there is no %s", clip(fields.Owner.String()))
		}
		return err
	}
	if fields.Owner.IsZero() || fields.Owner != v.Owner {
		return &Error{Code: Forbidden, Field: "owner", Message: "the key must be bound as its creator is"}
	}
	return nil
}

// APIKeysByKey returns API keys in the order of the keys, nil for those that the
// viewer may not see.
func (s *Service) APIKeysByKey(ctx context.Context, keys []string) ([]*APIKey, error) {
	v, err := need(ctx, Keys, View)
	if err != nil {
		// Every key sees itself.
		if v = ViewerFrom(ctx); v == nil || v.APIKey == "" || !slices.Contains(keys, v.APIKey) {
			return nil, err
		}
	}
	found, err := s.store.APIKeys().GetMany(ctx, keys)
	mayView := v.May(Keys, View)
	if err != nil || mayView && v.Global {
		return found, err
	}
	for i, k := range found {
		if k != nil && k.Key != v.APIKey && !(mayView && v.ownsKey(k)) {
			found[i] = nil
		}
	}
	return found, nil
}

func (v *Viewer) ownsKey(k *APIKey) bool {
	return k.Key == v.APIKey || v.Member != "" && k.Member == v.Member || !v.Owner.IsZero() && k.Owner == v.Owner.String()
}

// APIKeys lists the API keys that the viewer sees.
func (s *Service) APIKeys(ctx context.Context, args PageArgs) (*Connection[APIKey], error) {
	v, err := need(ctx, Keys, View)
	if err != nil {
		return nil, err
	}
	l := listing[APIKey]{collection: s.store.APIKeys(), name: "apiKeys", list: ByCreated, newestFirst: true}
	switch {
	case v.Global:
	case !v.Owner.IsZero():
		l.list, l.equal = KeysByOwner, []any{v.Owner.String()}
	case v.Member != "":
		l.list, l.equal = KeysByMember, []any{v.Member}
	default:
		l.collection = only[APIKey]{Collection: l.collection}
	}
	return l.page(ctx, s.vault, args)
}

// RevokeAPIKey removes an API key: its next request is UNAUTHENTICATED.
func (s *Service) RevokeAPIKey(ctx context.Context, key string) error {
	if _, err := need(ctx, Keys, Remove); err != nil {
		return err
	}
	found, err := s.APIKeysByKey(withPermission(ctx, Keys, View), []string{key})
	if err != nil {
		return err
	}
	if found[0] == nil {
		return Missing(KindAPIKey)
	}
	entry := auditEntry(ctx, "revokeApiKey", found[0].GetID(), nil)
	return s.store.Write(ctx, remove(found[0]), insert(entry))
}
