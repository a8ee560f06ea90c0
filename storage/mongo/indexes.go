package mongo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/hookgraph/hookgraph/storage"
)

// indexPrefix marks the indexes that are ours to drop; an index that an
// administrator has added is left alone.
const indexPrefix = "hg_"

// indexBuildTimeout is for building an index over a large collection, far beyond
// the time limit of an ordinary operation.
const indexBuildTimeout = 10 * time.Minute

// IndexName returns the name of a declared index in the database.
func IndexName(x *storage.Index) string { return indexPrefix + x.Name }

// indexKeys returns the keys of a declared index in the database: the declared
// ones and then `_id`, which makes the order total. A unique index has a total
// order already, and with `_id` it would be unique in name only.
func indexKeys(x *storage.Index) bson.D {
	keys := bson.D{}
	for _, k := range x.Keys {
		keys = append(keys, bson.E{Key: k, Value: int32(1)})
	}
	if !x.Unique {
		keys = append(keys, bson.E{Key: "_id", Value: int32(1)})
	}
	return keys
}

// ensureIndexes makes the indexes of the collection what is declared. Replicas
// may do so at the same time.
func (e *Engine) ensureIndexes(ctx context.Context, c *storage.Collection) error {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, indexBuildTimeout)
		defer cancel()
	}
	view := e.collections[c.Name].Indexes()
	present, err := view.ListSpecifications(ctx)
	if err != nil {
		return fmt.Errorf("list the indexes of collection %s: %w", c.Name, e.failure(ctx, err))
	}
	missing, obsolete, err := compareIndexes(c, present)
	if err != nil {
		return err
	}
	// Dropped first: an index that was only renamed has the keys of its successor,
	// and MongoDB does not keep the same keys twice.
	for _, name := range obsolete {
		if err := view.DropOne(ctx, name); err != nil && !hasCode(err, indexNotFound) {
			return fmt.Errorf("drop index %s of collection %s: %w", name, c.Name, e.failure(ctx, err))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if _, err := view.CreateMany(ctx, missing); err != nil {
		return fmt.Errorf("create the indexes of collection %s: %w", c.Name, e.failure(ctx, err))
	}
	return nil
}

// compareIndexes returns the declared indexes that are not present and the names
// of those of ours that are no longer declared.
func compareIndexes(c *storage.Collection, present []driver.IndexSpecification) (missing []driver.IndexModel, obsolete []string, err error) {
	byName := make(map[string]driver.IndexSpecification, len(present))
	for _, spec := range present {
		byName[spec.Name] = spec
	}
	for _, x := range c.Indexes {
		name, keys := IndexName(x), indexKeys(x)
		spec, found := byName[name]
		if !found {
			model := options.Index().SetName(name)
			if x.Unique {
				model.SetUnique(true)
			}
			missing = append(missing, driver.IndexModel{Keys: keys, Options: model})
			continue
		}
		delete(byName, name)
		unique := spec.Unique != nil && *spec.Unique
		if !sameKeys(spec.KeysDocument, keys) || unique != x.Unique {
			return nil, nil, fmt.Errorf(
				"collection %s: index %s exists with keys %s (unique: %t), declared are %s (unique: %t): drop it, the next start builds it anew",
				c.Name, name, spec.KeysDocument, unique, keys, x.Unique)
		}
	}
	for name := range byName {
		if strings.HasPrefix(name, indexPrefix) {
			obsolete = append(obsolete, name)
		}
	}
	return missing, obsolete, nil
}

// sameKeys compares fields and directions, whatever number type a server stores
// the directions as.
func sameKeys(present bson.Raw, declared bson.D) bool {
	elements, err := present.Elements()
	if err != nil || len(elements) != len(declared) {
		return false
	}
	for i, element := range elements {
		direction, ok := element.Value().AsInt64OK()
		if !ok || direction != 1 || element.Key() != declared[i].Key {
			return false
		}
	}
	return true
}
