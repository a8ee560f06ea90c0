package graph

import (
	"net/http"
	"time"

	"github.com/rs/cors"
)

// AllowOrigins lets pages of other origins send requests. Credentials travel in
// the Authorization header, so cookies are never allowed along. Without origins
// only pages of the gateway itself can.
func AllowOrigins(next http.Handler, origins []string) http.Handler {
	if len(origins) == 0 {
		return next
	}
	return cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: []string{http.MethodGet, http.MethodPost},
		AllowedHeaders: []string{"Authorization", "Content-Type", "Accept", "X-Request-Id", "GraphQL-Require-Preflight",
			"Apollo-Require-Preflight", "X-Apollo-Operation-Name"},
		ExposedHeaders:     []string{"X-Request-Id"},
		MaxAge:             int((10 * time.Minute).Seconds()),
		OptionsPassthrough: false,
	}).Handler(next)
}
