package enginetest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/storage"
)

// RunPaging reads lists of random documents page by page and compares them
// with the whole list, which it sorts itself.
func RunPaging(t *testing.T, open Opener) {
	t.Run("Stretches", func(t *testing.T) {
		t.Parallel()
		testPages(t, open(t, Collections()))
	})
	t.Run("Each", func(t *testing.T) {
		t.Parallel()
		testPagesOfEach(t, open(t, Collections()))
	})
	t.Run("Changing", func(t *testing.T) {
		t.Parallel()
		testPagesOfChanging(t, open(t, Collections()))
	})
}

// value returns the value of an index key, of array keys the given one.
func (p parcel) value(key, label string) any {
	switch key {
	case "sender":
		return p.Sender
	case "weight":
		return p.Weight
	case "delivered":
		return p.Delivered
	case "due":
		return p.Due
	case "code":
		return p.Code
	case "slip":
		return p.Slip
	case "labels":
		return label
	}
	panic("no key " + key)
}

func compare(a, b any) int {
	switch a := a.(type) {
	case string:
		return cmp.Compare(a, b.(string))
	case int64:
		return cmp.Compare(a, b.(int64))
	case time.Time:
		return a.Compare(b.(time.Time))
	case bool:
		switch b := b.(bool); {
		case a == b:
			return 0
		case b:
			return -1
		}
		return 1
	}
	panic(fmt.Sprintf("no order of %T", a))
}

// position returns what comes after the equal values of q in its index.
func position(q storage.Query, p parcel) []any {
	label := ""
	if q.Index.Array {
		label = q.Equal[0].(string)
	}
	var values []any
	for _, k := range q.Index.Keys[len(q.Equal):] {
		values = append(values, p.value(k, label))
	}
	return append(values, p.ID)
}

// expect returns the parcels of a stretch in its order, without regard to its
// position and limit.
func expect(q storage.Query, all []parcel) []parcel {
	var list []parcel
	for _, p := range all {
		label := ""
		if q.Index.Array {
			if label = q.Equal[0].(string); !slices.Contains(p.Labels, label) {
				continue
			}
		}
		in := true
		for i, v := range q.Equal {
			in = in && compare(p.value(q.Index.Keys[i], label), v) == 0
		}
		if q.From != nil {
			in = in && compare(p.value(q.Index.Keys[len(q.Equal)], label), q.From) >= 0
		}
		if q.To != nil {
			in = in && compare(p.value(q.Index.Keys[len(q.Equal)], label), q.To) < 0
		}
		if in {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b parcel) int {
		order := slices.CompareFunc(position(q, a), position(q, b), compare)
		if q.Reverse {
			return -order
		}
		return order
	})
	return list
}

func random(r *rand.Rand, n int) []parcel {
	list := make([]parcel, n)
	for i := range list {
		list[i] = newParcel(fmt.Sprintf("%04x", r.IntN(1<<16)<<3|i&7), func(p *parcel) {
			p.Sender = []string{"anna", "boris", "çelik"}[r.IntN(3)]
			p.Weight = int64(r.IntN(5) - 2)
			p.Delivered = r.IntN(3) == 0
			p.Due = noon.Add(time.Duration(r.IntN(4)) * time.Millisecond)
			for range r.IntN(4) {
				p.Labels = append(p.Labels, []string{"x", "y", "z"}[r.IntN(3)])
			}
			p.Slip = fmt.Sprint("slip ", i)
		})
	}
	slices.SortFunc(list, func(a, b parcel) int { return cmp.Compare(a.ID, b.ID) })
	return slices.CompactFunc(list, func(a, b parcel) bool { return a.ID == b.ID })
}

func seeded(t *testing.T) *rand.Rand {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// stretches are queries over every kind of index, with and without bounds.
func stretches() []storage.Query {
	return []storage.Query{
		{Index: bySender},
		{Index: bySender, Equal: []any{"boris"}},
		{Index: bySender, From: "boris"},
		{Index: bySender, To: "boris"},
		{Index: byWeight},
		{Index: byWeight, Equal: []any{int64(-1)}},
		{Index: byWeight, From: int64(-1), To: int64(2)},
		{Index: byDue},
		{Index: byDue, From: noon.Add(time.Millisecond), To: noon.Add(3 * time.Millisecond)},
		{Index: byDelivered},
		{Index: byDelivered, From: "b"},
		{Index: byDelivered, Equal: []any{"anna"}},
		{Index: byDelivered, Equal: []any{"anna"}, From: false, To: true},
		{Index: byDelivered, Equal: []any{"çelik", false}},
		{Index: byDelivered, Equal: []any{"anna", false}, From: noon.Add(time.Millisecond)},
		{Index: byDelivered, Equal: []any{"anna", false, noon}},
		{Index: byCode},
		{Index: byCode, From: "4", To: "b"},
		{Index: bySlip},
		{Index: bySlip, Equal: []any{"anna"}},
		{Index: byLabel, Equal: []any{"x"}},
		{Index: byLabel, Equal: []any{"y"}, From: int64(0)},
		{Index: byLabel, Equal: []any{"z", int64(1)}},
		{Index: byLabel, Equal: []any{"none"}},
	}
}

func describe(q storage.Query) string {
	return fmt.Sprintf("%s equal %v from %v to %v reverse %v by %d", q.Index.Name, q.Equal, q.From, q.To, q.Reverse, q.Limit)
}

func names(list []parcel) []string {
	ids := []string{}
	for _, p := range list {
		ids = append(ids, p.ID)
	}
	return ids
}

func testPages(t *testing.T, e storage.Engine) {
	all := random(seeded(t), 60)
	writeParcels(t, e, all...)
	for _, q := range stretches() {
		q.Collection = parcels
		for _, q.Reverse = range []bool{false, true} {
			want := expect(q, all)
			for _, q.Limit = range []int{1, 2, 3, 7, 1000} {
				if q.Limit == 1 && len(want) > 20 {
					continue // the other sizes cross as many positions in fewer calls
				}
				got := readPages(t, e, q)
				if diff := gocmp.Diff(names(want), names(got)); diff != "" {
					t.Fatalf("%s (-want +got):\n%s", describe(q), diff)
				}
			}
			q.Limit = 1000
			if n, err := e.Count(t.Context(), q); err != nil || n != len(want) {
				t.Fatalf("count of %s = %d, %v; want %d", describe(q), n, err, len(want))
			}
		}
	}
}

func readPages(t *testing.T, e storage.Engine, q storage.Query) []parcel {
	t.Helper()
	var got []parcel
	for q.After = nil; ; {
		docs, err := e.Find(t.Context(), q)
		if err != nil {
			t.Fatalf("%s after %v: %v", describe(q), q.After, err)
		}
		if len(docs) > q.Limit {
			t.Fatalf("%s: a page of %d", describe(q), len(docs))
		}
		got = append(got, decodeAll(t, docs)...)
		if len(docs) < q.Limit {
			return got
		}
		q.After = position(q, got[len(got)-1])
	}
}

func decodeAll(t *testing.T, docs []bson.Raw) []parcel {
	t.Helper()
	var list []parcel
	for _, d := range docs {
		list = append(list, *decode(t, d))
	}
	return list
}

// testPagesOfEach: the stretches of FindEach are those of Find.
func testPagesOfEach(t *testing.T, e storage.Engine) {
	all := random(seeded(t), 60)
	writeParcels(t, e, all...)
	each := map[*storage.Index][]any{
		bySender:    {"anna", "çelik", "nobody", "boris"},
		byWeight:    {int64(2), int64(-2), int64(0)},
		byDue:       {noon, noon.Add(time.Millisecond)},
		byDelivered: {"boris", "anna"},
		byLabel:     {"z", "x", "none", "y"},
	}
	for index, values := range each {
		for _, reverse := range []bool{false, true} {
			for _, limit := range []int{1, 3, 1000} {
				q := storage.Query{Collection: parcels, Index: index, Equal: []any{values[0]}, Reverse: reverse, Limit: limit}
				found, err := e.FindEach(t.Context(), q, values)
				if err != nil {
					t.Fatalf("%s: %v", describe(q), err)
				}
				if len(found) != len(values) {
					t.Fatalf("%s: %d stretches for %d values", describe(q), len(found), len(values))
				}
				for i, v := range values {
					q.Equal = []any{v}
					want := expect(q, all)
					if diff := gocmp.Diff(names(want[:min(limit, len(want))]), names(decodeAll(t, found[i]))); diff != "" {
						t.Errorf("%s (-want +got):\n%s", describe(q), diff)
					}
				}
			}
		}
	}
}

// testPagesOfChanging inserts and deletes between the pages: a document that
// was there throughout comes exactly once, and nothing comes twice.
func testPagesOfChanging(t *testing.T, e storage.Engine) {
	r := seeded(t)
	all := random(r, 120)
	slices.SortFunc(all, func(a, b parcel) int { return cmp.Compare(a.Code[2:], b.Code[2:]) })
	half := len(all) / 2
	present, coming := slices.Clone(all[:half]), all[half:]
	writeParcels(t, e, present...)
	for _, q := range []storage.Query{
		{Index: byWeight}, {Index: byWeight, Reverse: true}, {Index: byDelivered, Equal: []any{"anna"}},
		{Index: byLabel, Equal: []any{"x"}, Reverse: true},
	} {
		q.Collection, q.Limit = parcels, 3
		throughout := names(expect(q, present))
		seen := map[string]int{}
		for {
			docs, err := e.Find(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			page := decodeAll(t, docs)
			for _, p := range page {
				seen[p.ID]++
			}
			if len(page) < q.Limit {
				break
			}
			last := page[len(page)-1]
			q.After = position(q, last)
			gone := []string{present[r.IntN(len(present))].ID}
			if r.IntN(3) == 0 {
				gone = append(gone, last.ID) // the position itself
			}
			for _, id := range gone {
				write(t, e, remove(id, 0))
				present = slices.DeleteFunc(present, func(p parcel) bool { return p.ID == id })
				throughout = slices.DeleteFunc(throughout, func(k string) bool { return k == id })
			}
			if len(coming) > 0 {
				writeParcels(t, e, coming[0])
				present, coming = append(present, coming[0]), coming[1:]
			}
		}
		for id, n := range seen {
			if n > 1 {
				t.Errorf("%s: %s came %d times", describe(q), id, n)
			}
		}
		for _, id := range throughout {
			if seen[id] == 0 {
				t.Errorf("%s: %s was there throughout and did not come", describe(q), id)
			}
		}
	}
}
