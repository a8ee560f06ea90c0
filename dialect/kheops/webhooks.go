package kheops

import (
	"context"
	"net/http"
	"strconv"

	"github.com/hookgraph/hookgraph/hook"
)

// The permissions that stand for Kheops' only one, to manage the webhooks of an
// album. Seeing them is a part of each, since the answers show them.
const (
	mayView    = hook.Permission(hook.Webhooks + ":" + hook.View)
	mayAdd     = hook.Permission(hook.Webhooks + ":" + hook.Add)
	mayEdit    = hook.Permission(hook.Webhooks + ":" + hook.Edit)
	mayRemove  = hook.Permission(hook.Webhooks + ":" + hook.Remove)
	mayTrigger = hook.Permission(hook.Events + ":" + hook.Publish)
)

func albumID(keys []string) hook.ID { return hook.ID{Kind: hook.KindAlbum, Key: keys[0]} }

// begin checks what the caller may do and reads the form, or answers why not.
func (a *API) begin(w http.ResponseWriter, r *http.Request, keys []string, permission hook.Permission) (form, bool) {
	if err := a.service.Permit(r.Context(), albumID(keys), mayView, permission); err != nil {
		a.refuse(w, r, err)
		return nil, false
	}
	return a.form(w, r)
}

// create answers E2.
func (a *API) create(w http.ResponseWriter, r *http.Request, keys []string) {
	f, ok := a.begin(w, r, keys, mayAdd)
	if !ok {
		return
	}
	fields, refused := readNew(f)
	if refused != nil {
		refused.write(w)
		return
	}
	webhook, _, err := a.service.CreateWebhook(r.Context(), hook.Kheops, albumID(keys), fields)
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	answer(w, http.StatusCreated, appendWebhook(nil, webhook, &hook.Stats{}))
}

// edit answers E4.
func (a *API) edit(w http.ResponseWriter, r *http.Request, keys []string) {
	ctx := r.Context()
	f, ok := a.begin(w, r, keys, mayEdit)
	if !ok {
		return
	}
	c, refused := readChange(f)
	if refused != nil {
		refused.write(w)
		return
	}
	webhook, err := a.service.ChangeWebhook(ctx, keys[1], nil, func(w *hook.Webhook) (hook.WebhookFields, error) {
		if !isIn(w, keys) {
			return hook.WebhookFields{}, hook.Missing(hook.KindWebhook)
		}
		return c.apply(w), nil
	})
	var stats []*hook.Stats
	if err == nil {
		stats, err = a.service.WebhookStats(ctx, keys[1:])
	}
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, appendWebhook(nil, webhook, stats[0]))
}

// remove answers E5.
func (a *API) remove(w http.ResponseWriter, r *http.Request, keys []string) {
	ctx := r.Context()
	err := a.service.Permit(ctx, albumID(keys), mayView, mayRemove)
	if err == nil {
		_, err = a.webhook(ctx, keys)
	}
	if err == nil {
		err = a.service.DeleteWebhook(ctx, keys[1], nil)
	}
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// webhook returns the webhook of a path: one of another album is not found.
func (a *API) webhook(ctx context.Context, keys []string) (*hook.Webhook, error) {
	webhook, err := a.service.Webhook(ctx, keys[1])
	if err == nil && !isIn(webhook, keys) {
		err = hook.Missing(hook.KindWebhook)
	}
	return webhook, err
}

func isIn(w *hook.Webhook, keys []string) bool {
	return w.Dialect == hook.Kheops && w.AlbumKey() == keys[0]
}

func answer(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}
