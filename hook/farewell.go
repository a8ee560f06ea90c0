package hook

// A Farewell is what the last trigger of a webhook needs that was deleted
// together with what the event is about, such as its album. It has the key of
// the trigger.
type Farewell struct {
	Meta    `bson:",inline"`
	Webhook Webhook `bson:"webhook"`
	Event   Event   `bson:"event"`
}

// GetID implements Entity; a farewell is no node.
func (f *Farewell) GetID() ID { return ID{Kind("Farewell"), f.Key} }

// SetIndexed implements Entity.
func (f *Farewell) SetIndexed() { f.Webhook.SetIndexed() }
