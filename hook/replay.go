package hook

import "time"

// A Replay delivers triggers that have ended once more, at a bounded rate. It
// goes on after a restart where it was.
type Replay struct {
	Meta `bson:",inline"`
	// Owner is the owner of the triggers; Webhook is the key of their webhook, or
	// empty for all of the owner's.
	Owner   string `bson:"owner"`
	Webhook string `bson:"webhook,omitempty"`
	// Status is that of the triggers to deliver again, as it was.
	Status TriggerStatus `bson:"status"`
	// From and To bound when the triggers came to be: From <= created < To.
	From time.Time `bson:"from"`
	To   time.Time `bson:"to"`
	// RatePerSecond is how many triggers are put into the queue in a second.
	RatePerSecond int32       `bson:"ratePerSecond"`
	State         ReplayState `bson:"state"`
	// Estimate is how many triggers fitted at the start, counted up to CountLimit.
	Estimate int64 `bson:"estimate"`
	// Queued have been put into the queue; Skipped could not be: their event is not
	// kept any more, or somebody changed them meanwhile.
	Queued  int64 `bson:"queued"`
	Skipped int64 `bson:"skipped"`
	// At and AtKey are the place that the replay has reached.
	At    time.Time `bson:"at"`
	AtKey string    `bson:"atKey"`
	// Open is the partition that works it off, -1 when it has ended.
	Open      int32      `bson:"open"`
	CreatedBy string     `bson:"createdBy,omitempty"`
	EndedAt   *time.Time `bson:"endedAt,omitempty"`
}

// ReplayState says how far a replay is.
type ReplayState string

// The states of replays.
const (
	ReplayRunning   ReplayState = "RUNNING"
	ReplayDone      ReplayState = "DONE"
	ReplayCancelled ReplayState = "CANCELLED"
)

// IsNode marks the type as a GraphQL node.
func (*Replay) IsNode() {}

// GetID implements Entity.
func (r *Replay) GetID() ID { return ID{KindReplay, r.Key} }

// ID returns the id as text.
func (r *Replay) ID() string { return r.GetID().String() }

// SetIndexed implements Entity.
func (r *Replay) SetIndexed() {
	r.Open = ClosedPartition
	if r.State == ReplayRunning {
		r.Open = PartitionOf(r.Key)
	}
}

// EstimateIsExact reports whether all triggers that fitted were counted.
func (r *Replay) EstimateIsExact() bool { return r.Estimate < CountLimit }

// OwnerID returns the owner as an id; its kind is KindAccount for the account.
func (r *Replay) OwnerID() ID { return parseOwner(r.Owner) }

// list returns the list of the triggers that fit, and its first values.
func (r *Replay) list() (string, []any) {
	if r.Webhook != "" {
		return TriggersByWebhookAndStatus, []any{r.Webhook, string(r.Status)}
	}
	return TriggersByOwnerAndStatus, []any{r.Owner, string(r.Status)}
}

// end notes that the replay does nothing more.
func (r *Replay) end(state ReplayState) {
	now := Now()
	r.State, r.EndedAt = state, &now
}
