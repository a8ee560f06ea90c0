package jsonrecords

import (
	"bytes"
	"errors"
	"io"

	"github.com/hookgraph/hookgraph/hook"
)

// Parse reads a text that is one object, such as the body of a request. What is
// wrong with it is the object's error: for malformed text it names the byte.
func Parse(text []byte) *Object {
	l := newList(bytes.NewReader(text))
	value, err := l.value()
	if err == nil {
		end := l.decoder.InputOffset()
		l.grant()
		if _, more := l.decoder.Token(); !errors.Is(more, io.EOF) {
			err = l.at(end, "nothing is expected behind the object")
		}
	}
	var malformed *hook.Error
	if errors.As(err, &malformed) {
		return &Object{failure: &failure{malformed}}
	}
	return parse(value)
}
