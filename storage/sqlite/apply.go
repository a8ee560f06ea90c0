package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/storage"
)

// texts keeps the statements of a table, so that they are not put together
// for each operation.
type texts struct {
	insert, current, remove, removeVersion string
	insertEntry, removeEntry               []string // of table.arrays
	update                                 map[string]string
}

func (w *writer) of(t *table) *texts {
	x := w.texts[t]
	if x == nil {
		x = &texts{
			insert: t.insert(), current: t.current(), update: map[string]string{},
			remove: t.remove(false), removeVersion: t.remove(true),
		}
		for _, a := range t.arrays {
			x.insertEntry = append(x.insertEntry, t.insertEntry(a))
			x.removeEntry = append(x.removeEntry, t.removeEntry(a))
		}
		w.texts[t] = x
	}
	return x
}

// apply runs one operation. A failure is that of the operation, which then has
// changed nothing; an error is that of the database and ends the transaction.
func (w *writer) apply(c *change, result *storage.Result) (failure, err error) {
	switch c.Kind {
	case storage.Insert:
		return w.insert(c.table, c.row)
	case storage.Replace:
		present, err := w.current(c.table, c.Key)
		if err != nil {
			return nil, err
		}
		if present == nil || present.version != c.Version {
			return storage.ErrStale, nil
		}
		return w.update(c.table, present, c.row)
	case storage.Delete:
		return w.remove(c)
	case storage.Increment:
		return w.increment(c, result)
	}
	return nil, fmt.Errorf("unknown kind of operation %d", c.Kind)
}

func (w *writer) insert(t *table, r *row) (failure, err error) {
	x := w.of(t)
	w.advance(t, r)
	args := append(make([]any, 0, 3+len(r.values)), r.id, r.version, r.doc)
	if _, err = w.exec(x.insert, append(args, r.values...)...); err != nil {
		return w.failed(t, r, "", err)
	}
	for i := range t.arrays {
		if err = w.each(x.insertEntry[i], r.entries[i], r.id); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// update writes the document and the index keys that differ.
func (w *writer) update(t *table, present, next *row) (failure, err error) {
	x := w.of(t)
	if t.sequence >= 0 && t.Placed {
		if place, ok := present.values[t.sequence].(int64); ok {
			next.setPlace(t, place)
		}
	} else {
		w.advance(t, next)
	}
	args := append(make([]any, 0, 3+len(next.values)), next.version, next.doc)
	var columns []string
	mask := make([]byte, len(t.columns))
	for i, c := range t.columns {
		if present.values[i] != next.values[i] {
			columns, args, mask[i] = append(columns, c), append(args, next.values[i]), 1
		}
	}
	text, ok := x.update[string(mask)]
	if !ok {
		if len(x.update) >= 32 { // a statement for each combination would be too many
			columns, args = t.columns, append(args[:2], next.values...)
		}
		text = t.update(columns)
		if len(x.update) < 32 {
			x.update[string(mask)] = text
		}
	}
	if _, err = w.exec(text, append(args, next.id)...); err != nil {
		return w.failed(t, next, next.id, err)
	}
	for i := range t.arrays {
		gone, come := difference(present.entries[i], next.entries[i])
		if err = w.each(x.removeEntry[i], gone, next.id); err != nil {
			return nil, err
		}
		if err = w.each(x.insertEntry[i], come, next.id); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (w *writer) remove(c *change) (failure, err error) {
	x := w.of(c.table)
	w.deleted++
	if len(c.table.arrays) == 0 {
		if c.Version == 0 {
			_, err := w.exec(x.remove, c.Key)
			return nil, err
		}
		done, err := w.exec(x.removeVersion, c.Key, c.Version)
		if err != nil {
			return nil, err
		}
		if n, err := done.RowsAffected(); err != nil {
			return nil, err
		} else if n == 0 {
			return storage.ErrStale, nil
		}
		return nil, nil
	}
	present, err := w.current(c.table, c.Key)
	if err != nil {
		return nil, err
	}
	if c.Version != 0 && (present == nil || present.version != c.Version) {
		return storage.ErrStale, nil
	}
	if present == nil {
		return nil, nil
	}
	for i := range c.table.arrays {
		if err = w.each(x.removeEntry[i], present.entries[i], c.Key); err != nil {
			return nil, err
		}
	}
	_, err = w.exec(x.remove, c.Key)
	return nil, err
}

// current returns what the database holds of a document, nil if there is none.
func (w *writer) current(t *table, key string) (*row, error) {
	text := w.of(t).current
	s, err := w.statement(text, []any{key})
	if err != nil {
		return nil, err
	}
	r := &row{id: key, values: make([]any, len(t.columns))}
	var second sql.RawBytes // the document, or the key where that is not needed
	targets := append(make([]any, 0, 2+len(t.columns)), &r.version, &second)
	for i := range r.values {
		targets = append(targets, &r.values[i])
	}
	rows, err := s.QueryContext(context.Background(), key)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, rows.Err()
	}
	if err := rows.Scan(targets...); err != nil {
		return nil, err
	}
	if len(t.arrays) == 0 && !t.Counter {
		return r, rows.Close()
	}
	r.doc = slices.Clone(second)
	if len(t.arrays) > 0 {
		stored, err := t.row(bson.Raw(r.doc))
		if err != nil {
			return nil, err
		}
		r.entries = stored.entries
	}
	return r, rows.Close()
}

func (w *writer) each(text string, entries [][]any, id string) error {
	for _, entry := range entries {
		if _, err := w.exec(text, append(slices.Clone(entry), id)...); err != nil {
			return err
		}
	}
	return nil
}

func difference(before, after [][]any) (gone, come [][]any) {
	same := func(a []any) func([]any) bool { return func(b []any) bool { return slices.Equal(a, b) } }
	for _, e := range before {
		if !slices.ContainsFunc(after, same(e)) {
			gone = append(gone, e)
		}
	}
	for _, e := range after {
		if !slices.ContainsFunc(before, same(e)) {
			come = append(come, e)
		}
	}
	return gone, come
}

// failed turns the error of a statement into a Conflict where a key or unique
// value is taken, by asking who has it; own is the key of the document that is
// replaced.
func (w *writer) failed(t *table, r *row, own string, cause error) (failure, err error) {
	if !taken(cause) {
		return nil, cause
	}
	if own == "" {
		present, err := w.current(t, r.id)
		if err != nil {
			return nil, err
		}
		if present != nil {
			return &storage.Conflict{Collection: t.Name, Index: "_id"}, nil
		}
	}
	for _, x := range t.Indexes {
		if !x.Unique {
			continue
		}
		args := make([]any, len(x.Keys))
		for i, k := range x.Keys {
			args[i] = r.values[slices.Index(t.columns, k)]
		}
		s, err := w.statement(t.holder(x), args)
		if err != nil {
			return nil, err
		}
		var holder string
		err = s.QueryRowContext(context.Background(), args...).Scan(&holder)
		if err == nil && holder != own {
			return &storage.Conflict{Collection: t.Name, Index: x.Name}, nil
		}
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
	}
	return nil, cause
}
