package resolvers

import (
	"context"

	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/graph/relay"
	"github.com/hookgraph/hookgraph/hook"
)

func (q query) Album(ctx context.Context, id string) (*hook.Album, error) {
	key, err := hook.ParseKey(hook.KindAlbum, "id", id)
	if err != nil {
		return nil, err
	}
	return orNull(q.Service.Album(ctx, key))
}

func (q query) Albums(ctx context.Context, member *string, order *graph.AlbumOrderInput, first *int32, after *string, last *int32, before *string) (*relay.AlbumConnection, error) {
	key, err := optionalKey(hook.KindMember, "member", member)
	if err != nil {
		return nil, err
	}
	return relay.Albums(q.Service.Albums(ctx, hook.AlbumFilter{Member: key}, order.Order(), graph.Page(first, after, last, before)))
}

func (r album) Members(ctx context.Context, a *hook.Album, first *int32, after *string, last *int32, before *string) (*relay.AlbumMemberConnection, error) {
	page, err := a.MembersPage(graph.Page(first, after, last, before))
	if err != nil {
		return nil, err
	}
	keys := make([]string, len(page.Nodes))
	for i, place := range page.Nodes {
		keys[i] = place.Member
	}
	members, err := graph.LoadAll(ctx, graph.LoadersOf(ctx).Members(), keys)
	if err != nil {
		return nil, err
	}
	return relay.AlbumMembers(a, page, members), nil
}

func (r album) Webhooks(ctx context.Context, a *hook.Album, order *graph.WebhookOrderInput, first *int32, after *string, last *int32, before *string) (*relay.WebhookConnection, error) {
	return relay.Webhooks(graph.PrefetchWebhooks(ctx)(r.Service.Webhooks(ctx, hook.WebhookFilter{Owner: a.GetID()}, order.Order(), graph.Page(first, after, last, before))))
}

func (m mutation) CreateAlbum(ctx context.Context, input graph.CreateAlbumInput) (*graph.CreateAlbumPayload, error) {
	made, err := m.Service.CreateAlbum(ctx, input.Fields())
	userErrors, err := graph.UserErrors(err)
	return &graph.CreateAlbumPayload{Album: made, UserErrors: userErrors}, err
}

func (m mutation) UpdateAlbum(ctx context.Context, input graph.UpdateAlbumInput) (*graph.UpdateAlbumPayload, error) {
	key, err := hook.ParseKey(hook.KindAlbum, "id", input.ID)
	var changed *hook.Album
	if err == nil {
		changed, err = m.Service.UpdateAlbum(ctx, key, graph.Version(input.Version), input.Fields())
	}
	userErrors, err := graph.UserErrors(err)
	return &graph.UpdateAlbumPayload{Album: changed, UserErrors: userErrors}, err
}

func (m mutation) DeleteAlbum(ctx context.Context, input graph.DeleteAlbumInput) (*graph.DeleteAlbumPayload, error) {
	key, err := hook.ParseKey(hook.KindAlbum, "id", input.ID)
	if err == nil {
		err = m.Service.DeleteAlbum(ctx, key, graph.Version(input.Version))
	}
	deleted := gone(hook.KindAlbum, key, err)
	userErrors, err := graph.UserErrors(err)
	return &graph.DeleteAlbumPayload{DeletedAlbumID: deleted, UserErrors: userErrors}, err
}

func (m mutation) SetAlbumMember(ctx context.Context, input graph.SetAlbumMemberInput) (*graph.SetAlbumMemberPayload, error) {
	key, err := hook.ParseKey(hook.KindAlbum, "album", input.Album)
	var changed *hook.Album
	var who *hook.Member
	if err == nil {
		changed, who, err = m.Service.SetAlbumMember(ctx, key, memberReference(input.Member), input.IsAdmin.Value())
	}
	userErrors, err := graph.UserErrors(err)
	return &graph.SetAlbumMemberPayload{Album: changed, Member: who, UserErrors: userErrors}, err
}

func (m mutation) RemoveAlbumMember(ctx context.Context, input graph.RemoveAlbumMemberInput) (*graph.RemoveAlbumMemberPayload, error) {
	key, err := hook.ParseKey(hook.KindAlbum, "album", input.Album)
	var changed *hook.Album
	var who *hook.Member
	if err == nil {
		changed, who, err = m.Service.RemoveAlbumMember(ctx, key, memberReference(input.Member))
	}
	userErrors, err := graph.UserErrors(err)
	return &graph.RemoveAlbumMemberPayload{Album: changed, Member: who, UserErrors: userErrors}, err
}

// memberReference takes a member's id for its key; anything else is a key, a
// sub or an email.
func memberReference(ref string) string {
	if id, err := hook.ParseID(ref); err == nil && id.Kind == hook.KindMember {
		return id.Key
	}
	return ref
}
