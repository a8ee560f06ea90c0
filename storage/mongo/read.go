package mongo

import (
	"context"
	"errors"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"golang.org/x/sync/errgroup"

	"github.com/hookgraph/hookgraph/storage"
)

const (
	// keysPerFind bounds the `$in` of GetMany; the planner walks one range each.
	keysPerFind = 1000
	// parallelReads bounds the finds of one FindEach, so that a page of many
	// parents leaves connections to others.
	parallelReads = 8
	// firstBatch is how many documents a server sends at first by itself.
	firstBatch = 101
	// idIndex is the name of the index of `_id` in every collection.
	idIndex = "_id_"
)

// Get implements storage.Engine.
func (e *Engine) Get(ctx context.Context, c *storage.Collection, key string) (bson.Raw, error) {
	collection, err := e.collection(c)
	if err != nil {
		return nil, err
	}
	// Equality on `_id` alone takes MongoDB's shortest path, which a hint would
	// turn it away from.
	doc, err := collection.FindOne(ctx, bson.D{{Key: "_id", Value: key}}).Raw()
	if errors.Is(err, driver.ErrNoDocuments) {
		return nil, nil
	}
	return doc, e.failure(ctx, err)
}

// GetMany implements storage.Engine.
func (e *Engine) GetMany(ctx context.Context, c *storage.Collection, keys []string) ([]bson.Raw, error) {
	collection, err := e.collection(c)
	if err != nil {
		return nil, err
	}
	wanted := slices.Clone(keys)
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)

	byKey := make(map[string]bson.Raw, len(wanted))
	for chunk := range slices.Chunk(wanted, keysPerFind) {
		filter := bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: chunk}}}}
		docs, err := e.find(ctx, collection, stretch{filter: filter, hint: idIndex, limit: len(chunk)})
		if err != nil {
			return nil, err
		}
		for _, doc := range docs {
			byKey[doc.Lookup("_id").StringValue()] = doc
		}
	}
	found := make([]bson.Raw, len(keys))
	for i, key := range keys {
		found[i] = byKey[key]
	}
	return found, nil
}

// Find implements storage.Engine.
func (e *Engine) Find(ctx context.Context, q storage.Query) ([]bson.Raw, error) {
	if err := checkQuery(q); err != nil {
		return nil, err
	}
	collection, err := e.collection(q.Collection)
	if err != nil {
		return nil, err
	}
	if overArray(q) {
		return e.findOverArray(ctx, collection, q)
	}
	return e.find(ctx, collection, newStretch(q))
}

// FindEach implements storage.Engine.
func (e *Engine) FindEach(ctx context.Context, q storage.Query, values []any) ([][]bson.Raw, error) {
	if len(q.Equal) == 0 {
		return nil, errors.New("a query for each of many values has a last value of Equal")
	}
	stretches := make([][]bson.Raw, len(values))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallelReads)
	for i, v := range values {
		group.Go(func() error {
			each := q
			each.Equal = append(slices.Clone(q.Equal[:len(q.Equal)-1]), v)
			docs, err := e.Find(ctx, each)
			stretches[i] = docs
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return stretches, nil
}

// Count implements storage.Engine.
func (e *Engine) Count(ctx context.Context, q storage.Query) (int, error) {
	if err := checkQuery(q); err != nil {
		return 0, err
	}
	collection, err := e.collection(q.Collection)
	if err != nil {
		return 0, err
	}
	if overArray(q) {
		docs, err := e.findOverArray(ctx, collection, q)
		return len(docs), err
	}
	s := newStretch(q)
	n, err := collection.CountDocuments(ctx, s.filter, options.Count().SetHint(s.hint).SetLimit(int64(s.limit)))
	return int(n), e.failure(ctx, err)
}

// find reads a stretch. A limit of 0 reads all of it.
func (e *Engine) find(ctx context.Context, collection *driver.Collection, s stretch) ([]bson.Raw, error) {
	settings := options.Find().SetHint(s.hint)
	if len(s.sort) > 0 {
		settings.SetSort(s.sort)
	}
	if s.limit > 0 {
		settings.SetLimit(int64(s.limit))
	}
	if s.limit >= firstBatch {
		// One more than can come, so that the server closes the cursor at once
		// and a page stays one round trip.
		settings.SetBatchSize(int32(s.limit) + 1)
	}
	cursor, err := collection.Find(ctx, s.filter, settings)
	if err != nil {
		return nil, e.failure(ctx, err)
	}
	var docs []bson.Raw
	if err := cursor.All(ctx, &docs); err != nil {
		return nil, e.failure(ctx, err)
	}
	return docs, nil
}
