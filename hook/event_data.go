package hook

import (
	"encoding/json"
	"strconv"
)

// checkJSON checks the JSON text of an event's data. Depth and halves of
// surrogate pairs are looked at besides, which decoders let pass: what nests
// deeper breaks receivers, and each of them would read something else for half a
// character.
func checkJSON(text string) error {
	depth, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
			if i < len(text) && text[i] == 'u' {
				n, paired := surrogates(text[i+1:])
				if !paired {
					return Invalidf("data", "has half of a surrogate pair at byte %d", i)
				}
				i += n
			}
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > MaxEventDepth {
				return Invalidf("data", "is nested deeper than %d levels", MaxEventDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	if !json.Valid([]byte(text)) {
		return Invalidf("data", "must be JSON")
	}
	return nil
}

// surrogates looks at what follows \u. It returns how many bytes belong to it,
// and whether it is a whole character. What is no escape is left to others.
func surrogates(text string) (n int, paired bool) {
	first, ok := unit(text)
	switch {
	case !ok || first < 0xd800 || first > 0xdfff:
		return 0, true
	case first >= 0xdc00 || len(text) < 6 || text[4:6] != `\u`:
		return 0, false
	}
	second, ok := unit(text[6:])
	return 10, ok && second >= 0xdc00 && second <= 0xdfff
}

// unit reads the four digits of an escape.
func unit(text string) (uint64, bool) {
	if len(text) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(text[:4], 16, 16)
	return n, err == nil
}
