package delivery

import (
	"encoding/base64"
	"strings"
)

// dictionary splits the members of a structured field (RFC 8941, section 3.2) as
// they are written. Lines of one name are one field.
func dictionary(lines []string) map[string]string {
	members := map[string]string{}
	text := strings.Join(lines, ",")
	depth, quoted, start := 0, false, 0
	add := func(member string) {
		if name, value, found := strings.Cut(strings.TrimSpace(member), "="); found {
			members[name] = value
		}
	}
	for i := range len(text) {
		switch c := text[i]; {
		case quoted && c == '\\':
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth <= 0:
			add(text[start:i])
			start = i + 1
		}
	}
	add(text[start:])
	return members
}

// byteSequence reads base64 between colons.
func byteSequence(text string) ([]byte, error) {
	inner, opened := strings.CutPrefix(text, ":")
	inner, closed := strings.CutSuffix(inner, ":")
	if !opened || !closed {
		return nil, base64.CorruptInputError(0)
	}
	return base64.StdEncoding.DecodeString(inner)
}
