package entrust

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/google/uuid"
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
