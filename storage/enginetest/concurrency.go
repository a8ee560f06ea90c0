package enginetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/storage"
)

// RunConcurrency runs what callers at the same time must not do to each other.
func RunConcurrency(t *testing.T, open Opener) {
	for name, test := range map[string]func(*testing.T, storage.Engine){
		"CompareAndSwap": testCompareAndSwap,
		"OneVersionOnce": testOneVersionOnce,
		"Increments":     testConcurrentIncrements,
		"UniqueValue":    testOneWinner,
		"Deletes":        testOneDelete,
		"OwnOrder":       testOwnOrder,
		"FailuresApart":  testFailuresApart,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t, Collections()))
		})
	}
}

const callers = 8

// together runs f for each caller at once and ends the test on an error.
func together(t *testing.T, f func(caller int) error) {
	t.Helper()
	var group sync.WaitGroup
	failures := make([]error, callers)
	start := make(chan struct{})
	for i := range callers {
		group.Go(func() {
			<-start
			failures[i] = f(i)
		})
	}
	close(start)
	group.Wait()
	if err := errors.Join(failures...); err != nil {
		t.Fatal(err)
	}
}

// testCompareAndSwap: each caller adds to one document until it succeeded often
// enough; no addition is lost.
func testCompareAndSwap(t *testing.T, e storage.Engine) {
	const each = 15
	write(t, e, insert(newParcel("p1", func(p *parcel) { p.Weight = 0 })))
	together(t, func(int) error {
		for done := 0; done < each; {
			doc, err := e.Get(t.Context(), parcels, "p1")
			if err != nil {
				return err
			}
			var p parcel
			if err := bson.Unmarshal(doc, &p); err != nil {
				return err
			}
			p.Weight++
			switch _, err := e.Write(t.Context(), replace(p, p.Version)); {
			case err == nil:
				done++
			case !errors.Is(err, storage.ErrStale):
				return err
			}
		}
		return nil
	})
	wantStored(t, e, newParcel("p1", func(p *parcel) { p.Weight, p.Version = callers*each, callers*each+1 }))
	wantFound(t, e, storage.Query{Index: byWeight, Limit: 9}, "p1")
}

// testOneVersionOnce: of several changes of the same version one wins.
func testOneVersionOnce(t *testing.T, e storage.Engine) {
	write(t, e, insert(newParcel("p1")))
	for version := int64(1); version <= 10; version++ {
		var won, stale atomic.Int64
		together(t, func(caller int) error {
			_, err := e.Write(t.Context(), replace(newParcel("p1", func(p *parcel) { p.Weight = int64(caller) }), version))
			switch {
			case err == nil:
				won.Add(1)
			case errors.Is(err, storage.ErrStale):
				stale.Add(1)
			default:
				return err
			}
			return nil
		})
		if won.Load() != 1 || stale.Load() != callers-1 {
			t.Fatalf("version %d: %d won and %d were stale", version, won.Load(), stale.Load())
		}
	}
}

func testConcurrentIncrements(t *testing.T, e storage.Engine) {
	const each = 25
	var mu sync.Mutex
	seen := map[int64]bool{}
	together(t, func(caller int) error {
		for range each {
			results, err := e.Write(t.Context(), increment("m1", map[string]int64{"all": 1, fmt.Sprintf("of.c%d", caller): 2}))
			if err != nil {
				return err
			}
			n := results[0].Document.Lookup("all").AsInt64()
			mu.Lock()
			repeated := seen[n]
			seen[n] = true
			mu.Unlock()
			if repeated {
				return fmt.Errorf("two increments have the result %d", n)
			}
		}
		return nil
	})
	of := bson.M{}
	for i := range callers {
		of[fmt.Sprintf("c%d", i)] = int64(2 * each)
	}
	wantMeter(t, meter(t, e, "m1"), bson.M{"_id": "m1", "all": int64(callers * each), "of": of})
}

// testOneWinner: of concurrent inserts of a unique value, or of a key, one wins.
func testOneWinner(t *testing.T, e storage.Engine) {
	for round := range 10 {
		for index, taking := range map[string]func(caller int) parcel{
			"code": func(caller int) parcel {
				return newParcel(fmt.Sprintf("code %d %d", round, caller), func(p *parcel) { p.Code = fmt.Sprint("taken ", round) })
			},
			"_id": func(caller int) parcel {
				return newParcel(fmt.Sprint("key ", round), func(p *parcel) {
					p.Code = fmt.Sprintf("own %d %d", round, caller)
					p.Slip = p.Code
				})
			},
		} {
			var won atomic.Int64
			together(t, func(caller int) error {
				_, err := e.Write(t.Context(), insert(taking(caller)))
				var conflict *storage.Conflict
				if errors.As(err, &conflict) && conflict.Index == index {
					return nil
				}
				if err == nil {
					won.Add(1)
				}
				return err
			})
			if won.Load() != 1 {
				t.Fatalf("round %d: %d inserts of the same %s won", round, won.Load(), index)
			}
		}
	}
}

func testOneDelete(t *testing.T, e storage.Engine) {
	for range 10 {
		write(t, e, insert(newParcel("p1")))
		var won atomic.Int64
		together(t, func(int) error {
			_, err := e.Write(t.Context(), remove("p1", 1))
			if errors.Is(err, storage.ErrStale) {
				return nil
			}
			if err == nil {
				won.Add(1)
			}
			return err
		})
		if won.Load() != 1 {
			t.Fatalf("%d deletes of one version won", won.Load())
		}
	}
}

// testOwnOrder: a caller's writes take effect in its order, and it reads what
// it wrote, whatever the others do.
func testOwnOrder(t *testing.T, e storage.Engine) {
	together(t, func(caller int) error {
		id := fmt.Sprint("p", caller)
		if _, err := e.Write(t.Context(), insert(newParcel(id, func(p *parcel) { p.Sender = id; p.Weight = 1 }))); err != nil {
			return err
		}
		for v := int64(1); v < 20; v++ {
			p := newParcel(id, func(p *parcel) { p.Sender = id; p.Weight = v + 1 })
			if _, err := e.Write(t.Context(), replace(p, v)); err != nil {
				return fmt.Errorf("version %d of %s: %w", v, id, err)
			}
			docs, err := e.Find(t.Context(), storage.Query{Collection: parcels, Index: bySender, Equal: []any{id}, Limit: 2})
			if err != nil {
				return err
			}
			if len(docs) != 1 || docs[0].Lookup("weight").Int64() != v+1 {
				return fmt.Errorf("after version %d of %s was written, it reads %v", v+1, id, docs)
			}
		}
		return nil
	})
}

// testFailuresApart: a write that fails takes none of the others with it.
func testFailuresApart(t *testing.T, e storage.Engine) {
	write(t, e, insert(newParcel("taken")))
	const each = 20
	together(t, func(caller int) error {
		for i := range each {
			id := fmt.Sprintf("p %d %d", caller, i)
			if caller%2 == 0 {
				if _, err := e.Write(t.Context(), insert(newParcel(id)), insert(newParcel(id+" second"))); err != nil {
					return err
				}
				continue
			}
			_, err := e.Write(t.Context(), insert(newParcel("taken")), insert(newParcel(id)))
			var failed *storage.OpError
			if !errors.As(err, &failed) || failed.Position != 0 {
				return fmt.Errorf("a write of a taken key ended with %w", err)
			}
		}
		return nil
	})
	q := storage.Query{Collection: parcels, Index: bySender, Equal: []any{"anna"}, Limit: 1000}
	if n, err := e.Count(t.Context(), q); err != nil || n != 1+callers/2*each*2 {
		t.Errorf("%d parcels are stored, %v; want %d", n, err, 1+callers/2*each*2)
	}
}
