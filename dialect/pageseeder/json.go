package pageseeder

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// A jsonEncoder writes JSON without blanks, by hand for the reason that the
// xmlEncoder is.
type jsonEncoder struct {
	buffer   []byte
	location *time.Location
	// first: nothing stands yet in the object or array under way.
	first bool
}

func (e *jsonEncoder) written() []byte { return e.buffer }
func (e *jsonEncoder) forget()         { e.buffer = e.buffer[:0] }

func (e *jsonEncoder) reuse(b []byte) { e.buffer = b }

func (e *jsonEncoder) root(_ string, value element) { e.braces(value) }

func (e *jsonEncoder) openList(name string) {
	e.buffer = append(append(append(e.buffer, `{"`...), name...), `":[`...)
	e.first = true
}

func (e *jsonEncoder) item(_ string, value element) {
	e.separate()
	e.braces(value)
}

func (e *jsonEncoder) closeList(string) { e.buffer = append(e.buffer, "]}"...) }

func (e *jsonEncoder) list(name, _ string, elements []element) {
	e.name(name)
	e.buffer = append(e.buffer, '[')
	e.first = true
	for _, value := range elements {
		e.item("", value)
	}
	e.buffer = append(e.buffer, ']')
	e.first = false
}

func (e *jsonEncoder) wrappedList(name, item string, elements []element) {
	e.list(name, item, elements)
}

func (e *jsonEncoder) braces(value element) {
	e.buffer = append(e.buffer, '{')
	e.first = true
	value.fields(e)
	e.buffer = append(e.buffer, '}')
	e.first = false
}

func (e *jsonEncoder) separate() {
	if !e.first {
		e.buffer = append(e.buffer, ',')
	}
	e.first = false
}

func (e *jsonEncoder) name(name string) {
	e.separate()
	e.buffer = append(appendCamel(append(e.buffer, '"'), name), `":`...)
}

func (e *jsonEncoder) id(name string, value *int64) { e.number(name, value, required) }

func (e *jsonEncoder) number(name string, value *int64, _ presence) {
	e.name(name)
	e.buffer = strconv.AppendInt(e.buffer, *value, 10)
}

func (e *jsonEncoder) text(name string, value *string, p presence) {
	if p == optional && *value == "" {
		return
	}
	e.name(name)
	e.buffer = append(appendJSON(append(e.buffer, '"'), *value), '"')
}

func (e *jsonEncoder) flag(name string, value *bool, p presence) {
	if p == optional && !*value {
		return
	}
	e.name(name)
	e.buffer = strconv.AppendBool(e.buffer, *value)
}

func (e *jsonEncoder) date(name string, value *time.Time, p presence) {
	if p == optional && value.IsZero() {
		return
	}
	e.name(name)
	e.buffer = append(value.In(e.location).AppendFormat(append(e.buffer, '"'), dateLayout), '"')
}

func (e *jsonEncoder) content(name string, value *string, p presence) { e.text(name, value, p) }

func (e *jsonEncoder) object(name string, value element, p presence) {
	if p == optional && value.absent() {
		return
	}
	e.name(name)
	again, isRepeated := value.(repeated)
	if isRepeated && len(*again.kept()) > 0 {
		e.buffer = append(e.buffer, *again.kept()...)
		e.first = false
		return
	}
	start := len(e.buffer)
	e.braces(value)
	if isRepeated {
		*again.kept() = append([]byte(nil), e.buffer[start:]...)
	}
}

// appendJSON escapes what JSON asks for and nothing else: one client in the
// field looks for values in the text and does not decode escapes (section 4).
func appendJSON(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r != utf8.RuneError || n > 1 {
				i += n
				continue
			}
		}
		b = append(b, s[done:i]...)
		switch {
		case c >= utf8.RuneSelf:
			b = append(b, "\ufffd"...)
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\t':
			b = append(b, `\t`...)
		default:
			b = append(b, `\u00`...)
			b = append(b, hex[c>>4], hex[c&15])
		}
		i += size
		done = i
	}
	return append(b, s[done:]...)
}
