package hook

import (
	"time"
)

// A WebhookHour is what came of the deliveries to a webhook within an hour.
type WebhookHour struct {
	// Start is the beginning of the hour.
	Start time.Time
	// Passed and Failed count triggers that ended, Attempts requests, of which
	// AttemptFailures did not pass.
	Passed, Failed, Attempts, AttemptFailures int64
	// Latency is that of the requests, Delay the time from the event to the end
	// of the request that passed.
	Latency, Delay Histogram
}

// StatisticsHours is for how many hours, the running one included, statistics
// are kept.
const StatisticsHours = 7 * 24

// HourOf returns the beginning of the hour of an instant.
func HourOf(t time.Time) time.Time { return t.UTC().Truncate(time.Hour) }

// record counts what has become of a trigger: a is its last request, if there
// was one.
func (h *WebhookHour) record(t *Trigger, a *Attempt) {
	passed := t.Status == TriggerPass
	if a != nil {
		h.Attempts++
		if !passed {
			h.AttemptFailures++
		}
		took := time.Duration(a.Duration) * time.Millisecond
		h.Latency.add(took)
		if passed && t.Before == 0 {
			h.Delay.add(a.At.Add(took).Sub(t.Created))
		}
	}
	switch {
	case t.Open():
	case passed:
		h.Passed++
	case t.Status == TriggerFail:
		h.Failed++
	}
}

func (h *WebhookHour) merge(other *WebhookHour) {
	h.Passed += other.Passed
	h.Failed += other.Failed
	h.Attempts += other.Attempts
	h.AttemptFailures += other.AttemptFailures
	h.Latency.merge(other.Latency)
	h.Delay.merge(other.Delay)
}

// SuccessRate is the share of the triggers that ended well, nil if none ended.
func (h *WebhookHour) SuccessRate() *float64 {
	if h.Passed+h.Failed == 0 {
		return nil
	}
	rate := float64(h.Passed) / float64(h.Passed+h.Failed)
	return &rate
}

// LatencyP50 is the median time that a request took, in milliseconds.
func (h *WebhookHour) LatencyP50() *float64 { return h.Latency.Quantile(0.5) }

// LatencyP95 is the time that all but a twentieth of the requests took.
func (h *WebhookHour) LatencyP95() *float64 { return h.Latency.Quantile(0.95) }

// DelayP50 is the median time from an event to its delivery, in milliseconds.
func (h *WebhookHour) DelayP50() *float64 { return h.Delay.Quantile(0.5) }

// DelayP95 is the time within which all but a twentieth were delivered.
func (h *WebhookHour) DelayP95() *float64 { return h.Delay.Quantile(0.95) }

// hourIn returns the hour of some that begins at an instant; it is added if it
// is not there.
func hourIn(hours *[]*WebhookHour, start time.Time) *WebhookHour {
	for _, h := range *hours {
		if h.Start.Equal(start) {
			return h
		}
	}
	h := &WebhookHour{Start: start}
	*hours = append(*hours, h)
	return h
}

// WebhookStatistics are what came of the deliveries to a webhook within some
// hours: the sum, and each of them.
type WebhookStatistics struct {
	// Webhook is the key.
	Webhook string
	WebhookHour
	// Series has every hour, the earliest first.
	Series []*WebhookHour
}

// A Backlog is what a webhook has not been delivered yet.
type Backlog struct {
	// Webhook is the key.
	Webhook string
	// Open counts the open triggers up to CountLimit; Exact is false if there are
	// more.
	Open  int
	Exact bool
	// Oldest is when the event of the oldest of them was published; nil for none.
	Oldest *time.Time
}
