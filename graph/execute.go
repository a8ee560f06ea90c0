package graph

import (
	"bytes"
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// execute runs a query or a mutation. It does what the generated Exec does for
// them, without what only deferred fragments and custom unmarshalers need; that
// was a tenth of the time of a small query.
func (e *Endpoint) execute(ctx context.Context, oc *graphql.OperationContext) *graphql.Response {
	if e.options.Observe != nil {
		e.options.Observe(string(oc.Operation.Operation))
	}
	ctx = graphql.WithOperationContext(ctx, oc)
	ctx = context.WithValue(ctx, loadersKey{}, &Loaders{service: e.service})
	ctx = graphql.WithResponseContext(ctx, e.present, e.recover)
	ec := newExecutionContext(oc, e.generated, nil)
	var data graphql.Marshaler
	if oc.Operation.Operation == ast.Mutation {
		data = ec._Mutation(ctx, oc.Operation.SelectionSet)
	} else {
		data = ec._Query(ctx, oc.Operation.SelectionSet)
	}
	var buf bytes.Buffer
	data.MarshalGQL(&buf)
	return &graphql.Response{
		Data: buf.Bytes(), Errors: e.options.Limits.cut(graphql.GetErrors(ctx)), Extensions: graphql.GetExtensions(ctx),
	}
}
