package entrust

import (
	"net/http"
	"strings"

	"github.com/hookgraph/hookgraph/hook"
)

// viewer finds out who is calling from the forms of section 4: a token, raw or
// behind Bearer, or the applicationId and the sharedSecret of a long-lived key.
// A comma tells them apart, since no token has one. A token is that of a login,
// or any credential that the gateway takes elsewhere.
func (a *API) viewer(r *http.Request) (*hook.Viewer, error) {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return nil, unauthenticated()
	}
	text := strings.TrimSpace(values[0])
	if scheme, rest, found := strings.Cut(text, " "); found && strings.EqualFold(scheme, "Bearer") {
		text = strings.TrimSpace(rest)
	}
	id, secret, isKey := strings.Cut(text, ",")
	switch {
	case text == "" || strings.EqualFold(text, "Bearer"):
		return nil, unauthenticated()
	case isKey:
		return a.authenticator.Key(r.Context(), strings.TrimSpace(id), hook.Secret(strings.TrimSpace(secret)))
	}
	viewer, err := a.service.AuthenticateSession(r.Context(), hook.Secret(text), cookie(r))
	if hook.CodeOf(err) == hook.Unauthenticated {
		return a.authenticator.Bearer(r.Context(), hook.Secret(text))
	}
	return viewer, err
}

// cookie returns what a login with enableWebSession set, or "".
func cookie(r *http.Request) hook.Secret {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return ""
	}
	return hook.Secret(c.Value)
}

func unauthenticated() error {
	return &hook.Error{Code: hook.Unauthenticated, Message: "a credential is needed"}
}
