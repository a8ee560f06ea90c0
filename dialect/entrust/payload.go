package entrust

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/hookgraph/hookgraph/hook"
)

// A Message is what a receiver is sent (section 7.1).
type Message struct {
	// ID is another one for each event and receiver; retries keep it.
	ID        string
	Type      string
	AccountID string
	Time      time.Time
	// Data is a JSON object.
	Data json.RawMessage
}

// NewMessageID returns a version 7 UUID, as the original's are.
func NewMessageID() string { return uuid.Must(uuid.NewV7()).String() }

// messageID returns the id of the messages of a trigger: a version 7 UUID of the
// instant that the trigger was made at, and of a hash of its key. It is another
// one for each event and receiver, and the same whenever it is asked for.
func messageID(t *hook.Trigger) string {
	sum := sha256.Sum256([]byte("entrust message " + t.Key))
	id := uuid.UUID(sum[:16])
	milliseconds := uint64(t.Created.UnixMilli())
	for i := range 6 {
		id[i] = byte(milliseconds >> (40 - 8*i))
	}
	id[6] = id[6]&0x0f | 0x70 // the version
	id[8] = id[8]&0x3f | 0x80 // the variant
	return id.String()
}

// eventTimeFormat has whole seconds and Z.
const eventTimeFormat = "2006-01-02T15:04:05Z"

// Body returns the message as JSON.
func (m *Message) Body() ([]byte, error) {
	var body bytes.Buffer
	err := write(&body, struct {
		ID        string          `json:"id"`
		Type      string          `json:"type"`
		AccountID string          `json:"accountId"`
		EventTime string          `json:"eventTime"`
		Data      json.RawMessage `json:"data"`
	}{m.ID, m.Type, m.AccountID, m.Time.UTC().Format(eventTimeFormat), m.Data})
	return body.Bytes(), err
}
