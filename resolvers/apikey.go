package resolvers

import (
	"context"

	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/graph/relay"
	"github.com/hookgraph/hookgraph/hook"
)

func (q query) APIKeys(ctx context.Context, first *int32, after *string, last *int32, before *string) (*relay.APIKeyConnection, error) {
	return relay.APIKeys(q.Service.APIKeys(ctx, graph.Page(first, after, last, before)))
}

func (r apiKey) Permissions(_ context.Context, k *hook.APIKey) ([]hook.Permission, error) {
	return k.Permissions, nil
}

func (r apiKey) Member(ctx context.Context, k *hook.APIKey) (*hook.Member, error) {
	return optional(ctx, k.Member, graph.LoadersOf(ctx).Members().Load)
}

func (r apiKey) OwnerKind(_ context.Context, k *hook.APIKey) (*graph.OwnerKind, error) {
	return ownerKind(k.OwnerID()), nil
}

func (r apiKey) Owner(ctx context.Context, k *hook.APIKey) (relay.Owner, error) {
	return owner(ctx, k.OwnerID())
}

func (m mutation) CreateAPIKey(ctx context.Context, input graph.CreateAPIKeyInput) (*graph.CreateAPIKeyPayload, error) {
	fields, err := input.Fields()
	var made *hook.APIKey
	var token hook.Secret
	if err == nil {
		made, token, err = m.Service.CreateAPIKey(ctx, fields)
	}
	userErrors, err := graph.UserErrors(err)
	return &graph.CreateAPIKeyPayload{APIKey: made, Token: shown(token), UserErrors: userErrors}, err
}

func (m mutation) RevokeAPIKey(ctx context.Context, input graph.RevokeAPIKeyInput) (*graph.RevokeAPIKeyPayload, error) {
	key, err := hook.ParseKey(hook.KindAPIKey, "id", input.ID)
	if err == nil {
		err = m.Service.RevokeAPIKey(ctx, key)
	}
	revoked := gone(hook.KindAPIKey, key, err)
	userErrors, err := graph.UserErrors(err)
	return &graph.RevokeAPIKeyPayload{RevokedAPIKeyID: revoked, UserErrors: userErrors}, err
}

func (r viewer) Permissions(_ context.Context, v *hook.Viewer) ([]hook.Permission, error) {
	return v.Permissions, nil
}

func (r viewer) Member(ctx context.Context, v *hook.Viewer) (*hook.Member, error) {
	return optional(ctx, v.Member, graph.LoadersOf(ctx).Members().Load)
}

func (r viewer) OwnerKind(_ context.Context, v *hook.Viewer) (*graph.OwnerKind, error) {
	return ownerKind(v.Owner), nil
}

func (r viewer) Owner(ctx context.Context, v *hook.Viewer) (relay.Owner, error) {
	return owner(ctx, v.Owner)
}

func (r viewer) APIKey(ctx context.Context, v *hook.Viewer) (*hook.APIKey, error) {
	return optional(ctx, v.APIKey, graph.LoadersOf(ctx).APIKeys().Load)
}
