package storage_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/storage"
)

func countingHours(webhook string, hours ...*hook.WebhookHour) hook.Change {
	return hook.Change{Kind: hook.ChangeCount, Webhook: webhook, Hours: hours}
}

func TestHours(t *testing.T) {
	onEach(t, func(t *testing.T, b backend) {
		now := hook.HourOf(time.Now())
		at := func(hours int, passed int64) *hook.WebhookHour {
			h := &hook.WebhookHour{Start: now.Add(-time.Duration(hours) * time.Hour), Passed: passed, Attempts: passed + 1, AttemptFailures: 1,
				Latency: make(hook.Histogram, hook.HistogramBuckets)}
			h.Latency[passed%hook.HistogramBuckets] = passed + 1
			return h
		}
		write := func(changes ...hook.Change) {
			t.Helper()
			if err := b.store.Write(t.Context(), changes...); err != nil {
				t.Fatal(err)
			}
		}
		read := func(s *storage.Store, hours int, webhooks ...string) [][]*hook.WebhookHour {
			t.Helper()
			found, err := s.Hours(t.Context(), webhooks, now.Add(-time.Duration(hours)*time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		write(countingHours("a", at(30, 5), at(1, 2), at(0, 3)), countingHours("b", at(0, 7)))
		write(countingHours("a", at(0, 3)))
		sum := at(0, 6)
		sum.Attempts, sum.AttemptFailures = 8, 2
		sum.Latency = make(hook.Histogram, hook.HistogramBuckets)
		sum.Latency[3] = 8
		if diff := cmp.Diff([][]*hook.WebhookHour{{at(1, 2), sum}, nil, {at(0, 7)}}, read(b.store, 1, "a", "none", "b")); diff != "" {
			t.Errorf("want (-), got (+):\n%s", diff)
		}
		if got := read(b.another(t), 167, "a"); len(got[0]) != 3 || got[0][0].Passed != 5 {
			t.Errorf("a week of a has %v", got[0])
		}

		// A day takes the place of the one eight days before.
		write(countingHours("c", at(8*24, 9)))
		if got := read(b.store, 167, "c"); len(got[0]) != 0 {
			t.Errorf("eight days ago is shown: %+v", got[0][0])
		}
		write(countingHours("c", at(0, 1)))
		if got := read(b.store, 167, "c"); len(got[0]) != 1 || got[0][0].Passed != 1 {
			t.Errorf("c has %v", got[0])
		}

		write(hook.Change{Kind: hook.ChangeForget, Webhook: "a"})
		if got := read(b.store, 167, "a", "b"); len(got[0]) != 0 || len(got[1]) != 1 {
			t.Errorf("after a is forgotten: %v", got)
		}
	})
}
