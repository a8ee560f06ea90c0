package pageseeder

import (
	"context"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/hookgraph/hookgraph/hook"
)

// challenges are the credentials that the API takes (section 3.4).
var challenges = []string{`Bearer realm="Hookgraph"`, `Basic realm="Hookgraph", charset="UTF-8"`}

// authenticate returns the request's context with its viewer.
func (a *API) authenticate(r *http.Request) (context.Context, error) {
	token := credential(r)
	if token == "" {
		return nil, &hook.Error{Code: hook.Unauthenticated, Message: "a credential is needed: Authorization with Bearer or Basic"}
	}
	viewer, err := a.authenticator.Bearer(r.Context(), token)
	if hook.CodeOf(err) == hook.Unauthenticated && !strings.HasPrefix(token.Reveal(), keyPrefix) {
		viewer, err = a.service.AuthenticateClientToken(r.Context(), token)
	}
	if err != nil {
		return nil, err
	}
	return hook.WithViewer(r.Context(), viewer), nil
}

const keyPrefix = "hg_"

// credential finds the token in the Authorization header. Basic carries an API
// key as its id and secret, or any token as the password, whoever the user is
// said to be: programs that ask for a user and a password can be given a token
// so.
func credential(r *http.Request) hook.Secret {
	if user, password, ok := r.BasicAuth(); ok {
		if password != "" && isKeyID(user) && !strings.HasPrefix(password, keyPrefix) {
			return hook.Secret(keyPrefix + user + "_" + password)
		}
		return hook.Secret(password)
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return hook.Secret(strings.TrimSpace(token))
}

// isKeyID reports whether a user name is the id of an API key: a UUID in its
// usual form.
func isKeyID(user string) bool { return len(user) == 36 && uuid.Validate(user) == nil }
