package storage

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/hook"
)

// Write implements hook.Store. The entities have their new versions only if it
// returns nil.
func (s *Store) Write(ctx context.Context, changes ...hook.Change) (err error) {
	versions := make([]int64, 0, len(changes))
	defer func() {
		if err == nil {
			return
		}
		// Backwards, since an entity may occur twice.
		for i := len(versions) - 1; i >= 0; i-- {
			// What is only removed may be shared with readers.
			if e := changes[i].Entity; e != nil && e.Base().Version != versions[i] {
				e.Base().Version = versions[i]
			}
		}
	}()
	ops := make([]Op, len(changes))
	for i := range changes {
		var version int64
		if e := changes[i].Entity; e != nil {
			version = e.Base().Version
		}
		versions = append(versions, version)
		if ops[i], err = op(&changes[i]); err != nil {
			return fmt.Errorf("write: change %d: %w", i, err)
		}
	}
	if ops, err = s.withHours(ctx, ops, changes); err != nil {
		return err
	}
	results, err := s.engine.Write(ctx, ops...)
	var ended *OpError
	if errors.As(err, &ended) && ended.Position < len(changes) {
		return refusal(ops[ended.Position], changes[ended.Position].Entity, ended.Err)
	}
	if err != nil {
		return failure("write", err)
	}
	for i, r := range results[:len(changes)] {
		// Present accepts the entity itself, not another one with its values.
		var conflict *Conflict
		if r.Err != nil && !(errors.As(r.Err, &conflict) && conflict.Index == "_id") {
			return refusal(ops[i], changes[i].Entity, r.Err)
		}
	}
	return nil
}

// op states a change as an operation and gives its entity the version that it
// will have.
func op(change *hook.Change) (Op, error) {
	switch change.Kind {
	case hook.ChangeCount, hook.ChangeForget:
		return counting(change)
	}
	if change.Entity == nil {
		return Op{}, fmt.Errorf("kind %d without an entity", change.Kind)
	}
	c, base := collectionOf(change.Entity), change.Entity.Base()
	if c == nil {
		return Op{}, fmt.Errorf("%T is not stored", change.Entity)
	}
	if base.Key == "" { // MongoDB would take it
		return Op{}, fmt.Errorf("%T has no key", change.Entity)
	}
	o := Op{Collection: c, Key: base.Key}
	switch change.Kind {
	case hook.ChangeInsert:
		o.Kind, o.Lenient, base.Version = Insert, change.Present, 1
	case hook.ChangeReplace:
		o.Kind, o.Version = Replace, base.Version
		base.Version++
	case hook.ChangeRemove:
		o.Kind = Delete
		return o, nil
	case hook.ChangeDiscard:
		o.Kind, o.Version = Delete, base.Version
		if base.Version == 0 { // which would stand for any
			return Op{}, fmt.Errorf("%s: it was not read", change.Entity.GetID())
		}
		return o, nil
	default:
		return Op{}, fmt.Errorf("unknown kind %d", change.Kind)
	}
	change.Entity.SetIndexed()
	if p, ok := change.Entity.(interface{ Placed() *hook.Place }); ok && (o.Kind == Insert || !c.Placed) {
		p.Placed().Changed = nextPlace()
	}
	var err error
	if o.Document, err = encode(change.Entity); err != nil {
		return Op{}, fmt.Errorf("%s: %w", change.Entity.GetID(), err)
	}
	return o, nil
}

// counting states a change of the counters of a webhook. It names all of them,
// also those that stay, so that no document lacks one.
func counting(change *hook.Change) (Op, error) {
	if change.Webhook == "" {
		return Op{}, errors.New("counters without a webhook")
	}
	o := Op{Kind: Delete, Collection: stats, Key: change.Webhook}
	if change.Kind == hook.ChangeForget {
		return o, nil
	}
	o.Kind = Increment
	o.Inc = map[string]int64{
		"triggers": change.Add.Triggers, "imported": change.Add.Imported, "removed": change.Add.Removed, "failures": change.Add.Failures,
	}
	if change.Last == nil {
		return o, nil
	}
	// Encoded now: an engine may still hold the operation when the caller has
	// the slice back.
	kind, last, err := bson.MarshalValue(change.Last)
	if err != nil {
		return Op{}, fmt.Errorf("the counters of webhook %s: %w", change.Webhook, err)
	}
	o.Set = map[string]any{"last": bson.RawValue{Type: kind, Value: last}}
	return o, nil
}
