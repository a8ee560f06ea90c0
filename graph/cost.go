package graph

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"github.com/hookgraph/hookgraph/hook"
)

// priced knows what a field costs: a connection its page size times what is
// asked of each object, nodes the number of ids times that, statistics the
// number of hours, any other field one.
type priced struct{ graphql.ExecutableSchema }

// connectionCost is the price of reading a page, whatever it holds.
const connectionCost = 2

// Complexity implements graphql.ExecutableSchema.
func (p priced) Complexity(_ context.Context, typeName, fieldName string, child int, args map[string]any) (int, bool) {
	if typeName == "Query" && fieldName == "nodes" {
		ids, _ := args["ids"].([]any)
		return connectionCost + child*max(len(ids), 1), true
	}
	switch typeName + "." + fieldName {
	case "Webhook.statistics":
		hours, _ := number(args["hours"])
		return 1 + child*max((hours+23)/24, 1), true
	case "WebhookStatistics.series":
		return 1 + 24*child, true // of a day; the hours multiply it
	}
	object := p.Schema().Types[typeName]
	if object == nil {
		return 0, false
	}
	field := object.Fields.ForName(fieldName)
	if field == nil || !strings.HasSuffix(field.Type.Name(), "Connection") {
		return 0, false
	}
	size := hook.DefaultPage
	for _, name := range []string{"first", "last"} {
		if n, ok := number(args[name]); ok {
			size = min(max(n, 1), hook.MaxPage)
		}
	}
	return connectionCost + child*size, true
}

func number(v any) (int, bool) {
	switch n := v.(type) {
	case int64:
		return int(n), true
	case interface{ Int64() (int64, error) }:
		i, err := n.Int64()
		return int(i), err == nil
	case float64:
		return int(n), true
	}
	return 0, false
}
