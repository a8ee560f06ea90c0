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
