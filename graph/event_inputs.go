package graph

import (
	"strconv"

	"github.com/hookgraph/hookgraph/hook"
)

// Publications are the events to be published.
func (i *PublishEventsInput) Publications() ([]hook.Publication, error) {
	publications := make([]hook.Publication, len(i.Events))
	for n, e := range i.Events {
		owner, err := optionalOwner("events."+strconv.Itoa(n)+".owner", e.Owner)
		if err != nil {
			return nil, err
		}
		publications[n] = hook.Publication{
			Type: e.Type, Owner: owner, Dialect: value(e.Dialect), Groups: e.Groups.Value(), Projects: e.Projects.Value(),
			Data: value(e.Data), OccurredAt: e.OccurredAt.Value(), IdempotencyKey: value(e.IdempotencyKey),
		}
	}
	return publications, nil
}

// Fields are the fields of the replay.
func (i *StartReplayInput) Fields() (hook.ReplayFields, error) {
	webhook, err := reference(hook.KindWebhook, "webhook", i.Webhook)
	if err != nil {
		return hook.ReplayFields{}, err
	}
	owner, err := optionalOwner("owner", i.Owner)
	return hook.ReplayFields{
		Webhook: webhook.Value, Owner: owner, Status: value(i.Status), From: i.From.Value(), To: i.To.Value(), RatePerSecond: given(i.RatePerSecond),
	}, err
}
