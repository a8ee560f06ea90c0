package pageseeder

import "time"

// An element is shown as an element in XML and as an object in JSON.
type element interface {
	// fields hands every field to f, in the order of the contract.
	fields(f fields)
	// absent elements are left out where they are optional.
	absent() bool
}

// fields writes an element in a format, or reads it from one.
type fields interface {
	// id is a number that is positive and never missing.
	id(name string, value *int64)
	number(name string, value *int64, p presence)
	text(name string, value *string, p presence)
	flag(name string, value *bool, p presence)
	date(name string, value *time.Time, p presence)
	// content is the text of an element of its own in XML.
	content(name string, value *string, p presence)
	object(name string, value element, p presence)
}

// A presence says when a field is there.
type presence int

const (
	// required fields are written always, and must be there when read.
	required presence = iota
	// always is for fields that are written always, and have a default when read
	// (section 2.3).
	always
	// optional fields are written if they are set.
	optional
)

// appendCamel appends a field's name as JSON has it: without hyphens, the
// letters behind them in upper case.
func appendCamel(b []byte, name string) []byte {
	for i := 0; i < len(name); i++ {
		if name[i] == '-' && i+1 < len(name) {
			i++
			b = append(b, name[i]-'a'+'A')
			continue
		}
		b = append(b, name[i])
	}
	return b
}

// dateLayout has seconds and a numeric offset, for UTC too (section 3.1).
const dateLayout = "2006-01-02T15:04:05-07:00"

// A repeated element stands many times in one answer, always the same: the
// webhooks of a list have one client. It keeps what was encoded the first time.
type repeated interface {
	element
	kept() *[]byte
}

// An encoder writes elements in a format.
type encoder interface {
	fields
	// root writes an element as the whole document. JSON does not show its name.
	root(name string, value element)
	// openList begins the document of a list, item adds to it, closeList ends it.
	openList(name string)
	item(name string, value element)
	closeList(name string)
	// list writes elements that belong to the one under way, in JSON as an array.
	// In XML they stand for themselves, wrappedList puts an element around them.
	list(name, item string, elements []element)
	wrappedList(name, item string, elements []element)
	// values writes members of published JSON (section 7).
	values(members []value)
	// written is what has been encoded since forget was called last.
	written() []byte
	forget()
	// reuse gives an empty buffer to write into.
	reuse(buffer []byte)
}
