package hook

import (
	"encoding/base64"
	"reflect"
	"slices"
	"testing"
	"time"
)

// The shapes of positions: those of lists by creation, by name, by number.
var shapes = [][]any{{time.Time{}, ""}, {"", time.Time{}, ""}, {int64(0), ""}, {""}}

// FuzzCursor: whatever a cursor decodes to has the shape that was asked for and
// encodes to the same position again; what it was made from comes back.
func FuzzCursor(f *testing.F) {
	f.Add("", "", int64(0))
	f.Add("garbage", "key", int64(-1))
	for _, shape := range shapes {
		f.Add(clearCursors.encode("scope", shape), "\xff", int64(1<<62))
	}
	f.Add(base64.RawURLEncoding.EncodeToString([]byte{1, 0, 0, 0, 0, 's', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}), "", int64(0))
	vault, err := NewVault(make([]byte, 32))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, cursor, text string, n int64) {
		for _, seal := range []*cursorSeal{&clearCursors, &vault.cursors} {
			for _, shape := range shapes {
				position, err := seal.decode("after", "scope", cursor, shape)
				if err != nil {
					if CodeOf(err) != Invalid {
						t.Fatalf("%v", err)
					}
					continue
				}
				again, err := seal.decode("after", "scope", seal.encode("scope", position), shape)
				if err != nil || !reflect.DeepEqual(position, again) {
					t.Fatalf("%v became %v, %v", position, again, err)
				}
			}
			// Twice the text must fit into maxCursor in base64; folded names do by far.
			if len(text) > 1400 {
				continue
			}
			for _, shape := range shapes {
				position := slices.Clone(shape)
				for i, v := range position {
					switch v.(type) {
					case string:
						position[i] = text
					case int64:
						position[i] = n
					case time.Time:
						position[i] = time.UnixMilli(n).UTC()
					}
				}
				made := seal.encode("scope", position)
				if made != seal.encode("scope", position) {
					t.Fatal("one position has two cursors")
				}
				got, err := seal.decode("after", "scope", made, shape)
				if err != nil || !reflect.DeepEqual(got, position) {
					t.Fatalf("%v became %v, %v", position, got, err)
				}
				if _, err := seal.decode("after", "other scope", made, shape); CodeOf(err) != Invalid {
					t.Fatalf("the cursor of another list: %v", err)
				}
			}
		}
	})
}

// FuzzDecodePosition reaches what the encryption keeps others from.
func FuzzDecodePosition(f *testing.F) {
	for _, shape := range shapes {
		f.Add(encodePosition(shape))
	}
	f.Add([]byte{'s', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Add([]byte{'i', 0x80})
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, shape := range shapes {
			position, ok := decodePosition(text, shape)
			if !ok {
				continue
			}
			if again, ok := decodePosition(encodePosition(position), shape); !ok || !reflect.DeepEqual(position, again) {
				t.Fatalf("%v became %v", position, again)
			}
		}
	})
}
