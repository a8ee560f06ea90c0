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
	owner, list, err := a.webhooksOf(c)
	if err != nil {
		return err
	}
	var shown webhook
	if err := a.setClient(ctx, &shown.client, owner.Key); err != nil {
		return err
	}
	out := &answer{call: c}
	if c.Method == http.MethodHead {
		out.begin()
		return nil
	}
	encoder, giveBack := c.format.borrow(a.location)
	defer giveBack()
	encoder.openList("webhooks")
	for page, err := range list.Pages(ctx, 0, -1, nil) {
		if err != nil {
			return a.broken(ctx, out, err)
		}
		for _, w := range page {
			shown.set(w)
			encoder.item("webhook", &shown)
		}
		if !out.sendMuch(encoder) {
			return nil
		}
	}
	encoder.closeList("webhooks")
	out.end(encoder)
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
	key, found := numberKey(name)
	if !found {
		return "", hook.Missing(hook.KindClient)
	}
	return key, nil
}

// numberKey reads the number of an entity, which is positive and has 64 bits
// (section 3.4), as its key.
func numberKey(text string) (string, bool) {
	number, err := strconv.ParseUint(text, 10, 63)
	return strconv.FormatUint(number, 10), err == nil && number > 0
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
