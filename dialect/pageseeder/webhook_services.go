package pageseeder

import (
	"context"
	"slices"
	"strings"

	"github.com/hookgraph/hookgraph/hook"
)

// webhooksOf returns the webhooks of the client that the path names. It refuses
// all but administrators.
func (a *API) webhooksOf(c *call) (owner hook.ID, list *hook.OwnerWebhooks, err error) {
	key, err := a.clientKey(c.Context(), c.variables["client"])
	if err != nil {
		return hook.ID{}, nil, err
	}
	owner = hook.ID{Kind: hook.KindClient, Key: key}
	list, err = a.service.WebhooksOf(c.Context(), hook.PageSeeder, owner)
	return owner, list, err
}

// theWebhook returns the webhook that the path names.
func (a *API) theWebhook(c *call) (*hook.Webhook, error) {
	_, list, err := a.webhooksOf(c)
	if err != nil {
		return nil, err
	}
	key, found := numberKey(c.variables["webhook"])
	if !found {
		return nil, hook.Missing(hook.KindWebhook)
	}
	return list.Webhook(c.Context(), key)
}

// show makes the whole element of a webhook.
func (a *API) show(ctx context.Context, from *hook.Webhook) (*webhook, error) {
	shown := &webhook{}
	shown.set(from)
	return shown, a.setClient(ctx, &shown.client, from.ClientKey())
}

// getWebhook answers GET /clients/{client}/webhooks/{webhook} (section 2.2).
func (a *API) getWebhook(c *call) error {
	found, err := a.theWebhook(c)
	if err != nil {
		return err
	}
	shown, err := a.show(c.Context(), found)
	if err != nil {
		return err
	}
	return a.answer(c, "webhook", shown)
}

// createWebhook answers POST /clients/{client}/webhooks (section 2.3).
func (a *API) createWebhook(c *call) error {
	ctx := c.Context()
	owner, _, err := a.webhooksOf(c)
	if err != nil {
		return err
	}
	p, err := c.parameters()
	if err != nil {
		return err
	}
	if err := p.require("url"); err != nil {
		return err
	}
	fields := webhookFields(p)
	if p.err != nil {
		return p.err
	}
	handshake := hook.NewHandshake()
	fields.Handshake = hook.Set(handshake)
	// What the answer shows is read first: nothing is made that cannot be shown.
	var shown webhook
	if err := a.setClient(ctx, &shown.client, owner.Key); err != nil {
		return err
	}
	made, _, err := a.service.CreateWebhook(ctx, hook.PageSeeder, owner, fields)
	if err != nil {
		return err
	}
	shown.set(made)
	shown.activateSecret = handshake.Reveal()
	c.status = statusCreated
	c.writer.Header().Set("Cache-Control", "no-store")
	return a.answer(c, "webhook-creation", &wrapping{name: "webhook", value: &shown})
}

// updateWebhook answers PATCH /clients/{client}/webhooks/{webhook} (section 2.4).
func (a *API) updateWebhook(c *call) error {
	ctx := c.Context()
	found, err := a.theWebhook(c)
	if err != nil {
		return err
	}
	p, err := c.parameters()
	if err != nil {
		return err
	}
	fields := webhookFields(p)
	fields.Enabled, fields.Health = p.status()
	if p.err != nil {
		return p.err
	}
	if name := p.text("newclient"); name.Given {
		key, err := a.clientKey(ctx, name.Value)
		if hook.CodeOf(err) == hook.NotFound {
			return hook.Invalidf("newclient", "there is no such client")
		}
		if err != nil {
			return err
		}
		fields.Owner = hook.Set(hook.ID{Kind: hook.KindClient, Key: key})
	}
	changed, err := a.service.UpdateWebhook(ctx, found.Key, nil, fields)
	if err != nil {
		return err
	}
	shown, err := a.show(ctx, changed)
	if err != nil {
		return err
	}
	return a.answer(c, "webhook-modification", &wrapping{name: "webhook", value: shown})
}

// deleteWebhook answers DELETE /clients/{client}/webhooks/{webhook} with the
// webhook as it was (section 2.5).
func (a *API) deleteWebhook(c *call) error {
	found, err := a.theWebhook(c)
	if err != nil {
		return err
	}
	shown, err := a.show(c.Context(), found)
	if err != nil {
		return err
	}
	if err := a.service.DeleteWebhook(c.Context(), found.Key, nil); err != nil {
		return err
	}
	return a.answer(c, rootWebhookDeletion, &wrapping{name: "webhook", value: shown})
}

// webhookFields reads the nine parameters of section 2.3.
func webhookFields(p *parameters) hook.WebhookFields {
	fields := hook.WebhookFields{
		Name: p.text("name"), URL: p.text("url"),
		ServerEvents: p.flag("server"), VerifyTLS: p.flag("insecuressl"),
		Detail: choice(p, "object", details), Format: choice(p, "format", formats),
		Projects: p.list("projects"), Groups: p.list("groups"),
		KeepUnknown: true,
	}
	// insecuressl is the contrary: true does not verify (section 9).
	fields.VerifyTLS.Value = !fields.VerifyTLS.Value
	if events := p.list("events"); events.Given {
		patterns := subscriptions(events.Value)
		for i := range patterns {
			patterns[i].ID = "" // those that it has already keep theirs
		}
		fields.Subscriptions = hook.Set(patterns)
	}
	return fields
}

// status reads the parameter by which people set the status: "disabled" or a
// health, which enables (section 6.1).
func (p *parameters) status() (enabled hook.Patch[bool], health hook.Patch[hook.Health]) {
	text, given := p.values["status"]
	switch {
	case !given:
		return enabled, health
	case text == statusDisabled:
		return hook.Set(false), health
	}
	value, err := oneOf("status", text, healths)
	if err != nil {
		known := slices.Concat(shownValues(healths), []string{statusDisabled})
		p.fail("status", "must be one of %s", strings.Join(known, ", "))
	}
	return hook.Set(true), hook.Set(value)
}
