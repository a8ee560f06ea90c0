package jsonrecords_test

import (
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/dialect/jsonrecords"
	"github.com/hookgraph/hookgraph/hook"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		` {"a":"b"} `:               "",
		`{"a":"b"}{}`:               "byte 10: nothing is expected behind the object",
		`{"a":"b"} x`:               "byte 10: nothing is expected behind the object",
		`{"a":"b"`:                  "byte 1: the input ends in the middle",
		``:                          "byte 1: the input ends in the middle",
		`[]`:                        "expected an object",
		`null`:                      "expected an object",
		`{"a":"b","a":"c"}`:         "a: the member is given twice",
		`{"a":x}`:                   "byte 6: invalid character 'x' looking for beginning of value",
		strings.Repeat(`{"a":`, 40): "byte 1: the input ends in the middle",
		`{"b":"` + strings.Repeat("b", 1<<20) + `"}`: "byte 1: a record has more than 1048576 bytes",
	} {
		o := jsonrecords.Parse([]byte(text))
		err := o.Err()
		if want == "" {
			if err != nil || o.Text("a") != "b" {
				t.Errorf("%s: %v", text, err)
			}
			continue
		}
		if err == nil || err.Error() != want || hook.CodeOf(err) != hook.Invalid {
			t.Errorf("%.40s: %v, want %s", text, err, want)
		}
		// Nothing can be read from it, and asking does no harm.
		if o.Text("b") != "" || o.Has("b") {
			t.Errorf("%.40s: has members", text)
		}
	}
}
