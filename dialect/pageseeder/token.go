package pageseeder

import (
	"errors"
	"net/url"
	"strings"

	"github.com/hookgraph/hookgraph/hook"
)

// grantClientCredentials is the grant of a token request (RFC 6749, section 4.4).
// The gateway knows no passwords of members and has no page where they could
// consent, and with client_credentials there is nothing to refresh.
const grantClientCredentials = "client_credentials"

// accessToken is the answer of the token endpoint (RFC 6749, section 5.1).
type accessToken struct {
	token  string
	maxAge int64
	scope  string
}

func (t *accessToken) fields(f fields) {
	bearer := "Bearer"
	f.text("access_token", &t.token, required)
	f.text("token_type", &bearer, required)
	f.number("expires_in", &t.maxAge, required)
	f.text("scope", &t.scope, optional)
}

func (*accessToken) absent() bool { return false }

// issueToken answers POST /oauth/token. The answer is JSON whatever is asked for;
// errors have the form that the other services give them, in JSON with OAuth's
// members as well. The scope that is asked for does not count: the answer tells
// the client's.
func (a *API) issueToken(c *call) error {
	if strings.Contains(c.URL.RawQuery, "client_secret") {
		return oauthError(failInvalid, "invalid_request", "the secret of a client does not belong into a URL")
	}
	p, err := c.parameters()
	if err != nil {
		return err
	}
	if err := p.require("grant_type"); err != nil {
		return oauthError(failMissing, "invalid_request", err.Error())
	}
	if p.values["grant_type"] != grantClientCredentials {
		return oauthError(failInvalid, "unsupported_grant_type", "the only grant type is client_credentials")
	}
	issued, err := a.tokenFor(c, p)
	switch {
	case errors.Is(err, hook.ErrGrant):
		return oauthError(failInvalid, "unauthorized_client", hook.ErrGrant.Message)
	case hook.CodeOf(err) == hook.Unauthenticated:
		return oauthError(failUnauthenticated, "invalid_client", "the client or its secret is not valid")
	case err != nil:
		return err
	}
	header := c.writer.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Pragma", "no-cache")
	c.format = formatJSON
	return a.answer(c, "", &accessToken{issued.Token.Reveal(), int64(issued.MaxAge.Seconds()), issued.Scope})
}

// tokenFor authenticates the client, by Basic or by the parameters client_id and
// client_secret. In Basic both may be form-encoded (RFC 6749, section 2.3.1).
func (a *API) tokenFor(c *call, p *parameters) (*hook.ClientToken, error) {
	id, secret, isBasic := c.BasicAuth()
	if !isBasic {
		id, secret = p.values["client_id"], p.values["client_secret"]
	}
	issued, err := a.service.IssueClientToken(c.Context(), id, hook.Secret(secret))
	if isBasic && hook.CodeOf(err) == hook.Unauthenticated {
		decoded, malformed := url.QueryUnescape(secret)
		if malformed == nil && decoded != secret {
			return a.service.IssueClientToken(c.Context(), id, hook.Secret(decoded))
		}
	}
	return issued, err
}

func oauthError(form failure, code, message string) error {
	return &refusal{failure: form, message: message, oauth: code}
}
