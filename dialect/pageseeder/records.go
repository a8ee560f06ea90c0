package pageseeder

import (
	"bufio"
	"errors"
	"io"
	"iter"
	"time"

	"github.com/hookgraph/hookgraph/dialect/jsonrecords"
	"github.com/hookgraph/hookgraph/hook"
)

// Records implements dialect.Dialect: it reads the list of webhooks in XML or
// JSON, whichever the input begins with.
func (a *API) Records(r io.Reader) iter.Seq2[*hook.Record, error] {
	return func(yield func(*hook.Record, error) bool) {
		input := bufio.NewReader(r)
		start, err := firstCharacter(input)
		switch {
		case err != nil:
			yield(nil, err)
		case start == '<':
			xmlRecords(input, yield)
		default:
			jsonrecords.Records(input, "webhooks", fillFromJSON)(yield)
		}
	}
}

const byteOrderMark = "\ufeff"

// firstCharacter looks at the first byte that is no blank, and takes nothing
// but a byte order mark in front of XML. It is '<' or the beginning of JSON.
func firstCharacter(input *bufio.Reader) (byte, error) {
	mark := 0
	if start, _ := input.Peek(len(byteOrderMark)); string(start) == byteOrderMark {
		mark = len(byteOrderMark)
	}
	for n := mark + 1; ; n++ {
		start, err := input.Peek(n)
		switch {
		case len(start) == n:
		case errors.Is(err, io.EOF):
			return 0, hook.Invalidf("", "the input is empty")
		case errors.Is(err, bufio.ErrBufferFull):
			return 0, hook.Invalidf("", "the input begins with nothing but blanks")
		default:
			return 0, err
		}
		switch c := start[n-1]; c {
		case ' ', '\t', '\r', '\n':
		case '<':
			_, _ = input.Discard(mark)
			return c, nil
		case '{', '[':
			return c, nil
		default:
			return 0, hook.Invalidf("", "the input is neither XML nor JSON in UTF-8: it begins with %q", []byte{c})
		}
	}
}

func fillFromJSON(o *jsonrecords.Object, record *hook.Record) {
	var w webhook
	w.fields(jsonFields{o})
	if o.Err() == nil {
		record.Err = w.record(record)
	}
}

// dateLayouts are the forms of an offset that ISO 8601 allows. Fractions of
// seconds are read with each of them.
var dateLayouts = []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07"}

// parseDate reads a date in the precision in which instants are stored.
func parseDate(text string) (time.Time, bool) {
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			t = t.UTC().Truncate(time.Millisecond)
			return t, t.Year() >= 1 && t.Year() <= 9999
		}
	}
	return time.Time{}, false
}

const (
	expectedDate   = "expected a date with an offset, like 2024-05-06T07:08:09+10:00"
	expectedID     = "expected a positive whole number"
	expectedNumber = "expected a whole number"
)

// jsonFields reads an element from a JSON object. Older servers kept the
// hyphens of names in JSON (section 3.3).
type jsonFields struct{ *jsonrecords.Object }

// named returns the name under which a field is there, if it is.
func (f jsonFields) named(name string, p presence) (camel string, present bool) {
	camel = string(appendCamel(nil, name))
	switch {
	case f.Has(camel):
		return camel, true
	case f.Has(name):
		return name, true
	case p == required:
		f.Fail(camel, "is missing")
	}
	return camel, false
}

func (f jsonFields) id(name string, value *int64) {
	n, present := f.named(name, required)
	if *value = f.Integer(n); present && *value < 1 {
		f.Fail(n, expectedID)
	}
}

func (f jsonFields) number(name string, value *int64, p presence) {
	if n, present := f.named(name, p); present {
		*value = f.Integer(n)
	}
}

func (f jsonFields) text(name string, value *string, p presence) {
	if n, present := f.named(name, p); present {
		*value = f.Text(n)
	}
}

func (f jsonFields) flag(name string, value *bool, p presence) {
	if n, present := f.named(name, p); present {
		*value = f.Bool(n, false)
	}
}

func (f jsonFields) date(name string, value *time.Time, p presence) {
	n, present := f.named(name, p)
	if !present {
		return
	}
	if t, ok := parseDate(f.Text(n)); ok {
		*value = t
		return
	}
	f.Fail(n, expectedDate)
}

func (f jsonFields) content(name string, value *string, p presence) { f.text(name, value, p) }

func (f jsonFields) object(name string, value element, p presence) {
	if n, present := f.named(name, p); present {
		if o := f.Object.Object(n); o != nil {
			value.fields(jsonFields{o})
		}
	}
}
