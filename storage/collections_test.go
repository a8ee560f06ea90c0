package storage_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/storage"
)

// listPrefixes tell from the name of a list's constant which collection it is
// a list of.
var listPrefixes = map[string]string{
	"Members": "members", "Clients": "clients", "Albums": "albums", "Webhooks": "webhooks", "Events": "events",
	"Triggers": "triggers", "Keys": "api_keys", "Audit": "audit_entries", "Deletions": "deletions", "Bodies": "bodies", "Replays": "replays", "Wakes": "wakes",
	"Uncounted": "uncounted",
}

// declaredLists reads the constants of hook. ByCreated and ByName are lists of
// every collection whose entities have the fields.
func declaredLists(t *testing.T) map[string][]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../hook/store.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	lists := map[string][]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		value, ok := spec.Values[0].(*ast.BasicLit)
		if !ok || value.Kind != token.STRING {
			return true
		}
		name, err := strconv.Unquote(value.Value)
		if err != nil {
			t.Fatal(err)
		}
		constant := spec.Names[0].Name
		of, _, _ := strings.Cut(constant, "By")
		if of != "" {
			collection, known := listPrefixes[of]
			if !known {
				t.Fatalf("constant %s: no collection is known for it", constant)
			}
			lists[collection] = append(lists[collection], name)
			return true
		}
		for _, k := range kinds {
			if hasAll(k, name) {
				lists[k.name] = append(lists[k.name], name)
			}
		}
		return true
	})
	return lists
}

func hasAll(k kind, list string) bool {
	fields := storedFields(k)
	for field := range strings.SplitSeq(list, ",") {
		if _, found := fields[field]; !found {
			return false
		}
	}
	return true
}

// storedFields returns the fields of an entity by their stored names.
func storedFields(k kind) map[string]reflect.StructField {
	fields := map[string]reflect.StructField{}
	for _, f := range reflect.VisibleFields(reflect.TypeOf(k.make()).Elem()) {
		if name, _, _ := strings.Cut(f.Tag.Get("bson"), ","); name != "" {
			fields[name] = f
		}
	}
	return fields
}

func TestIndexesAreTheLists(t *testing.T) {
	t.Parallel()
	lists := declaredLists(t)
	if len(lists) != len(kinds) {
		t.Errorf("there are lists of %d collections, not of %d", len(lists), len(kinds))
	}
	for _, c := range storage.Collections() {
		var names []string
		for _, x := range c.Indexes {
			names = append(names, x.Name)
			if got := strings.Join(x.Keys, ","); got != x.Name {
				t.Errorf("%s: index %s has the keys %s", c.Name, x.Name, got)
			}
		}
		want := lists[c.Name]
		slices.Sort(want)
		slices.Sort(names)
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("%s: lists (-) and indexes (+) differ:\n%s", c.Name, diff)
		}
	}
}

// TestKeysAreAlwaysThere proves that no index key can be missing or null in a
// document: the fields have no omitempty and types that always have a value.
func TestKeysAreAlwaysThere(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		fields := storedFields(k)
		for _, x := range declared(t, k.name).Indexes {
			for i, key := range x.Keys {
				f, found := fields[key]
				if !found {
					t.Errorf("%s: index %s: there is no field %s", k.name, x.Name, key)
					continue
				}
				if f.Tag.Get("bson") != key {
					t.Errorf("%s: index %s: the tag %q lets the field %s be missing", k.name, x.Name, f.Tag.Get("bson"), key)
				}
				array := x.Array && i == 0
				if ok := f.Type == reflect.TypeFor[[]string](); ok != array {
					t.Errorf("%s: index %s: field %s has the type %s", k.name, x.Name, key, f.Type)
				}
				switch {
				case array, f.Type == reflect.TypeFor[time.Time]():
				case f.Type.Kind() == reflect.String, f.Type.Kind() == reflect.Int64, f.Type.Kind() == reflect.Int32:
				default:
					t.Errorf("%s: index %s: field %s has the type %s", k.name, x.Name, key, f.Type)
				}
			}
		}
	}
}

func TestEveryCollectionIsTested(t *testing.T) {
	t.Parallel()
	known := []string{"stats", "hours", "sequences", "settings"}
	for _, k := range kinds {
		known = append(known, k.name)
	}
	var names []string
	for _, c := range storage.Collections() {
		names = append(names, c.Name)
	}
	slices.Sort(known)
	slices.Sort(names)
	if diff := cmp.Diff(known, names); diff != "" {
		t.Errorf("known (-) and declared (+) collections differ:\n%s", diff)
	}
}
