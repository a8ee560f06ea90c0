package hook

import "crypto/sha256"

// A Body is what the requests of triggers send. It is stored when a request has
// failed, so that the next one sends the same bytes whatever changes meanwhile,
// and once for all triggers of an event that send the same.
type Body struct {
	Meta `bson:",inline"`
	// Event is the key of the event.
	Event string `bson:"event"`
	Data  []byte `bson:"data"`
}

// NewBody returns the body of an event's triggers with these bytes.
func NewBody(event string, data []byte) *Body {
	sum := sha256.Sum256(append([]byte(event+"\x00"), data...))
	return &Body{Meta: Meta{Key: hashKey(sum), Created: Now()}, Event: event, Data: data}
}

// GetID implements Entity; a body is no node.
func (b *Body) GetID() ID { return ID{Kind("Body"), b.Key} }

// SetIndexed implements Entity.
func (b *Body) SetIndexed() {}

// hashKey returns a key of a hash, of the form of other keys.
func hashKey(sum [sha256.Size]byte) string {
	key := make([]byte, triggerKeyLength)
	for i := range key {
		key[i] = alphanumerics[int(sum[i])%len(alphanumerics)]
	}
	return string(key)
}

// triggerKey returns the key of an event's trigger for a webhook: the same
// whenever it is asked for, so that no trigger is stored twice, and in the order
// of the events.
func triggerKey(e *Event, webhook string) string {
	sum := sha256.Sum256([]byte(e.Key + "\x00" + webhook))
	return e.order() + hashKey(sum)[orderDigits:]
}
