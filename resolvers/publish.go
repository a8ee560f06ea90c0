package resolvers

import (
	"context"
	"errors"

	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/hook"
)

func (m mutation) PublishEvents(ctx context.Context, input graph.PublishEventsInput) (*graph.PublishEventsPayload, error) {
	publications, err := input.Publications()
	var published []hook.Published
	if err == nil {
		published, err = m.Service.PublishEvents(ctx, publications)
		err = inEvents(len(publications), err)
	}
	userErrors, failed := graph.UserErrors(err)
	if err != nil {
		return &graph.PublishEventsPayload{UserErrors: userErrors}, failed
	}
	events := make([]*graph.PublishedEvent, len(published))
	for i, p := range published {
		events[i] = &graph.PublishedEvent{Event: p.Event, TriggerCount: int32(p.Triggers), Repeated: p.Repeated}
	}
	return &graph.PublishEventsPayload{Events: events, UserErrors: userErrors}, nil
}

// inEvents puts the argument, and the position where the service leaves it out,
// in front of the field of an error.
func inEvents(n int, err error) error {
	var e *hook.Error
	if !errors.As(err, &e) || e.Field == "" || e.Field == "events" {
		return err
	}
	if n == 1 {
		return at("events.0."+e.Field, err)
	}
	return at("events."+e.Field, err)
}

func (m mutation) TriggerWebhook(ctx context.Context, input graph.TriggerWebhookInput) (*graph.TriggerWebhookPayload, error) {
	key, err := hook.ParseKey(hook.KindWebhook, "id", input.ID)
	var made *hook.Trigger
	if err == nil {
		made, err = m.Service.TriggerWebhook(ctx, key, hook.ManualEvent{Type: input.Type, Data: orZero(input.Data.Value())})
	}
	userErrors, err := graph.UserErrors(err)
	return &graph.TriggerWebhookPayload{Trigger: made, UserErrors: userErrors}, err
}

func (m mutation) RetryTrigger(ctx context.Context, input graph.RetryTriggerInput) (*graph.RetryTriggerPayload, error) {
	changed, userErrors, err := changeTrigger(ctx, input.ID, m.Service.RetryTrigger)
	return &graph.RetryTriggerPayload{Trigger: changed, UserErrors: userErrors}, err
}

func (m mutation) CancelTrigger(ctx context.Context, input graph.CancelTriggerInput) (*graph.CancelTriggerPayload, error) {
	changed, userErrors, err := changeTrigger(ctx, input.ID, m.Service.CancelTrigger)
	return &graph.CancelTriggerPayload{Trigger: changed, UserErrors: userErrors}, err
}

func changeTrigger(ctx context.Context, id string, change func(context.Context, string) (*hook.Trigger, error)) (*hook.Trigger, []*graph.UserError, error) {
	key, err := hook.ParseKey(hook.KindTrigger, "id", id)
	var changed *hook.Trigger
	if err == nil {
		changed, err = change(ctx, key)
	}
	userErrors, err := graph.UserErrors(err)
	return changed, userErrors, err
}
