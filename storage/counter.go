package storage

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/hook"
)

// Stats implements hook.Store.
func (s *Store) Stats(ctx context.Context, webhooks []string) ([]*hook.Stats, error) {
	if len(webhooks) == 0 {
		return nil, nil
	}
	docs, err := s.statsDocuments(ctx, webhooks)
	if err != nil {
		return nil, failure("read stats", err)
	}
	all := make([]*hook.Stats, len(docs))
	for i, doc := range docs {
		if all[i], err = decode[hook.Stats](stats, doc); err != nil {
			return nil, err
		}
		if all[i] == nil {
			all[i] = &hook.Stats{Key: webhooks[i]}
		}
	}
	return all, nil
}

func (s *Store) statsDocuments(ctx context.Context, webhooks []string) ([]bson.Raw, error) {
	if s.counters == nil {
		return s.engine.GetMany(ctx, stats, webhooks)
	}
	known, err := s.counters.getMany(ctx, webhooks)
	docs := make([]bson.Raw, len(known))
	for i := range known {
		docs[i] = known[i].raw
	}
	return docs, err
}

// firstNumber lies above every number that an import can bring.
const firstNumber = 1_000_000_000

const numbers = "numbers" // the sequence that all kinds of entities share

// NextNumber implements hook.Store. A number is used up even if its caller does
// nothing with it.
func (s *Store) NextNumber(ctx context.Context) (int64, error) {
	results, err := s.engine.Write(ctx, Op{Kind: Increment, Collection: sequences, Key: numbers, Inc: map[string]int64{"used": 1}})
	if err != nil {
		return 0, failure("take a number", err)
	}
	used, ok := results[0].Document.Lookup("used").AsInt64OK()
	if !ok || used < 1 {
		return 0, errors.New("take a number: the sequence holds none")
	}
	return firstNumber + used - 1, nil
}

// setting is a document of settings; it never changes.
type setting struct {
	Key     string `bson:"_id"`
	Version int64  `bson:"version"`
	Value   string `bson:"value"`
}

// Setting implements hook.Store.
func (s *Store) Setting(ctx context.Context, name, value string) (string, error) {
	present, err := s.setting(ctx, name)
	if err != nil {
		return "", err
	}
	if present != nil {
		return present.Value, nil
	}
	doc, err := encode(&setting{Key: name, Version: 1, Value: value})
	if err != nil {
		return "", failure("write setting "+name, err)
	}
	// Others may ask for the first time too: one insert succeeds, and all read
	// what it stored.
	if _, err = s.engine.Write(ctx, Op{Kind: Insert, Collection: settings, Key: name, Document: doc, Lenient: true}); err != nil {
		return "", failure("write setting "+name, err)
	}
	if present, err = s.setting(ctx, name); err != nil {
		return "", err
	}
	if present == nil {
		return "", failure("read setting "+name, ErrUnavailable) // stored, but not for all to see yet
	}
	return present.Value, nil
}

func (s *Store) setting(ctx context.Context, name string) (*setting, error) {
	doc, err := s.engine.Get(ctx, settings, name)
	if err != nil {
		return nil, failure("read setting "+name, err)
	}
	return decode[setting](settings, doc)
}
