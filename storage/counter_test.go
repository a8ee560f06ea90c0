package storage_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/storage"
)

func counting(webhook string, add hook.Stats, last ...hook.LastTrigger) hook.Change {
	return hook.Change{Kind: hook.ChangeCount, Webhook: webhook, Add: add, Last: last}
}

func TestStats(t *testing.T) {
	onEach(t, func(t *testing.T, b backend) {
		last := []hook.LastTrigger{{Trigger: "t2", Status: hook.TriggerFail}, {Trigger: "t1", Status: hook.TriggerPass}}
		err := b.store.Write(t.Context(),
			counting("a", hook.Stats{Triggers: 2, Failures: 1}, last...),
			counting("b", hook.Stats{Imported: 40}),
			counting("b", hook.Stats{Triggers: 1, Failures: 3}),
			counting("b", hook.Stats{Failures: -3}),
			counting("c", hook.Stats{Triggers: 5}),
			hook.Change{Kind: hook.ChangeForget, Webhook: "c"},
			hook.Change{Kind: hook.ChangeForget, Webhook: "never counted"})
		if err != nil {
			t.Fatal(err)
		}
		want := []*hook.Stats{
			{Key: "b", Triggers: 1, Imported: 40},
			{Key: "c"},
			{Key: "a", Triggers: 2, Failures: 1, Last: last},
			{Key: "b", Triggers: 1, Imported: 40},
		}
		got, err := b.store.Stats(t.Context(), []string{"b", "c", "a", "b"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("want (-), got (+):\n%s", diff)
		}

		// The latest triggers stay unless they are replaced; none replaces too.
		if err := b.store.Write(t.Context(), counting("a", hook.Stats{Triggers: 1})); err != nil {
			t.Fatal(err)
		}
		if got, err = b.store.Stats(t.Context(), []string{"a"}); err != nil || !cmp.Equal(got[0].Last, last) {
			t.Errorf("the latest triggers are %v (%v), not %v", got, err, last)
		}
		none := hook.Change{Kind: hook.ChangeCount, Webhook: "a", Last: []hook.LastTrigger{}}
		if err := b.store.Write(t.Context(), none); err != nil {
			t.Fatal(err)
		}
		if got, err = b.store.Stats(t.Context(), []string{"a"}); err != nil || len(got[0].Last) != 0 {
			t.Errorf("the latest triggers are %v (%v), not none", got, err)
		}
		if got, err = b.store.Stats(t.Context(), nil); err != nil || len(got) != 0 {
			t.Errorf("no webhooks have the counters %v, %v", got, err)
		}
	})
}

// side runs f in parallel on a store of its own each.
func side(t *testing.T, b backend, n int, f func(s *storage.Store, i int) error) {
	t.Helper()
	var wg sync.WaitGroup
	for i := range n {
		s := b.store
		if i%2 == 1 {
			s = b.another(t)
		}
		wg.Go(func() {
			if err := f(s, i); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestStatsAddUp(t *testing.T) {
	onEach(t, func(t *testing.T, b backend) {
		const writers, writes = 4, 25
		side(t, b, writers, func(s *storage.Store, _ int) error {
			for range writes {
				if err := s.Write(t.Context(), counting("w", hook.Stats{Triggers: 2, Imported: 1})); err != nil {
					return err
				}
			}
			return nil
		})
		got, err := b.store.Stats(t.Context(), []string{"w"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&hook.Stats{Key: "w", Triggers: 2 * writers * writes, Imported: writers * writes}, got[0]); diff != "" {
			t.Errorf("want (-), got (+):\n%s", diff)
		}
	})
}

func TestNumbers(t *testing.T) {
	onEach(t, func(t *testing.T, b backend) {
		const takers, takes = 4, 25
		taken := make([][]int64, takers)
		side(t, b, takers, func(s *storage.Store, i int) error {
			for range takes {
				n, err := s.NextNumber(t.Context())
				if err != nil {
					return err
				}
				taken[i] = append(taken[i], n)
			}
			return nil
		})
		all := slices.Sorted(slices.Values(slices.Concat(taken...)))
		var want []int64
		for i := range takers * takes {
			want = append(want, 1_000_000_000+int64(i))
		}
		if diff := cmp.Diff(want, all); diff != "" {
			t.Errorf("want (-), got (+):\n%s", diff)
		}
	})
}

func TestSettings(t *testing.T) {
	onEach(t, func(t *testing.T, b backend) {
		got := make([]string, 6)
		side(t, b, len(got), func(s *storage.Store, i int) (err error) {
			got[i], err = s.Setting(t.Context(), "account", string(rune('a'+i)))
			return err
		})
		first := got[0]
		if first == "" {
			t.Fatal("the setting is empty")
		}
		got = append(got, "")
		var err error
		if got[6], err = b.another(t).Setting(t.Context(), "account", "late"); err != nil {
			t.Fatal(err)
		}
		for i, v := range got {
			if v != first {
				t.Errorf("asker %d is told %q, the first one %q", i, v, first)
			}
		}
		if v, err := b.store.Setting(t.Context(), "other", ""); err != nil || v != "" {
			t.Errorf("another setting is %q, %v", v, err)
		}
	})
}
