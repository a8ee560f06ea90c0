// Package scalar reads and writes the scalars of the schema.
package scalar

import (
	"encoding/json"
	"fmt"
	"io"
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
		return "", fmt.Errorf("expected a string")
	}
	return s, nil
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

// UnmarshalDateTime reads an RFC 3339 instant; what is finer than a millisecond
// is cut off.
func UnmarshalDateTime(v any) (time.Time, error) {
	s, ok := v.(string)
	if !ok {
		return time.Time{}, fmt.Errorf("expected an RFC 3339 instant, like 2026-01-31T12:00:00Z")
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, fmt.Errorf("expected an RFC 3339 instant, like 2026-01-31T12:00:00Z")
	}
	return t.UTC().Truncate(time.Millisecond), nil
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

// UnmarshalJSON reads a JSON value as text.
func UnmarshalJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil || !utf8.Valid(b) {
		return "", fmt.Errorf("expected a JSON value")
	}
	return string(b), nil
}

// MarshalPermission writes a permission.
func MarshalPermission(p hook.Permission) graphql.Marshaler { return graphql.MarshalString(string(p)) }

// UnmarshalPermission reads a permission. Whether there is one of this name, the
// operation checks.
func UnmarshalPermission(v any) (hook.Permission, error) {
	s, err := UnmarshalString(v)
	return hook.Permission(s), err
}
