package hook

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"
	"reflect"
	"strings"
	"sync"
	"time"
)

// A cursor is a position in one list: a format byte, a hash of the list it
// belongs to, and the position's values, encrypted. It holds values, not a key
// to read again, so it stays good when its entity is deleted. It is encrypted
// because a page that a filter left short ends at an entity that the viewer may
// not see.
const cursorFormat = 1

// maxCursor bounds what is decoded; folded names of 255 characters fit in.
const maxCursor = 4096

// A cursorSeal encrypts positions. The nonce is made from the position, so that
// equal positions give equal cursors.
type cursorSeal struct {
	aead     cipher.AEAD
	nonceKey [sha256.Size]byte
}

// clearCursors is for lists of which the viewer sees all: it does not encrypt.
var clearCursors cursorSeal

func newCursorSeal(key []byte) (cursorSeal, error) {
	own := derived("of cursors", key)
	aead, err := newGCM(own[:])
	return cursorSeal{aead, derived("of nonces", key)}, err
}

func (c *cursorSeal) encode(scope string, position []any) string {
	text := encodePosition(position)
	b := append(make([]byte, 0, 128), cursorFormat)
	b = binary.BigEndian.AppendUint32(b, scopeHash(scope))
	if c.aead == nil {
		return base64.RawURLEncoding.EncodeToString(append(b, text...))
	}
	mac := hmac.New(sha256.New, c.nonceKey[:])
	mac.Write([]byte(scope))
	mac.Write(text)
	nonce := mac.Sum(nil)[:c.aead.NonceSize()]
	b = append(b, nonce...)
	return base64.RawURLEncoding.EncodeToString(c.aead.Seal(b, nonce, text, []byte(scope)))
}

// decode returns the position of a cursor of the given list. zero is a position
// of the right shape.
func (c *cursorSeal) decode(field, scope, cursor string, zero []any) ([]any, error) {
	bad := Invalidf(field, "is not a cursor")
	if len(cursor) > maxCursor {
		return nil, bad
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(b) < 5 || b[0] != cursorFormat {
		return nil, bad
	}
	if binary.BigEndian.Uint32(b[1:]) != scopeHash(scope) {
		return nil, Invalidf(field, "is the cursor of another list")
	}
	text := b[5:]
	if c.aead != nil {
		if len(text) < c.aead.NonceSize() {
			return nil, bad
		}
		if text, err = c.aead.Open(nil, text[:c.aead.NonceSize()], text[c.aead.NonceSize():], []byte(scope)); err != nil {
			return nil, bad
		}
	}
	position, ok := decodePosition(text, zero)
	if !ok {
		return nil, bad
	}
	return position, nil
}

func encodePosition(position []any) []byte {
	b := make([]byte, 0, 64)
	for _, value := range position {
		switch v := value.(type) {
		case string:
			b = binary.AppendUvarint(append(b, 's'), uint64(len(v)))
			b = append(b, v...)
		case int64:
			b = binary.AppendVarint(append(b, 'i'), v)
		case time.Time:
			b = binary.AppendVarint(append(b, 't'), v.UnixMilli())
		}
	}
	return b
}

func decodePosition(b []byte, zero []any) (position []any, ok bool) {
	for len(b) > 0 {
		kind := b[0]
		b = b[1:]
		if kind == 's' {
			n, size := binary.Uvarint(b)
			if size <= 0 || n > uint64(len(b)-size) {
				return nil, false
			}
			position = append(position, string(b[size:size+int(n)]))
			b = b[size+int(n):]
			continue
		}
		n, size := binary.Varint(b)
		if size <= 0 {
			return nil, false
		}
		b = b[size:]
		switch kind {
		case 'i':
			position = append(position, n)
		case 't':
			position = append(position, time.UnixMilli(n).UTC())
		default:
			return nil, false
		}
	}
	if len(position) != len(zero) {
		return nil, false
	}
	for i := range zero {
		if reflect.TypeOf(position[i]) != reflect.TypeOf(zero[i]) {
			return nil, false
		}
	}
	return position, true
}

func scopeHash(scope string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(scope))
	return h.Sum32()
}

// positionOf returns the values by which an entity stands in a list: those of
// the list's fields from the given one on, then the key.
func positionOf(e Entity, list string, from int) []any {
	v := reflect.ValueOf(e).Elem()
	paths := storedFields(v.Type())
	fields := strings.Split(list, ",")[from:]
	position := make([]any, 0, len(fields)+1)
	for _, name := range fields {
		f := v.FieldByIndex(paths[name])
		switch f.Kind() {
		case reflect.String:
			position = append(position, f.String())
		case reflect.Int64, reflect.Int32:
			position = append(position, f.Int())
		default:
			position = append(position, f.Interface())
		}
	}
	return append(position, e.Base().Key)
}

var storedFieldsOf sync.Map // reflect.Type -> map[string][]int

// storedFields maps the stored names of an entity's fields to their places.
func storedFields(t reflect.Type) map[string][]int {
	if known, ok := storedFieldsOf.Load(t); ok {
		return known.(map[string][]int)
	}
	paths := map[string][]int{}
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("bson"), ","); name != "" {
			paths[name] = f.Index
		}
	}
	storedFieldsOf.Store(t, paths)
	return paths
}
