package kheops

import (
	"context"
	"iter"
	"net/http"

	"github.com/hookgraph/hookgraph/hook"
)

// list answers E1: the webhooks of an album, the newest first. The answer is
// written page by page; if that fails when a part of it has been sent, the
// connection is cut, so that the caller does not take the part for all.
func (a *API) list(w http.ResponseWriter, r *http.Request, keys []string) {
	ctx := r.Context()
	webhooks, err := a.service.WebhooksOf(ctx, hook.Kheops, albumID(keys))
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	q, refused := readQuery(r.URL.RawQuery)
	if refused != nil {
		refused.write(w)
		return
	}
	next, stop := iter.Pull2(webhooks.Pages(ctx, q.offset, q.limit, q.url))
	defer stop()
	page, err, more := next()
	total := 0
	if err == nil {
		total, err = totalOf(ctx, webhooks, q, len(page))
	}
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	setTotal(w.Header(), total)
	w.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodHead {
		return
	}
	body, count, begun := []byte{'['}, 0, false
	for ; more; page, err, more = next() {
		var stats []*hook.Stats
		if err == nil {
			stats, err = a.service.WebhookStats(ctx, keysOf(page))
		}
		if err != nil {
			a.breakOff(w, r, err, begun)
			return
		}
		for i, webhook := range page {
			body = appendComma(body, count)
			body = appendWebhook(body, webhook, stats[i])
			count++
		}
		if len(body) >= piece {
			if _, err := w.Write(body); err != nil {
				return
			}
			body, begun = body[:0], true
		}
	}
	end(w, append(body, ']'), begun)
}

// totalOf counts the list, unless its first page shows that it ends there.
func totalOf(ctx context.Context, webhooks *hook.OwnerWebhooks, q query, first int) (int, error) {
	// With an offset the first page is short for what was skipped of it.
	if q.url == nil && q.offset == 0 && first < min(q.limit, hook.MaxPage) {
		return first, nil
	}
	return webhooks.Total(ctx, q.url)
}

// piece is how many bytes of a long answer are collected before they are sent.
const piece = 16 << 10

// end sends the last part of an answer, or all of it if nothing has been sent.
func end(w http.ResponseWriter, body []byte, begun bool) {
	if !begun {
		answer(w, http.StatusOK, body)
		return
	}
	w.Write(body)
}

// breakOff ends a list that cannot be completed.
func (a *API) breakOff(w http.ResponseWriter, r *http.Request, err error, begun bool) {
	if !begun {
		w.Header().Del("X-Total-Count")
		w.Header().Del("Access-Control-Expose-Headers")
		a.refuse(w, r, err)
		return
	}
	if isInternal(err) {
		a.log.ErrorContext(r.Context(), "list broken off", "dialect", hook.Kheops, "request", hook.RequestID(r.Context()), "error", err)
	}
	panic(http.ErrAbortHandler)
}

func keysOf(webhooks []*hook.Webhook) []string {
	keys := make([]string, len(webhooks))
	for i, w := range webhooks {
		keys[i] = w.Key
	}
	return keys
}
