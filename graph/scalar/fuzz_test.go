package scalar_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/graph/scalar"
)

// FuzzScalars takes any JSON value for each scalar. What is accepted is written
// as JSON that is read as the same again.
func FuzzScalars(f *testing.F) {
	for _, seed := range []string{`"2026-01-31T12:00:00Z"`, `"2026-01-31T12:00:00.1234+10:00"`, `"0000-00-00T00:00:00Z"`, `"9999-12-31T23:59:60Z"`,
		`""`, `"text"`, `7`, `true`, `null`, `{"a":[1,2.5e10,"\u0000"]}`, `"\ud800"`, `"WEBHOOKS:VIEW"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var value any
		decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
		decoder.UseNumber()
		if decoder.Decode(&value) != nil {
			return
		}
		if instant, err := scalar.UnmarshalDateTime(value); err == nil {
			var out bytes.Buffer
			scalar.MarshalDateTime(instant).MarshalGQL(&out)
			var again string
			if err := json.Unmarshal(out.Bytes(), &again); err != nil {
				t.Fatalf("%s: %v", out.Bytes(), err)
			}
			back, err := scalar.UnmarshalDateTime(again)
			if err != nil || !back.Equal(instant) || instant.Truncate(time.Millisecond) != instant {
				t.Errorf("%s: %v, again %v: %v", text, instant, back, err)
			}
		}
		if s, err := scalar.UnmarshalString(value); err == nil && s != "" {
			var out bytes.Buffer
			scalar.MarshalString(s).MarshalGQL(&out)
			var again string
			if err := json.Unmarshal(out.Bytes(), &again); err != nil || again != s {
				t.Errorf("%q is written as %s: %v", s, out.Bytes(), err)
			}
		}
		if j, err := scalar.UnmarshalJSON(value); err == nil {
			var out bytes.Buffer
			scalar.MarshalJSON(j).MarshalGQL(&out)
			if !json.Valid(out.Bytes()) {
				t.Errorf("%s is written as %s", text, out.Bytes())
			}
		}
		if p, err := scalar.UnmarshalPermission(value); err == nil && value != nil && string(p) != value {
			t.Errorf("%s reads as %q", text, p)
		}
	})
}
