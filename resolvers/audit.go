package resolvers

import (
	"context"

	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/graph/relay"
	"github.com/hookgraph/hookgraph/hook"
)

func (q query) AuditEntries(ctx context.Context, node *string, first *int32, after *string, last *int32, before *string) (*relay.AuditEntryConnection, error) {
	var filter hook.AuditFilter
	switch {
	case node == nil:
	case *node == hook.AccountOwner:
		filter.Node = hook.ID{Kind: hook.KindAccount}
	default:
		id, err := hook.ParseID(*node)
		if err != nil {
			return nil, at("node", err)
		}
		filter.Node = id
	}
	return relay.AuditEntries(q.Service.AuditEntries(ctx, filter, graph.Page(first, after, last, before)))
}

func (r auditEntry) Node(ctx context.Context, e *hook.AuditEntry) (relay.Node, error) {
	id, err := hook.ParseID(e.Node)
	if err != nil {
		return nil, nil
	}
	return node(ctx, r.Service, id)
}
