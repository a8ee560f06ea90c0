package scalar_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/hookgraph/hookgraph/graph/scalar"
	"github.com/hookgraph/hookgraph/hook"
)

func written(m graphql.Marshaler) string {
	var b strings.Builder
	m.MarshalGQL(&b)
	return b.String()
}

func TestDateTime(t *testing.T) {
	t.Parallel()
	sydney := time.FixedZone("", 10*3600)
	for in, want := range map[time.Time]string{
		time.Date(2026, 1, 31, 22, 0, 0, 123_456_789, sydney): `"2026-01-31T12:00:00.123Z"`,
		time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC):              `"0001-01-01T00:00:00.000Z"`,
		time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC):  `"9999-12-31T23:59:59.999Z"`,
	} {
		if got := written(scalar.MarshalDateTime(in)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	got, err := scalar.UnmarshalDateTime("2026-01-31T22:00:00.1239+10:00")
	if want := time.Date(2026, 1, 31, 12, 0, 0, 123e6, time.UTC); err != nil || !got.Equal(want) || got.Location() != time.UTC {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []any{nil, 5, json.Number("5"), "", "2026-01-31", "2026-01-31t12:00:00z", "2026-01-31T1:00:00Z", "2026-01-31T12:00:00,1Z", "2026-1-31T12:00:00Z",
		"0000-01-01T00:00:00Z", "9999-12-31T23:00:00-02:00"} {
		if at, err := scalar.UnmarshalDateTime(bad); hook.CodeOf(err) != hook.Invalid {
			t.Errorf("%v: %v, %v", bad, at, err)
		}
	}
}

func TestString(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "null", "a": `"a"`, "\"\\\n\u2028": `"\"\\\n` + "\u2028" + `"`} {
		if got := written(scalar.MarshalString(in)); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
	for _, bad := range []any{nil, 5, true, json.Number("5"), []any{"a"}} {
		if s, err := scalar.UnmarshalString(bad); hook.CodeOf(err) != hook.Invalid {
			t.Errorf("%v: %q, %v", bad, s, err)
		}
	}
}

func TestInt(t *testing.T) {
	t.Parallel()
	for in, want := range map[any]int32{int64(5): 5, json.Number("-2147483648"): -2147483648, int64(2147483647): 2147483647} {
		if got, err := scalar.UnmarshalInt(in); err != nil || got != want {
			t.Errorf("%v: %d, %v", in, got, err)
		}
	}
	for _, bad := range []any{"5", json.Number("1.5"), json.Number("2147483648"), int64(-2147483649), true, 1.5, []any{}} {
		if got, err := scalar.UnmarshalInt(bad); hook.CodeOf(err) != hook.Invalid {
			t.Errorf("%v: %d, %v", bad, got, err)
		}
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "null", `{"a":[1,null]}`: `{"a":[1,null]}`} {
		if got := written(scalar.MarshalJSON(in)); got != want {
			t.Errorf("%q: %s", in, got)
		}
	}
	if got, err := scalar.UnmarshalJSON(map[string]any{"a": json.Number("1")}); err != nil || got != `{"a":1}` {
		t.Errorf("%s, %v", got, err)
	}
}
