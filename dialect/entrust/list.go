package entrust

import (
	"bytes"
	"net/http"

	"github.com/hookgraph/hookgraph/hook"
)

// list answers operation 2: the webhooks of the account, the oldest first. The
// answer is written page by page; if that fails when a part of it has been sent,
// the connection is cut, so that the caller does not take the part for all.
func (a *API) list(w http.ResponseWriter, r *http.Request, _ []string) {
	ctx := r.Context()
	webhooks, err := a.service.WebhooksOf(ctx, hook.Entrust, hook.ID{Kind: hook.KindAccount})
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodHead {
		return
	}
	body, separator, begun := bytes.NewBufferString("["), "", false
	for page, err := range webhooks.Pages(ctx, 0, -1, nil) {
		for _, webhook := range page {
			body.WriteString(separator)
			separator = ","
			if err == nil {
				err = write(body, a.webhook(webhook))
			}
		}
		if err != nil {
			a.breakOff(w, r, err, begun)
			return
		}
		begun = true
		if _, err := body.WriteTo(w); err != nil {
			return
		}
	}
	body.WriteByte(']')
	body.WriteTo(w)
}

// breakOff ends a list that cannot be completed.
func (a *API) breakOff(w http.ResponseWriter, r *http.Request, err error, begun bool) {
	if !begun {
		a.refuse(w, r, err)
		return
	}
	if isInternal(err) {
		a.log.ErrorContext(r.Context(), "list broken off", "dialect", hook.Entrust, "request", hook.RequestID(r.Context()), "error", err)
	}
	panic(http.ErrAbortHandler)
}
