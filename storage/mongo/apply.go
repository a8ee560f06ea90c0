package mongo

import (
	"context"
	"errors"
	"maps"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/hookgraph/hookgraph/storage"
)

// insertAll inserts the documents by one command, in order unless all of them
// are lenient.
func (e *Engine) insertAll(ctx context.Context, ops []storage.Op, results []storage.Result) (int, error) {
	docs := make([]bson.Raw, len(ops))
	for i, op := range ops {
		docs[i] = op.Document
	}
	settings := options.InsertMany().SetOrdered(!ops[0].Lenient)
	_, err := e.collections[ops[0].Collection.Name].InsertMany(ctx, docs, settings)

	var bulk driver.BulkWriteException
	if !errors.As(err, &bulk) || bulk.WriteConcernError != nil {
		return 0, e.failure(ctx, err)
	}
	slices.SortFunc(bulk.WriteErrors, func(a, b driver.BulkWriteError) int { return a.Index - b.Index })
	for _, refused := range bulk.WriteErrors {
		i := refused.Index
		if err := settle(ops[i], e.refusal(ctx, ops[i], refused.WriteError), &results[i]); err != nil {
			return i, err
		}
	}
	return 0, nil
}

// deleteAll deletes the documents by one command, whatever their versions.
func (e *Engine) deleteAll(ctx context.Context, ops []storage.Op, _ []storage.Result) (int, error) {
	models := make([]driver.WriteModel, len(ops))
	for i, op := range ops {
		models[i] = driver.NewDeleteOneModel().SetFilter(bson.D{{Key: "_id", Value: op.Key}})
	}
	_, err := e.collections[ops[0].Collection.Name].BulkWrite(ctx, models)
	return 0, e.failure(ctx, err)
}

// apply carries out one operation and returns the document of an increment.
func (e *Engine) apply(ctx context.Context, op storage.Op) (bson.Raw, error) {
	switch op.Kind {
	case storage.Replace:
		return nil, e.replace(ctx, op)
	case storage.Delete:
		return nil, e.delete(ctx, op)
	default:
		return e.increment(ctx, op)
	}
}

func (e *Engine) replace(ctx context.Context, op storage.Op) error {
	filter := bson.D{{Key: "_id", Value: op.Key}, {Key: "version", Value: op.Version}}
	outcome, err := e.collections[op.Collection.Name].ReplaceOne(ctx, filter, op.Document)
	if err != nil {
		return e.refusal(ctx, op, err)
	}
	if outcome.MatchedCount == 0 {
		return storage.ErrStale
	}
	return nil
}

func (e *Engine) delete(ctx context.Context, op storage.Op) error {
	filter := bson.D{{Key: "_id", Value: op.Key}}
	if op.Version != 0 {
		filter = append(filter, bson.E{Key: "version", Value: op.Version})
	}
	outcome, err := e.collections[op.Collection.Name].DeleteOne(ctx, filter)
	if err != nil {
		return e.failure(ctx, err)
	}
	if outcome.DeletedCount == 0 && op.Version != 0 {
		return storage.ErrStale
	}
	return nil
}

// upsertAttempts bounds how often an increment meets another one that makes the
// same document first; the second time it is there.
const upsertAttempts = 3

func (e *Engine) increment(ctx context.Context, op storage.Op) (bson.Raw, error) {
	filter := bson.D{{Key: "_id", Value: op.Key}}
	settings := options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)
	for attempt := 1; ; attempt++ {
		document, err := e.collections[op.Collection.Name].FindOneAndUpdate(ctx, filter, changes(op), settings).Raw()
		if err == nil {
			return document, nil
		}
		if !driver.IsDuplicateKeyError(err) || attempt == upsertAttempts {
			return nil, e.refusal(ctx, op, err)
		}
	}
}

// changes states an increment as update operators, the fields in a fixed order.
func changes(op storage.Op) bson.D {
	update := bson.D{}
	if len(op.Inc) > 0 {
		update = append(update, bson.E{Key: "$inc", Value: ordered(op.Inc)})
	}
	if len(op.Unset) > 0 {
		fields := bson.D{}
		for _, name := range op.Unset {
			fields = append(fields, bson.E{Key: name, Value: ""})
		}
		update = append(update, bson.E{Key: "$unset", Value: fields})
	}
	if len(op.Set) > 0 || len(update) == 0 {
		update = append(update, bson.E{Key: "$set", Value: ordered(op.Set)})
	}
	return update
}

func ordered[V any](values map[string]V) bson.D {
	fields := bson.D{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fields = append(fields, bson.E{Key: name, Value: values[name]})
	}
	return fields
}
