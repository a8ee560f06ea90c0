package pageseeder

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// pingWebhook answers GET /clients/{client}/webhooks/{webhook}/ping: it sends a
// ping, waits for the receiver's answer and activates a pending webhook (section
// 2.6).
func (a *API) pingWebhook(c *call) error {
	found, err := a.theWebhook(c)
	if err != nil {
		return err
	}
	if a.sender == nil {
		return hook.Unavailablef(nil, "this gateway sends no requests")
	}
	_, err = a.service.PingWebhook(c.Context(), found.Key, func(w *hook.Webhook, handshake hook.Secret) error {
		return a.ping(c.Context(), w, handshake)
	})
	if err != nil {
		return err
	}
	return a.answer(c, "ping-sent", emptiness{})
}

// Ping sends a ping and waits for the answer, for callers of other APIs. It is a
// CONFLICT if the receiver does not confirm it.
func (a *API) Ping(ctx context.Context, w *hook.Webhook, handshake hook.Secret) error {
	if a.sender == nil {
		return hook.Unavailablef(nil, "this gateway sends no requests")
	}
	err := a.ping(ctx, w, handshake)
	var refused *refusal
	if errors.As(err, &refused) {
		return hook.Conflictf("id", "%s", refused.message)
	}
	return err
}

// ping sends a ping. Its error says which way it failed.
func (a *API) ping(ctx context.Context, w *hook.Webhook, handshake hook.Secret) error {
	now := time.Now()
	request, err := a.request(ctx, w, a.payload(w, newPing(w, now, strconv.FormatInt(now.UnixNano(), 10))), handshake)
	if err != nil {
		return err
	}
	request.Timeout = pingTimeout
	outcome := a.sender.Send(ctx, request)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case outcome.ErrorKind != "":
		return &refusal{failure: failPingConnection, message: fmt.Sprintf("the ping failed: %v", outcome.Err)}
	case outcome.StatusCode < 200 || outcome.StatusCode > 299:
		return &refusal{failure: failPingStatus, message: fmt.Sprintf("the receiver answered the ping with status %d", outcome.StatusCode)}
	}
	echo := strings.TrimSpace(outcome.Header.Get("X-Ps-Secret"))
	switch {
	case echo == "":
		return &refusal{failure: failPingSecret, message: "the receiver answered the ping without the header X-PS-Secret"}
	case !handshake.Equal(hook.Secret(echo)):
		return &refusal{failure: failPingSecret, message: "the receiver answered the ping with another X-PS-Secret"}
	}
	return nil
}
