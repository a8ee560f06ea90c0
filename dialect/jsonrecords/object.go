package jsonrecords

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/hookgraph/hookgraph/hook"
)

// An Object is a JSON object whose members are asked for by name and type. The
// first that is missing or wrong is the error of the whole record; asking goes
// on, with zero values. A null counts as absent.
type Object struct {
	members map[string]any
	path    string
	failure *failure
}

// A failure is shared by the objects of one record.
type failure struct{ err *hook.Error }

// Err returns the first thing that is wrong with the record: an INVALID error
// whose field is a path such as "events.2.id".
func (o *Object) Err() error {
	if o.failure.err == nil {
		return nil
	}
	return o.failure.err
}

// Fail says that a member is wrong. Only the first call for a record counts.
// Texts among the arguments are shortened: they come from the input.
func (o *Object) Fail(member, format string, args ...any) {
	if o.failure.err != nil {
		return
	}
	for i, arg := range args {
		if text, isText := arg.(string); isText {
			args[i] = clip(text)
		}
	}
	o.failure.err = hook.Invalidf(o.at(member), format, args...)
}

func (o *Object) at(member string) string {
	return strings.Trim(o.path+"."+member, ".")
}

// Has reports whether a member is there and not null.
func (o *Object) Has(member string) bool { return o.members[member] != nil }

// Require makes absent members an error.
func (o *Object) Require(members ...string) {
	for _, m := range members {
		if !o.Has(m) {
			o.Fail(m, "is missing")
		}
	}
}

// member returns a member of a type; expected says in words what it should be.
func member[T any](o *Object, name, expected string) (value T, present bool) {
	found := o.members[name]
	if found == nil {
		return value, false
	}
	value, ok := found.(T)
	if !ok {
		o.Fail(name, "expected %s", expected)
	}
	return value, ok
}

// Text returns a string, or "".
func (o *Object) Text(name string) string {
	text, _ := member[string](o, name, "a string")
	return text
}

// Bool returns true or false, and otherwise if it is absent.
func (o *Object) Bool(name string, otherwise bool) bool {
	if value, present := member[bool](o, name, "true or false"); present {
		return value
	}
	return otherwise
}

// Integer returns a whole number that is written as one and fits into 64 bits,
// or 0.
func (o *Object) Integer(name string) int64 {
	const expected = "a whole number"
	number, present := member[json.Number](o, name, expected)
	if !present {
		return 0
	}
	n, err := strconv.ParseInt(number.String(), 10, 64)
	if err != nil {
		o.Fail(name, "expected %s", expected)
		return 0
	}
	return n
}

// Texts returns an array of strings.
func (o *Object) Texts(name string) []string {
	list, _ := member[[]any](o, name, "an array of strings")
	texts := make([]string, len(list))
	for i, element := range list {
		text, ok := element.(string)
		if !ok {
			o.Fail(name+"."+strconv.Itoa(i), "expected a string")
		}
		texts[i] = text
	}
	return texts
}

// Object returns an object, or nil.
func (o *Object) Object(name string) *Object {
	members, present := member[map[string]any](o, name, "an object")
	if !present {
		return nil
	}
	return &Object{members, o.at(name), o.failure}
}

// Objects returns an array of objects.
func (o *Object) Objects(name string) []*Object {
	list, _ := member[[]any](o, name, "an array of objects")
	objects := make([]*Object, len(list))
	for i, element := range list {
		at := name + "." + strconv.Itoa(i)
		members, ok := element.(map[string]any)
		if !ok {
			o.Fail(at, "expected an object")
		}
		objects[i] = &Object{members, o.at(at), o.failure}
	}
	return objects
}
