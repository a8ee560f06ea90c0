// Package resolvers answers the fields of the schema: each resolver is one call
// of the service or of a loader and one return.
package resolvers

import (
	"context"
	"errors"

	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/graph/relay"
	"github.com/hookgraph/hookgraph/hook"
)

// Root answers the schema over a service.
type Root struct {
	service *hook.Service
	sending Sending
}

var _ graph.ResolverRoot = (*Root)(nil)

// New returns the resolvers over a service.
func New(service *hook.Service) *Root { return &Root{service: service} }

// With gives the resolvers what sends requests and explains them.
func (r *Root) With(sending Sending) *Root { return &Root{r.service, sending} }

type (
	query    struct{ *hook.Service }
	mutation struct {
		*hook.Service
		sending Sending
	}
	viewer     struct{}
	member     struct{ *hook.Service }
	client     struct{ *hook.Service }
	album      struct{ *hook.Service }
	webhook    struct{ *hook.Service }
	statistics struct{}
	trigger    struct{}
	replay     struct{}
	event      struct{ *hook.Service }
	apiKey     struct{}
	auditEntry struct{ *hook.Service }
)

// Query implements graph.ResolverRoot.
func (r *Root) Query() graph.QueryResolver { return query{r.service} }

// Mutation implements graph.ResolverRoot.
func (r *Root) Mutation() graph.MutationResolver { return mutation{r.service, r.sending} }

// Viewer implements graph.ResolverRoot.
func (r *Root) Viewer() graph.ViewerResolver { return viewer{} }

// Member implements graph.ResolverRoot.
func (r *Root) Member() graph.MemberResolver { return member{r.service} }

// Client implements graph.ResolverRoot.
func (r *Root) Client() graph.ClientResolver { return client{r.service} }

// Album implements graph.ResolverRoot.
func (r *Root) Album() graph.AlbumResolver { return album{r.service} }

// Webhook implements graph.ResolverRoot.
func (r *Root) Webhook() graph.WebhookResolver { return webhook{r.service} }

// WebhookStatistics implements graph.ResolverRoot.
func (r *Root) WebhookStatistics() graph.WebhookStatisticsResolver { return statistics{} }

// Trigger implements graph.ResolverRoot.
func (r *Root) Trigger() graph.TriggerResolver { return trigger{} }

// Replay implements graph.ResolverRoot.
func (r *Root) Replay() graph.ReplayResolver { return replay{} }

// Event implements graph.ResolverRoot.
func (r *Root) Event() graph.EventResolver { return event{r.service} }

// ApiKey implements graph.ResolverRoot.
func (r *Root) ApiKey() graph.ApiKeyResolver { return apiKey{} }

// AuditEntry implements graph.ResolverRoot.
func (r *Root) AuditEntry() graph.AuditEntryResolver { return auditEntry{r.service} }

// orNull answers null for what does not exist or may not be seen.
func orNull[T any](found *T, err error) (*T, error) {
	var e *hook.Error
	if errors.As(err, &e) && e.Code == hook.NotFound {
		return nil, nil
	}
	return found, err
}

// optional is the loader's answer for a key that may be empty.
func optional[T any](ctx context.Context, key string, load func(context.Context, string) (*T, error)) (*T, error) {
	if key == "" {
		return nil, nil
	}
	return load(ctx, key)
}

// owner loads an owner; null stands for the account.
func owner(ctx context.Context, id hook.ID) (relay.Owner, error) {
	switch id.Kind {
	case hook.KindClient:
		if c, err := graph.LoadersOf(ctx).Clients().Load(ctx, id.Key); c != nil || err != nil {
			return c, err
		}
	case hook.KindAlbum:
		if a, err := graph.LoadersOf(ctx).Albums().Load(ctx, id.Key); a != nil || err != nil {
			return a, err
		}
	}
	return nil, nil
}

// ownerKind is the kind of an owner, nil if there is none.
func ownerKind(id hook.ID) *graph.OwnerKind {
	kind, ok := map[hook.Kind]graph.OwnerKind{
		hook.KindClient: graph.OwnerKindClient, hook.KindAlbum: graph.OwnerKindAlbum, hook.KindAccount: graph.OwnerKindAccount,
	}[id.Kind]
	if !ok {
		return nil
	}
	return &kind
}

// shown is a secret that is shown this once.
func shown(s hook.Secret) *string {
	if s == "" {
		return nil
	}
	text := s.Reveal()
	return &text
}

// gone is the id of what a mutation deleted, null if it failed.
func gone(kind hook.Kind, key string, err error) *string {
	if err != nil {
		return nil
	}
	id := hook.ID{Kind: kind, Key: key}.String()
	return &id
}
