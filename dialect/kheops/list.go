package kheops

import (
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/hookgraph/hookgraph/hook"
)

// list answers E1: the webhooks of an album, the newest first. The answer is
// written page by page; if that fails when a part of it has been sent, the
// connection is cut, so that the caller does not take the part for all.
func (a *API) list(w http.ResponseWriter, r *http.Request, keys []string) {
	ctx := r.Context()
	webhooks, err := a.service.WebhooksOf(ctx, hook.Kheops, hook.ID{Kind: hook.KindAlbum, Key: keys[0]})
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	q, status := readQuery(r.URL.RawQuery)
	switch status {
	case http.StatusOK:
	case http.StatusInternalServerError:
		object(w, status, internal, "A number in the query is blank")
		return
	default:
		page(w, status)
		return
	}
	total, err := webhooks.Total(ctx, q.url)
	if err != nil {
		a.refuse(w, r, err)
		return
	}

	h := w.Header()
	h.Set("X-Total-Count", strconv.Itoa(total))
	h.Set("Access-Control-Expose-Headers", "X-Total-Count")
	h.Set("Content-Type", "application/json")
	if r.Method == http.MethodHead {
		return
	}
	body, count := []byte{'['}, 0
	for page, err := range webhooks.Pages(ctx, q.offset, q.limit, q.url) {
		var stats []*hook.Stats
		if err == nil {
			stats, err = a.service.WebhookStats(ctx, keysOf(page))
		}
		if err != nil {
			a.breakOff(w, r, err, count > 0)
			return
		}
		for i, webhook := range page {
			body = appendComma(body, count)
			body = appendWebhook(body, webhook, stats[i])
			count++
		}
		if _, err := w.Write(body); err != nil {
			return
		}
		body = body[:0]
	}
	w.Write(append(body, ']'))
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

// A query is what the parameters of E1 ask for.
type query struct {
	limit, offset int
	url           *string
}

// readQuery returns the query and 200, or the status that Kheops answers: 404
// if a number is none, else 400 if one is negative, else 500 if one is blank.
func readQuery(raw string) (query, int) {
	// A semicolon is an ordinary character here.
	values, err := url.ParseQuery(strings.ReplaceAll(raw, ";", "%3B"))
	if err != nil {
		return query{}, http.StatusBadRequest
	}
	q := query{limit: math.MaxInt32}
	status := http.StatusOK
	for _, p := range []struct {
		name string
		to   *int
	}{{"limit", &q.limit}, {"offset", &q.offset}} {
		if !values.Has(p.name) {
			continue
		}
		text := values.Get(p.name)
		n, err := strconv.ParseInt(text, 10, 32)
		switch {
		case strings.TrimSpace(text) == "":
			if status == http.StatusOK {
				status = http.StatusInternalServerError
			}
		case err != nil:
			return query{}, http.StatusNotFound
		case n < 0:
			status = http.StatusBadRequest
		}
		*p.to = int(n)
	}
	if values.Has("url") {
		text := values.Get("url")
		q.url = &text
	}
	return q, status
}
