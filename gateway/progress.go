package gateway

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// NDJSON is the media type of an import's answer that tells its progress: a
// line {"done": n} from time to time, then {"summary": {...}} or {"error": {...}}.
const NDJSON = "application/x-ndjson"

// progressPause is the least time between two lines of progress.
const progressPause = 500 * time.Millisecond

// A Line of an NDJSON answer has one of the members.
type Line struct {
	Done    int      `json:"done,omitempty"`
	Summary *Summary `json:"summary,omitempty"`
	Error   *Failure `json:"error,omitempty"`
}

// A Summary tells what became of the records of an import.
type Summary struct {
	Created   int `json:"created"`
	Unchanged int `json:"unchanged"`
	Updated   int `json:"updated"`
	Refused   int `json:"refused"`
	// Refusals are the first hook.MaxRefusals refused records.
	Refusals []Refusal `json:"refusals"`
}

// A Refusal is a record that was not taken over; positions count from 1.
type Refusal struct {
	Position int    `json:"position"`
	Field    string `json:"field,omitempty"`
	Reason   string `json:"reason"`
}

// NewSummary returns the wire form of a summary.
func NewSummary(s *hook.ImportSummary) *Summary {
	form := &Summary{s.Created, s.Unchanged, s.Updated, s.Refused, make([]Refusal, len(s.Refusals))}
	for i, r := range s.Refusals {
		form.Refusals[i] = Refusal(r)
	}
	return form
}

// A lineWriter writes an NDJSON answer. It begins with the first line, so that
// an error before has its own status.
type lineWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	begun   bool
	last    time.Time
}

func (l *lineWriter) progress(done int) {
	now := time.Now()
	if l.last.IsZero() {
		l.last = now
	}
	if now.Sub(l.last) < progressPause {
		return
	}
	l.last = now
	l.write(Line{Done: done})
}

// write sends a line. That somebody has left is noticed by the context.
func (l *lineWriter) write(line Line) {
	if !l.begun {
		l.begun = true
		l.w.Header().Set("Content-Type", NDJSON)
		l.w.Header().Set("Cache-Control", "no-store")
		l.w.WriteHeader(http.StatusOK)
	}
	_ = json.NewEncoder(l.w).Encode(line)
	_ = l.control.Flush()
}
