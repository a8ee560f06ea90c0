package storage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// decode reads a document of a collection; nil stands for none. Its errors name
// the document and tell nothing of its contents.
//
// It reads as bson.Unmarshal does, in a third of the time: most texts of an
// entity are parts of one, and the way into its fields is worked out once for
// each type. What is out of the ordinary is left to bson.Unmarshal.
func decode[T any](c *Collection, doc bson.Raw) (*T, error) {
	if doc == nil {
		return nil, nil
	}
	v := new(T)
	from := value{kind: bsoncore.TypeEmbeddedDocument, data: doc}
	if len(doc) <= oneText {
		from.text = string(doc)
	}
	if err := readerOf(reflect.TypeFor[T]()).read(reflect.ValueOf(v).Elem(), from); err != nil {
		key, _ := doc.Lookup("_id").StringValueOK()
		return nil, fmt.Errorf("read %s: the document %q: %w", c.Name, key, err)
	}
	return v, nil
}

// oneText is the largest document, in bytes, whose texts are parts of one. Whoever
// keeps one of them keeps the document.
const oneText = 2 << 10

// references are the fields that name entities. They are copied, since maps keep
// them for longer than the entity.
var references = []string{"_id", "owner", "webhook", "event", "trigger", "member", "replay"}

// A value of BSON: its bytes, and the same as a part of the document's text; "" if
// that is too large.
type value struct {
	kind bsoncore.Type
	data []byte
	text string
}

// A reader reads values into variables of one type. ok is false if it does not
// know the value, and err is set only of what stands within it.
type reader func(into reflect.Value, from value) (ok bool, err error)

// read reads what the reader knows, and leaves the rest to the library.
func (r reader) read(into reflect.Value, from value) error {
	if ok, err := r(into, from); ok || err != nil {
		return err
	}
	return bson.RawValue{Type: bson.Type(from.kind), Value: from.data}.Unmarshal(into.Addr().Interface())
}

var readers sync.Map // of reader, by reflect.Type

func readerOf(t reflect.Type) reader {
	if r, ok := readers.Load(t); ok {
		return r.(reader)
	}
	r := newReader(t)
	readers.Store(t, r)
	return r
}

func newReader(t reflect.Type) reader {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return readTime
	case reflect.PointerTo(t).Implements(reflect.TypeFor[bson.ValueUnmarshaler]()), reflect.PointerTo(t).Implements(reflect.TypeFor[bson.Unmarshaler]()):
		return leave
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return readBytes
	}
	switch t.Kind() {
	case reflect.String:
		return readText
	case reflect.Bool:
		return readBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return readInt
	case reflect.Pointer:
		return pointerReader(t)
	case reflect.Slice:
		return sliceReader(t)
	case reflect.Struct:
		return structReader(t)
	default:
		return leave
	}
}

func leave(reflect.Value, value) (bool, error) { return false, nil }

func readText(into reflect.Value, from value) (bool, error) {
	if from.text == "" {
		return readReference(into, from)
	}
	if !isText(from) {
		return false, nil
	}
	into.SetString(from.text[4 : len(from.text)-1])
	return true, nil
}

func readReference(into reflect.Value, from value) (bool, error) {
	if !isText(from) {
		return false, nil
	}
	into.SetString(string(from.data[4 : len(from.data)-1]))
	return true, nil
}

// isText reports whether a value is a text: its length, itself, a zero.
func isText(from value) bool {
	return from.kind == bsoncore.TypeString && len(from.data) >= 5 && from.data[len(from.data)-1] == 0
}

func readBool(into reflect.Value, from value) (bool, error) {
	if from.kind != bsoncore.TypeBoolean || from.data[0] > 1 {
		return false, nil
	}
	into.SetBool(from.data[0] == 1)
	return true, nil
}

func readInt(into reflect.Value, from value) (bool, error) {
	var n int64
	switch from.kind {
	case bsoncore.TypeInt32:
		n = int64(int32(binary.LittleEndian.Uint32(from.data)))
	case bsoncore.TypeInt64:
		n = int64(binary.LittleEndian.Uint64(from.data))
	default:
		return false, nil
	}
	if into.OverflowInt(n) {
		return false, nil
	}
	into.SetInt(n)
	return true, nil
}

func readTime(into reflect.Value, from value) (bool, error) {
	if from.kind != bsoncore.TypeDateTime {
		return false, nil
	}
	*into.Addr().Interface().(*time.Time) = time.UnixMilli(int64(binary.LittleEndian.Uint64(from.data))).UTC()
	return true, nil
}

// readBytes reads binary data of the generic kind: its length, the kind, itself.
func readBytes(into reflect.Value, from value) (bool, error) {
	if from.kind != bsoncore.TypeBinary || len(from.data) < 5 || from.data[4] != bson.TypeBinaryGeneric {
		return false, nil
	}
	into.SetBytes(append([]byte{}, from.data[5:]...))
	return true, nil
}

func pointerReader(t reflect.Type) reader {
	inner := readerOf(t.Elem())
	return func(into reflect.Value, from value) (bool, error) {
		if from.kind == bsoncore.TypeNull || from.kind == bsoncore.TypeUndefined {
			return false, nil
		}
		fresh := reflect.New(t.Elem())
		into.Set(fresh)
		return true, inner.read(fresh.Elem(), from)
	}
}

func sliceReader(t reflect.Type) reader {
	inner := readerOf(t.Elem())
	return func(into reflect.Value, from value) (bool, error) {
		if from.kind != bsoncore.TypeArray {
			return false, nil
		}
		n := 0
		if err := each(from, func([]byte, value) error { n++; return nil }); err != nil {
			return false, err
		}
		slice := reflect.MakeSlice(t, n, n)
		n = 0
		err := each(from, func(_ []byte, v value) error {
			n++
			return inner.read(slice.Index(n-1), v)
		})
		into.Set(slice)
		return true, err
	}
}

// A field of a struct, by its name in documents.
type field struct {
	name  string
	index []int
	read  reader
}

func structReader(t reflect.Type) reader {
	fields, known := fieldsOf(t, nil)
	if !known {
		return leave
	}
	return func(into reflect.Value, from value) (bool, error) {
		if from.kind != bsoncore.TypeEmbeddedDocument {
			return false, nil
		}
		next := 0
		err := each(from, func(name []byte, v value) error {
			// Documents have the order of the struct, but for fields that are left out.
			for i := range fields {
				f := &fields[(next+i)%len(fields)]
				if f.name != string(name) {
					continue
				}
				next += i + 1
				if err := f.read.read(into.FieldByIndex(f.index), v); err != nil {
					return fmt.Errorf("%s: %w", f.name, err)
				}
				break
			}
			return nil
		})
		return true, err
	}
}

// fieldsOf lists the fields of a struct with those of the structs within it that
// are inline. known is false if a tag asks for more than that.
func fieldsOf(t reflect.Type, path []int) (fields []field, known bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() && !f.Anonymous {
			continue
		}
		index := append(append([]int{}, path...), i)
		name, options, _ := strings.Cut(f.Tag.Get("bson"), ",")
		switch {
		case name == "-":
		case options == "inline" && f.Type.Kind() == reflect.Struct:
			inner, known := fieldsOf(f.Type, index)
			if !known {
				return nil, false
			}
			fields = append(fields, inner...)
		case options == "" || options == "omitempty":
			if name == "" {
				name = strings.ToLower(f.Name)
			}
			read := readerOf(f.Type)
			if f.Type.Kind() == reflect.String && slices.Contains(references, name) {
				read = readReference
			}
			fields = append(fields, field{name, index, read})
		default:
			return nil, false
		}
	}
	return fields, true
}

var errBroken = errors.New("the document is broken")

// each calls f for the elements of a document or an array.
func each(from value, f func(name []byte, v value) error) error {
	length, rest, ok := bsoncore.ReadLength(from.data)
	if !ok || int(length) != len(from.data) || length < 5 || rest[len(rest)-1] != 0 {
		return errBroken
	}
	for rest = rest[:len(rest)-1]; len(rest) > 0; {
		element, after, ok := bsoncore.ReadElement(rest)
		if !ok {
			return errBroken
		}
		end := bytes.IndexByte(element[1:], 0) + 1
		if end == 0 {
			return errBroken
		}
		v := value{kind: bsoncore.Type(element[0]), data: element[end+1:]}
		if from.text != "" {
			to := len(from.data) - 1 - len(after)
			v.text = from.text[to-len(v.data) : to]
		}
		if err := f(element[1:end], v); err != nil {
			return err
		}
		rest = after
	}
	return nil
}
