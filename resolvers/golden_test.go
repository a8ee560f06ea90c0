package resolvers_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/hook"
)

var update = flag.Bool("update", false, "write the golden answers in testdata")

// TestGolden runs the operations of each testdata/*.graphql, in their order, over
// a fresh database with the seed, and compares the answers with those in the
// .json beside it. The end of an operation's name says who asks: _as_ada,
// _as_grace, _as_root, _as_bound, _as_nobody; else the admin key. What the
// requests and answers hold of names is explained at names.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			testGolden(t, file)
		})
	}
}

func testGolden(t *testing.T, file string) {
	g, known := openSeeded(t), newNames()
	g.sendBy(alike)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	for i, op := range parse(t, string(text)).Operations {
		body, err := json.Marshal(map[string]any{"query": known.restore(string(text)), "operationName": op.Name})
		if err != nil {
			t.Fatal(err)
		}
		answer := known.replace(g.send(t, g.asker(t, op.Name), string(body)).raw)
		got.WriteString(map[bool]string{true: "{\n", false: ",\n"}[i == 0] + `  "` + op.Name + `": `)
		if err := json.Indent(&got, []byte(answer), "  ", "  "); err != nil {
			t.Fatalf("%v in %s", err, answer)
		}
	}
	got.WriteString("\n}\n")
	golden := strings.TrimSuffix(file, ".graphql") + ".json"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", golden, diff)
	}
}

func (g *gateway) asker(t *testing.T, operation string) *hook.Viewer {
	_, who, _ := strings.Cut(operation, "_as_")
	switch who {
	case "":
		return admin()
	case "nobody":
		return nil
	case "bound":
		return bound("WEBHOOKS:VIEW", "EVENTS:PUBLISH")
	}
	member, ok := map[string]string{"ada": ada, "grace": grace, "root": root}[who]
	if !ok {
		t.Fatalf("nobody is called %q", who)
	}
	return g.as(t, member)
}

func schema() *ast.Schema { return graph.NewExecutableSchema(graph.Config{}).Schema() }

func parse(t *testing.T, text string) *ast.QueryDocument {
	t.Helper()
	doc, err := gqlparser.LoadQueryWithRules(schema(), text, rules.NewDefaultRules())
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestGoldenIsComplete: each field of the schema is asked for in a golden
// document, except those that cannot be. A new field needs an answer there.
func TestGoldenIsComplete(t *testing.T) {
	t.Parallel()
	asked := map[string]bool{}
	files, _ := filepath.Glob("testdata/*.graphql")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc := parse(t, string(text))
		for _, op := range doc.Operations {
			noteFields(asked, op.SelectionSet)
		}
		for _, f := range doc.Fragments {
			noteFields(asked, f.SelectionSet)
		}
	}
	noteFields(asked, parse(t, subscriptions).Operations[0].SelectionSet)
	noteFields(asked, parse(t, subscriptions).Operations[1].SelectionSet)
	noteFields(asked, parse(t, subscriptions).Operations[2].SelectionSet)
	for name, def := range schema().Types {
		if def.Kind != ast.Object || strings.HasPrefix(name, "__") {
			continue
		}
		for _, f := range def.Fields {
			if !strings.HasPrefix(f.Name, "__") && !asked[name+"."+f.Name] {
				t.Errorf("no golden document asks for %s.%s", name, f.Name)
			}
		}
	}
}

func noteFields(asked map[string]bool, set ast.SelectionSet) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			asked[s.ObjectDefinition.Name+"."+s.Name] = true
			noteFields(asked, s.SelectionSet)
		case *ast.InlineFragment:
			noteFields(asked, s.SelectionSet)
		}
	}
}
