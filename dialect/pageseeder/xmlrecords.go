package pageseeder

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/hookgraph/hookgraph/dialect/jsonrecords"
	"github.com/hookgraph/hookgraph/hook"
)

// The limits of a record are those of JSON.
const (
	maxRecord = jsonrecords.MaxSize
	maxDepth  = jsonrecords.MaxDepth

	// readAhead is more than the decoder has in its buffer.
	readAhead = 1 << 13
)

// A document is a list of webhooks in XML, on its way through the decoder.
type document struct {
	decoder *xml.Decoder
	input   *window
	// problem is what is wrong with the record under way.
	problem *hook.Error
}

// xmlRecords reads a list in XML, webhook by webhook.
func xmlRecords(r io.Reader, yield func(*hook.Record, error) bool) {
	input := &window{from: r}
	d := &document{decoder: xml.NewDecoder(input), input: input}
	d.decoder.CharsetReader = func(charset string, _ io.Reader) (io.Reader, error) {
		return nil, fmt.Errorf("the encoding %.40q is not read; it must be UTF-8", charset)
	}
	if err := d.open(); err != nil {
		yield(nil, err)
		return
	}
	for position := 1; ; position++ {
		start, err := d.nextWebhook()
		if err == nil && start == nil {
			err = d.close()
		}
		var record *hook.Record
		if err == nil && start != nil {
			record, err = d.record(position, start)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		if record == nil || !yield(record, nil) {
			return
		}
	}
}

// open reads up to the beginning of the list.
func (d *document) open() error {
	for {
		token, err := d.token()
		switch {
		case errors.Is(err, io.EOF):
			return d.malformed("the input ends before the list")
		case err != nil:
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name != (xml.Name{Local: "webhooks"}) {
				return d.malformed("expected the element webhooks, not %.64q", t.Name.Local)
			}
			return nil
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return d.malformed("text outside of the list")
			}
		}
	}
}

// nextWebhook returns the beginning of the next webhook, or nil at the end of
// the list.
func (d *document) nextWebhook() (*xml.StartElement, error) {
	for {
		token, err := d.token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name == (xml.Name{Local: "webhook"}) {
				return &t, nil
			}
			if _, err := d.node(t, t.Name.Local, 1); err != nil {
				return nil, err
			}
			d.problem = nil
		case xml.EndElement:
			return nil, nil
		}
	}
}

// close reads what is behind the list: nothing that counts.
func (d *document) close() error {
	for {
		token, err := d.token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			return d.malformed("an element behind the list")
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return d.malformed("text behind the list")
			}
		}
	}
}

func (d *document) record(position int, start *xml.StartElement) (*hook.Record, error) {
	d.problem = nil
	found, err := d.node(*start, "", 1)
	if err != nil {
		return nil, err
	}
	record := &hook.Record{Position: position}
	var w webhook
	if d.problem == nil {
		w.fields(&xmlFields{node: found, problem: &d.problem})
	}
	if d.problem != nil {
		record.Err = d.problem
	} else {
		record.Err = w.record(record)
	}
	return record, nil
}

// token returns the next token outside of a record and lets the decoder read as
// much again.
func (d *document) token() (xml.Token, error) {
	d.input.end = d.decoder.InputOffset() + maxRecord + readAhead
	return d.within()
}

// within returns the next token inside of a record. An error at the end of the
// input is io.EOF; others are told as they are to be shown.
func (d *document) within() (xml.Token, error) {
	token, err := d.decoder.Token()
	if err == nil {
		if _, isDeclaration := token.(xml.Directive); isDeclaration {
			return nil, d.malformed("document type declarations are not read")
		}
		return token, nil
	}
	var syntax *xml.SyntaxError
	switch {
	case d.input.err != nil:
		return nil, d.input.err
	case d.input.exceeded:
		return nil, d.malformed("a record has more than %d bytes", maxRecord)
	case errors.Is(err, io.EOF):
		return nil, io.EOF
	case errors.As(err, &syntax):
		return nil, hook.Invalidf("", "line %d: %s", syntax.Line, syntax.Msg)
	}
	return nil, d.malformed("%s", strings.TrimPrefix(err.Error(), "xml: "))
}

func (d *document) malformed(format string, args ...any) error {
	line, _ := d.decoder.InputPos()
	return hook.Invalidf("", "line %d: %s", line, fmt.Sprintf(format, args...))
}

// A window lets the decoder read up to a place, so that what does not end
// itself is not collected without end.
type window struct {
	from      io.Reader
	read, end int64
	exceeded  bool
	// err is why reading failed, unless at the end of the input.
	err error
}

var errExceeded = errors.New("more than a record may have")

// Read implements io.Reader.
func (w *window) Read(p []byte) (int, error) {
	if w.read >= w.end {
		w.exceeded = true
		return 0, errExceeded
	}
	n, err := w.from.Read(p[:min(int64(len(p)), w.end-w.read)])
	w.read += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}
