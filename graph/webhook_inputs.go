package graph

import (
	"github.com/99designs/gqlgen/graphql"

	"github.com/hookgraph/hookgraph/hook"
)

// Fields are the fields that the caller gave.
func (i *UpdateWebhookInput) Fields() hook.WebhookFields {
	fields := hook.WebhookFields{
		Name: cleared(i.Name), URL: cleared(i.URL), Enabled: given(i.Enabled), Format: given(i.Format), Detail: given(i.Detail),
		VerifyTLS: given(i.VerifyTLS), ServerEvents: given(i.ServerEvents), Projects: list(i.Projects), Groups: list(i.Groups),
	}
	if i.ExpiresAt.IsSet() {
		fields.ExpiresAt = hook.Set(i.ExpiresAt.Value())
	}
	if i.RetryPolicy.IsSet() {
		fields.RetryPolicy = hook.Set(i.RetryPolicy.Value().policy())
	}
	if i.Subscriptions.IsSet() {
		var subscriptions []hook.Subscription
		for _, s := range i.Subscriptions.Value() {
			subscriptions = append(subscriptions, hook.Subscription{Pattern: s.Pattern, Filter: value(s.Filter)})
		}
		fields.Subscriptions = hook.Set(subscriptions)
	}
	if i.Headers.IsSet() {
		var headers []hook.HeaderFields
		for _, h := range i.Headers.Value() {
			headers = append(headers, hook.HeaderFields{Name: h.Name, Value: (*hook.Secret)(h.Value.Value())})
		}
		fields.Headers = hook.Set(headers)
	}
	return fields
}

// Fields are the fields that the caller gave.
func (i *CreateWebhookInput) Fields() hook.WebhookFields {
	fields := (&UpdateWebhookInput{
		URL: graphql.OmittableOf(&i.URL), Name: i.Name, Subscriptions: i.Subscriptions, Enabled: i.Enabled, ExpiresAt: i.ExpiresAt,
		Format: i.Format, Detail: i.Detail, VerifyTLS: i.VerifyTLS, ServerEvents: i.ServerEvents, Projects: i.Projects,
		Groups: i.Groups, Headers: i.Headers, RetryPolicy: i.RetryPolicy,
	}).Fields()
	fields.Secret = secret(i.Secret)
	return fields
}

func (i *RetryPolicyInput) policy() *hook.RetryPolicy {
	if i == nil {
		return nil
	}
	return &hook.RetryPolicy{
		Delays: i.Delays.Value(), Timeout: value(i.Timeout), Concurrency: value(i.Concurrency),
		RatePerSecond: value(i.RatePerSecond), Ordered: value(i.Ordered),
	}
}
