package graph

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/hookgraph/hookgraph/hook"
)

// Options of the endpoint.
type Options struct {
	Log *slog.Logger
}

const (
	maxCost       = 10_000
	maxTokens     = 5_000
	cachedQueries = 500
)

// NewHandler returns the GraphQL endpoint over the resolvers. The viewer is
// that of the request's context.
func NewHandler(service *hook.Service, resolvers ResolverRoot, options Options) http.Handler {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	server := handler.New(priced{NewExecutableSchema(Config{Resolvers: resolvers})})
	server.AddTransport(transport.Options{})
	server.AddTransport(transport.GET{})
	server.AddTransport(transport.POST{})
	server.SetQueryCache(lru.New[*ast.QueryDocument](cachedQueries))
	server.SetParserTokenLimit(maxTokens)
	server.Use(extension.Introspection{})
	server.Use(extension.FixedComplexityLimit(maxCost))
	server.SetErrorPresenter(present(options.Log))
	server.SetRecoverFunc(func(ctx context.Context, p any) error {
		options.Log.ErrorContext(ctx, "panic in a resolver", "requestId", hook.RequestID(ctx), "panic", p, "stack", string(debug.Stack()))
		return fmt.Errorf("panic in a resolver")
	})
	server.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		return next(context.WithValue(ctx, loadersKey{}, newLoaders(service)))
	})
	return server
}
