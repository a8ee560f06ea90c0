package pageseeder

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/hookgraph/hookgraph/hook"
)

// listWebhooks answers GET /clients/{client}/webhooks: all webhooks of a client
// in the order of their ids, page by page, so that a list of any length needs
// the memory of a page (section 2.1).
func (a *API) listWebhooks(c *call) error {
	ctx := c.Context()
	key, err := a.clientKey(ctx, c.variables["client"])
	if err != nil {
		return err
	}
	list, err := a.service.WebhooksOf(ctx, hook.PageSeeder, hook.ID{Kind: hook.KindClient, Key: key})
	if err != nil {
		return err
	}
	var shown webhook
	if err := a.setClient(ctx, &shown.client, key); err != nil {
		return err
	}
	out := &answer{call: c}
	if c.Method == http.MethodHead {
		out.begin()
		return nil
	}
	encoder := c.format.encoder(a.location)
	encoder.openList("webhooks")
	for page, err := range list.Pages(ctx, 0, -1, nil) {
		if err != nil {
			return a.broken(ctx, out, err)
		}
		for _, w := range page {
			shown.set(w)
			encoder.item("webhook", &shown)
		}
		if !out.send(encoder) {
			return nil
		}
	}
	encoder.closeList("webhooks")
	out.send(encoder)
	return nil
}

// clientKey returns the key of the client that a path names: by its number, or
// by ~ and its identifier (section 2).
func (a *API) clientKey(ctx context.Context, name string) (string, error) {
	if identifier, found := strings.CutPrefix(name, "~"); found {
		c, err := a.service.ClientByIdentifier(ctx, identifier)
		if err != nil {
			return "", err
		}
		return c.Key, nil
	}
	number, err := strconv.ParseUint(name, 10, 63)
	if err != nil || number == 0 {
		return "", hook.Missing(hook.KindClient)
	}
	return strconv.FormatUint(number, 10), nil
}

// setClient fills in the client of a key, and its member if the viewer may see
// it: programs take a client without one.
func (a *API) setClient(ctx context.Context, shown *client, key string) error {
	c, err := a.service.Client(ctx, key)
	if err != nil {
		return err
	}
	var owner *hook.Member
	if c.Member != "" {
		owner, err = a.service.Member(ctx, c.Member)
		if code := hook.CodeOf(err); err != nil && code != hook.NotFound && code != hook.Forbidden {
			return err
		}
	}
	shown.set(c, owner)
	return nil
}

// An answer is sent in pieces.
type answer struct {
	*call
	begun bool
}

func (out *answer) begin() {
	out.begun = true
	header := out.writer.Header()
	header.Set("Content-Type", out.format.contentType())
	header.Set("Vary", "Accept")
	out.writer.WriteHeader(http.StatusOK)
}

// send sends what has been encoded. It is false if the caller has gone.
func (out *answer) send(encoder encoder) bool {
	if !out.begun {
		out.begin()
	}
	_, err := out.writer.Write(encoder.written())
	encoder.forget()
	return err == nil
}

// broken ends an answer that cannot be completed. If some of it is sent, the
// connection is broken off: half a list must not pass for the whole.
func (a *API) broken(ctx context.Context, out *answer, err error) error {
	if !out.begun {
		return err
	}
	// Whoever has gone is the usual reason, and no error.
	if ctx.Err() == nil {
		a.log.ErrorContext(ctx, "list broken off", "dialect", hook.PageSeeder, "request", hook.RequestID(ctx), "error", err)
	}
	panic(http.ErrAbortHandler)
}
