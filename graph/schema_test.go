package graph_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"

	"github.com/hookgraph/hookgraph/graph"
)

func printed(s *ast.Schema) string {
	var b bytes.Buffer
	formatter.NewFormatter(&b).FormatSchema(s)
	return b.String()
}

func served() *ast.Schema { return graph.NewExecutableSchema(graph.Config{}).Schema() }

// TestSchemaIsTheFile: what is served is what schema.graphqls says.
func TestSchemaIsTheFile(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	file, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphqls", Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(printed(file), printed(served())); diff != "" {
		t.Errorf("generate again (-file +served):\n%s", diff)
	}
	if len(printed(file)) < len(text)/2 {
		t.Error("the printed schema is not the whole")
	}
}

// TestEverythingIsDescribed: the Playground is the documentation.
func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	described := 0
	want := func(description, name string) {
		described++
		text := strings.TrimSpace(description)
		// A format of payloads is described by its media type.
		if text == "" || !strings.HasSuffix(text, ".") && !strings.HasPrefix(text, "application/") {
			t.Errorf("%s: %q is no description", name, text)
		}
	}
	for name, def := range served().Types {
		if strings.HasPrefix(name, "__") || def.BuiltIn {
			continue
		}
		if name != "Query" && name != "Mutation" {
			want(def.Description, name)
		}
		for _, f := range def.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			want(f.Description, name+"."+f.Name)
			for _, a := range f.Arguments {
				want(a.Description, name+"."+f.Name+"("+a.Name+")")
			}
		}
		for _, v := range def.EnumValues {
			want(v.Description, name+"."+v.Name)
		}
	}
	if described < 500 {
		t.Errorf("only %d descriptions were looked at", described)
	}
}

// TestSchemaFollowsRelay: connections, edges, mutations and nodes have the forms
// that clients such as Relay count on.
func TestSchemaFollowsRelay(t *testing.T) {
	t.Parallel()
	s := served()
	typeOf := func(def *ast.Definition, field string) string {
		if f := def.Fields.ForName(field); f != nil {
			return f.Type.String()
		}
		return "none"
	}
	expect := func(def *ast.Definition, field, want string) {
		if got := typeOf(def, field); got != want {
			t.Errorf("%s.%s is of type %s, want %s", def.Name, field, got, want)
		}
	}
	connections, mutations := 0, 0
	for name, def := range s.Types {
		if node, is := strings.CutSuffix(name, "Connection"); is {
			connections++
			edge := node + "Edge"
			of := strings.TrimPrefix(node, "Album")
			if of == "" || s.Types[of] == nil {
				of = node
			}
			expect(def, "edges", "["+edge+"!]!")
			expect(def, "nodes", "["+of+"!]!")
			expect(def, "pageInfo", "PageInfo!")
			expect(def, "totalCount", "Int!")
			expect(s.Types[edge], "cursor", "String!")
			expect(s.Types[edge], "node", of+"!")
		}
		if def.Kind != ast.Object {
			continue
		}
		for _, f := range def.Fields {
			if strings.HasSuffix(f.Type.Name(), "Connection") {
				// A list that fails leaves what is beside it alone.
				if f.Type.NonNull {
					t.Errorf("%s.%s must be nullable", name, f.Name)
				}
				for arg, want := range map[string]string{"first": "Int", "after": "String", "last": "Int", "before": "String"} {
					if a := f.Arguments.ForName(arg); a == nil || a.Type.String() != want {
						t.Errorf("%s.%s has no %s: %s", name, f.Name, arg, want)
					}
				}
			}
		}
	}
	for _, f := range s.Mutation.Fields {
		mutations++
		title := strings.ToUpper(f.Name[:1]) + f.Name[1:]
		if len(f.Arguments) != 1 || f.Arguments[0].Name != "input" || f.Arguments[0].Type.String() != title+"Input!" || f.Type.String() != title+"Payload" {
			t.Errorf("mutation %s has not the form of one", f.Name)
		}
		payload := s.Types[title+"Payload"]
		expect(payload, "userErrors", "[UserError!]!")
		for _, field := range payload.Fields {
			if field.Name != "userErrors" && field.Type.NonNull {
				t.Errorf("%s.%s must be nullable", payload.Name, field.Name)
			}
		}
	}
	for _, def := range s.GetPossibleTypes(s.Types["Node"]) {
		expect(def, "id", "ID!")
		expect(def, "key", "String!")
		expect(def, "created", map[bool]string{true: "DateTime", false: "DateTime!"}[def.Name == "Client" || def.Name == "Trigger"])
	}
	expect(s.Query, "node", "Node")
	expect(s.Query, "nodes", "[Node]!")
	if connections != 10 || mutations < 30 {
		t.Errorf("%d connections and %d mutations", connections, mutations)
	}
}

// TestScalarsAreSpecified: a custom scalar names its specification, except
// Permission, whose values are the project's own.
func TestScalarsAreSpecified(t *testing.T) {
	t.Parallel()
	for name, def := range served().Types {
		if def.Kind == ast.Scalar && !def.BuiltIn && name != "Permission" && def.Directives.ForName("specifiedBy") == nil {
			t.Errorf("scalar %s has no @specifiedBy", name)
		}
	}
}
