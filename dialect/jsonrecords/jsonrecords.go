// Package jsonrecords reads the JSON lists that imports are given: an array of
// objects of any length, one object at a time and in bounded memory. It is
// stricter than encoding/json, which takes the last of two members of a name and
// replaces broken text silently: a record that was changed on the way must not
// be stored.
package jsonrecords

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/hookgraph/hookgraph/hook"
)

// The limits of a record.
const (
	// MaxSize of one record, in bytes.
	MaxSize = 1 << 20
	// MaxDepth of nested objects and arrays in one record, itself included.
	MaxDepth = 32
)

// Records reads a list with a dialect's understanding of a record: fill sets
// what the object tells. The record's Err is what fill or the object found
// wrong. Member is as in Objects, and so are the errors beside a nil record.
func Records(input io.Reader, member string, fill func(*Object, *hook.Record)) iter.Seq2[*hook.Record, error] {
	return func(yield func(*hook.Record, error) bool) {
		position := 0
		for object, err := range Objects(input, member) {
			if err != nil {
				yield(nil, err)
				return
			}
			position++
			record := &hook.Record{Position: position}
			if object.Err() == nil {
				fill(object, record)
			}
			if err := object.Err(); err != nil {
				record.Err = err
			}
			if !yield(record, nil) {
				return
			}
		}
	}
}

// Objects yields the elements of an array. If member is empty, the input is the
// array; else the input is an object whose member of that name is the array,
// and its other members are ignored. An element that is no object, or a broken
// one, carries its error. An error beside a nil object is INVALID, names the
// byte (from 1) at which the input is malformed, and ends the list; it is the
// reader's own error if reading failed.
func Objects(input io.Reader, member string) iter.Seq2[*Object, error] {
	return func(yield func(*Object, error) bool) {
		l := newList(input)
		err := l.open(member)
		for err == nil && l.more() {
			var text json.RawMessage
			if text, err = l.value(); err != nil {
				break
			}
			if !yield(parse(text), nil) {
				return
			}
		}
		if err == nil {
			err = l.close(member)
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// A list is the input on its way through the decoder.
type list struct {
	input   *budget
	decoder *json.Decoder
	// skipped is the length of a byte order mark, which the decoder does not see.
	skipped int64
}

func newList(input io.Reader) *list {
	buffered := bufio.NewReader(input)
	l := &list{input: &budget{from: buffered}}
	if start, _ := buffered.Peek(3); bytes.Equal(start, []byte("\ufeff")) {
		l.skipped = int64(len(start))
		buffered.Discard(len(start))
	}
	l.decoder = json.NewDecoder(l.input)
	// Members beside the array may have numbers of any size.
	l.decoder.UseNumber()
	l.grant()
	return l
}

// grant lets the decoder read one more value. It reads ahead in pieces, so that
// a little more than a record may be in its buffer.
func (l *list) grant() { l.input.end = l.decoder.InputOffset() + MaxSize + 1<<16 }

func (l *list) more() bool {
	l.grant()
	return l.decoder.More()
}

func (l *list) open(member string) error {
	if member == "" {
		return l.expect('[', "an array of records")
	}
	if err := l.expect('{', fmt.Sprintf("an object with the member %q", member)); err != nil {
		return err
	}
	for l.more() {
		name, err := l.decoder.Token()
		if err != nil {
			return l.malformed(err)
		}
		if name == member {
			return l.expect('[', "an array of records")
		}
		if _, err := l.value(); err != nil {
			return err
		}
	}
	return l.at(l.decoder.InputOffset(), fmt.Sprintf("the member %q is missing", member))
}

// close reads what follows the array: nothing, or the end of the object.
func (l *list) close(member string) error {
	if err := l.expect(']', "the end of the array"); err != nil {
		return err
	}
	if member != "" {
		for l.more() {
			name, err := l.decoder.Token()
			if err != nil {
				return l.malformed(err)
			}
			if name == member {
				return l.at(l.decoder.InputOffset(), fmt.Sprintf("the member %q is given twice", member))
			}
			if _, err := l.value(); err != nil {
				return err
			}
		}
		if err := l.expect('}', "the end of the object"); err != nil {
			return err
		}
	}
	l.grant()
	end := l.decoder.InputOffset()
	if _, err := l.decoder.Token(); err == nil || !errors.Is(err, io.EOF) {
		if l.input.err != nil {
			return l.malformed(err)
		}
		return l.at(end, "nothing is expected behind the list")
	}
	return nil
}

func (l *list) expect(delim json.Delim, what string) error {
	start := l.decoder.InputOffset()
	token, err := l.decoder.Token()
	switch {
	case errors.Is(err, io.EOF) && l.input.err == nil:
		return l.at(start, "the input ends where "+what+" is expected")
	case err != nil:
		return l.malformed(err)
	case token != delim:
		return l.at(start, "expected "+what)
	}
	return nil
}

// value returns the text of the next value. It is valid JSON.
func (l *list) value() (json.RawMessage, error) {
	l.grant()
	var text json.RawMessage
	if err := l.decoder.Decode(&text); err != nil {
		return nil, l.malformed(err)
	}
	if len(text) > MaxSize {
		return nil, l.tooLarge(l.decoder.InputOffset() - int64(len(text)))
	}
	return text, nil
}

// malformed names the place of an error of the decoder. The decoder's own
// offsets do not count all that it has read, so that what it holds is looked
// at again.
func (l *list) malformed(err error) error {
	start := l.decoder.InputOffset()
	switch {
	case errors.Is(l.input.err, errBudget):
		return l.tooLarge(start)
	case l.input.err != nil:
		return l.input.err
	}
	rest, _ := io.ReadAll(l.decoder.Buffered())
	blank := len(rest) - len(bytes.TrimLeft(rest, " \t\r\n,:"))
	again := json.NewDecoder(bytes.NewReader(rest[blank:]))
	var syntax *json.SyntaxError
	if errors.As(again.Decode(new(json.RawMessage)), &syntax) {
		err = syntax
		start += int64(blank) + max(syntax.Offset-1, 0)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return l.at(start, "the input ends in the middle")
	}
	return l.at(start, err.Error())
}

func (l *list) tooLarge(offset int64) error {
	return l.at(offset, fmt.Sprintf("a record has more than %d bytes", MaxSize))
}

func (l *list) at(offset int64, message string) error {
	return hook.Invalidf("", "byte %d: %s", l.skipped+offset+1, message)
}

var errBudget = errors.New("more than a record may have")

// A budget ends the reading of a value that does not end itself.
type budget struct {
	from      io.Reader
	read, end int64
	// err is why reading ended, unless at the end of the input.
	err error
}

func (b *budget) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	left := b.end - b.read
	if left <= 0 {
		b.err = errBudget
		return 0, b.err
	}
	n, err := b.from.Read(p[:min(int64(len(p)), left)])
	b.read += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}
