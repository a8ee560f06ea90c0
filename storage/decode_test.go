package storage

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/hook"
)

// same decodes a document as an entity, and compares what comes of it with what
// the library makes of it.
func same[T any](t *testing.T, doc bson.Raw) {
	t.Helper()
	got, err := decode[T](webhooks, doc)
	want := new(T)
	wanted := bson.Unmarshal(doc, want)
	if (err == nil) != (wanted == nil) {
		t.Fatalf("%T: %v, the library: %v\n%v", want, err, wanted, []byte(doc))
	}
	if err != nil {
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%T is not what the library reads: %s", want, diff)
	}
}

// eachEntity calls a function with the comparison for each stored type.
func eachEntity(f func(example any, same func(*testing.T, bson.Raw))) {
	f(hook.Member{}, same[hook.Member])
	f(hook.Client{}, same[hook.Client])
	f(hook.Album{}, same[hook.Album])
	f(hook.Webhook{}, same[hook.Webhook])
	f(hook.Event{}, same[hook.Event])
	f(hook.Trigger{}, same[hook.Trigger])
	f(hook.APIKey{}, same[hook.APIKey])
	f(hook.AuditEntry{}, same[hook.AuditEntry])
	f(hook.Deletion{}, same[hook.Deletion])
	f(hook.Replay{}, same[hook.Replay])
	f(hook.Body{}, same[hook.Body])
	f(hook.Farewell{}, same[hook.Farewell])
	f(hook.Removal{}, same[hook.Removal])
	f(hook.Replica{}, same[hook.Replica])
	f(hook.Leases{}, same[hook.Leases])
	f(hook.Wake{}, same[hook.Wake])
	f(hook.Run{}, same[hook.Run])
	f(hook.Uncounted{}, same[hook.Uncounted])
	f(hook.Stats{}, same[hook.Stats])
	f(setting{}, same[setting])
}

// fill gives every field a value of its own.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d ü", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n) + 1<<20)
	case reflect.Uint8:
		v.SetUint(uint64(*n % 256))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range 3 {
			fill(v.Index(i), n)
		}
	case reflect.Struct:
		if t, ok := v.Addr().Interface().(*time.Time); ok {
			*t = time.UnixMilli(int64(*n)).UTC()
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), n)
			}
		}
	}
}

func TestDecodeReadsWhatTheLibraryReads(t *testing.T) {
	t.Parallel()
	eachEntity(func(example any, same func(*testing.T, bson.Raw)) {
		full := reflect.New(reflect.TypeOf(example)).Elem()
		fill(full, new(int))
		for _, entity := range []any{example, full.Interface()} {
			doc, err := bson.Marshal(entity)
			if err != nil {
				t.Fatal(err)
			}
			same(t, doc)
		}
		// Every field, by each type that could stand in its place.
		for i := range full.NumField() {
			name := full.Type().Field(i).Tag.Get("bson")
			for _, v := range []any{nil, "text", "", true, int32(7), int64(1) << 40, 1.0, 1.5, bson.DateTime(1 << 41), bson.Binary{Data: []byte{1}}, bson.Binary{Subtype: 9, Data: []byte{1}},
				bson.A{}, bson.A{"a", nil}, bson.A{1}, bson.D{}, bson.D{{Key: "key", Value: "x"}}, bson.A{bson.D{}}, bson.ObjectID{1}, bson.Symbol("s")} {
				doc, err := bson.Marshal(bson.D{{Key: "_id", Value: "k"}, {Key: name, Value: v}, {Key: "other", Value: v}})
				if err != nil {
					t.Fatal(err)
				}
				same(t, doc)
			}
		}
		same(t, bson.Raw{})
		same(t, bson.Raw{1, 2, 3})
	})
}

// again decodes a document, and what was read once more from its own document.
func again[T any](t *testing.T, doc bson.Raw) {
	first, err := decode[T](webhooks, doc)
	if first == nil || err != nil {
		return
	}
	if doc, err = encode(first); err != nil {
		t.Fatal(err)
	}
	second, err := decode[T](webhooks, doc)
	if diff := cmp.Diff(first, second, cmpopts.EquateEmpty()); err != nil || diff != "" {
		t.Errorf("%T: %v %s", first, err, diff)
	}
}

// FuzzDecode reads broken documents: nothing but an error comes of them, or an
// entity that can be stored.
func FuzzDecode(f *testing.F) {
	kinds := []func(*testing.T, bson.Raw){again[hook.Webhook], again[hook.Trigger], again[hook.Album], again[hook.APIKey]}
	for i, example := range []any{&hook.Webhook{}, &hook.Trigger{}, &hook.Album{}, &hook.APIKey{}} {
		fill(reflect.ValueOf(example).Elem(), new(int))
		doc, err := bson.Marshal(example)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(i, []byte(doc))
	}
	f.Fuzz(func(t *testing.T, kind int, doc []byte) {
		if kind >= 0 && kind < len(kinds) {
			kinds[kind](t, doc)
		}
	})
}
