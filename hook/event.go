package hook

import "time"

// An Event is something that happened and that webhooks are told.
type Event struct {
	Meta       `bson:",inline"`
	Place      `bson:",inline"`
	Dialect    Dialect   `bson:"dialect"`
	Type       string    `bson:"type"`
	OccurredAt time.Time `bson:"occurredAt"`
	// Owner is the id of the client or album it belongs to, or "Account".
	Owner    string   `bson:"owner"`
	Groups   []string `bson:"groups,omitempty"`
	Projects []string `bson:"projects,omitempty"`
	// ServerEvent reaches PageSeeder webhooks that ask for server events only.
	ServerEvent bool `bson:"serverEvent,omitempty"`
	// Member is the key of the member who caused it; empty if unknown.
	Member string `bson:"member,omitempty"`
	// Data is JSON text of at most 256 KB.
	Data           string `bson:"data"`
	IdempotencyKey string `bson:"idempotencyKey,omitempty"`
	// Order is what begins the keys of the event's triggers, where the event's own
	// key does not tell it.
	Order string `bson:"order,omitempty"`
	// BodyHash tells a repeated event from another one with the same key.
	BodyHash []byte `bson:"bodyHash,omitempty"`
	// Targets are the keys of the webhooks that matched when it was published.
	Targets []string   `bson:"targets,omitempty"`
	State   EventState `bson:"state"`
}

// EventState says how far an event is.
type EventState string

// The states of events: FANOUT until all its triggers are stored.
const (
	EventFanout EventState = "FANOUT"
	EventDone   EventState = "DONE"
)

// IsNode marks the type as a GraphQL node.
func (*Event) IsNode() {}

// GetID implements Entity.
func (e *Event) GetID() ID { return ID{KindEvent, e.Key} }

// ID returns the id as text.
func (e *Event) ID() string { return e.GetID().String() }

// order begins the keys of the event's triggers.
func (e *Event) order() string {
	if e.Order != "" {
		return e.Order
	}
	return e.Key[:min(len(e.Key), orderDigits)]
}

// SetIndexed implements Entity.
func (e *Event) SetIndexed() {}

// A Trigger is one event on its way to one webhook.
type Trigger struct {
	Meta    `bson:",inline"`
	Place   `bson:",inline"`
	Webhook string `bson:"webhook"`
	// Owner is the webhook's.
	Owner string `bson:"owner"`
	// Event is the key of the event; empty for an imported trigger.
	Event string `bson:"event"`
	// EventType is empty if an imported trigger did not tell.
	EventType string        `bson:"eventType,omitempty"`
	Manual    bool          `bson:"manual,omitempty"`
	Status    TriggerStatus `bson:"status"`
	// Attempts are the latest ones, at most MaxAttempts. Before is how many there
	// had been when somebody asked for the trigger to be delivered again.
	Attempts []Attempt `bson:"attempts,omitempty"`
	Before   int32     `bson:"before,omitempty"`
	// Imported: the trigger happened elsewhere; Created is a place in the order
	// then, not an instant.
	Imported bool `bson:"imported,omitempty"`

	// Reason says in a sentence why it waits, or why it ended without a request.
	Reason string `bson:"reason,omitempty"`
	// Body is the key of the body that its requests send; empty until one has
	// failed: the next ones send the same bytes.
	Body string `bson:"body,omitempty"`
	// Replay is the key of the replay that made it, empty for others.
	Replay string `bson:"replay,omitempty"`
	// Farewell: the webhook is gone; what it was is kept in the Farewell of the
	// same key until the trigger has ended.
	Farewell bool `bson:"farewell,omitempty"`

	// The queue: the open triggers of a partition are taken in the order of Due.
	// Closed ones have partition -1.
	Partition int32     `bson:"partition"`
	Due       time.Time `bson:"due"`
}

// TriggerStatus says how a trigger stands.
type TriggerStatus string

// The statuses of triggers.
const (
	TriggerPending   TriggerStatus = "PENDING"
	TriggerRetrying  TriggerStatus = "RETRYING"
	TriggerPass      TriggerStatus = "PASS"
	TriggerFail      TriggerStatus = "FAIL"
	TriggerCancelled TriggerStatus = "CANCELLED"
)

// ClosedPartition is the partition of triggers that nobody waits for.
const ClosedPartition int32 = -1

// An Attempt is one request of a trigger.
type Attempt struct {
	// Number counts from 1.
	Number int32     `bson:"number"`
	At     time.Time `bson:"at"`
	// Duration is in milliseconds.
	Duration int64 `bson:"duration"`
	// StatusCode is that of the answer; 0 if there was none, ErrorKind says why
	// then.
	StatusCode int32  `bson:"statusCode,omitempty"`
	ErrorKind  string `bson:"errorKind,omitempty"`
	// Error explains ErrorKind in a sentence.
	Error   string   `bson:"error,omitempty"`
	Headers []string `bson:"headers,omitempty"`
	// Body is the beginning of the answer's body; Truncated says that there was
	// more of it.
	Body      string `bson:"body,omitempty"`
	Truncated bool   `bson:"truncated,omitempty"`
}

// IsNode marks the type as a GraphQL node.
func (*Trigger) IsNode() {}

// GetID implements Entity.
func (t *Trigger) GetID() ID { return ID{KindTrigger, t.Key} }

// ID returns the id as text.
func (t *Trigger) ID() string { return t.GetID().String() }

// SetIndexed implements Entity.
func (t *Trigger) SetIndexed() {}

// MaxAttempts is how many attempts a trigger shows.
const MaxAttempts = 50

// Tried returns how many requests were made since the trigger was last put into
// the queue.
func (t *Trigger) Tried() int { return int(t.lastNumber() - t.Before) }

// lastNumber is that of the last attempt.
func (t *Trigger) lastNumber() int32 {
	if n := len(t.Attempts); n > 0 {
		return t.Attempts[n-1].Number
	}
	return 0
}

// Open reports whether somebody still tries to deliver it.
func (t *Trigger) Open() bool { return t.Partition != ClosedPartition }

// close takes the trigger out of the queue.
func (t *Trigger) close(status TriggerStatus) {
	t.Status, t.Partition = status, ClosedPartition
}

// reopen puts the trigger into the queue, to be tried at an instant.
func (t *Trigger) reopen(status TriggerStatus, due time.Time) {
	t.Status, t.Partition, t.Due = status, PartitionOf(t.Webhook), due
}

// NextAttemptAt returns when the trigger is tried next, nil if it is not.
func (t *Trigger) NextAttemptAt() *time.Time {
	if !t.Open() {
		return nil
	}
	return &t.Due
}

// HappenedAt returns when the trigger came to be, nil if that is unknown.
func (t *Trigger) HappenedAt() *time.Time {
	if t.Imported {
		return nil
	}
	return &t.Created
}

// Stats are the counters of a webhook, under the webhook's key. They are never
// compare-and-swapped.
type Stats struct {
	Key string `bson:"_id"`
	// Triggers counts those of this gateway, Imported those of an import.
	Triggers int64 `bson:"triggers"`
	Imported int64 `bson:"imported"`
	// Removed counts those of Triggers that are not kept any more.
	Removed int64 `bson:"removed"`
	// Failures counts the failed triggers since the last good one.
	Failures int64 `bson:"failures"`
	// Last are the latest triggers, at most five, the latest first.
	Last []LastTrigger `bson:"last"`
}

// LastTriggers is how many triggers Stats shows.
const LastTriggers = 5

// A LastTrigger is a trigger as Stats shows it.
type LastTrigger struct {
	Trigger string        `bson:"trigger"`
	Status  TriggerStatus `bson:"status"`
}

// Total is the number of triggers of the webhook.
func (s *Stats) Total() int64 { return s.Triggers + s.Imported }

// Status returns the status of the answer, nil if there was none.
func (a *Attempt) Status() *int32 {
	if a.StatusCode == 0 {
		return nil
	}
	return &a.StatusCode
}

// OwnerID returns the owner as an id; its kind is KindAccount for the account.
func (e *Event) OwnerID() ID { return parseOwner(e.Owner) }
