package resolvers

import (
	"context"

	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/graph/relay"
	"github.com/hookgraph/hookgraph/hook"
)

func (q query) Client(ctx context.Context, id string) (*hook.Client, error) {
	key, err := hook.ParseKey(hook.KindClient, "id", id)
	if err != nil {
		return nil, err
	}
	return orNull(q.Service.Client(ctx, key))
}

func (q query) Clients(ctx context.Context, member *string, order *graph.ClientOrderInput, first *int32, after *string, last *int32, before *string) (*relay.ClientConnection, error) {
	key, err := optionalKey(hook.KindMember, "member", member)
	if err != nil {
		return nil, err
	}
	return relay.Clients(graph.PrefetchClients(ctx)(q.Service.Clients(ctx, hook.ClientFilter{Member: key}, order.Order(), graph.Page(first, after, last, before))))
}

// optionalKey reads an argument that names another object, if it is there.
func optionalKey(kind hook.Kind, field string, id *string) (string, error) {
	if id == nil {
		return "", nil
	}
	return hook.ParseKey(kind, field, *id)
}

func (r client) Member(ctx context.Context, c *hook.Client) (*hook.Member, error) {
	return optional(ctx, c.Member, graph.LoadersOf(ctx).Members().Load)
}

func (r client) Webhooks(ctx context.Context, c *hook.Client, order *graph.WebhookOrderInput, first *int32, after *string, last *int32, before *string) (*relay.WebhookConnection, error) {
	return relay.Webhooks(graph.PrefetchWebhooks(ctx)(r.Service.Webhooks(ctx, hook.WebhookFilter{Owner: c.GetID()}, order.Order(), graph.Page(first, after, last, before))))
}

func (m mutation) CreateClient(ctx context.Context, input graph.CreateClientInput) (*graph.CreateClientPayload, error) {
	fields, err := input.Fields()
	var made *hook.Client
	var secret hook.Secret
	if err == nil {
		made, secret, err = m.Service.CreateClient(ctx, fields)
	}
	userErrors, err := graph.UserErrors(err)
	return &graph.CreateClientPayload{Client: made, ClientSecret: shown(secret), UserErrors: userErrors}, err
}

func (m mutation) UpdateClient(ctx context.Context, input graph.UpdateClientInput) (*graph.UpdateClientPayload, error) {
	key, err := hook.ParseKey(hook.KindClient, "id", input.ID)
	var fields hook.ClientFields
	if err == nil {
		fields, err = input.Fields()
	}
	var changed *hook.Client
	if err == nil {
		changed, err = m.Service.UpdateClient(ctx, key, graph.Version(input.Version), fields)
	}
	userErrors, err := graph.UserErrors(err)
	return &graph.UpdateClientPayload{Client: changed, UserErrors: userErrors}, err
}

func (m mutation) DeleteClient(ctx context.Context, input graph.DeleteClientInput) (*graph.DeleteClientPayload, error) {
	key, err := hook.ParseKey(hook.KindClient, "id", input.ID)
	if err == nil {
		err = m.Service.DeleteClient(ctx, key, graph.Version(input.Version))
	}
	deleted := gone(hook.KindClient, key, err)
	userErrors, err := graph.UserErrors(err)
	return &graph.DeleteClientPayload{DeletedClientID: deleted, UserErrors: userErrors}, err
}
