package storage

import (
	"context"
	"errors"
	"fmt"

	"github.com/hookgraph/hookgraph/hook"
)

// failure gives an error of an engine the meaning that callers know; doing
// says what failed.
func failure(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return hook.Unavailablef(fmt.Errorf("%s: %w", doing, err), "the database is not available")
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// uniqueFields are the fields behind the unique indexes: the names that the API
// has for them, under which documents hold their values too.
var uniqueFields = map[string]string{
	hook.MembersByUsername:   "username",
	hook.MembersBySub:        "sub",
	hook.ClientsByIdentifier: "identifier",
	hook.ClientsByUniqueName: "name",
	hook.WebhooksBySlot:      "slot",
}

// refusal tells why the operation of an entity ended a write. The entity is nil
// for the counters of a webhook.
func refusal(op Op, entity hook.Entity, err error) error {
	doing := fmt.Sprintf("write %s %s", op.Collection.Name, op.Key)
	if entity == nil {
		return failure(doing, err)
	}
	var conflict *Conflict
	switch {
	case errors.As(err, &conflict):
		return conflicting(op, entity, conflict)
	case errors.Is(err, ErrStale):
		return &hook.Error{Code: hook.Stale, Kind: entity.GetID().Kind, Field: "version",
			Message: fmt.Sprintf("%s was changed meanwhile", entity.GetID())}
	}
	return failure(doing, err)
}

func conflicting(op Op, entity hook.Entity, conflict *Conflict) error {
	field, value := "key", op.Key
	if conflict.Index != "_id" {
		field = uniqueFields[conflict.Index]
		value, _ = op.Document.Lookup(field).StringValueOK()
	}
	refused := hook.Conflictf(field, "the %s %q is taken", field, value)
	refused.Kind = entity.GetID().Kind
	return refused
}
