package pageseeder

import (
	"encoding/xml"
	"strconv"
	"strings"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// A node is an element of a record that has been read. It has the children that
// the API knows.
type node struct {
	attributes map[string]string
	children   map[string]*node
	text       string
}

// node reads an element to its end. Names with a namespace do not count: the
// API has none. path is where the element stands, for what is wrong with it.
func (d *document) node(start xml.StartElement, path string, depth int) (*node, error) {
	n := &node{attributes: make(map[string]string, len(start.Attr))}
	for _, a := range start.Attr {
		if a.Name.Space != "" || a.Name.Local == "xmlns" {
			continue
		}
		if _, twice := n.attributes[a.Name.Local]; twice {
			d.fail(join(path, a.Name.Local), "is given twice")
		}
		n.attributes[a.Name.Local] = a.Value
	}
	if depth > maxDepth {
		d.fail(path, "nested deeper than %d", maxDepth)
		return n, d.skip()
	}
	var text strings.Builder
	for {
		token, err := d.within()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			at := join(path, t.Name.Local)
			child, err := d.node(t, at, depth+1)
			if err != nil {
				return nil, err
			}
			if !isChild(t.Name) {
				continue
			}
			if n.children[t.Name.Local] != nil {
				d.fail(at, "is given twice")
			}
			if n.children == nil {
				n.children = map[string]*node{}
			}
			n.children[t.Name.Local] = child
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			n.text = text.String()
			return n, nil
		}
	}
}

// isChild reports whether the API has an element of the name inside of another,
// once. Others are ignored.
func isChild(name xml.Name) bool {
	return name.Space == "" && (name.Local == "client" || name.Local == "member" || name.Local == "fullname")
}

// skip reads the rest of an element.
func (d *document) skip() error {
	for depth := 1; depth > 0; {
		token, err := d.within()
		if err != nil {
			return err
		}
		switch token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// fail says what is wrong with the record. The first that is wrong counts.
func (d *document) fail(path, format string, args ...any) {
	failOnce(&d.problem, path, format, args...)
}

func failOnce(problem **hook.Error, path, format string, args ...any) {
	if *problem == nil {
		*problem = hook.Invalidf(clip(path), format, args...)
	}
}

func join(path, name string) string { return strings.TrimPrefix(path+"."+name, ".") }

// clip keeps errors short whatever the names in the input are.
func clip(path string) string {
	const most = 100
	if len(path) > most {
		return strings.ToValidUTF8(path[:most], "") + "…"
	}
	return path
}

// xmlFields reads an element from a node.
type xmlFields struct {
	*node
	path    string
	problem **hook.Error
}

func (f *xmlFields) fail(name, message string) {
	failOnce(f.problem, join(f.path, name), "%s", message)
}

func (f *xmlFields) attribute(name string, p presence) (string, bool) {
	value, present := f.attributes[name]
	if !present && p == required {
		f.fail(name, "is missing")
	}
	return value, present
}

func (f *xmlFields) id(name string, value *int64) {
	if f.number(name, value, required); *value < 1 {
		f.fail(name, expectedID)
	}
}

func (f *xmlFields) number(name string, value *int64, p presence) {
	text, present := f.attribute(name, p)
	if !present {
		return
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || text[0] == '+' {
		f.fail(name, expectedNumber)
		return
	}
	*value = n
}

func (f *xmlFields) text(name string, value *string, p presence) {
	*value, _ = f.attribute(name, p)
}

func (f *xmlFields) flag(name string, value *bool, p presence) {
	text, present := f.attribute(name, p)
	switch {
	case !present:
	case text == "true" || text == "false":
		*value = text == "true"
	default:
		f.fail(name, "expected true or false")
	}
}

func (f *xmlFields) date(name string, value *time.Time, p presence) {
	text, present := f.attribute(name, p)
	if !present {
		return
	}
	t, ok := parseDate(text)
	if !ok {
		f.fail(name, expectedDate)
		return
	}
	*value = t
}

func (f *xmlFields) content(name string, value *string, p presence) {
	if child, present := f.child(name, p); present {
		*value = child.text
	}
}

func (f *xmlFields) object(name string, value element, p presence) {
	if child, present := f.child(name, p); present {
		value.fields(&xmlFields{child, join(f.path, name), f.problem})
	}
}

func (f *xmlFields) child(name string, p presence) (*node, bool) {
	child, present := f.children[name]
	if !present && p == required {
		f.fail(name, "is missing")
	}
	return child, present
}
