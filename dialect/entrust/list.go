package entrust

import (
	"bytes"
	"net/http"

	"github.com/hookgraph/hookgraph/hook"
)

// list answers operation 2: the webhooks of the account, the oldest first. The
// answer is written page by page; if that fails when a part of it has been sent,
// the connection is cut, so that the caller does not take the part for all.
func (a *API) list(w http.ResponseWriter, r *http.Request, _ []string) error {
	ctx := r.Context()
	webhooks, err := a.service.WebhooksOf(ctx, hook.Entrust, account)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodHead {
		return nil
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
			if begun {
				a.breakOff(r, err)
			}
			return err
		}
		begun = true
		if _, err := body.WriteTo(w); err != nil {
			return nil // the caller has left
		}
	}
	body.WriteByte(']')
	_, _ = body.WriteTo(w)
	return nil
}

// breakOff ends a list that has begun and cannot be completed.
func (a *API) breakOff(r *http.Request, err error) {
	if isInternal(err) {
		a.log.ErrorContext(r.Context(), "list broken off", "dialect", hook.Entrust, "request", hook.RequestID(r.Context()), "error", err)
	}
	panic(http.ErrAbortHandler)
}
