package storage

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/hook"
)

// decodeStats reads counters as decode would. Every list of webhooks reads them
// for each of its lines, and reflection took more time than the database.
func decodeStats(doc bson.Raw) (*hook.Stats, error) {
	if doc == nil {
		return nil, nil
	}
	elements, err := doc.Elements()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", stats.Name, err)
	}
	s := new(hook.Stats)
	for _, e := range elements {
		ok := true
		switch e.Key() {
		case "_id":
			s.Key, ok = e.Value().StringValueOK()
		case "triggers":
			s.Triggers, ok = e.Value().AsInt64OK()
		case "imported":
			s.Imported, ok = e.Value().AsInt64OK()
		case "removed":
			s.Removed, ok = e.Value().AsInt64OK()
		case "failures":
			s.Failures, ok = e.Value().AsInt64OK()
		case "last":
			s.Last, ok = decodeLast(e.Value())
		}
		if !ok {
			return nil, fmt.Errorf("read %s: the document %q: %s has another type", stats.Name, s.Key, e.Key())
		}
	}
	return s, nil
}

func decodeLast(value bson.RawValue) ([]hook.LastTrigger, bool) {
	if value.Type == bson.TypeNull {
		return nil, true
	}
	array, ok := value.ArrayOK()
	if !ok {
		return nil, false
	}
	values, err := array.Values()
	if err != nil {
		return nil, false
	}
	last := make([]hook.LastTrigger, len(values))
	for i, v := range values {
		doc, ok := v.DocumentOK()
		if !ok {
			return nil, false
		}
		trigger, ok := doc.Lookup("trigger").StringValueOK()
		if !ok {
			return nil, false
		}
		status, ok := doc.Lookup("status").StringValueOK()
		if !ok {
			return nil, false
		}
		last[i] = hook.LastTrigger{Trigger: trigger, Status: hook.TriggerStatus(status)}
	}
	return last, true
}
