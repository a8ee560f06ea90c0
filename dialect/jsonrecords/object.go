package jsonrecords

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

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

// parse reads the text of one record, which is valid JSON.
func parse(text []byte) *Object {
	p := &parser{text: text, decoder: json.NewDecoder(bytes.NewReader(text))}
	p.decoder.UseNumber()
	o := &Object{failure: new(failure)}
	value, err := p.value()
	if err != nil {
		o.failure.err = err
		return o
	}
	members, ok := value.(map[string]any)
	if !ok {
		o.Fail("", "expected an object")
	}
	o.members = members
	return o
}

// A parser makes a tree of a record and refuses what encoding/json lets pass.
type parser struct {
	text    []byte
	decoder *json.Decoder
	// path is where the parser is: names and places in arrays.
	path []string
}

func (p *parser) fail(format string, args ...any) *hook.Error {
	return hook.Invalidf(strings.Join(p.path, "."), format, args...)
}

// token returns the next token once its text has been looked at.
func (p *parser) token() (json.Token, *hook.Error) {
	start := p.decoder.InputOffset()
	token, err := p.decoder.Token()
	if err != nil {
		return nil, p.fail("%v", err)
	}
	if _, isText := token.(string); isText {
		raw := p.text[start:p.decoder.InputOffset()]
		if !utf8.Valid(raw) {
			return nil, p.fail("the text is not valid UTF-8")
		}
		if escape, found := unpairedSurrogate(raw); found {
			return nil, p.fail("the escape %s is half of a character", escape)
		}
	}
	return token, nil
}

func (p *parser) value() (any, *hook.Error) {
	token, err := p.token()
	if err != nil {
		return nil, err
	}
	delim, nested := token.(json.Delim)
	if !nested {
		return token, nil
	}
	p.path = append(p.path, "")
	if len(p.path) > MaxDepth {
		p.path = p.path[:1]
		return nil, p.fail("nested deeper than %d", MaxDepth)
	}
	var value any
	if delim == '{' {
		value, err = p.object()
	} else {
		value, err = p.array()
	}
	if err != nil {
		return nil, err
	}
	p.path = slices.Delete(p.path, len(p.path)-1, len(p.path))
	p.decoder.Token()
	return value, nil
}

func (p *parser) object() (any, *hook.Error) {
	members := map[string]any{}
	here := &p.path[len(p.path)-1]
	for p.decoder.More() {
		token, err := p.token()
		if err != nil {
			return nil, err
		}
		name := token.(string)
		*here = clip(name)
		if _, twice := members[name]; twice {
			return nil, p.fail("the member is given twice")
		}
		if members[name], err = p.value(); err != nil {
			return nil, err
		}
		here = &p.path[len(p.path)-1]
	}
	return members, nil
}

func (p *parser) array() (any, *hook.Error) {
	list := []any{}
	for p.decoder.More() {
		p.path[len(p.path)-1] = strconv.Itoa(len(list))
		value, err := p.value()
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	return list, nil
}

// clip keeps errors short whatever the names in the input are.
func clip(name string) string {
	const most = 64
	if len(name) > most {
		return strings.ToValidUTF8(name[:most], "") + "…"
	}
	return name
}

// unpairedSurrogate finds an escape that encodes half of a UTF-16 pair, which
// encoding/json replaces by U+FFFD.
func unpairedSurrogate(raw []byte) (escape string, found bool) {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		if i++; raw[i] != 'u' {
			continue
		}
		unit := unitAt(raw[i+1:])
		i += 4
		if unit < 0xd800 || unit > 0xdfff {
			continue
		}
		low := uint64(0)
		if unit < 0xdc00 && len(raw) > i+6 && raw[i+1] == '\\' && raw[i+2] == 'u' {
			low = unitAt(raw[i+3:])
		}
		if low < 0xdc00 || low > 0xdfff {
			return fmt.Sprintf("\\u%04X", unit), true
		}
		i += 6
	}
	return "", false
}

func unitAt(hex []byte) uint64 {
	unit, _ := strconv.ParseUint(string(hex[:4]), 16, 16)
	return unit
}
