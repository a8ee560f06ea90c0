package resolvers

import (
	"context"

	"github.com/hookgraph/hookgraph/graph/relay"
	"github.com/hookgraph/hookgraph/hook"
)

func (q query) Viewer(ctx context.Context) (*hook.Viewer, error) { return hook.ViewerFrom(ctx), nil }

func (q query) Node(ctx context.Context, id string) (relay.Node, error) {
	parsed, err := hook.ParseID(id)
	if err != nil {
		return nil, err
	}
	return asNode(q.Service.Node(ctx, parsed))
}

func (q query) Nodes(ctx context.Context, ids []string) ([]relay.Node, error) {
	if len(ids) > hook.MaxPage {
		return nil, hook.Invalidf("ids", "at most %d are allowed", hook.MaxPage)
	}
	parsed := make([]hook.ID, len(ids))
	for i, id := range ids {
		var err error
		if parsed[i], err = hook.ParseID(id); err != nil {
			return nil, err
		}
	}
	found, err := q.Service.Nodes(ctx, parsed)
	if err != nil {
		return nil, err
	}
	nodes := make([]relay.Node, len(found))
	for i, e := range found {
		nodes[i], _ = asNode(e, nil)
	}
	return nodes, nil
}

func asNode(e hook.Entity, err error) (relay.Node, error) {
	node, _ := e.(relay.Node)
	return node, err
}

func (q query) EventTypes(_ context.Context, dialect *hook.Dialect) ([]*hook.EventType, error) {
	dialects := hook.Dialects
	if dialect != nil {
		dialects = []hook.Dialect{*dialect}
	}
	var types []*hook.EventType
	for _, d := range dialects {
		for _, t := range hook.EventTypes(d) {
			types = append(types, &t)
		}
	}
	return types, nil
}
