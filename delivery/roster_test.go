package delivery_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

func TestShare(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 2*hook.Partitions; n++ {
		var live []string
		for i := range n {
			live = append(live, fmt.Sprintf("%04d", i))
		}
		total := 0
		for _, one := range live {
			got := delivery.Share(live, one)
			if got < hook.Partitions/n || got > hook.Partitions/n+1 {
				t.Errorf("one of %d gets %d", n, got)
			}
			total += got
		}
		if total != hook.Partitions {
			t.Errorf("%d replicas have %d partitions", n, total)
		}
	}
	if got := delivery.Share([]string{"a", "b"}, "c"); got != 0 {
		t.Errorf("one that does not live gets %d", got)
	}
}

// A replica lives as long as its version moves, whatever its own clock says.
func TestRoster(t *testing.T) {
	t.Parallel()
	r := delivery.NewRoster(8 * time.Second)
	start := time.Now()
	replica := func(key string, version int64) *hook.Replica {
		return &hook.Replica{Meta: hook.Meta{Key: key, Version: version, Created: start.Add(-time.Hour)}}
	}
	// Between the steps nothing is stored, and the roster looks every second.
	var stored []*hook.Replica
	at := time.Duration(0)
	for _, step := range []struct {
		until  time.Duration
		stored []*hook.Replica
		live   []string
		gone   []string // for 20 s
	}{
		{0, nil, nil, nil},
		{time.Second, []*hook.Replica{replica("b", 7), replica("a", 1)}, []string{"a", "b"}, nil},
		{8 * time.Second, []*hook.Replica{replica("b", 8), replica("a", 1)}, []string{"a", "b"}, nil},
		{9 * time.Second, []*hook.Replica{replica("b", 8), replica("a", 1)}, []string{"b"}, nil},
		{10 * time.Second, []*hook.Replica{replica("b", 8), replica("a", 1), replica("c", 5)}, []string{"b", "c"}, nil},
		{16 * time.Second, []*hook.Replica{replica("b", 8), replica("a", 2), replica("c", 5)}, []string{"a", "c"}, nil},
		{28 * time.Second, []*hook.Replica{replica("b", 8), replica("a", 3)}, []string{"a"}, []string{"b"}},
		// One that was removed and comes again is new.
		{29 * time.Second, []*hook.Replica{replica("a", 3), replica("c", 5)}, []string{"a", "c"}, nil},
	} {
		for at += time.Second; at < step.until; at += time.Second {
			r.Observe(stored, start.Add(at))
		}
		at, stored = step.until, step.stored
		now := start.Add(at)
		r.Observe(stored, now)
		if diff := cmp.Diff(step.live, r.Live(now)); diff != "" {
			t.Errorf("after %s: %s", at, diff)
		}
		if diff := cmp.Diff(step.gone, r.Gone(now, 20*time.Second)); diff != "" {
			t.Errorf("after %s, gone: %s", at, diff)
		}
	}
	// For a minute it could not look, and nobody could beat.
	now := start.Add(at + time.Minute)
	r.Observe(stored, now)
	if diff := cmp.Diff([]string{"a", "c"}, r.Live(now)); diff != "" {
		t.Errorf("after a minute without looks: %s", diff)
	}
}

func TestFree(t *testing.T) {
	t.Parallel()
	l := &hook.Leases{Owners: slices.Repeat([]string{"a", "b", "", "c"}, hook.Partitions/4)}
	got := delivery.Free(l, []string{"a", "c"})
	if len(got) != hook.Partitions/2 || got[0] != 1 || got[1] != 2 || got[2] != 5 {
		t.Errorf("free are %v", got)
	}
	if got := l.Of("b"); len(got) != hook.Partitions/4 || got[0] != 1 || got[1] != 5 {
		t.Errorf("b has %v", got)
	}
}
