package graph

import (
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// oneOfInputs are the input types that are, or contain, inputs with @oneOf. The
// validator checks those in literals; what variables hold is checked here
// (GraphQL, section 3.10.1).
type oneOfInputs struct {
	schema  *ast.Schema
	reaches map[string]bool
}

func findOneOfInputs(schema *ast.Schema) oneOfInputs {
	in := oneOfInputs{schema, map[string]bool{}}
	for name, t := range schema.Types {
		if t.Kind == ast.InputObject && t.Directives.ForName("oneOf") != nil {
			in.reaches[name] = true
		}
	}
	for grown := true; grown; {
		grown = false
		for name, t := range schema.Types {
			if t.Kind != ast.InputObject || in.reaches[name] {
				continue
			}
			for _, f := range t.Fields {
				if in.reaches[f.Type.Name()] {
					in.reaches[name], grown = true, true
				}
			}
		}
	}
	return in
}

func (in oneOfInputs) check(op *ast.OperationDefinition, variables map[string]any) *gqlerror.Error {
	for _, v := range op.VariableDefinitions {
		if err := in.value(v.Type, variables[v.Variable], ast.Path{ast.PathName("variable"), ast.PathName(v.Variable)}); err != nil {
			return err
		}
	}
	return nil
}

func (in oneOfInputs) value(t *ast.Type, value any, path ast.Path) *gqlerror.Error {
	if value == nil || !in.reaches[t.Name()] {
		return nil
	}
	if t.Elem != nil {
		list, _ := value.([]any)
		for i, e := range list {
			if err := in.value(t.Elem, e, append(path, ast.PathIndex(i))); err != nil {
				return err
			}
		}
		return nil
	}
	object, _ := value.(map[string]any)
	def := in.schema.Types[t.NamedType]
	if def.Directives.ForName("oneOf") != nil {
		if err := exactlyOne(def.Name, object, path); err != nil {
			return err
		}
	}
	for _, f := range def.Fields {
		if err := in.value(f.Type, object[f.Name], append(path, ast.PathName(f.Name))); err != nil {
			return err
		}
	}
	return nil
}

func exactlyOne(name string, object map[string]any, path ast.Path) *gqlerror.Error {
	if len(object) == 1 {
		for _, v := range object {
			if v != nil {
				return nil
			}
		}
	}
	err := requestError(codeValidation, "%s needs exactly one field that is not null, and has %s", name, strconv.Itoa(len(object)))
	err.Path = append(ast.Path{}, path...)
	return err
}
