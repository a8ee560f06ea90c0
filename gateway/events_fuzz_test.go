package gateway_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// FuzzEvents posts anything. What is taken is JSON, and the data of each event is
// what encoding/json finds there; what is refused gets an answer in the form of
// errors.
func FuzzEvents(f *testing.F) {
	for _, seed := range []string{
		`{"type":"a","data":{"b":[1,2.5e-3,"\ud83d\ude00\n",null,true]}}`, `[{"type":"a"},{"type":"b","owner":"Client:1"}]`, `[]`, `{"type":"\u0061"}`,
		`{"specversion":"1.0","id":"1","source":"s","type":"a","time":"2026-01-31T12:00:00Z"}`, `{"type":"a","data":"\ud800"}`, `{"a":1,"a":2}`, "{\"type\":\"\xff\"}",
		`{"type":"a","data":-0.0}`, `[[[[`, `{"type":"a","groups":["x",["y"]]}`, ` `,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		w, published := post(&service{}, "application/json", body)
		switch w.Code {
		case 202:
			if !strings.HasPrefix(strings.TrimSpace(body), "[") {
				body = "[" + body + "]"
			}
			var events []map[string]json.RawMessage
			if err := json.Unmarshal([]byte(body), &events); err != nil || len(events) != len(published) {
				t.Fatalf("%q: %v, %d of %d", body, err, len(published), len(events))
			}
			for i, e := range events {
				var eventType string
				err := json.Unmarshal(e["type"], &eventType)
				data := strings.TrimSpace(string(e["data"]))
				if data == "null" {
					data = ""
				}
				if err != nil || published[i].Type != eventType || published[i].Data != data {
					t.Errorf("%q: event %d is %+v (%v)", body, i, published[i], err)
				}
			}
		case 400:
			var answer struct {
				Error struct{ Code, Message string }
			}
			decode(t, w.Body.Bytes(), &answer)
			if answer.Error.Code != "INVALID" || answer.Error.Message == "" {
				t.Errorf("%q answers %s", body, w.Body)
			}
		default:
			t.Errorf("%q answers %d %s", body, w.Code, w.Body)
		}
	})
}
