package storage_test

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/storage"
)

// TestLists reads every declared list in both directions, page by page, for
// each number of values that can choose a stretch.
func TestLists(t *testing.T) {
	onEach(t, func(t *testing.T, b backend) {
		for _, k := range kinds {
			var entities []hook.Entity
			for n := range 11 {
				entities = append(entities, filled(t, k, n, 2))
			}
			insertAll(t, b.store, entities...)
			r := k.reader(b.store)
			for _, x := range declared(t, k.name).Indexes {
				first := 0
				if x.Array {
					first = 1 // without a value of the array no list is read
				}
				for equal := first; equal <= len(x.Keys); equal++ {
					t.Run(fmt.Sprintf("%s/%s/%d", k.name, x.Name, equal), func(t *testing.T) {
						readList(t, r, x, equal, entities)
					})
				}
			}
		}
	})
}

func readList(t *testing.T, r reader, x *storage.Index, equal int, entities []hook.Entity) {
	stretches := stretchesOf(x, equal, entities)
	for _, s := range stretches {
		for _, reverse := range []bool{false, true} {
			want := slices.Clone(s.keys)
			if reverse {
				slices.Reverse(want)
			}
			q := hook.Query{List: x.Name, Equal: s.values, Reverse: reverse, Limit: 4}
			if got := pages(t, r, q, x, equal); !slices.Equal(got, want) {
				t.Errorf("stretch %v, reverse %v:\n got %v\nwant %v", s.values, reverse, got, want)
			}
		}
		for _, limit := range []int{len(s.keys) + 5, 1} {
			n, err := r.count(t.Context(), hook.Query{List: x.Name, Equal: s.values, Limit: limit})
			if want := min(limit, len(s.keys)); err != nil || n != want {
				t.Errorf("stretch %v counts %d (%v), not %d", s.values, n, err, want)
			}
		}
	}
	if equal > 0 {
		readEach(t, r, x, stretches)
	}
}

// readEach reads the stretches that share their first values by one call, and
// one in between that is empty.
func readEach(t *testing.T, r reader, x *storage.Index, stretches []stretch) {
	last := len(stretches[0].values) - 1
	var values []any
	var want [][]string
	for _, s := range stretches {
		if slices.Equal(s.values[:last], stretches[0].values[:last]) {
			values, want = append(values, s.values[last]), append(want, s.keys[:min(3, len(s.keys))])
		}
	}
	values, want = slices.Insert(values, 1, absent(values[0])), slices.Insert(want, 1, nil)
	q := hook.Query{List: x.Name, Equal: stretches[0].values, Limit: 3}
	found, err := r.findEach(t.Context(), q, values)
	if err != nil {
		t.Fatal(err)
	}
	var got [][]string
	for _, list := range found {
		got = append(got, keysOf(list))
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("each of %v: want (-), got (+):\n%s", values, diff)
	}
}

func absent(like any) any {
	switch like.(type) {
	case string:
		return "absent"
	case time.Time:
		return epoch.AddDate(9, 0, 0)
	}
	return int64(-77)
}

// A stretch is what a list has for some values, in its order.
type stretch struct {
	values []any
	keys   []string
}

func stretchesOf(x *storage.Index, equal int, entities []hook.Entity) []stretch {
	byValues := map[string]*stretch{}
	order := slices.Clone(entities)
	slices.SortFunc(order, func(a, b hook.Entity) int {
		for _, key := range x.Keys[equal:] {
			if c := compare(stored(a, key), stored(b, key)); c != 0 {
				return c
			}
		}
		return cmp.Compare(a.Base().Key, b.Base().Key)
	})
	for _, e := range order {
		for _, values := range valuesOf(x, equal, e) {
			name := fmt.Sprint(values)
			if byValues[name] == nil {
				byValues[name] = &stretch{values: values}
			}
			s := byValues[name]
			s.keys = append(s.keys, e.Base().Key)
		}
	}
	var names []string
	for name := range byValues {
		names = append(names, name)
	}
	slices.Sort(names)
	var all []stretch
	for _, name := range names {
		all = append(all, *byValues[name])
	}
	return all
}

// valuesOf returns the values under which an entity stands in a list: one set,
// or one for each element of the array.
func valuesOf(x *storage.Index, equal int, e hook.Entity) [][]any {
	var rest []any
	for i, key := range x.Keys[:equal] {
		if !x.Array || i > 0 {
			rest = append(rest, stored(e, key))
		}
	}
	if !x.Array {
		return [][]any{rest}
	}
	elements := slices.Clone(stored(e, x.Keys[0]).([]string))
	slices.Sort(elements)
	var all [][]any
	for _, element := range slices.Compact(elements) {
		all = append(all, append([]any{element}, rest...))
	}
	return all
}

func pages(t *testing.T, r reader, q hook.Query, x *storage.Index, equal int) (keys []string) {
	t.Helper()
	for range 100 { // a position that is ignored would give the first page for ever
		page, err := r.find(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, keysOf(page)...)
		if len(page) < q.Limit {
			return keys
		}
		last := page[len(page)-1]
		q.After = nil
		for _, key := range x.Keys[equal:] {
			q.After = append(q.After, stored(last, key))
		}
		q.After = append(q.After, last.Base().Key)
	}
	t.Fatalf("list %s does not end", x.Name)
	return nil
}

func keysOf(entities []hook.Entity) (keys []string) {
	for _, e := range entities {
		keys = append(keys, e.Base().Key)
	}
	return keys
}

func compare(a, b any) int {
	switch a := a.(type) {
	case string:
		return cmp.Compare(a, b.(string))
	case int64:
		return cmp.Compare(a, b.(int64))
	case time.Time:
		return a.Compare(b.(time.Time))
	}
	panic("an index key of type " + reflect.TypeOf(a).String())
}

func TestQueryValues(t *testing.T) {
	onEach(t, func(t *testing.T, b backend) {
		w := &hook.Webhook{Meta: hook.Meta{Key: "w", Created: epoch}, Dialect: hook.Kheops}
		tr := &hook.Trigger{Meta: hook.Meta{Key: "t", Created: epoch}, Webhook: "w", Partition: 12}
		insertAll(t, b.store, w, tr)
		found, err := b.store.Webhooks().Find(t.Context(), hook.Query{List: hook.WebhooksByDialect, Equal: []any{hook.Kheops}, Limit: 1})
		if err != nil || len(found) != 1 {
			t.Errorf("a value of a named type finds %v, %v", found, err)
		}
		n, err := b.store.Triggers().Count(t.Context(), hook.Query{List: hook.TriggersByQueue, Equal: []any{tr.Partition}, Limit: 9})
		if err != nil || n != 1 {
			t.Errorf("a value of type int32 counts %d, %v", n, err)
		}
		for _, q := range []hook.Query{
			{List: "url,created", Limit: 1},
			{List: hook.WebhooksByOwner, Equal: []any{nil}, Limit: 1},
			{List: hook.WebhooksByOwner, Equal: []any{1.5}, Limit: 1},
			{List: hook.WebhooksByOwner, Equal: []any{"a"}, After: []any{"only one"}, Limit: 1},
			{List: hook.WebhooksByOwner, Equal: []any{"a"}},
		} {
			if _, err := b.store.Webhooks().Find(t.Context(), q); hook.CodeOf(err) != hook.Internal {
				t.Errorf("query %+v ends with %v, not with an internal error", q, err)
			}
		}
	})
}
