package storage

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/hook"
)

// The hours of a webhook are kept apart from its counters, which every list
// reads, and by days, so that a change writes little. The document of a day has
// the place of the one eight days before, which goes: whatever happens, a
// webhook has no more than these.
const hourSlots = hook.StatisticsHours/24 + 1

const day = 24 * time.Hour

func dayOf(t time.Time) int64 { return t.Unix() / int64(day/time.Second) }

func hoursKey(webhook string, day int64) string {
	return webhook + "/" + strconv.FormatInt(day%hourSlots, 10)
}

// withHours adds the operations on the hours of webhooks.
func (s *Store) withHours(ctx context.Context, ops []Op, changes []hook.Change) ([]Op, error) {
	var keys []string
	var days []int64
	var inc []map[string]int64
	for i := range changes {
		change := &changes[i]
		if change.Kind == hook.ChangeForget {
			for slot := range int64(hourSlots) {
				ops = append(ops, Op{Kind: Delete, Collection: hours, Key: hoursKey(change.Webhook, slot), Lenient: true})
			}
			continue
		}
		for _, h := range change.Hours {
			key := hoursKey(change.Webhook, dayOf(h.Start))
			if n := len(keys); n == 0 || keys[n-1] != key || days[n-1] != dayOf(h.Start) {
				keys, days, inc = append(keys, key), append(days, dayOf(h.Start)), append(inc, map[string]int64{})
			}
			increments(inc[len(inc)-1], h)
		}
	}
	if len(keys) == 0 {
		return ops, nil
	}
	present, err := s.engine.GetMany(ctx, hours, keys)
	if err != nil {
		return nil, failure("read hours", err)
	}
	for i, key := range keys {
		if present[i] != nil {
			if old, ok := present[i].Lookup("day").AsInt64OK(); !ok || old != days[i] {
				ops = append(ops, Op{Kind: Delete, Collection: hours, Key: key})
			}
		}
		ops = append(ops, Op{Kind: Increment, Collection: hours, Key: key, Inc: inc[i], Set: map[string]any{"day": days[i]}})
	}
	return ops, nil
}

// increments states what happened in an hour as paths: the hour of the day, then
// a letter for the counter, or for the histogram with the number of the bucket.
func increments(inc map[string]int64, h *hook.WebhookHour) {
	hour := fmt.Sprintf("h%02d.", h.Start.UTC().Hour())
	for name, n := range map[string]int64{"p": h.Passed, "f": h.Failed, "a": h.Attempts, "e": h.AttemptFailures} {
		if n != 0 {
			inc[hour+name] += n
		}
	}
	for name, histogram := range map[string]hook.Histogram{"l": h.Latency, "d": h.Delay} {
		for bucket, n := range histogram {
			if n != 0 {
				inc[hour+name+strconv.Itoa(bucket)] += n
			}
		}
	}
}

// Hours implements hook.Store.
func (s *Store) Hours(ctx context.Context, webhooks []string, from time.Time) ([][]*hook.WebhookHour, error) {
	first, last := dayOf(from), dayOf(time.Now())
	first = max(first, last-hourSlots+1)
	var keys []string
	for _, webhook := range webhooks {
		for d := first; d <= last; d++ {
			keys = append(keys, hoursKey(webhook, d))
		}
	}
	found := make([][]*hook.WebhookHour, len(webhooks))
	if len(keys) == 0 {
		return found, nil
	}
	docs, err := s.engine.GetMany(ctx, hours, keys)
	if err != nil {
		return nil, failure("read hours", err)
	}
	each := int(last - first + 1)
	for i, doc := range docs {
		if found[i/each], err = decodeHours(found[i/each], doc, first+int64(i%each), from); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// decodeHours adds the hours of a document of a day from an instant on. The
// document may still be that of an earlier day.
func decodeHours(all []*hook.WebhookHour, doc bson.Raw, number int64, from time.Time) ([]*hook.WebhookHour, error) {
	if doc == nil {
		return all, nil
	}
	if stored, ok := doc.Lookup("day").AsInt64OK(); !ok || stored != number {
		return all, nil
	}
	elements, err := doc.Elements()
	if err != nil {
		return nil, fmt.Errorf("read hours: %w", err)
	}
	for _, e := range elements {
		name := e.Key()
		counts, ok := e.Value().DocumentOK()
		if !ok || name[0] != 'h' {
			continue
		}
		hour, err := strconv.Atoi(name[1:])
		if err != nil {
			continue
		}
		h := &hook.WebhookHour{Start: time.Unix(number*int64(day/time.Second), 0).UTC().Add(time.Duration(hour) * time.Hour)}
		if h.Start.Before(from) {
			continue
		}
		if err := decodeHour(h, counts); err != nil {
			return nil, err
		}
		all = append(all, h)
	}
	return all, nil
}

func decodeHour(h *hook.WebhookHour, counts bson.Raw) error {
	elements, err := counts.Elements()
	if err != nil {
		return fmt.Errorf("read hours: %w", err)
	}
	for _, e := range elements {
		name := e.Key()
		n, ok := e.Value().AsInt64OK()
		if !ok || name == "" {
			return fmt.Errorf("read hours: %q has another type", name)
		}
		switch name {
		case "p":
			h.Passed = n
		case "f":
			h.Failed = n
		case "a":
			h.Attempts = n
		case "e":
			h.AttemptFailures = n
		default:
			if err := decodeBucket(h, name, n); err != nil {
				return err
			}
		}
	}
	return nil
}

func decodeBucket(h *hook.WebhookHour, name string, n int64) error {
	bucket, err := strconv.Atoi(name[1:])
	histogram := map[byte]*hook.Histogram{'l': &h.Latency, 'd': &h.Delay}[name[0]]
	if err != nil || histogram == nil || bucket < 0 || bucket >= hook.HistogramBuckets {
		return fmt.Errorf("read hours: there is no counter %q", name)
	}
	if *histogram == nil {
		*histogram = make(hook.Histogram, hook.HistogramBuckets)
	}
	(*histogram)[bucket] = n
	return nil
}
