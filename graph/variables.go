package graph

import (
	"reflect"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// variableRules are what the validator checks in literals, but not in what
// variables hold: that inputs with @oneOf have exactly one field (GraphQL,
// section 3.10.1), and that enum values are spelt as in the schema (section
// 3.9).
type variableRules struct {
	schema *ast.Schema
	// reaches are the types that are, or contain, one to look at.
	reaches map[string]bool
}

func newVariableRules(schema *ast.Schema) variableRules {
	rules := variableRules{schema, map[string]bool{}}
	for name, t := range schema.Types {
		if t.Kind == ast.Enum || isOneOf(t) {
			rules.reaches[name] = true
		}
	}
	for grown := true; grown; {
		grown = false
		for name, t := range schema.Types {
			if t.Kind != ast.InputObject || rules.reaches[name] {
				continue
			}
			for _, f := range t.Fields {
				if rules.reaches[f.Type.Name()] {
					rules.reaches[name], grown = true, true
				}
			}
		}
	}
	return rules
}

func isOneOf(t *ast.Definition) bool {
	return t.Kind == ast.InputObject && t.Directives.ForName("oneOf") != nil
}

// checkLists refuses lists that are longer than any input takes, before the
// validator, the cost and the resolvers walk them.
func (r variableRules) checkLists(op *ast.OperationDefinition, sent map[string]any, most int) *gqlerror.Error {
	for _, v := range op.VariableDefinitions {
		if err := r.lists(v.Type, sent[v.Variable], ast.Path{ast.PathName("variable"), ast.PathName(v.Variable)}, most); err != nil {
			return err
		}
	}
	return nil
}

func (r variableRules) lists(t *ast.Type, value any, path ast.Path, most int) *gqlerror.Error {
	if t.Elem != nil {
		list, ok := value.([]any)
		if !ok {
			return r.lists(t.Elem, value, path, most)
		}
		if len(list) > most {
			err := limitError("list", len(list), most)
			err.Path = append(ast.Path{}, path...)
			return err
		}
		for i, element := range list {
			if err := r.lists(t.Elem, element, append(path, ast.PathIndex(i)), most); err != nil {
				return err
			}
		}
		return nil
	}
	object, ok := value.(map[string]any)
	if def := r.schema.Types[t.NamedType]; ok && def != nil {
		for _, f := range def.Fields {
			if err := r.lists(f.Type, object[f.Name], append(path, ast.PathName(f.Name)), most); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r variableRules) check(op *ast.OperationDefinition, variables map[string]any) *gqlerror.Error {
	for _, v := range op.VariableDefinitions {
		if err := r.value(v.Type, variables[v.Variable], ast.Path{ast.PathName("variable"), ast.PathName(v.Variable)}); err != nil {
			return err
		}
	}
	return nil
}

func (r variableRules) value(t *ast.Type, value any, path ast.Path) *gqlerror.Error {
	if value == nil || !r.reaches[t.Name()] {
		return nil
	}
	if t.Elem != nil {
		// The validator makes lists of other types than []any of single values.
		list := reflect.ValueOf(value)
		if list.Kind() != reflect.Slice {
			return r.value(t.Elem, value, path)
		}
		for i := range list.Len() {
			if err := r.value(t.Elem, list.Index(i).Interface(), append(path, ast.PathIndex(i))); err != nil {
				return err
			}
		}
		return nil
	}
	def := r.schema.Types[t.NamedType]
	if def.Kind == ast.Enum {
		if name, _ := value.(string); def.EnumValues.ForName(name) == nil {
			return variableRuleError(path, "the value is not one of %s", def.Name)
		}
		return nil
	}
	object, _ := value.(map[string]any)
	if isOneOf(def) {
		if err := exactlyOne(def.Name, object, path); err != nil {
			return err
		}
	}
	for _, f := range def.Fields {
		if err := r.value(f.Type, object[f.Name], append(path, ast.PathName(f.Name))); err != nil {
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
	return variableRuleError(path, "%s needs exactly one field that is not null, and has %d", name, len(object))
}

func variableRuleError(path ast.Path, format string, args ...any) *gqlerror.Error {
	err := requestError(codeValidation, format, args...)
	err.Path = append(ast.Path{}, path...)
	return err
}
