package resolvers

import (
	"context"

	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/hook"
)

func (m mutation) CreateWebhook(ctx context.Context, input graph.CreateWebhookInput) (*graph.CreateWebhookPayload, error) {
	owner, err := input.Owner.ID("owner")
	var made *hook.Webhook
	var secret hook.Secret
	if err == nil {
		made, secret, err = m.Service.CreateWebhook(ctx, input.Dialect, owner, input.Fields())
	}
	userErrors, err := graph.UserErrors(err)
	return &graph.CreateWebhookPayload{Webhook: made, Secret: shown(secret), UserErrors: userErrors}, err
}

func (m mutation) UpdateWebhook(ctx context.Context, input graph.UpdateWebhookInput) (*graph.UpdateWebhookPayload, error) {
	key, err := hook.ParseKey(hook.KindWebhook, "id", input.ID)
	var changed *hook.Webhook
	if err == nil {
		changed, err = m.Service.UpdateWebhook(ctx, key, graph.Version(input.Version), input.Fields())
	}
	userErrors, err := graph.UserErrors(err)
	return &graph.UpdateWebhookPayload{Webhook: changed, UserErrors: userErrors}, err
}

func (m mutation) DeleteWebhook(ctx context.Context, input graph.DeleteWebhookInput) (*graph.DeleteWebhookPayload, error) {
	key, err := hook.ParseKey(hook.KindWebhook, "id", input.ID)
	if err == nil {
		err = m.Service.DeleteWebhook(ctx, key, graph.Version(input.Version))
	}
	deleted := gone(hook.KindWebhook, key, err)
	userErrors, err := graph.UserErrors(err)
	return &graph.DeleteWebhookPayload{DeletedWebhookID: deleted, UserErrors: userErrors}, err
}

func (m mutation) EnableWebhook(ctx context.Context, input graph.EnableWebhookInput) (*graph.EnableWebhookPayload, error) {
	changed, userErrors, err := m.enable(ctx, input.ID, true)
	return &graph.EnableWebhookPayload{Webhook: changed, UserErrors: userErrors}, err
}

func (m mutation) DisableWebhook(ctx context.Context, input graph.DisableWebhookInput) (*graph.DisableWebhookPayload, error) {
	changed, userErrors, err := m.enable(ctx, input.ID, false)
	return &graph.DisableWebhookPayload{Webhook: changed, UserErrors: userErrors}, err
}

func (m mutation) enable(ctx context.Context, id string, enabled bool) (*hook.Webhook, []*graph.UserError, error) {
	key, err := hook.ParseKey(hook.KindWebhook, "id", id)
	var changed *hook.Webhook
	if err == nil {
		changed, err = m.Service.EnableWebhook(ctx, key, enabled)
	}
	userErrors, err := graph.UserErrors(err)
	return changed, userErrors, err
}

func (m mutation) RotateWebhookSecret(ctx context.Context, input graph.RotateWebhookSecretInput) (*graph.RotateWebhookSecretPayload, error) {
	key, err := hook.ParseKey(hook.KindWebhook, "id", input.ID)
	var changed *hook.Webhook
	var secret hook.Secret
	if err == nil {
		changed, secret, err = m.Service.RotateWebhookSecret(ctx, key, graph.Version(input.Version))
	}
	userErrors, err := graph.UserErrors(err)
	return &graph.RotateWebhookSecretPayload{Webhook: changed, Secret: shown(secret), UserErrors: userErrors}, err
}

func (m mutation) SetWebhookSecret(ctx context.Context, input graph.SetWebhookSecretInput) (*graph.SetWebhookSecretPayload, error) {
	key, err := hook.ParseKey(hook.KindWebhook, "id", input.ID)
	var changed *hook.Webhook
	if err == nil {
		changed, err = m.Service.SetWebhookSecret(ctx, key, graph.Version(input.Version), hook.Secret(orZero(input.Secret.Value())))
	}
	userErrors, err := graph.UserErrors(err)
	return &graph.SetWebhookSecretPayload{Webhook: changed, UserErrors: userErrors}, err
}
