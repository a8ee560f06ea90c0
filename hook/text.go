package hook

import (
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/cases"
)

// length counts UTF-16 units, in which the original APIs state their limits.
func length(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// validText checks a text of at most max UTF-16 units. The replacement
// character is refused because it is what decoders make of broken input, such
// as an unpaired surrogate.
func validText(field, s string, max int) error {
	if !utf8.ValidString(s) || strings.ContainsRune(s, utf8.RuneError) {
		return Invalidf(field, "the text is not valid Unicode")
	}
	for _, r := range s {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r >= 0x7f && r < 0xa0 {
			return Invalidf(field, "the text contains the control character U+%04X", r)
		}
	}
	if n := length(s); n > max {
		return Invalidf(field, "the text has %d characters; at most %d are allowed", n, max)
	}
	return nil
}

// validLine is validText for names: one line, not blank.
func validLine(field, s string, max int) error {
	if err := validText(field, s, max); err != nil {
		return err
	}
	if strings.ContainsAny(s, "\n\r\t") {
		return Invalidf(field, "the text must be one line")
	}
	if strings.TrimSpace(s) == "" {
		return Invalidf(field, "must not be empty")
	}
	return nil
}

// optionalLine is validLine where empty stands for absent.
func optionalLine(field, s string, max int) error {
	if s == "" {
		return nil
	}
	return validLine(field, s, max)
}

// validInstant checks that an instant can be written in every API: RFC 3339 has
// four digits for the year, and a time zone can move it by a day.
func validInstant(field string, t *time.Time) error {
	if t != nil && (t.Year() < 2 || t.Year() > 9998) {
		return Invalidf(field, "the year is not between 2 and 9998")
	}
	return nil
}

// fold returns the form in which names are compared and ordered.
func fold(s string) string { return cases.Fold().String(s) }
