package gateway

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/hookgraph/hookgraph/hook"
)

// A scanner reads JSON text in one pass. It refuses what encoding/json lets pass
// and receivers read in different ways: members given twice, halves of surrogate
// pairs, and text that is not UTF-8. Values that are passed on stay as they were
// written.
type scanner struct {
	text  string
	at    int
	depth int
	// place and member are what is being read, for errors that are not about the
	// syntax.
	place, member string
}

func (s *scanner) field() string { return within(s.place, clip(s.member)) }

// within is the path of a member of what is at a place.
func within(place, member string) string {
	if place == "" || member == "" {
		return place + member
	}
	return place + "." + member
}

// maxDepth keeps the scanner's own stack small. What may be published is less
// deep.
const maxDepth = 1000

// malformed is the error of text that is no JSON. It tells where.
func (s *scanner) malformed(format string, args ...any) error {
	before := s.text[:min(s.at, len(s.text))]
	line := 1 + strings.Count(before, "\n")
	column := 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	return hook.Invalidf("", "the body is not JSON: line %d, column %d: %s", line, column, fmt.Sprintf(format, args...))
}

// unexpected is the error of another character than the expected ones.
func (s *scanner) unexpected(expected string) error {
	if s.at >= len(s.text) {
		return s.malformed("expected %s, found the end", expected)
	}
	r, size := utf8.DecodeRuneInString(s.text[s.at:])
	if r == utf8.RuneError && size == 1 {
		return s.malformed("expected %s, found a byte that is not UTF-8", expected)
	}
	return s.malformed("expected %s, found %q", expected, r)
}

// peek returns the next character behind white space, 0 at the end.
func (s *scanner) peek() byte {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return c
		}
	}
	return 0
}

func (s *scanner) enter() error {
	if s.depth++; s.depth > maxDepth {
		return hook.Invalidf(s.field(), "is nested deeper than %d levels", maxDepth)
	}
	s.at++
	return nil
}

// object reads an object; member reads the value of each of its members.
func (s *scanner) object(member func(name string) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	var names seen
	for first := true; ; first = false {
		switch c := s.peek(); {
		case c == '}' && first:
			s.at++
			s.depth--
			return nil
		case c != '"':
			return s.unexpected("the name of a member")
		}
		name, err := s.string()
		if err != nil {
			return err
		}
		if names.add(name) {
			return hook.Invalidf(s.field(), "the member %q is given twice", clip(name))
		}
		if s.peek() != ':' {
			return s.unexpected("a colon")
		}
		s.at++
		if err := member(name); err != nil {
			return err
		}
		switch s.peek() {
		case ',':
			s.at++
		case '}':
			s.at++
			s.depth--
			return nil
		default:
			return s.unexpected("a comma or }")
		}
	}
}

// array reads an array; element reads each of its elements.
func (s *scanner) array(element func(i int) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	for i := 0; ; i++ {
		if i == 0 && s.peek() == ']' {
			break
		}
		if err := element(i); err != nil {
			return err
		}
		c := s.peek()
		if c == ']' {
			break
		}
		if c != ',' {
			return s.unexpected("a comma or ]")
		}
		s.at++
	}
	s.at++
	s.depth--
	return nil
}

// value passes over any value and returns its text.
func (s *scanner) value() (string, error) {
	c := s.peek()
	start := s.at
	var err error
	switch {
	case c == '{':
		err = s.object(func(string) error { return s.pass() })
	case c == '[':
		err = s.array(func(int) error { return s.pass() })
	case c == '"':
		_, err = s.raw()
	case c == '-' || c >= '0' && c <= '9':
		err = s.number()
	default:
		err = s.literal()
	}
	return s.text[start:s.at], err
}

func (s *scanner) pass() error {
	_, err := s.value()
	return err
}

func (s *scanner) literal() error {
	for _, word := range [...]string{"null", "true", "false"} {
		if strings.HasPrefix(s.text[s.at:], word) {
			s.at += len(word)
			return nil
		}
	}
	return s.unexpected("a value")
}

func (s *scanner) number() error {
	digits := func() bool {
		start := s.at
		for s.at < len(s.text) && s.text[s.at] >= '0' && s.text[s.at] <= '9' {
			s.at++
		}
		return s.at > start
	}
	next := func(chars string) bool {
		if s.at < len(s.text) && strings.IndexByte(chars, s.text[s.at]) >= 0 {
			s.at++
			return true
		}
		return false
	}
	next("-")
	if !next("0") && !digits() {
		return s.unexpected("a digit")
	}
	if next(".") && !digits() {
		return s.unexpected("a digit")
	}
	if next("eE") {
		next("+-")
		if !digits() {
			return s.unexpected("a digit")
		}
	}
	return nil
}

// end checks that nothing follows.
func (s *scanner) end() error {
	if s.peek(); s.at < len(s.text) {
		return s.unexpected("the end")
	}
	return nil
}

// string reads a string and returns what it stands for.
func (s *scanner) string() (string, error) {
	start := s.at
	escaped, err := s.raw()
	if err != nil {
		return "", err
	}
	text := s.text[start+1 : s.at-1]
	if escaped {
		err = json.Unmarshal([]byte(s.text[start:s.at]), &text)
	}
	return text, err
}

// raw passes over a string and reports whether it has escapes.
func (s *scanner) raw() (escaped bool, err error) {
	s.at++
	start, ascii := s.at, true
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == '"':
			if !ascii && !utf8.ValidString(s.text[start:s.at]) {
				return false, hook.Invalidf(s.field(), "the text is not valid UTF-8")
			}
			s.at++
			return escaped, nil
		case c == '\\':
			escaped = true
			if err := s.escape(); err != nil {
				return false, err
			}
		case c < ' ':
			return false, s.malformed("a string has the control character U+%04X", c)
		default:
			ascii = ascii && c < utf8.RuneSelf
			s.at++
		}
	}
	return false, s.unexpected("the end of a string")
}

func (s *scanner) escape() error {
	s.at++
	if s.at < len(s.text) && strings.IndexByte(`"\/bfnrt`, s.text[s.at]) >= 0 {
		s.at++
		return nil
	}
	if s.at >= len(s.text) || s.text[s.at] != 'u' {
		return s.unexpected("an escape")
	}
	first, err := s.unit()
	if err != nil || first < 0xd800 || first > 0xdfff {
		return err
	}
	if first < 0xdc00 && strings.HasPrefix(s.text[s.at:], `\u`) {
		s.at++
		second, err := s.unit()
		if err != nil || second >= 0xdc00 && second <= 0xdfff {
			return err
		}
	}
	return hook.Invalidf(s.field(), `the escape \u%04X is half of a character`, first)
}

// unit reads u and four digits.
func (s *scanner) unit() (n rune, err error) {
	for range 4 {
		s.at++
		c := byte(0)
		if s.at < len(s.text) {
			c = s.text[s.at]
		}
		switch {
		case c >= '0' && c <= '9':
			n = n<<4 | rune(c-'0')
		case c|' ' >= 'a' && c|' ' <= 'f':
			n = n<<4 | rune(c|' '-'a'+10)
		default:
			return 0, s.unexpected("a hexadecimal digit")
		}
	}
	s.at++
	return n, nil
}

// seen are the names of the members of an object: usually few.
type seen struct {
	few  [8]string
	n    int
	many map[string]struct{}
}

// add reports whether a name was there already.
func (n *seen) add(name string) bool {
	for _, known := range n.few[:min(n.n, len(n.few))] {
		if known == name {
			return true
		}
	}
	if n.n < len(n.few) {
		n.few[n.n] = name
		n.n++
		return false
	}
	if _, known := n.many[name]; known {
		return true
	}
	if n.many == nil {
		n.many = map[string]struct{}{}
	}
	n.many[name] = struct{}{}
	return false
}

// clip keeps errors short whatever the names in the input are.
func clip(name string) string {
	const most = 64
	if len(name) > most {
		return strings.ToValidUTF8(name[:most], "") + "…"
	}
	return name
}
