package enginetest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/storage"
)

func number(prefix string, n int) string { return fmt.Sprintf("%s%03d", prefix, n) }

func testUnicode(t *testing.T, e storage.Engine, _ Traits) {
	list := []string{"a b", "a\"b'c", "a.b$c", "É", "Ω≈ç", "日本", "🧷", "e\u0301"}
	var want []parcel
	for _, k := range list {
		want = append(want, newParcel(k, func(p *parcel) { p.Sender = k; p.Labels = []string{k} }))
	}
	writeParcels(t, e, want...)
	for _, p := range want {
		wantStored(t, e, p)
		wantFound(t, e, storage.Query{Index: bySender, Equal: []any{p.ID}, Limit: 5}, p.ID)
		wantFound(t, e, storage.Query{Index: byLabel, Equal: []any{p.ID}, Limit: 5}, p.ID)
	}
	wantGone(t, e, "\u00e9") // other forms of the same letter are other keys
}

func testBig(t *testing.T, e storage.Engine, _ Traits) {
	p := newParcel("p1", func(p *parcel) { p.Note = strings.Repeat("0123456789", 30_000) })
	write(t, e, insert(p))
	wantStored(t, e, p)
	p.Note = strings.Repeat("x", 310_000)
	write(t, e, replace(p, 1))
	p.Version = 2
	wantStored(t, e, p)
}

func testFind(t *testing.T, e storage.Engine, _ Traits) {
	wantFound(t, e, storage.Query{Index: byWeight, Limit: 5})
	for i, w := range []int64{30, 10, 20, 10, 40} {
		write(t, e, insert(newParcel(number("p", i), func(p *parcel) { p.Weight = w })))
	}
	wantFound(t, e, storage.Query{Index: byWeight, Limit: 9}, "p001", "p003", "p002", "p000", "p004")
	wantFound(t, e, storage.Query{Index: byWeight, Limit: 9, Reverse: true}, "p004", "p000", "p002", "p003", "p001")
	wantFound(t, e, storage.Query{Index: byWeight, Limit: 2}, "p001", "p003")
	wantFound(t, e, storage.Query{Index: byWeight, Limit: 2, Reverse: true}, "p004", "p000")
	wantFound(t, e, storage.Query{Index: byWeight, Equal: []any{int64(10)}, Limit: 9}, "p001", "p003")
	wantFound(t, e, storage.Query{Index: byWeight, Equal: []any{int64(11)}, Limit: 9})
	wantFound(t, e, storage.Query{Index: byWeight, From: int64(20), Limit: 9}, "p002", "p000", "p004")
	wantFound(t, e, storage.Query{Index: byWeight, To: int64(20), Limit: 9}, "p001", "p003")
	wantFound(t, e, storage.Query{Index: byWeight, From: int64(10), To: int64(40), Limit: 3}, "p001", "p003", "p002")
	wantFound(t, e, storage.Query{Index: byWeight, From: int64(11), To: int64(40), Limit: 3, Reverse: true}, "p000", "p002")
	wantFound(t, e, storage.Query{Index: byWeight, From: int64(20), To: int64(20), Limit: 9})
}

// testFindStrings: strings are ordered by their bytes.
func testFindStrings(t *testing.T, e storage.Engine, _ Traits) {
	order := []string{"", " ", "-", "1", "10", "2", "A", "Z", "_", "a", "aa", "b", "z", "~", "ä", "ω", "日", "🧷"}
	for i, s := range order {
		write(t, e, insert(newParcel(number("p", len(order)-i), func(p *parcel) { p.Sender = s })))
	}
	var want []string
	for i := range order {
		want = append(want, number("p", len(order)-i))
	}
	wantFound(t, e, storage.Query{Index: bySender, Limit: 99}, want...)
	wantFound(t, e, storage.Query{Index: bySender, From: "", To: "1", Limit: 99}, want[:3]...)
	wantFound(t, e, storage.Query{Index: bySender, From: "aa", To: "日", Limit: 99}, want[10:16]...)
	wantFound(t, e, storage.Query{Index: bySender, Equal: []any{""}, Limit: 9}, want[0])
}

func testFindIntegers(t *testing.T, e storage.Engine, _ Traits) {
	order := []int64{math.MinInt64, -1 << 40, -10, -9, -1, 0, 1, 9, 10, 1 << 40, math.MaxInt64 - 1, math.MaxInt64}
	var want []string
	for i, n := range order {
		p := newParcel(number("p", 50-i), func(p *parcel) { p.Weight = n })
		write(t, e, insert(p))
		wantStored(t, e, p)
		wantFound(t, e, storage.Query{Index: byWeight, Equal: []any{n}, Limit: 9}, p.ID)
		want = append(want, p.ID)
	}
	wantFound(t, e, storage.Query{Index: byWeight, Limit: 99}, want...)
	wantFound(t, e, storage.Query{Index: byWeight, From: int64(-10), To: int64(1), Limit: 99}, want[2:6]...)
	wantFound(t, e, storage.Query{Index: byWeight, From: int64(math.MaxInt64), Limit: 99}, want[11])
}

func testFindDates(t *testing.T, e storage.Engine, _ Traits) {
	order := []time.Time{
		time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1902, 7, 5, 1, 2, 3, 4e6, time.UTC),
		time.UnixMilli(-1).UTC(), time.UnixMilli(0).UTC(), time.UnixMilli(1).UTC(), noon,
		noon.Add(time.Millisecond), time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC),
	}
	var want []string
	for i, d := range order {
		p := newParcel(number("p", 50-i), func(p *parcel) { p.Due = d })
		write(t, e, insert(p))
		wantStored(t, e, p)
		elsewhere := d.In(time.FixedZone("", 3600)) // the same instant
		wantFound(t, e, storage.Query{Index: byDue, Equal: []any{elsewhere}, Limit: 9}, p.ID)
		want = append(want, p.ID)
	}
	wantFound(t, e, storage.Query{Index: byDue, Limit: 99}, want...)
	wantFound(t, e, storage.Query{Index: byDue, From: order[1], To: noon, Limit: 99}, want[1:5]...)
}

func testFindBools(t *testing.T, e storage.Engine, _ Traits) {
	for i := range 4 {
		write(t, e, insert(newParcel(number("p", i), func(p *parcel) {
			p.Delivered, p.Due = i%2 == 0, noon.Add(-time.Duration(i)*time.Hour)
		})))
	}
	q := storage.Query{Index: byDelivered, Equal: []any{"anna", true}, Limit: 9}
	wantFound(t, e, q, "p002", "p000")
	q.Equal[1] = false
	wantFound(t, e, q, "p003", "p001")
	q.From = noon.Add(-2 * time.Hour)
	wantFound(t, e, q, "p001")
	wantFound(t, e, storage.Query{Index: byDelivered, Equal: []any{"anna"}, Limit: 9}, "p003", "p001", "p002", "p000")
	wantFound(t, e, storage.Query{Index: byDelivered, Equal: []any{"anna"}, From: true, Limit: 9}, "p002", "p000")
	wantFound(t, e, storage.Query{Index: byDelivered, Equal: []any{"anna", true, noon}, Limit: 9}, "p000")
}

func testFindUnique(t *testing.T, e storage.Engine, _ Traits) {
	for i, s := range []string{"c", "a", "b"} {
		write(t, e, insert(newParcel(number("p", i), func(p *parcel) { p.Code, p.Slip = s, s })))
	}
	wantFound(t, e, storage.Query{Index: byCode, Equal: []any{"a"}, Limit: 9}, "p001")
	wantFound(t, e, storage.Query{Index: byCode, Limit: 9, Reverse: true}, "p000", "p002", "p001")
	wantFound(t, e, storage.Query{Index: bySlip, Equal: []any{"anna", "b"}, Limit: 9}, "p002")
	wantFound(t, e, storage.Query{Index: bySlip, Equal: []any{"anna"}, From: "b", Limit: 9}, "p002", "p000")
	wantFound(t, e, storage.Query{Index: bySlip, Equal: []any{"anna"}, After: []any{"a", "p001"}, Limit: 9}, "p002", "p000")
}

// testFindAfter: the position need not be that of a document.
func testFindAfter(t *testing.T, e storage.Engine, _ Traits) {
	for i := range 5 {
		write(t, e, insert(newParcel(number("p", i), func(p *parcel) { p.Weight = int64(i / 2 * 10) })))
	}
	q := storage.Query{Index: byWeight, Limit: 9}
	for _, c := range []struct {
		weight  int64
		id      string
		forward []string
		reverse []string
	}{
		{0, "p000", []string{"p001", "p002", "p003", "p004"}, nil},
		{0, "p000x", []string{"p001", "p002", "p003", "p004"}, []string{"p000"}},
		{5, "p999", []string{"p002", "p003", "p004"}, []string{"p001", "p000"}},
		{10, "p002", []string{"p003", "p004"}, []string{"p001", "p000"}},
		{99, "p000", nil, []string{"p004", "p003", "p002", "p001", "p000"}},
	} {
		q.After = []any{c.weight, c.id}
		q.Reverse = false
		wantFound(t, e, q, c.forward...)
		q.Reverse = true
		wantFound(t, e, q, c.reverse...)
	}
	// a position outside of the range does not widen it
	ranged := storage.Query{Index: byWeight, From: int64(10), To: int64(20), After: []any{int64(0), "p000"}, Limit: 9}
	wantFound(t, e, ranged, "p002", "p003")
	ranged.After = []any{int64(30), "p000"}
	wantFound(t, e, ranged)
	ranged.Reverse = true
	wantFound(t, e, ranged, "p003", "p002")
}

func testFindEach(t *testing.T, e storage.Engine, _ Traits) {
	var list []parcel
	for i := range 30 {
		list = append(list, newParcel(number("p", i), func(p *parcel) {
			p.Sender, p.Weight = []string{"anna", "boris", "carla"}[i%3], int64(i)
			p.Delivered, p.Due = i%2 == 0, noon.Add(time.Duration(i)*time.Minute)
			p.Labels = []string{"all", p.Sender}
		}))
	}
	writeParcels(t, e, list...)
	each := func(q storage.Query, values []any, want ...[]string) {
		t.Helper()
		q.Collection = parcels
		stretches, err := e.FindEach(t.Context(), q, values)
		if err != nil {
			t.Fatal(err)
		}
		got := [][]string{}
		for _, s := range stretches {
			got = append(got, keys(t, s))
		}
		if diff := cmp.Diff(append([][]string{}, want...), got); diff != "" {
			t.Errorf("found for each (-want +got):\n%s", diff)
		}
	}
	none := []string{}
	each(storage.Query{Index: bySender, Equal: []any{""}, Limit: 2}, []any{"carla", "nobody", "anna", "carla"},
		[]string{"p002", "p005"}, none, []string{"p000", "p003"}, []string{"p002", "p005"})
	each(storage.Query{Index: bySender, Equal: []any{""}, Limit: 1, Reverse: true}, []any{"anna", "boris"},
		[]string{"p027"}, []string{"p028"})
	each(storage.Query{Index: byDelivered, Equal: []any{"anna", true}, Limit: 2}, []any{false, true},
		[]string{"p003", "p009"}, []string{"p000", "p006"})
	each(storage.Query{Index: byDelivered, Equal: []any{"boris", true}, From: noon.Add(20 * time.Minute), Limit: 9}, []any{true, false},
		[]string{"p022", "p028"}, []string{"p025"})
	each(storage.Query{Index: byLabel, Equal: []any{""}, Limit: 2, Reverse: true}, []any{"all", "anna", "boris"},
		[]string{"p029", "p028"}, []string{"p027", "p024"}, []string{"p028", "p025"})
	each(storage.Query{Index: bySender, Equal: []any{""}, Limit: 2}, nil)
	var many []any
	var want [][]string
	for i := range 100 {
		many, want = append(many, int64(i-50)), append(want, none)
		if i >= 50 && i < 80 {
			want[i] = []string{number("p", i-50)}
		}
	}
	each(storage.Query{Index: byWeight, Equal: []any{int64(0)}, Limit: 3}, many, want...)
}

func testCount(t *testing.T, e storage.Engine, _ Traits) {
	var list []parcel
	for i := range 40 {
		list = append(list, newParcel(number("p", i), func(p *parcel) {
			p.Sender, p.Weight = []string{"anna", "boris"}[i%2], int64(i)
			p.Labels = []string{"x", number("l", i%4)}
		}))
	}
	writeParcels(t, e, list...)
	for _, c := range []struct {
		q    storage.Query
		want int
	}{
		{storage.Query{Index: bySender, Equal: []any{"anna"}, Limit: 100}, 20},
		{storage.Query{Index: bySender, Equal: []any{"anna"}, Limit: 7}, 7},
		{storage.Query{Index: bySender, Equal: []any{"nobody"}, Limit: 7}, 0},
		{storage.Query{Index: byWeight, Limit: 100}, 40},
		{storage.Query{Index: byWeight, Limit: 40}, 40},
		{storage.Query{Index: byWeight, Limit: 39}, 39},
		{storage.Query{Index: byWeight, From: int64(10), To: int64(15), Limit: 100}, 5},
		{storage.Query{Index: byWeight, From: int64(30), Limit: 100, Reverse: true}, 10},
		{storage.Query{Index: byCode, From: "p010", Limit: 100}, 30},
		{storage.Query{Index: byLabel, Equal: []any{"x"}, Limit: 100}, 40},
		{storage.Query{Index: byLabel, Equal: []any{"l001"}, Limit: 100}, 10},
		{storage.Query{Index: byLabel, From: "l000", To: "l002", Limit: 100}, 20},
		{storage.Query{Index: byLabel, From: "l000", Limit: 100}, 40},
	} {
		c.q.Collection = parcels
		if got, err := e.Count(t.Context(), c.q); err != nil || got != c.want {
			t.Errorf("count by %s = %d, %v; want %d", c.q.Index.Name, got, err, c.want)
		}
	}
}

func testArray(t *testing.T, e storage.Engine, _ Traits) {
	labels := map[string][]string{
		"p1": {"b", "a", "b", "b"}, "p2": nil, "p3": {}, "p4": {"a"}, "p5": {"", "c"},
	}
	for k, l := range labels {
		write(t, e, insert(newParcel(k, func(p *parcel) { p.Labels = l })))
	}
	wantFound(t, e, storage.Query{Index: byLabel, Equal: []any{"a"}, Limit: 9}, "p1", "p4")
	wantFound(t, e, storage.Query{Index: byLabel, Equal: []any{"b"}, Limit: 9}, "p1")
	wantFound(t, e, storage.Query{Index: byLabel, Equal: []any{""}, Limit: 9}, "p5")
	wantFound(t, e, storage.Query{Index: byLabel, Equal: []any{"d"}, Limit: 9})
	wantFound(t, e, storage.Query{Index: byLabel, Equal: []any{"a"}, After: []any{int64(10), "p1"}, Limit: 9}, "p4")

	p := newParcel("p1", func(p *parcel) { p.Labels = []string{"c"} })
	write(t, e, replace(p, 1))
	wantFound(t, e, storage.Query{Index: byLabel, Equal: []any{"a"}, Limit: 9}, "p4")
	wantFound(t, e, storage.Query{Index: byLabel, Equal: []any{"c"}, Limit: 9}, "p1", "p5")
	p.Weight, p.Labels = 99, []string{"c", "d"}
	write(t, e, replace(p, 2))
	wantFound(t, e, storage.Query{Index: byLabel, Equal: []any{"c"}, Limit: 9}, "p5", "p1")
	wantFound(t, e, storage.Query{Index: byLabel, Equal: []any{"c"}, To: int64(50), Limit: 9}, "p5")
	p.Labels = nil
	write(t, e, replace(p, 3))
	wantFound(t, e, storage.Query{Index: byLabel, Equal: []any{"d"}, Limit: 9})
	wantFound(t, e, storage.Query{Index: byLabel, Equal: []any{"c"}, Limit: 9}, "p5")
}

// testArrayRange: a document comes once; where, each engine decides.
func testArrayRange(t *testing.T, e storage.Engine, _ Traits) {
	write(t, e,
		insert(newParcel("p1", func(p *parcel) { p.Labels = []string{"a", "b", "c"} })),
		insert(newParcel("p2", func(p *parcel) { p.Labels = []string{"c", "b"} })),
		insert(newParcel("p3", func(p *parcel) { p.Labels = []string{"d"} })),
	)
	for _, reverse := range []bool{false, true} {
		got := find(t, e, storage.Query{Index: byLabel, From: "b", To: "d", Limit: 9, Reverse: reverse})
		slices.Sort(got)
		if diff := cmp.Diff([]string{"p1", "p2"}, got); diff != "" {
			t.Errorf("reverse %v (-want +got):\n%s", reverse, diff)
		}
	}
}
