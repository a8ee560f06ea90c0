package jsonrecords_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/dialect/jsonrecords"
	"github.com/hookgraph/hookgraph/hook"
)

// read lists what a reader of {"name": string, "n": number} makes of the input:
// a line per record, and the error that ended the list.
func read(input io.Reader, member string) (lines []string, failure error) {
	fill := func(o *jsonrecords.Object, r *hook.Record) {
		r.Webhook = &hook.Webhook{Name: o.Text("name"), Number: o.Integer("n"), Enabled: o.Bool("on", true)}
	}
	for r, err := range jsonrecords.Records(input, member, fill) {
		switch {
		case err != nil:
			failure = err
		case r.Err != nil:
			lines = append(lines, fmt.Sprintf("%d! %v", r.Position, r.Err))
		default:
			lines = append(lines, fmt.Sprintf("%d %s %d %t", r.Position, r.Webhook.Name, r.Webhook.Number, r.Webhook.Enabled))
		}
	}
	return lines, failure
}

func TestRecords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, input, member string
		want                []string
	}{
		{"array", ` [ {"name":"a","n":1} , {"name":"b","on":false,"other":[{}]} ] `, "", []string{"1 a 1 true", "2 b 0 false"}},
		{"empty", `[]`, "", nil},
		{"byte order mark", "\ufeff[{\"n\":7}]", "", []string{"1  7 true"}},
		{"member", `{"before":[1e400,{"webhooks":1}],"webhooks":[{"n":2}],"after":{"a":"b"}}`, "webhooks", []string{"1  2 true"}},
		{"null is absent", `[{"name":null,"n":null,"on":null}]`, "", []string{"1  0 true"}},
		{"pair of escapes", `[{"name":"\uD83D\uDE00\\uD83D"}]`, "", []string{`1 😀\uD83D 0 true`}},
		{"wrong types", `[{"name":1},{"n":"1"},{"n":1.5},{"n":9223372036854775808},{"on":"true"},{"n":-3}]`, "", []string{
			"1! name: expected a string", "2! n: expected a whole number", "3! n: expected a whole number",
			"4! n: expected a whole number", "5! on: expected true or false", "6  -3 true"}},
		{"no object", `[1,null,[],"x",{"n":1}]`, "", []string{
			"1! expected an object", "2! expected an object", "3! expected an object", "4! expected an object", "5  1 true"}},
		{"name twice", `[{"n":1,"n":1},{"a":[{"b":1,"\u0062":2}]},{"n":3}]`, "", []string{
			"1! n: the member is given twice", "2! a.0.b: the member is given twice", "3  3 true"}},
		{"half a pair", `[{"name":"\uD800"},{"x":{"y":"\uDC00\uD800"}},{"\ud83dx":1},{"name":"\ud83d\u0041"}]`, "", []string{
			`1! name: the escape \uD800 is half of a character`, `2! x.y: the escape \uDC00 is half of a character`,
			`3! the escape \uD83D is half of a character`, `4! name: the escape \uD83D is half of a character`}},
		{"not UTF-8", "[{\"name\":\"a\xff\"},{\"n\":1}]", "", []string{"1! name: the text is not valid UTF-8", "2  1 true"}},
		{"deep", `[{"a":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `},{"a":` + strings.Repeat("[", 32) +
			strings.Repeat("]", 32) + `}]`, "", []string{"1  0 true", "2! a: nested deeper than 32"}},
		{"large", `[{"name":"a","x":"` + strings.Repeat("x", jsonrecords.MaxSize-100) + `"},{"n":1}]`, "", []string{"1 a 0 true", "2  1 true"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(strings.NewReader(tt.input), tt.member)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			// Where the pieces end makes no difference.
			if got, err = read(iotest.OneByteReader(strings.NewReader(tt.input)), tt.member); err != nil || !cmp.Equal(tt.want, got) {
				t.Errorf("byte by byte: %v, %v", got, err)
			}
		})
	}
}

func TestMalformed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, input, member, want string
		records                   int
	}{
		{"nothing", "", "", "byte 1: the input ends where an array of records is expected", 0},
		{"object", `{"message":"no"}`, "", "byte 1: expected an array of records", 0},
		{"array", `[]`, "webhooks", `byte 1: expected an object with the member "webhooks"`, 0},
		{"no such member", `{"a":1}`, "webhooks", `byte 7: the member "webhooks" is missing`, 0},
		{"no array", `{"webhooks":{}}`, "webhooks", "byte 12: expected an array of records", 0},
		{"member twice", `{"webhooks":[],"webhooks":[]}`, "webhooks", `byte 26: the member "webhooks" is given twice`, 0},
		{"behind", `[{}] x`, "", "byte 5: nothing is expected behind the list", 1},
		{"second list", `[][]`, "", "byte 3: nothing is expected behind the list", 0},
		{"cut in a record", `[{},{"name":"a`, "", "byte 5: the input ends in the middle", 1},
		{"cut behind a record", `[{}`, "", "byte 4: the input ends where the end of the array is expected", 1},
		{"bad record", "[{},\n {\"a\": tru}]", "", "byte 16: invalid character '}' in literal true (expecting 'e')", 1},
		{"no comma", `[{} {}]`, "", "byte 5: expected comma after array element", 1},
		{"comma at the end", `[{},]`, "", "byte 5: invalid character ']' looking for beginning of value", 1},
		{"wrong bracket", `[{}}`, "", "byte 4: invalid character '}' looking for beginning of value", 1},
		{"markup", `<html>`, "", "byte 1: invalid character '<' looking for beginning of value", 0},
		{"too large", `[{},{"a":"` + strings.Repeat("x", jsonrecords.MaxSize) + `"}]`, "", "byte 5: a record has more than 1048576 bytes", 1},
		{"endless", `[{},{"a":"` + strings.Repeat("x", 1<<23), "", "byte 5: a record has more than 1048576 bytes", 1},
		{"endless blanks", `[` + strings.Repeat(" ", 1<<23), "", "byte 2: a record has more than 1048576 bytes", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(strings.NewReader(tt.input), tt.member)
			if err == nil || err.Error() != tt.want {
				t.Errorf("error %q, want %q", err, tt.want)
			}
			if hook.CodeOf(err) != hook.Invalid {
				t.Errorf("code %s", hook.CodeOf(err))
			}
			if len(got) != tt.records {
				t.Errorf("%d records before the error, want %d", len(got), tt.records)
			}
		})
	}
}

func TestReadErrorIsPassedOn(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	got, err := read(io.MultiReader(strings.NewReader(`[{"n":1},{"n"`), iotest.ErrReader(broken)), "")
	if !errors.Is(err, broken) || len(got) != 1 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestStopsWhenTheReaderStops(t *testing.T) {
	t.Parallel()
	input := iotest.OneByteReader(io.MultiReader(strings.NewReader(`[{"n":1},`), iotest.ErrReader(errors.New("read too far"))))
	for o, err := range jsonrecords.Objects(input, "") {
		if err != nil || o.Integer("n") != 1 {
			t.Errorf("%v, %v", o.Integer("n"), err)
		}
		break
	}
}

func TestNestedMembers(t *testing.T) {
	t.Parallel()
	for o, err := range jsonrecords.Objects(strings.NewReader(`[{"list":[{"id":"a"},{"id":5}],"texts":["x",1],"one":{"in":{"n":false}}}]`), "") {
		if err != nil {
			t.Fatal(err)
		}
		if got := o.Objects("list")[0].Text("id"); got != "a" {
			t.Errorf("list.0.id is %q", got)
		}
		if err := o.Err(); err != nil {
			t.Error(err)
		}
		o.Object("one").Object("in").Integer("n")
		o.Objects("list")[1].Text("id")
		o.Texts("texts")
		if err := o.Err(); err == nil || err.Error() != "one.in.n: expected a whole number" {
			t.Errorf("the first failure is %v", err)
		}
	}
}

func TestRequire(t *testing.T) {
	t.Parallel()
	for o := range jsonrecords.Objects(strings.NewReader(`[{"a":1,"b":null}]`), "") {
		o.Require("a", "b")
		if err := o.Err(); err == nil || err.Error() != "b: is missing" {
			t.Error(err)
		}
	}
}

// FuzzObjects compares the list with what encoding/json makes of the input.
func FuzzObjects(f *testing.F) {
	for _, seed := range []string{
		"", "[]", "[{},1,null]", `[{"a":{"b":[1,"\ud83d\ude00"]}}]`, "[1 2]", "[1,]", "[}", "[][]", "\ufeff[]", `{"a":[]}`, "[" + strings.Repeat("[", 40),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		var want []map[string]any
		valid := json.Unmarshal(input, &want) == nil && want != nil
		count, failure := 0, error(nil)
		for o, err := range jsonrecords.Objects(bytes.NewReader(input), "") {
			if failure = err; err != nil {
				break
			}
			if valid && o.Err() == nil {
				for name, value := range want[count] {
					if o.Has(name) != (value != nil) {
						t.Errorf("%d: %q differs", count, name)
					}
				}
			}
			count++
		}
		if valid && (failure != nil || count != len(want)) {
			t.Errorf("%d of %d objects, %v", count, len(want), failure)
		}
		if failure == nil && !json.Valid(bytes.TrimPrefix(input, []byte("\ufeff"))) {
			t.Error("malformed input was read to its end")
		}
	})
}
