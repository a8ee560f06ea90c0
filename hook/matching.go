package hook

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
)

// A matcher finds the webhooks that events reach. It remembers what it has read
// for the events of one publishing.
type matcher struct {
	service *Service
	routes  map[string][]*Webhook
}

// matchStep is how many webhooks of a route one read returns.
const matchStep = 1000

// match returns the webhooks that an event reaches, in the order of their keys
// on each route.
func (m *matcher) match(ctx context.Context, e *Event) ([]*Webhook, error) {
	var reached []*Webhook
	seen := map[string]bool{}
	for _, route := range routesOf(e) {
		webhooks, err := m.on(ctx, route)
		if err != nil {
			return nil, err
		}
		for _, w := range webhooks {
			// Its subscriptions may have the type on several routes.
			if !seen[w.Key] && w.receives(e) {
				seen[w.Key] = true
				reached = append(reached, w)
			}
		}
	}
	return reached, nil
}

// routesOf returns the routes of an event: its type, each "object.*" that has
// it, and "*".
func routesOf(e *Event) []any {
	routes := []any{e.Owner + " " + e.Type}
	for at := len(e.Type); ; {
		if at = strings.LastIndexByte(e.Type[:at], '.'); at < 0 {
			return append(routes, e.Owner+" "+PatternAny)
		}
		routes = append(routes, e.Owner+" "+e.Type[:at]+".*")
	}
}

func (m *matcher) on(ctx context.Context, route any) ([]*Webhook, error) {
	name := route.(string)
	if known, found := m.routes[name]; found {
		return known, nil
	}
	var all []*Webhook
	q := Query{List: WebhooksByRoute, Equal: []any{name}, Limit: matchStep}
	for {
		page, err := m.service.store.Webhooks().Find(ctx, q)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < q.Limit {
			break
		}
		q.After = positionOf(page[len(page)-1], q.List, len(q.Equal))
	}
	if m.routes == nil {
		m.routes = map[string][]*Webhook{}
	}
	m.routes[name] = all
	return all, nil
}

// receives reports whether a webhook on one of its routes is told of an event:
// STANDARD ones of every event, others of those of their own catalogue.
func (w *Webhook) receives(e *Event) bool {
	if !w.Active() || w.Dialect != Standard && w.Dialect != e.Dialect {
		return false
	}
	switch w.Dialect {
	case PageSeeder:
		return !w.AwaitsPing() && w.inScope(e)
	case Entrust:
		return w.passesFilter(e)
	}
	return true
}

// inScope follows section 5 of PageSeeder's specification: server events need
// server="true"; others happen in one of the webhook's projects and groups, of
// which none stands for everywhere.
func (w *Webhook) inScope(e *Event) bool {
	if e.ServerEvent {
		return w.ServerEvents
	}
	if len(w.Projects) == 0 && len(w.Groups) == 0 {
		return true
	}
	for _, group := range e.Groups {
		if slices.Contains(w.Groups, group) {
			return true
		}
		// The name of a group begins with that of its project.
		for _, project := range w.Projects {
			if strings.HasPrefix(group, project+"-") {
				return true
			}
		}
	}
	return slices.ContainsFunc(e.Projects, func(p string) bool { return slices.Contains(w.Projects, p) })
}

// passesFilter follows section 12, no. 31, of Entrust's specification: a filter
// is an array of objects; what it asks for that the event does not have counts
// for nothing.
func (w *Webhook) passesFilter(e *Event) bool {
	for _, s := range w.Subscriptions {
		if s.Pattern == e.Type || s.Pattern == PatternAny {
			if s.Filter == "" || filterPasses(s.Filter, e.Data) {
				return true
			}
		}
	}
	return false
}

func filterPasses(filter, data string) bool {
	var wanted []map[string]any
	var event map[string]any
	if json.Unmarshal([]byte(filter), &wanted) != nil || len(wanted) == 0 || json.Unmarshal([]byte(data), &event) != nil {
		return true
	}
	attributes, _ := event["entityAttributes"].(map[string]any)
	return slices.ContainsFunc(wanted, func(one map[string]any) bool {
		for name, value := range one {
			have, found := attributes[name]
			if !found {
				have, found = event[name]
			}
			if found && !equalJSON(have, value) {
				return false
			}
		}
		return true
	})
}

// equalJSON compares values; a list of wanted ones has one of them.
func equalJSON(have, want any) bool {
	if list, ok := want.([]any); ok {
		return slices.ContainsFunc(list, func(one any) bool { return equalJSON(have, one) })
	}
	a, _ := json.Marshal(have)
	b, _ := json.Marshal(want)
	return string(a) == string(b)
}
