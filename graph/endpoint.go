// Package graph is the GraphQL endpoint: HTTP, limits, documents and loaders
// around the generated code.
package graph

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/complexity"
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"

	"github.com/hookgraph/hookgraph/hook"
)

// Options of the endpoint.
type Options struct {
	Log *slog.Logger
	// Introspection answers __schema and __type; without it, error messages do
	// not suggest names of the schema either.
	Introspection bool
	// Limits of one operation; zero values stand for the defaults.
	Limits Limits
	// Trusted are the documents that may be asked for by the SHA-256 of their
	// text, in hex. If TrustedOnly is set, nothing else runs.
	Trusted     map[string]string
	TrustedOnly bool
	// DraftStatuses answers application/graphql-response+json with the statuses
	// of the 2026 draft of GraphQL over HTTP: 422 for operations that do not
	// validate, 294 for answers with errors beside data.
	DraftStatuses bool
	// Authenticate returns the viewer of a token that a WebSocket brings, and tells
	// of those of all streams whether they are still good: its error is
	// UNAUTHENTICATED for one that is not. Without it no such token is.
	Authenticate func(ctx context.Context, token hook.Secret) (*hook.Viewer, error)
	// Origins are those whose pages may open WebSockets, beside the gateway's own.
	Origins []string
	Streams StreamLimits
	// Observe, if set, is told of each operation that runs: query, mutation or
	// subscription.
	Observe func(operation string)
}

// An Endpoint answers GraphQL requests.
type Endpoint struct {
	schema    graphql.ExecutableSchema
	generated *executableSchema
	service   *hook.Service
	options   Options
	documents *documents
	variables variableRules
	present   graphql.ErrorPresenterFunc
	streams   streams
	following atomic.Int64 // subscriptions that are open
}

var _ graphql.GraphExecutor = (*Endpoint)(nil)

// NewHandler returns the GraphQL endpoint over the resolvers. The viewer is
// that of the request's context.
func NewHandler(service *hook.Service, resolvers ResolverRoot, options Options) *Endpoint {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	options.Limits, options.Streams = options.Limits.orDefaults(), options.Streams.orDefaults()
	generated := NewExecutableSchema(Config{Resolvers: resolvers}).(*executableSchema)
	schema := priced{generated}
	return &Endpoint{
		schema: schema, generated: generated, service: service, options: options,
		documents: newDocuments(schema.Schema(), options),
		variables: newVariableRules(schema.Schema()),
		present:   present(options.Log),
		streams:   streams{closing: make(chan struct{})},
	}
}

// The codes of request errors, beside those of codes.
const (
	codeParse      = "GRAPHQL_PARSE_FAILED"
	codeValidation = "GRAPHQL_VALIDATION_FAILED"
	codeResolution = "OPERATION_RESOLUTION_FAILURE"
	codeBadRequest = "BAD_REQUEST"
)

func requestError(code, format string, args ...any) *gqlerror.Error {
	return &gqlerror.Error{Message: fmt.Sprintf(format, args...), Extensions: map[string]any{"code": code}}
}

// CreateOperationContext implements graphql.GraphExecutor: it finds or parses
// the document, and checks it and the variables. Its errors are request errors:
// nothing has run.
func (e *Endpoint) CreateOperationContext(ctx context.Context, params *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	oc := &graphql.OperationContext{
		RawQuery: params.Query, OperationName: params.OperationName, Extensions: params.Extensions, Headers: params.Headers,
		DisableIntrospection: !e.options.Introspection, RecoverFunc: e.recover,
		ResolverMiddleware:     func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) },
		RootResolverMiddleware: func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler { return next(ctx) },
	}
	doc, errs := e.documents.find(params)
	if errs != nil {
		return oc, errs
	}
	oc.Doc = doc
	if oc.Operation = doc.Operations.ForName(params.OperationName); oc.Operation == nil {
		if params.OperationName == "" {
			return oc, gqlerror.List{requestError(codeResolution, "the document has several operations: operationName must say which one to run")}
		}
		return oc, gqlerror.List{requestError(codeResolution, "the document has no operation of the name that operationName asks for")}
	}
	if err := e.variables.checkLists(oc.Operation, params.Variables, e.options.Limits.List); err != nil {
		return oc, gqlerror.List{err}
	}
	var err error
	if oc.Variables, err = validator.VariableValues(e.schema.Schema(), oc.Operation, params.Variables); err != nil {
		return oc, gqlerror.List{variableError(err)}
	}
	if err := e.variables.check(oc.Operation, oc.Variables); err != nil {
		return oc, gqlerror.List{err}
	}
	if cost := complexity.Calculate(ctx, e.schema, oc.Operation, oc.Variables); cost > e.options.Limits.Cost {
		return oc, gqlerror.List{limitError("cost", cost, e.options.Limits.Cost)}
	}
	return oc, nil
}

// variableError gives the validator's error a code. Its message names the
// variable, not its value.
func variableError(err error) *gqlerror.Error {
	out := requestError(codeValidation, "%s", err)
	if parsed, ok := err.(*gqlerror.Error); ok {
		out.Message, out.Path = parsed.Message, parsed.Path
	}
	return out
}

// DispatchOperation implements graphql.GraphExecutor: it runs an operation.
func (e *Endpoint) DispatchOperation(ctx context.Context, oc *graphql.OperationContext) (graphql.ResponseHandler, context.Context) {
	ctx = graphql.WithOperationContext(ctx, oc)
	ctx = context.WithValue(ctx, loadersKey{}, &Loaders{service: e.service})
	started := graphql.WithResponseContext(ctx, e.present, e.recover)
	responses := e.schema.Exec(started)
	if errs := graphql.GetErrors(started); errs != nil {
		return graphql.OneShot(&graphql.Response{Errors: errs}), ctx
	}
	return func(ctx context.Context) *graphql.Response {
		ctx = graphql.WithResponseContext(ctx, e.present, e.recover)
		answer := responses(ctx)
		if answer != nil {
			answer.Errors = e.options.Limits.cut(append(answer.Errors, graphql.GetErrors(ctx)...))
			answer.Extensions = graphql.GetExtensions(ctx)
		}
		return answer
	}, ctx
}

// DispatchError implements graphql.GraphExecutor: it answers request errors.
func (e *Endpoint) DispatchError(_ context.Context, list gqlerror.List) *graphql.Response {
	return &graphql.Response{Errors: e.options.Limits.cut(list)}
}

func (e *Endpoint) recover(ctx context.Context, p any) error {
	e.options.Log.ErrorContext(ctx, "panic in a resolver", "requestId", hook.RequestID(ctx), "panic", p, "stack", string(debug.Stack()))
	return fmt.Errorf("panic in a resolver")
}

// run runs one query or mutation within the limit of time.
func (e *Endpoint) run(r *http.Request, params *graphql.RawParams) (answer *graphql.Response, ran bool) {
	ctx, cancel := context.WithTimeout(r.Context(), e.options.Limits.Time)
	defer cancel()
	oc, errs := e.CreateOperationContext(ctx, params)
	if errs == nil && oc.Operation.Operation == ast.Subscription {
		errs = gqlerror.List{requestError(codeBadRequest, "subscriptions need a stream: graphql-transport-ws or text/event-stream")}
	}
	if errs == nil && r.Method != http.MethodPost && oc.Operation.Operation != ast.Query {
		errs = gqlerror.List{errGetMutation}
	}
	if errs != nil {
		return e.DispatchError(ctx, errs), false
	}
	return e.execute(ctx, oc), true
}

var errGetMutation = requestError(codeBadRequest, "GET runs queries only: send a mutation by POST")

// defaultTime is how long an operation may take.
const defaultTime = 10 * time.Second
