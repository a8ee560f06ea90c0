package hook

import (
	"context"
	"slices"
	"time"
)

// ReplayFields say what a replay delivers again.
type ReplayFields struct {
	// Webhook is the key of a webhook, or Owner the client, album or account whose
	// webhooks are meant. One of the two is needed.
	Webhook string
	Owner   ID
	// Status is FAIL, PASS or CANCELLED; empty stands for FAIL.
	Status TriggerStatus
	// From and To bound when the triggers came to be; nil is open. What comes to be
	// after the start of the replay is never part of it.
	From, To *time.Time
	// RatePerSecond is 1 to MaxReplayRate; DefaultReplayRate if it is not given.
	RatePerSecond Patch[int32]
}

// The rates of replays, in triggers a second.
const (
	DefaultReplayRate = 100
	MaxReplayRate     = 1000
)

// StartReplay starts to deliver again what fits. A replay of nothing is refused.
// The viewer needs EVENTS:PUBLISH for the owner.
func (s *Service) StartReplay(ctx context.Context, fields ReplayFields) (*Replay, error) {
	v, err := needOwned(ctx, Events, Publish)
	if err != nil {
		return nil, err
	}
	r, err := s.newReplay(ctx, v, fields)
	if err != nil {
		return nil, err
	}
	list, equal := r.list()
	n, err := s.store.Triggers().Count(ctx, Query{List: list, Equal: equal, From: r.From, To: r.To, Limit: CountLimit})
	switch {
	case err != nil:
		return nil, err
	case n == 0:
		return nil, Invalidf("", "no trigger fits: there is nothing to deliver again")
	}
	r.Estimate = int64(n)
	if err := s.create(ctx, "startReplay", r); err != nil {
		return nil, err
	}
	s.replaying.Store(true)
	return r, nil
}

func (s *Service) newReplay(ctx context.Context, v *Viewer, fields ReplayFields) (*Replay, error) {
	now := Now()
	r := &Replay{
		Meta: Meta{Key: TimeKey(now), Created: now}, Status: fields.Status, RatePerSecond: DefaultReplayRate,
		From: time.UnixMilli(0).UTC(), To: now.Add(time.Millisecond), State: ReplayRunning, CreatedBy: viewerName(ctx),
	}
	if r.Status == "" {
		r.Status = TriggerFail
	}
	if !slices.Contains([]TriggerStatus{TriggerFail, TriggerPass, TriggerCancelled}, r.Status) {
		return nil, Invalidf("status", "only triggers that have ended can be delivered again: FAIL, PASS or CANCELLED")
	}
	fields.RatePerSecond.apply(&r.RatePerSecond)
	if r.RatePerSecond < 1 || r.RatePerSecond > MaxReplayRate {
		return nil, Invalidf("ratePerSecond", "must be between 1 and %d", MaxReplayRate)
	}
	if fields.From != nil && fields.From.After(r.From) {
		r.From = *instant(fields.From)
	}
	if fields.To != nil && fields.To.Before(r.To) {
		r.To = *instant(fields.To)
	}
	if !r.From.Before(r.To) {
		return nil, Invalidf("to", "must be later than from, and from not in the future")
	}
	r.At = r.From
	switch {
	case fields.Webhook != "" && !fields.Owner.IsZero():
		return nil, Invalidf("owner", "a webhook or an owner is needed, not both")
	case fields.Webhook != "":
		w, err := s.store.Webhooks().Get(ctx, fields.Webhook)
		if err != nil {
			return nil, err
		}
		if w == nil {
			return nil, Missing(KindWebhook)
		}
		r.Webhook, r.Owner = w.Key, w.Owner
		return r, s.permitPublish(ctx, v, KindWebhook, w.OwnerID())
	case !fields.Owner.IsZero():
		r.Owner = fields.Owner.String()
		return r, s.permitOwner(ctx, v, fields.Owner, Events, Publish)
	}
	return nil, Invalidf("webhook", "a webhook or an owner is needed: there is no replay of everything")
}

// CancelReplay ends a replay. What it has put into the queue stays there.
func (s *Service) CancelReplay(ctx context.Context, key string) (*Replay, error) {
	v, err := needOwned(ctx, Events, Publish)
	if err != nil {
		return nil, err
	}
	return update(ctx, s, s.store.Replays(), KindReplay, key, nil, "cancelReplay", func(r *Replay) error {
		if err := s.permitPublish(ctx, v, KindReplay, r.OwnerID()); err != nil {
			return err
		}
		if r.State != ReplayRunning {
			return Conflictf("id", "the replay has ended already: it is %s", r.State)
		}
		r.end(ReplayCancelled)
		return nil
	})
}

// Replay returns a replay.
func (s *Service) Replay(ctx context.Context, key string) (*Replay, error) {
	return one(ctx, KindReplay, key, s.ReplaysByKey)
}

// ReplaysByKey returns replays in the order of the keys, nil for those that the
// viewer may not see.
func (s *Service) ReplaysByKey(ctx context.Context, keys []string) ([]*Replay, error) {
	v, err := needOwned(ctx, Events, View)
	if err != nil {
		return nil, err
	}
	replays, err := s.store.Replays().GetMany(ctx, keys)
	if err != nil {
		return nil, err
	}
	return replays, hide(ctx, s, v, replays, Events, func(r *Replay) string { return r.Owner })
}

// Replays lists the replays that the viewer sees, the latest first.
func (s *Service) Replays(ctx context.Context, args PageArgs) (*Connection[Replay], error) {
	v, err := needOwned(ctx, Events, View)
	if err != nil {
		return nil, err
	}
	l := listing[Replay]{collection: s.store.Replays(), name: "replays", list: ByCreated, newestFirst: true, countLimit: CountLimit}
	if err := restrict(ctx, s, v, &l, Events, ReplaysByOwner, func(r *Replay) string { return r.Owner }); err != nil {
		return nil, err
	}
	return l.page(ctx, s.vault, args)
}
