package storage

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
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

// eachField calls a function for every field of documents of a type.
func eachField(t reflect.Type, f func(name string)) {
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("bson"), ",")
		if options == "inline" {
			eachField(field.Type, f)
		} else if name != "" {
			f(name)
		}
	}
}

// within calls a function for every struct type of which there are values in the
// fields of another.
func within(t reflect.Type, f func(name string, inner reflect.Type)) {
	for i := range t.NumField() {
		field := t.Field(i)
		inner := field.Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if name, _, _ := strings.Cut(field.Tag.Get("bson"), ","); name != "" && inner.Kind() == reflect.Struct && inner != reflect.TypeFor[time.Time]() {
			f(name, inner)
		}
	}
}

func TestDecodeReadsWhatTheLibraryReads(t *testing.T) {
	t.Parallel()
	compared := 0
	eachEntity(func(example any, same func(*testing.T, bson.Raw)) {
		compare := func(doc any) {
			t.Helper()
			raw, err := encode(doc)
			if err != nil {
				t.Fatal(err)
			}
			same(t, raw)
			compared++
		}
		full := reflect.New(reflect.TypeOf(example)).Elem()
		fill(full, new(int))
		compare(example)
		compare(full.Interface())
		// Also beyond the size up to which the texts are one.
		large := append(bson.D{}, bson.E{Key: "other", Value: strings.Repeat("x", oneText)})
		raw, err := encode(full.Interface())
		if err != nil {
			t.Fatal(err)
		}
		elements, err := raw.Elements()
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range elements {
			large = append(large, bson.E{Key: e.Key(), Value: e.Value()})
		}
		compare(large)
		// Every field, by each type that could stand in its place.
		values := []any{nil, "text", "", true, int32(7), int64(1) << 40, 1.0, 1.5, bson.DateTime(1 << 41), bson.Undefined{},
			bson.Binary{}, bson.Binary{Data: []byte{1}}, bson.Binary{Subtype: 9, Data: []byte{1}}, bson.ObjectID{1}, bson.Symbol("s"),
			bson.A{}, bson.A{"a", nil}, bson.A{1}, bson.A{bson.A{}}, bson.D{}, bson.D{{Key: "key", Value: "x"}}, bson.A{bson.D{}}}
		eachField(full.Type(), func(name string) {
			for _, v := range values {
				compare(bson.D{{Key: name, Value: v}, {Key: "other", Value: v}})
			}
		})
		within(full.Type(), func(outer string, inner reflect.Type) {
			eachField(inner, func(name string) {
				for _, v := range values {
					compare(bson.D{{Key: outer, Value: bson.D{{Key: name, Value: v}}}})
					compare(bson.D{{Key: outer, Value: bson.A{bson.D{{Key: name, Value: v}}}}})
				}
			})
		})
		same(t, bson.Raw{})
		same(t, bson.Raw{1, 2, 3})
	})
	if compared < 5000 {
		t.Errorf("only %d documents were compared", compared)
	}
}

// Whoever keeps the keys of entities keeps nothing else of them. It runs alone,
// since it looks at the heap.
func TestKeysKeepNoDocument(t *testing.T) {
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	for _, size := range []int{oneText / 2, 50 * oneText} {
		doc, err := encode(&hook.Event{Meta: hook.Meta{Key: "key"}, Owner: "Client:7", Data: strings.Repeat("x", size)})
		if err != nil {
			t.Fatal(err)
		}
		before, kept := heap(), []string{}
		for range 2000 {
			e, err := decode[hook.Event](events, doc)
			if err != nil {
				t.Fatal(err)
			}
			kept = append(kept, e.Key, e.Owner)
		}
		if grown := heap() - before; grown > 500_000 {
			t.Errorf("the keys of 2,000 documents of %d bytes keep %d", len(doc), grown)
		}
		runtime.KeepAlive(kept)
	}
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
