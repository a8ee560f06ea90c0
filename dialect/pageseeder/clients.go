package pageseeder

import (
	"context"
	"net/http"
	"strings"

	"github.com/hookgraph/hookgraph/hook"
)

// theMember returns the member that the path names: by its number, or by a
// username or an email with or without ~ (section 2).
func (a *API) theMember(c *call) (*hook.Member, error) {
	return a.member(c.Context(), c.variables["member"])
}

func (a *API) member(ctx context.Context, name string) (*hook.Member, error) {
	name, isName := strings.CutPrefix(name, "~")
	if !isName && strings.Trim(name, "0123456789") == "" {
		key, found := numberKey(name)
		if !found {
			return nil, hook.Missing(hook.KindMember)
		}
		return a.service.Member(ctx, key)
	}
	return a.service.MemberByName(ctx, name)
}

// theClient returns the client that the path names and its member. One that is
// another member's is refused (section 4).
func (a *API) theClient(c *call) (*hook.Client, *hook.Member, error) {
	owner, err := a.theMember(c)
	if err != nil {
		return nil, nil, err
	}
	// Those who are neither the member nor an administrator are refused.
	if _, err := a.service.ClientsOf(c.Context(), owner.Key); err != nil {
		return nil, nil, err
	}
	key, err := a.clientKey(c.Context(), c.variables["client"])
	if err != nil {
		return nil, nil, err
	}
	found, err := a.service.Client(c.Context(), key)
	if err != nil {
		return nil, nil, err
	}
	if found.Member != owner.Key {
		return nil, nil, &refusal{failure: failForbidden, message: "the client belongs to another member"}
	}
	return found, owner, nil
}

// listClients answers GET /oauth/members/{member}/clients, page by page.
func (a *API) listClients(c *call) error {
	ctx := c.Context()
	owner, err := a.theMember(c)
	if err != nil {
		return err
	}
	list, err := a.service.ClientsOf(ctx, owner.Key)
	if err != nil {
		return err
	}
	out := &answer{call: c}
	if c.Method == http.MethodHead {
		out.begin()
		return nil
	}
	encoder, giveBack := c.format.borrow(a.location)
	defer giveBack()
	encoder.openList(rootClients)
	for page, err := range list {
		if err != nil {
			return a.broken(ctx, out, err)
		}
		for _, found := range page {
			var shown client
			shown.set(found, owner)
			encoder.item("client", &shown)
		}
		if !out.sendMuch(encoder) {
			return nil
		}
	}
	encoder.closeList(rootClients)
	out.end(encoder)
	return nil
}

// getClient answers GET /oauth/members/{member}/clients/{client}.
func (a *API) getClient(c *call) error {
	found, owner, err := a.theClient(c)
	if err != nil {
		return err
	}
	var shown client
	shown.set(found, owner)
	return a.answer(c, "client", &shown)
}

// registerClient answers POST /oauth/members/{member}/clients. The secret stands
// on the root and is shown this once (section 2.8).
func (a *API) registerClient(c *call) error {
	owner, err := a.theMember(c)
	if err != nil {
		return err
	}
	p, err := c.parameters()
	if err != nil {
		return err
	}
	if err := p.require("name"); err != nil {
		return err
	}
	fields := clientFields(p)
	if p.err != nil {
		return p.err
	}
	fields.Member = hook.Set(owner.Key)
	made, secret, err := a.service.CreateClient(c.Context(), fields)
	if err != nil {
		return err
	}
	var shown client
	shown.set(made, owner)
	c.status = statusCreated
	c.writer.Header().Set("Cache-Control", "no-store")
	return a.answer(c, "client-registration", &wrapping{secret: secret.Reveal(), name: "client", value: &shown})
}

// updateClient answers PATCH /oauth/members/{member}/clients/{client}.
func (a *API) updateClient(c *call) error {
	ctx := c.Context()
	found, owner, err := a.theClient(c)
	if err != nil {
		return err
	}
	p, err := c.parameters()
	if err != nil {
		return err
	}
	fields := clientFields(p)
	fields.Secret, fields.Identifier = p.secret("client-secret"), p.text("identifier")
	if p.err != nil {
		return p.err
	}
	if name := p.text("member"); name.Given {
		owner, err = a.member(ctx, name.Value)
		if hook.CodeOf(err) == hook.NotFound {
			err = hook.Invalidf("member", "there is no such member")
		}
		if err != nil {
			return err
		}
		fields.Member = hook.Set(owner.Key)
	}
	changed, err := a.service.UpdateClient(ctx, found.Key, nil, fields)
	if err != nil {
		return err
	}
	var shown client
	shown.set(changed, owner)
	return a.answer(c, "client-modification", &wrapping{name: "client", value: &shown})
}

// deleteClient answers DELETE /oauth/members/{member}/clients/{client} with the
// client as it was. Its webhooks go with it.
func (a *API) deleteClient(c *call) error {
	found, owner, err := a.theClient(c)
	if err != nil {
		return err
	}
	if err := a.service.DeleteClient(c.Context(), found.Key, nil); err != nil {
		return err
	}
	var shown client
	shown.set(found, owner)
	return a.answer(c, rootClientDeletion, &wrapping{name: "client", value: &shown})
}

// clientFields reads the parameters of section 2.8.
func clientFields(p *parameters) hook.ClientFields {
	return hook.ClientFields{
		Name: p.text("name"), Description: p.text("description"), GrantType: choice(p, "grant-type", grants),
		RedirectURI: p.text("redirect-uri"), ClientURI: p.text("client-uri"), App: p.text("app"), Scope: p.text("scope"),
		AccessTokenMaxAge: p.seconds("access-token-max-age"), RefreshTokenMaxAge: p.seconds("refresh-token-max-age"),
		WebhookSecret: p.secret("webhook-secret"),
	}
}
