package entrust

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"net/http"

	"github.com/hookgraph/hookgraph/hook"
)

var account = hook.ID{Kind: hook.KindAccount}

// create answers operation 1. Permission comes before input.
func (a *API) create(w http.ResponseWriter, r *http.Request, _ []string) error {
	if err := a.service.Permit(r.Context(), account, "WEBHOOKS:ADD"); err != nil {
		return err
	}
	object, err := needObject(r)
	if err != nil {
		return err
	}
	f, err := fields(object)
	if err != nil {
		return err
	}
	if a.options.TokenForm == PlainToken {
		f.Secret = hook.Set(newPlainToken())
	}
	made, token, err := a.service.CreateWebhook(r.Context(), hook.Entrust, account, f)
	if err != nil {
		return err
	}
	form := a.webhook(made)
	form.Token = token.Reveal()
	// The token must not be kept on the way.
	w.Header().Set("Cache-Control", "no-store")
	return answer(w, form)
}

func newPlainToken() hook.Secret {
	var b [32]byte
	rand.Read(b[:])
	return hook.Secret(base64.StdEncoding.EncodeToString(b[:]))
}

// get answers operation 3.
func (a *API) get(w http.ResponseWriter, r *http.Request, keys []string) error {
	found, err := a.service.PermittedWebhook(r.Context(), hook.Entrust, keys[0], hook.View)
	if err != nil {
		return err
	}
	return answer(w, a.webhook(found))
}

// update answers operation 4: what is absent and not required stays (section 12,
// no. 12 and 13), a name that an old client does not know too.
func (a *API) update(w http.ResponseWriter, r *http.Request, keys []string) error {
	if _, err := a.service.PermittedWebhook(r.Context(), hook.Entrust, keys[0], hook.Edit); err != nil {
		return err
	}
	object, err := needObject(r)
	if err != nil {
		return err
	}
	f, err := fields(object)
	if err != nil {
		return err
	}
	changed, err := a.service.UpdateWebhook(r.Context(), keys[0], nil, f)
	if err != nil {
		return err
	}
	return answer(w, a.webhook(changed))
}

// remove answers operation 5.
func (a *API) remove(w http.ResponseWriter, r *http.Request, keys []string) error {
	if _, err := a.service.PermittedWebhook(r.Context(), hook.Entrust, keys[0], hook.Remove); err != nil {
		return err
	}
	if err := a.service.DeleteWebhook(r.Context(), keys[0], nil); err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

// answer sends an object. Success is always 200 (section 1).
func answer(w http.ResponseWriter, value any) error {
	var body bytes.Buffer
	if err := write(&body, value); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = body.WriteTo(w) // fails only if the caller has left
	return nil
}
