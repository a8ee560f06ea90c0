package resolvers

import (
	"context"

	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/graph/relay"
	"github.com/hookgraph/hookgraph/hook"
)

func (q query) Member(ctx context.Context, id string) (*hook.Member, error) {
	key, err := hook.ParseKey(hook.KindMember, "id", id)
	if err != nil {
		return nil, err
	}
	return orNull(q.Service.Member(ctx, key))
}

func (q query) Members(ctx context.Context, order *graph.MemberOrderInput, first *int32, after *string, last *int32, before *string) (*relay.MemberConnection, error) {
	return relay.Members(q.Service.Members(ctx, order.Order(), graph.Page(first, after, last, before)))
}

func (r member) Clients(ctx context.Context, m *hook.Member, order *graph.ClientOrderInput, first *int32, after *string, last *int32, before *string) (*relay.ClientConnection, error) {
	return relay.Clients(graph.PrefetchClients(ctx)(r.Service.Clients(ctx, hook.ClientFilter{Member: m.Key}, order.Order(), graph.Page(first, after, last, before))))
}

func (r member) Albums(ctx context.Context, m *hook.Member, order *graph.AlbumOrderInput, first *int32, after *string, last *int32, before *string) (*relay.AlbumConnection, error) {
	return relay.Albums(r.Service.Albums(ctx, hook.AlbumFilter{Member: m.Key}, order.Order(), graph.Page(first, after, last, before)))
}

func (m mutation) CreateMember(ctx context.Context, input graph.CreateMemberInput) (*graph.CreateMemberPayload, error) {
	made, err := m.Service.CreateMember(ctx, input.Fields())
	userErrors, err := graph.UserErrors(err)
	return &graph.CreateMemberPayload{Member: made, UserErrors: userErrors}, err
}

func (m mutation) UpdateMember(ctx context.Context, input graph.UpdateMemberInput) (*graph.UpdateMemberPayload, error) {
	key, err := hook.ParseKey(hook.KindMember, "id", input.ID)
	var changed *hook.Member
	if err == nil {
		changed, err = m.Service.UpdateMember(ctx, key, graph.Version(input.Version), input.Fields())
	}
	userErrors, err := graph.UserErrors(err)
	return &graph.UpdateMemberPayload{Member: changed, UserErrors: userErrors}, err
}

func (m mutation) DeleteMember(ctx context.Context, input graph.DeleteMemberInput) (*graph.DeleteMemberPayload, error) {
	key, err := hook.ParseKey(hook.KindMember, "id", input.ID)
	if err == nil {
		cascade := input.Cascade.Value()
		err = m.Service.DeleteMember(ctx, key, graph.Version(input.Version), cascade != nil && *cascade)
	}
	deleted := gone(hook.KindMember, key, err)
	userErrors, err := graph.UserErrors(err)
	return &graph.DeleteMemberPayload{DeletedMemberID: deleted, UserErrors: userErrors}, err
}
