package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vikstrous/dataloadgen"

	"github.com/hookgraph/hookgraph/hook"
)

// A prefetch passes a page on after it has read what belongs to its objects.
type prefetch[T any] func(*hook.Connection[T], error) (*hook.Connection[T], error)

// PrefetchWebhooks reads what a query asks of the webhooks of a page in one read
// for each kind, before the resolvers of the single webhooks run: the number of
// reads is that of the kinds, whatever the page holds and however the resolvers
// are scheduled. An error is left to the resolvers to find.
func PrefetchWebhooks(ctx context.Context) prefetch[hook.Webhook] {
	return func(page *hook.Connection[hook.Webhook], err error) (*hook.Connection[hook.Webhook], error) {
		if err != nil || len(page.Nodes) < 2 {
			return page, err
		}
		prefetchWebhooks(ctx, askedOfNodes(ctx), page.Nodes)
		return page, nil
	}
}

func prefetchWebhooks(ctx context.Context, asked selections, webhooks []*hook.Webhook) {
	l := LoadersOf(ctx)
	owner := asked.field("owner")
	if client := asked.field("client").and(owner); client.asked() {
		clients := prime(ctx, l.Clients(), l.service.ClientsByKey, webhooks, (*hook.Webhook).ClientKey)
		if client.field("member").asked() {
			prime(ctx, l.Members(), l.service.MembersByKey, clients, func(c *hook.Client) string { return c.Member })
		}
	}
	if asked.field("album").and(owner).asked() {
		prime(ctx, l.Albums(), l.service.AlbumsByKey, webhooks, (*hook.Webhook).AlbumKey)
	}
	prefetchStatistics(ctx, asked, webhooks)
	last := asked.field("lastTriggers")
	if last.asked() || asked.field("triggerCount").asked() || asked.field("consecutiveFailures").asked() {
		stats := prime(ctx, l.Stats(), l.service.WebhookStats, webhooks, func(w *hook.Webhook) string { return w.Key })
		if last.asked() {
			var triggers []*hook.LastTrigger
			for _, s := range stats {
				for i := range s.Last {
					triggers = append(triggers, &s.Last[i])
				}
			}
			prime(ctx, l.Triggers(), l.service.TriggersByKey, triggers, func(t *hook.LastTrigger) string { return t.Trigger })
			if last.field("webhook").asked() {
				for _, w := range webhooks {
					l.Webhooks().Prime(w.Key, w)
				}
			}
		}
	}
}

// PrefetchNodes does the same for the webhooks among the nodes of ids.
func PrefetchNodes(ctx context.Context, nodes []hook.Entity) {
	var webhooks []*hook.Webhook
	for _, n := range nodes {
		if w, is := n.(*hook.Webhook); is {
			webhooks = append(webhooks, w)
		}
	}
	if len(webhooks) > 1 {
		prefetchWebhooks(ctx, askedOfField(ctx), webhooks)
	}
}

// PrefetchClients does the same for the members of a page of clients.
func PrefetchClients(ctx context.Context) prefetch[hook.Client] {
	return func(page *hook.Connection[hook.Client], err error) (*hook.Connection[hook.Client], error) {
		if err != nil || len(page.Nodes) < 2 {
			return page, err
		}
		if l := LoadersOf(ctx); askedOfNodes(ctx).field("member").asked() {
			prime(ctx, l.Members(), l.service.MembersByKey, page.Nodes, func(c *hook.Client) string { return c.Member })
		}
		return page, nil
	}
}

// PrefetchTriggers does the same for the webhooks and events of a page of
// triggers.
func PrefetchTriggers(ctx context.Context) prefetch[hook.Trigger] {
	return func(page *hook.Connection[hook.Trigger], err error) (*hook.Connection[hook.Trigger], error) {
		if err != nil || len(page.Nodes) < 2 {
			return page, err
		}
		asked, l := askedOfNodes(ctx), LoadersOf(ctx)
		if asked.field("webhook").asked() {
			prime(ctx, l.Webhooks(), l.service.WebhooksByKey, page.Nodes, func(t *hook.Trigger) string { return t.Webhook })
		}
		if asked.field("event").asked() {
			prime(ctx, l.Events(), l.service.EventsByKey, page.Nodes, func(t *hook.Trigger) string { return t.Event })
		}
		return page, nil
	}
}

// prime reads the objects that the parents refer to and hands them to a loader.
func prime[P, T any](ctx context.Context, l *dataloadgen.Loader[string, *T], many func(context.Context, []string) ([]*T, error),
	parents []*P, reference func(*P) string,
) []*T {
	seen := make(map[string]bool, len(parents))
	keys := make([]string, 0, len(parents))
	for _, p := range parents {
		if key := reference(p); key != "" && !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	found, err := many(ctx, keys)
	if err != nil {
		return nil
	}
	present := make([]*T, 0, len(found))
	for i, e := range found {
		l.Prime(keys[i], e)
		if e != nil {
			present = append(present, e)
		}
	}
	return present
}

// selections are the selection sets of one field, which may occur several times.
type selections struct {
	fragments ast.FragmentDefinitionList
	sets      []ast.SelectionSet
	fields    []*ast.Field
	found     bool
}

func (s selections) asked() bool { return s.found }

func (s selections) and(o selections) selections {
	return selections{s.fragments, slices.Concat(s.sets, o.sets), slices.Concat(s.fields, o.fields), s.found || o.found}
}

// field returns the selections of a field within these, also those in fragments
// of any type: reading what is not shown in the end does no harm.
func (s selections) field(name string) selections {
	found := selections{fragments: s.fragments}
	var look func(set ast.SelectionSet)
	look = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch node := selection.(type) {
			case *ast.Field:
				if node.Name == name {
					found.sets, found.found = append(found.sets, node.SelectionSet), true
					found.fields = append(found.fields, node)
				}
			case *ast.InlineFragment:
				look(node.SelectionSet)
			case *ast.FragmentSpread:
				if f := s.fragments.ForName(node.Name); f != nil {
					look(f.SelectionSet)
				}
			}
		}
	}
	for _, set := range s.sets {
		look(set)
	}
	return found
}

// askedOfNodes returns what the query asks of the objects of the connection
// that is being resolved, through nodes and through edges.
func askedOfNodes(ctx context.Context) selections {
	s := askedOfField(ctx)
	return s.field("nodes").and(s.field("edges").field("node"))
}

// askedOfField returns what the query asks of the field that is being resolved.
func askedOfField(ctx context.Context) selections {
	return selections{
		fragments: graphql.GetOperationContext(ctx).Doc.Fragments,
		sets:      []ast.SelectionSet{graphql.GetFieldContext(ctx).Field.Selections},
	}
}
