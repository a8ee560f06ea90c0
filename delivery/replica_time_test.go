package delivery_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
)

// What the README says of times, on a clock of the test's.
func TestReplicaTimes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := openSQLite(t)
		within := func(what string, least, most time.Duration, is func() bool) {
			t.Helper()
			start := time.Now()
			for !is() {
				if time.Since(start) > time.Hour {
					t.Fatalf("never: %s", what)
				}
				time.Sleep(10 * time.Millisecond)
			}
			took := time.Since(start)
			if t.Logf("%s: %s", what, took); took < least || took > most {
				t.Errorf("%s: took %s, want %s to %s", what, took, least, most)
			}
		}
		one := o.branch(delivery.ReplicaOptions{})
		within("the first has all", 0, time.Second, func() bool { return shares(one) })
		two := o.branch(delivery.ReplicaOptions{})
		within("two have a half each", 0, 2*time.Second, func() bool { return shares(one, two) })
		two.stop()
		within("the one that stays has all", 0, time.Second, func() bool { return shares(one) })
		two = o.branch(delivery.ReplicaOptions{})
		within("two have a half each", 0, 2*time.Second, func() bool { return shares(one, two) })
		two.pause()
		within("the one that does not beat has nothing", 3*time.Second, 6*time.Second, func() bool { return two.owned() == 0 })
		within("the one that lives has all", time.Second, 5*time.Second, func() bool { return shares(one) })
	})
}
