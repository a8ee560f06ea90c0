package auth

import (
	"net/http"
	"strings"

	"github.com/hookgraph/hookgraph/hook"
)

// Viewer returns who sends a request to GraphQL or one of the gateway's own
// paths: the bearer of the token in its Authorization header (RFC 6750, section
// 2.1), or nil if it has no such header. Anything else in the header, or two of
// them, is UNAUTHENTICATED: whoever sends a credential does not want to be
// anonymous. The errors are those of Bearer.
func (a *Authenticator) Viewer(r *http.Request) (*hook.Viewer, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) == 0 {
		return nil, nil
	}
	scheme, token, found := strings.Cut(headers[0], " ")
	if len(headers) > 1 || !found || !strings.EqualFold(scheme, "Bearer") {
		return nil, badCredential()
	}
	return a.Bearer(r.Context(), hook.Secret(token))
}
