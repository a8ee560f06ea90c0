package pageseeder

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/hookgraph/hookgraph/hook"
)

// A published object is JSON that somebody published, in the form of an element:
// scalars are attributes in XML, objects are elements, and arrays are elements
// called by the singular (section 3.3).
type published struct{ members []value }

func (p *published) fields(f fields) { f.(encoder).values(p.members) }
func (*published) absent() bool      { return false }

// A value is a member of an object.
type value struct {
	name string
	raw  json.RawMessage
}

func (v value) isObject() bool { return bytes.HasPrefix(v.raw, []byte("{")) }

// membersOf are the members of an object, in their order.
func membersOf(raw json.RawMessage) ([]value, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, hook.Invalidf("data", "must be a JSON object")
	}
	var members []value
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, hook.Invalidf("data", "is not JSON")
		}
		v := value{name: name.(string)}
		if err := decoder.Decode(&v.raw); err != nil {
			return nil, hook.Invalidf("data", "is not JSON")
		}
		members = append(members, v)
	}
	return members, nil
}

func find(members []value, name string) (value, bool) {
	i := slices.IndexFunc(members, func(v value) bool { return v.name == name })
	if i < 0 {
		return value{}, false
	}
	return members[i], true
}

// only are the scalars of some names, in the order of the names.
func only(members []value, names []string) []value {
	var kept []value
	for _, name := range names {
		if v, found := find(members, name); found && v.isScalar() {
			kept = append(kept, v)
		}
	}
	return kept
}

func (v value) isScalar() bool { return !strings.ContainsAny(string(v.raw[:1]), "{[n") }

// text is a scalar as XML has it.
func (v value) text() string {
	var s string
	if json.Unmarshal(v.raw, &s) == nil {
		return s
	}
	return string(v.raw)
}

// xmlName is the name in XML: with hyphens for capitals. It is empty if XML
// cannot have it.
func (v value) xmlName() string {
	var b []byte
	for i := range len(v.name) {
		c := v.name[i]
		switch {
		case c >= 'A' && c <= 'Z' && i > 0:
			b = append(b, '-', c-'A'+'a')
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', i > 0 && (c >= '0' && c <= '9' || c == '-'):
			b = append(b, c)
		default:
			return ""
		}
	}
	return string(b)
}

// isContent: the one text that is an element of its own (section 3.2).
func (v value) isContent() bool { return v.name == "fullname" }

func (e *jsonEncoder) values(members []value) {
	for _, v := range members {
		e.separate()
		e.buffer = append(appendJSON(append(e.buffer, '"'), v.name), `":`...)
		var compact bytes.Buffer
		if json.Compact(&compact, v.raw) != nil {
			compact.WriteString("null")
		}
		e.buffer = append(e.buffer, compact.Bytes()...)
	}
}

func (e *xmlEncoder) values(members []value) {
	attributes := map[string]bool{}
	for _, v := range members {
		// XML has an attribute once.
		if name := v.xmlName(); name != "" && !attributes[name] && v.isScalar() && !v.isContent() {
			attributes[name] = true
			text := v.text()
			e.text(name, &text, always)
		}
	}
	for _, v := range members {
		name := v.xmlName()
		var items []json.RawMessage
		switch {
		case name == "":
		case v.isScalar() && v.isContent():
			text := v.text()
			e.content(name, &text, always)
		case v.isObject():
			e.item(name, publishedAs(v.raw))
		case json.Unmarshal(v.raw, &items) == nil:
			e.items(strings.TrimSuffix(name, "s"), items)
		}
	}
}

func (e *xmlEncoder) items(name string, items []json.RawMessage) {
	for _, raw := range items {
		switch item := (value{raw: raw}); {
		case item.isObject():
			e.item(name, publishedAs(raw))
		case item.isScalar():
			text := item.text()
			e.content(name, &text, always)
		}
	}
}

func publishedAs(raw json.RawMessage) *published {
	members, _ := membersOf(raw) // it was read as a part of valid JSON
	return &published{members}
}
