package graph

import "github.com/vektah/gqlparser/v2/ast"

// introspectionLengths are how many elements the lists of introspection have by
// their fields' names, on the average over the types of the schema. The cost of
// an operation leaves introspection out, and few bytes can ask for all of the
// schema a hundred times.
type introspectionLengths map[string]int

// largeType is how much more than the average one type of the schema may have:
// __type can be asked for the largest.
const largeType = 20

func newIntrospectionLengths(schema *ast.Schema) introspectionLengths {
	l := introspectionLengths{}
	for _, t := range schema.Types {
		l["interfaces"] += len(t.Interfaces)
		l["possibleTypes"] += len(schema.PossibleTypes[t.Name])
		l["enumValues"] += len(t.EnumValues)
		if t.Kind == ast.InputObject {
			l["inputFields"] += len(t.Fields)
			continue
		}
		l["fields"] += len(t.Fields)
		for _, f := range t.Fields {
			l["args"] += len(f.Arguments)
		}
	}
	fields := max(l["fields"], 1)
	for name, sum := range l {
		if name == "args" {
			l[name] = (sum + fields - 1) / fields
		} else {
			l[name] = (sum + len(schema.Types) - 1) / len(schema.Types)
		}
	}
	l["types"], l["directives"] = len(schema.Types), len(schema.Directives)
	return l
}

// of is 1 for what is no list.
func (l introspectionLengths) of(field string) int { return max(l[field], 1) }
