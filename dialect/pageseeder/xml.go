package pageseeder

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// An xmlEncoder writes XML without a declaration, as the documented answers
// are: the content type names the encoding. It is written by hand because lists
// are long and reflection costs several times the rest of a record.
type xmlEncoder struct {
	buffer   []byte
	location *time.Location
	// open: a start tag awaits its end, attributes may follow.
	open bool
}

func (e *xmlEncoder) written() []byte { return e.buffer }
func (e *xmlEncoder) forget()         { e.buffer = e.buffer[:0] }

func (e *xmlEncoder) reuse(b []byte) { e.buffer = b }

func (e *xmlEncoder) root(name string, value element) { e.object(name, value, required) }
func (e *xmlEncoder) item(name string, value element) { e.object(name, value, required) }
func (e *xmlEncoder) openList(name string)            { e.start(name) }
func (e *xmlEncoder) closeList(name string)           { e.end(name) }

func (e *xmlEncoder) list(_, item string, elements []element) {
	for _, value := range elements {
		e.object(item, value, required)
	}
}

func (e *xmlEncoder) wrappedList(name, item string, elements []element) {
	e.start(name)
	e.list(name, item, elements)
	e.end(name)
}

func (e *xmlEncoder) start(name string) {
	if e.open {
		e.buffer = append(e.buffer, '>')
	}
	e.buffer = append(append(e.buffer, '<'), name...)
	e.open = true
}

func (e *xmlEncoder) end(name string) {
	if e.open {
		e.buffer = append(e.buffer, "/>"...)
	} else {
		e.buffer = append(append(append(e.buffer, "</"...), name...), '>')
	}
	e.open = false
}

func (e *xmlEncoder) attribute(name string) {
	e.buffer = append(append(append(e.buffer, ' '), name...), `="`...)
}

func (e *xmlEncoder) id(name string, value *int64) { e.number(name, value, required) }

func (e *xmlEncoder) number(name string, value *int64, _ presence) {
	e.attribute(name)
	e.buffer = append(strconv.AppendInt(e.buffer, *value, 10), '"')
}

func (e *xmlEncoder) text(name string, value *string, p presence) {
	if p == optional && *value == "" {
		return
	}
	e.attribute(name)
	e.buffer = append(appendXML(e.buffer, *value), '"')
}

func (e *xmlEncoder) flag(name string, value *bool, p presence) {
	if p == optional && !*value {
		return
	}
	e.attribute(name)
	e.buffer = append(strconv.AppendBool(e.buffer, *value), '"')
}

func (e *xmlEncoder) date(name string, value *time.Time, p presence) {
	if p == optional && value.IsZero() {
		return
	}
	e.attribute(name)
	e.buffer = append(value.In(e.location).AppendFormat(e.buffer, dateLayout), '"')
}

func (e *xmlEncoder) content(name string, value *string, p presence) {
	if p == optional && *value == "" {
		return
	}
	e.start(name)
	if *value != "" {
		e.buffer = appendXML(append(e.buffer, '>'), *value)
		e.open = false
	}
	e.end(name)
}

func (e *xmlEncoder) object(name string, value element, p presence) {
	if p == optional && value.absent() {
		return
	}
	if again, isRepeated := value.(repeated); isRepeated {
		e.repeat(name, again)
		return
	}
	e.start(name)
	value.fields(e)
	e.end(name)
}

func (e *xmlEncoder) repeat(name string, value repeated) {
	if e.open {
		e.buffer, e.open = append(e.buffer, '>'), false
	}
	kept := value.kept()
	if len(*kept) > 0 {
		e.buffer = append(e.buffer, *kept...)
		return
	}
	start := len(e.buffer)
	e.start(name)
	value.fields(e)
	e.end(name)
	*kept = append([]byte(nil), e.buffer[start:]...)
}

// appendXML escapes for attribute values and contents alike. Line ends and tabs
// are escaped because parsers turn them into blanks in attributes. What XML 1.0
// has no character for becomes U+FFFD, so that the document stays readable.
func appendXML(b []byte, s string) []byte {
	done := 0
	for i := 0; i < len(s); {
		size, escape := 1, ""
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			var r rune
			r, size = utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 || r == '\ufffe' || r == '\uffff' {
				escape = "\ufffd"
			}
		case c == '&':
			escape = "&amp;"
		case c == '<':
			escape = "&lt;"
		case c == '>':
			escape = "&gt;"
		case c == '"':
			escape = "&quot;"
		case c == '\t':
			escape = "&#9;"
		case c == '\n':
			escape = "&#10;"
		case c == '\r':
			escape = "&#13;"
		case c < ' ':
			escape = "\ufffd"
		}
		if escape != "" {
			b = append(append(b, s[done:i]...), escape...)
			done = i + size
		}
		i += size
	}
	return append(b, s[done:]...)
}
