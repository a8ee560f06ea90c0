package entrust

import (
	"net/http"
	"strings"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// authentication is AdminApiAuthenticationResult (section 4).
type authentication struct {
	Token   string `json:"authToken"`
	Created string `json:"creationTime"`
	Expires string `json:"expirationTime"`
}

// login makes a session of an application, which is an API key: its id is the
// applicationId, the last part of its token the sharedSecret.
func (a *API) login(w http.ResponseWriter, r *http.Request, _ []string) error {
	object, err := needObject(r)
	if err != nil {
		return err
	}
	object.Require("applicationId", "sharedSecret")
	id, secret := object.Text("applicationId"), object.Text("sharedSecret")
	withCookie := object.Bool("enableWebSession", false)
	for _, member := range []struct{ name, value string }{{"applicationId", id}, {"sharedSecret", secret}} {
		if strings.TrimSpace(member.value) == "" {
			object.Fail(member.name, "must not be empty")
		}
	}
	if err := object.Err(); err != nil {
		return err
	}
	session, err := a.service.OpenSession(r.Context(), id, hook.Secret(secret), withCookie)
	switch hook.CodeOf(err) {
	case "":
	case hook.NotFound:
		fail(w, http.StatusUnauthorized, codeUnknownApplication, "there is no application with this applicationId")
		return nil
	case hook.Unauthenticated:
		fail(w, http.StatusUnauthorized, codeAccessDenied, "the sharedSecret is not that of the application")
		return nil
	default:
		return err
	}
	if withCookie {
		http.SetCookie(w, &http.Cookie{
			Name: sessionCookie, Value: session.Cookie.Reveal(), Path: "/api/web",
			HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil || a.options.SecureCookie,
		})
	}
	w.Header().Set("Cache-Control", "no-store")
	return answer(w, authentication{session.Token.Reveal(), session.Created.Format(time.RFC3339), session.Expires.Format(time.RFC3339)})
}
