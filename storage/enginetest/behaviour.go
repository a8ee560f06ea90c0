package enginetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/storage"
)

// RunBehaviour runs what one caller can observe.
func RunBehaviour(t *testing.T, open Opener, traits Traits) {
	suite := map[string]func(*testing.T, storage.Engine, Traits){
		"Insert":            testInsert,
		"InsertTaken":       testInsertTaken,
		"Replace":           testReplace,
		"ReplaceTaken":      testReplaceTaken,
		"Delete":            testDelete,
		"Order":             testOrder,
		"Lenient":           testLenient,
		"EarlyEnd":          testEarlyEnd,
		"NoOperations":      testNoOperations,
		"IncrementMakes":    testIncrementMakes,
		"IncrementChanges":  testIncrementChanges,
		"IncrementRepeated": testIncrementRepeated,
		"Counters":          testCounterDelete,
		"Get":               testGet,
		"GetMany":           testGetMany,
		"Unicode":           testUnicode,
		"Big":               testBig,
		"Find":              testFind,
		"FindStrings":       testFindStrings,
		"FindIntegers":      testFindIntegers,
		"FindDates":         testFindDates,
		"FindBools":         testFindBools,
		"FindUnique":        testFindUnique,
		"FindAfter":         testFindAfter,
		"FindEach":          testFindEach,
		"Count":             testCount,
		"Array":             testArray,
		"ArrayRange":        testArrayRange,
		"Cancelled":         testCancelled,
		"Expired":           testExpired,
		"Closed":            testClosed,
	}
	for name, test := range suite {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t, Collections()), traits)
		})
	}
}

func testInsert(t *testing.T, e storage.Engine, _ Traits) {
	p := newParcel("p1", func(p *parcel) { p.Labels = []string{"fragile", "gift"} })
	results := write(t, e, insert(p))
	if results[0].Err != nil || results[0].Document != nil {
		t.Errorf("result of an insert: %+v", results[0])
	}
	wantStored(t, e, p)
	wantFound(t, e, storage.Query{Index: bySender, Equal: []any{"anna"}, Limit: 5}, "p1")
}

func testInsertTaken(t *testing.T, e storage.Engine, _ Traits) {
	first := newParcel("p1")
	write(t, e, insert(first))
	for _, c := range []struct {
		index  string
		second parcel
	}{
		{"_id", newParcel("p1", func(p *parcel) { p.Code, p.Slip = "other", "other" })},
		{"code", newParcel("p2", func(p *parcel) { p.Code = "p1" })},
		{"slip", newParcel("p3", func(p *parcel) { p.Slip = "p1" })},
	} {
		_, err := e.Write(t.Context(), insert(c.second))
		wantConflict(t, wantOpError(t, err, 0), c.index)
	}
	wantStored(t, e, first)
	wantGone(t, e, "p2")
	wantGone(t, e, "p3")
	wantFound(t, e, storage.Query{Index: bySender, Equal: []any{"anna"}, Limit: 5}, "p1")

	// half of a composite value may be shared
	write(t, e, insert(newParcel("p4", func(p *parcel) { p.Sender, p.Slip = "boris", "p1" })))
	// and what was refused is not taken
	write(t, e, insert(newParcel("p2")))
}

func testReplace(t *testing.T, e storage.Engine, _ Traits) {
	p := newParcel("p1", func(p *parcel) { p.Labels = []string{"a", "b"}; p.Note = "short" })
	write(t, e, insert(p))

	p.Sender, p.Weight, p.Labels, p.Note = "boris", 20, []string{"b", "c"}, ""
	write(t, e, replace(p, 1))
	p.Version = 2
	wantStored(t, e, p)
	wantFound(t, e, storage.Query{Index: bySender, Equal: []any{"anna"}, Limit: 5})
	wantFound(t, e, storage.Query{Index: bySender, Equal: []any{"boris"}, Limit: 5}, "p1")
	wantFound(t, e, storage.Query{Index: byWeight, Equal: []any{int64(10)}, Limit: 5})
	wantFound(t, e, storage.Query{Index: byLabel, Equal: []any{"a"}, Limit: 5})
	wantFound(t, e, storage.Query{Index: byLabel, Equal: []any{"b", int64(20)}, Limit: 5}, "p1")
	wantFound(t, e, storage.Query{Index: byLabel, Equal: []any{"c"}, Limit: 5}, "p1")

	for name, op := range map[string]storage.Op{
		"an old version":    replace(p, 1),
		"a version to come": replace(p, 3),
		"a missing one":     replace(newParcel("p2"), 1),
	} {
		_, err := e.Write(t.Context(), op)
		t.Log(name)
		wantStale(t, wantOpError(t, err, 0))
	}
	wantStored(t, e, p)
	wantGone(t, e, "p2")
}

func testReplaceTaken(t *testing.T, e storage.Engine, traits Traits) {
	first, second := newParcel("p1"), newParcel("p2")
	write(t, e, insert(first), insert(second))
	for index, taking := range map[string]parcel{
		"code": newParcel("p2", func(p *parcel) { p.Code = "p1" }),
		"slip": newParcel("p2", func(p *parcel) { p.Slip = "p1" }),
	} {
		_, err := e.Write(t.Context(), replace(taking, 1))
		if traits.DuplicateOnReplaceIsInternal {
			if err == nil {
				t.Errorf("a taken %s was accepted", index)
			}
			continue
		}
		wantConflict(t, wantOpError(t, err, 0), index)
	}
	wantStored(t, e, first)
	wantStored(t, e, second)

	second.Note = "keeps its own values"
	write(t, e, replace(second, 1))
	// a value that is given up can be taken
	first.Code = "new"
	first.Version = 1
	write(t, e, replace(first, 1), insert(newParcel("p3", func(p *parcel) { p.Code = "p1" })))
	wantFound(t, e, storage.Query{Index: byCode, Equal: []any{"p1"}, Limit: 1}, "p3")
}

func testDelete(t *testing.T, e storage.Engine, _ Traits) {
	labels := func(p *parcel) { p.Labels = []string{"a"} }
	write(t, e, insert(newParcel("p1", labels)), insert(newParcel("p2", labels)))

	_, err := e.Write(t.Context(), remove("p1", 2))
	wantStale(t, wantOpError(t, err, 0))
	wantStored(t, e, newParcel("p1", labels))

	write(t, e, remove("p1", 1))
	wantGone(t, e, "p1")
	wantFound(t, e, storage.Query{Index: byLabel, Equal: []any{"a"}, Limit: 5}, "p2")

	_, err = e.Write(t.Context(), remove("p1", 1))
	wantStale(t, wantOpError(t, err, 0))

	write(t, e, remove("p2", 0), remove("p2", 0), remove("never", 0))
	wantGone(t, e, "p2")
	wantFound(t, e, storage.Query{Index: byLabel, Equal: []any{"a"}, Limit: 5})

	write(t, e, insert(newParcel("p1"))) // keys and unique values are free again
}

func testOrder(t *testing.T, e storage.Engine, _ Traits) {
	p := newParcel("p1")
	second := p
	second.Note = "second"
	write(t, e, insert(p), replace(second, 1), remove("p1", 2), insert(newParcel("p1", func(p *parcel) { p.Note = "third" })))
	wantStored(t, e, newParcel("p1", func(p *parcel) { p.Note = "third" }))
}

func testLenient(t *testing.T, e storage.Engine, _ Traits) {
	write(t, e, insert(newParcel("p1")))
	results := write(t, e,
		lenient(insert(newParcel("p1"))),
		insert(newParcel("p2")),
		lenient(insert(newParcel("p3", func(p *parcel) { p.Code = "p1" }))),
		lenient(replace(newParcel("p2"), 7)),
		lenient(remove("p2", 7)),
		lenient(remove("never", 0)),
		lenient(insert(newParcel("p4"))),
	)
	wantConflict(t, results[0].Err, "_id")
	wantConflict(t, results[2].Err, "code")
	wantStale(t, results[3].Err)
	wantStale(t, results[4].Err)
	for _, i := range []int{1, 5, 6} {
		if results[i].Err != nil {
			t.Errorf("operation %d: %v", i, results[i].Err)
		}
	}
	wantFound(t, e, storage.Query{Index: bySender, Equal: []any{"anna"}, Limit: 9}, "p1", "p2", "p4")
}

func testEarlyEnd(t *testing.T, e storage.Engine, traits Traits) {
	write(t, e, insert(newParcel("p1")))
	results, err := e.Write(t.Context(),
		insert(newParcel("before", func(p *parcel) { p.Labels = []string{"a"} })),
		lenient(insert(newParcel("p1"))),
		insert(newParcel("p1")),
		insert(newParcel("after")),
	)
	wantConflict(t, wantOpError(t, err, 2), "_id")
	if results != nil {
		t.Errorf("results of a write that ended early: %v", results)
	}
	wantGone(t, e, "after")
	if traits.Atomic {
		wantGone(t, e, "before")
		wantFound(t, e, storage.Query{Index: byLabel, Equal: []any{"a"}, Limit: 5})
	}
	// run again without the mistake, it completes
	write(t, e, lenient(insert(newParcel("before"))), insert(newParcel("after")))
	wantFound(t, e, storage.Query{Index: bySender, Equal: []any{"anna"}, Limit: 9}, "after", "before", "p1")
}

func testNoOperations(t *testing.T, e storage.Engine, _ Traits) {
	if results, err := e.Write(t.Context()); err != nil || len(results) != 0 {
		t.Errorf("a write without operations: %v, %v", results, err)
	}
}

func testGet(t *testing.T, e storage.Engine, _ Traits) {
	wantGone(t, e, "p1")
	write(t, e, insert(newParcel("p1")))
	wantStored(t, e, newParcel("p1"))
	wantGone(t, e, "P1")
	if err := e.Ping(t.Context()); err != nil {
		t.Errorf("ping: %v", err)
	}
}

func testGetMany(t *testing.T, e storage.Engine, _ Traits) {
	var list []parcel
	var ask []string
	for i := range 150 {
		p := newParcel(number("p", i))
		list, ask = append(list, p), append(ask, p.ID, number("missing", i))
	}
	writeParcels(t, e, list...)
	ask = append(ask, list[3].ID, list[3].ID, list[0].ID)
	for _, n := range []int{0, 1, 2, 3, 7, 100, len(ask)} {
		part := ask[len(ask)-n:]
		docs, err := e.GetMany(t.Context(), parcels, part)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]string, len(docs))
		for i, d := range docs {
			if d != nil {
				got[i] = decode(t, d).ID
			}
		}
		want := make([]string, n)
		for i, k := range part {
			if k[0] == 'p' {
				want[i] = k
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d keys (-want +got):\n%s", n, diff)
		}
	}
}
