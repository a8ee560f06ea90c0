package resolvers

import (
	"context"
	"errors"
	"strconv"

	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/graph/relay"
	"github.com/hookgraph/hookgraph/hook"
)

func (q query) Viewer(ctx context.Context) (*hook.Viewer, error) { return hook.ViewerFrom(ctx), nil }

func (q query) Node(ctx context.Context, id string) (relay.Node, error) {
	parsed, err := hook.ParseID(id)
	if err != nil {
		return nil, err
	}
	return node(ctx, q.Service, parsed)
}

// node loads the object of an id.
func node(ctx context.Context, s *hook.Service, id hook.ID) (relay.Node, error) {
	l := graph.LoadersOf(ctx)
	switch id.Kind {
	case hook.KindMember:
		return as(l.Members().Load(ctx, id.Key))
	case hook.KindClient:
		return as(l.Clients().Load(ctx, id.Key))
	case hook.KindAlbum:
		return as(l.Albums().Load(ctx, id.Key))
	case hook.KindWebhook:
		return as(l.Webhooks().Load(ctx, id.Key))
	case hook.KindEvent:
		return as(l.Events().Load(ctx, id.Key))
	case hook.KindTrigger:
		return as(l.Triggers().Load(ctx, id.Key))
	case hook.KindReplay:
		return as(l.Replays().Load(ctx, id.Key))
	case hook.KindAPIKey:
		return as(l.APIKeys().Load(ctx, id.Key))
	}
	e, err := s.Node(ctx, id)
	found, _ := e.(relay.Node)
	return found, err
}

// as turns what was loaded into a node: nil is not to become a node that holds
// nil.
func as[T any, N interface {
	*T
	relay.Node
}](found N, err error) (relay.Node, error) {
	if found == nil {
		return nil, err
	}
	return found, err
}

func (q query) Nodes(ctx context.Context, ids []string) ([]relay.Node, error) {
	if len(ids) > hook.MaxPage {
		return nil, hook.Invalidf("ids", "at most %d are allowed", hook.MaxPage)
	}
	parsed := make([]hook.ID, len(ids))
	for i, id := range ids {
		var err error
		if parsed[i], err = hook.ParseID(id); err != nil {
			return nil, at("ids."+strconv.Itoa(i), err)
		}
	}
	found, err := q.Service.Nodes(ctx, parsed)
	if err != nil {
		return nil, err
	}
	graph.PrefetchNodes(ctx, found)
	nodes := make([]relay.Node, len(found))
	for i, e := range found {
		nodes[i], _ = e.(relay.Node)
	}
	return nodes, nil
}

// at names the argument that an error is about.
func at(field string, err error) error {
	var e *hook.Error
	if !errors.As(err, &e) {
		return err
	}
	named := *e
	named.Field = field
	return &named
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
