package resolvers_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

func TestStatistics(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	hour := hook.HourOf(hook.Now())
	latency := make(hook.Histogram, hook.HistogramBuckets)
	latency[3] = 4 // 3 ms up to 4
	count := func(start time.Time, h hook.WebhookHour) hook.Change {
		h.Start = start
		return hook.Change{Kind: hook.ChangeCount, Webhook: accounts, Hours: []*hook.WebhookHour{&h}}
	}
	if err := g.store.Write(t.Context(),
		count(hour, hook.WebhookHour{Passed: 3, Failed: 1, Attempts: 6, AttemptFailures: 3, Latency: latency}),
		count(hour.Add(-time.Hour), hook.WebhookHour{Passed: 4, Attempts: 4}),
		count(hour.Add(-30*time.Hour), hook.WebhookHour{Failed: 9, Attempts: 9, AttemptFailures: 9})); err != nil {
		t.Fatal(err)
	}
	// An imported trigger may say that it is pending; nobody delivers it.
	g.insert(t, &hook.Trigger{Meta: meta("imported", 2), Webhook: accounts, Owner: hook.AccountOwner, Status: hook.TriggerPending, Imported: true,
		Partition: hook.ClosedPartition},
		&hook.Trigger{Meta: meta("open", 8), Webhook: accounts, Owner: hook.AccountOwner, Event: loggedIn, Status: hook.TriggerRetrying,
			Partition: hook.PartitionOf(accounts), Due: day(9)},
		&hook.Trigger{Meta: meta("later", 9), Webhook: accounts, Owner: hook.AccountOwner, Event: loggedIn, Status: hook.TriggerPending,
			Partition: hook.PartitionOf(accounts), Due: day(9)})
	// The seed's own one is in a partition that is not its webhook's.
	const fields = ` passed failed attempts attemptFailures successRate latencyP50 latencyP95 delayP50 backlog backlogIsExact oldestUndelivered `
	a := g.get(t, admin(), `{ webhook(id: "`+accounts+`") {
		day: statistics {`+fields+` series { start passed } } two: statistics(hours: 2) { passed series { passed } }
		week: statistics(hours: 168) { failed series { failed } } } }`, nil)
	want := `"day":{"passed":7,"failed":1,"attempts":10,"attemptFailures":3,"successRate":0.875,"latencyP50":3.5,"latencyP95":4,` +
		`"delayP50":null,"backlog":2,"backlogIsExact":true,"oldestUndelivered":"` + day(8).Format("2006-01-02T15:04:05.000Z")
	if !strings.Contains(a.raw, want) {
		t.Errorf("%s\nlacks %s", a.raw, want)
	}
	if n := len(a.each("", "webhook", "day", "series")); n != 24 {
		t.Errorf("a day has %d hours", n)
	}
	if !strings.Contains(a.raw, `"two":{"passed":7,"series":[{"passed":4},{"passed":3}]}`) || !strings.Contains(a.raw, `"week":{"failed":10,`) {
		t.Error(a.raw)
	}
	for _, hours := range []string{"0", "169"} {
		a := g.ask(t, admin(), `{ webhook(id: "`+accounts+`") { statistics(hours: `+hours+`) { passed } } }`, nil)
		if !strings.Contains(a.raw, "BAD_USER_INPUT") {
			t.Errorf("%s hours: %s", hours, a.raw)
		}
	}
}

// The statistics of a page take a fixed number of reads: the hours, the counts
// of the queue, and the oldest open triggers of the two statuses.
func TestReadsOfStatistics(t *testing.T) {
	g := open(t)
	g.crowd(t)
	var waiting []hook.Entity
	for i, key := range []string{"w-00", "w-07", "w-42"} {
		waiting = append(waiting, &hook.Trigger{Meta: meta("waiting-"+key, i), Webhook: key, Status: hook.TriggerPending, Partition: hook.PartitionOf(key), Due: day(1)})
	}
	g.insert(t, waiting...)
	g.store.reset()
	a := g.get(t, admin(), `query($h: Int!) { webhooks(first: 100) { nodes { id
		statistics(hours: $h) { passed backlog oldestUndelivered } } } }`, vars{"h": 48})
	by, sum := g.store.counted()
	t.Logf("%d reads: %v", sum, by)
	if sum > 4 {
		t.Errorf("%d reads: %v", sum, by)
	}
	if n := strings.Count(a.raw, `"backlog":1`); n != 3 {
		t.Errorf("%d webhooks have a backlog", n)
	}
}
