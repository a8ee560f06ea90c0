// Package scalar reads and writes the scalars of the schema.
package scalar

import (
	"bytes"
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"github.com/hookgraph/hookgraph/hook"
)

// MarshalString writes a text; an empty one is an absent one and written as
// null.
func MarshalString(s string) graphql.Marshaler {
	if s == "" {
		return graphql.Null
	}
	return graphql.MarshalString(s)
}

// UnmarshalString reads a text. Unlike the built-in scalar it takes no numbers
// and no booleans for texts (GraphQL, section 3.5.3).
func UnmarshalString(v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", bad("expected a string")
	}
	return s, nil
}

// bad is the error of a value that a scalar does not take: the caller's mistake.
func bad(message string) error { return hook.Invalidf("", "%s", message) }

// MarshalInt writes an integer.
func MarshalInt(n int32) graphql.Marshaler { return graphql.MarshalInt32(n) }

// UnmarshalInt reads an integer of 32 bits. Unlike the built-in scalar it takes
// no texts for integers (GraphQL, section 3.5.1).
func UnmarshalInt(v any) (int32, error) {
	if _, text := v.(string); !text {
		if n, err := graphql.UnmarshalInt32(v); err == nil {
			return n, nil
		}
	}
	return 0, bad("expected an integer of 32 bits")
}

// MarshalDateTime writes an instant in UTC with milliseconds.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		b := make([]byte, 0, 26)
		b = append(b, '"')
		b = t.UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z")
		_, _ = w.Write(append(b, '"'))
	})
}

// instantForm is RFC 3339 (section 5.6). Go's parser takes more: hours of one
// digit, and a comma before the fraction.
var instantForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$`)

// UnmarshalDateTime reads an RFC 3339 instant; what is finer than a millisecond
// is cut off.
func UnmarshalDateTime(v any) (time.Time, error) {
	s, _ := v.(string)
	t, err := time.Parse(time.RFC3339, s)
	// The year is that in UTC, in which the instant is written.
	if t = t.UTC(); err != nil || !instantForm.MatchString(s) || t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, bad("expected an RFC 3339 instant, like 2026-01-31T12:00:00Z")
	}
	return t.Truncate(time.Millisecond), nil
}

// MarshalURL writes a URL exactly as it was given.
func MarshalURL(s string) graphql.Marshaler { return MarshalString(s) }

// UnmarshalURL reads a URL. Which ones are allowed depends on the field.
func UnmarshalURL(v any) (string, error) { return UnmarshalString(v) }

// MarshalJSON writes JSON text as a value.
func MarshalJSON(s string) graphql.Marshaler {
	if s == "" {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, s) })
}

// UnmarshalJSON reads a JSON value as text. Its characters stay as they are:
// escaped for HTML a text could be longer than is allowed.
func UnmarshalJSON(v any) (string, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil || !utf8.Valid(b.Bytes()) {
		return "", bad("expected a JSON value")
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// MarshalPermission writes a permission.
func MarshalPermission(p hook.Permission) graphql.Marshaler { return graphql.MarshalString(string(p)) }

// UnmarshalPermission reads a permission. Whether there is one of this name, the
// operation checks.
func UnmarshalPermission(v any) (hook.Permission, error) {
	s, err := UnmarshalString(v)
	return hook.Permission(s), err
}
