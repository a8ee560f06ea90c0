package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/storage"
)

// format is the layout of the file, kept in its user_version.
const format = 1

// migrate brings the file in line with the declared tables, in one transaction.
func migrate(ctx context.Context, conn *sql.Conn, tables map[string]*table) (err error) {
	if _, err = conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, rollback := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
			err = errors.Join(err, rollback)
		}
	}()
	var found int
	if err = conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found); err != nil {
		return err
	}
	if found > format {
		return fmt.Errorf("the file has format %d, this version reads formats up to %d: a newer version wrote it", found, format)
	}
	m := migration{conn: conn}
	if m.present, err = m.schema(ctx); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		if err = m.table(ctx, tables[name]); err != nil {
			return fmt.Errorf("collection %s: %w", name, err)
		}
	}
	if found != format {
		if _, err = conn.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", format)); err != nil {
			return err
		}
	}
	_, err = conn.ExecContext(ctx, "COMMIT")
	return err
}

type migration struct {
	conn    *sql.Conn
	present map[string]string // what the file holds: the name and its SQL
}

func (m *migration) schema(ctx context.Context) (map[string]string, error) {
	rows, err := m.conn.QueryContext(ctx, "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	present := map[string]string{}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return nil, err
		}
		present[name] = text
	}
	return present, rows.Err()
}

func (m *migration) exec(ctx context.Context, statement string) error {
	_, err := m.conn.ExecContext(ctx, statement)
	return err
}

func (m *migration) table(ctx context.Context, t *table) error {
	if _, ok := m.present[t.Name]; !ok {
		if err := m.exec(ctx, t.createTable()); err != nil {
			return err
		}
	}
	if err := m.drop(ctx, t); err != nil {
		return err
	}
	missing, err := m.columns(ctx, t)
	if err != nil {
		return err
	}
	filled := *t // what has to be filled: new columns, new array tables
	filled.columns, filled.arrays = missing, nil
	for _, x := range t.arrays {
		if _, ok := m.present[t.indexName(x)]; !ok {
			filled.arrays = append(filled.arrays, x)
			if err := m.exec(ctx, t.createArray(x)); err != nil {
				return err
			}
		}
	}
	if len(filled.columns)+len(filled.arrays) > 0 {
		if err := m.fill(ctx, t, &filled); err != nil {
			return err
		}
	}
	for _, x := range t.Indexes {
		if _, ok := m.present[t.indexName(x)]; ok || x.Array {
			continue
		}
		if err := m.exec(ctx, t.createIndex(x)); taken(err) {
			return fmt.Errorf("unique index %s: two documents have the same value", x.Name)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// drop removes the indexes that are not declared, or not in this form.
func (m *migration) drop(ctx context.Context, t *table) error {
	declared := map[string]string{}
	for _, x := range t.Indexes {
		if x.Array {
			declared[t.indexName(x)] = t.createArray(x)
		} else {
			declared[t.indexName(x)] = t.createIndex(x)
		}
	}
	rows, err := m.conn.QueryContext(ctx,
		"SELECT name, type FROM sqlite_schema WHERE sql IS NOT NULL AND substr(name, 1, ?) = ?", len([]rune(t.Name))+1, t.Name+".")
	if err != nil {
		return err
	}
	defer rows.Close()
	var statements []string
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			return err
		}
		if m.present[name] == declared[name] {
			continue
		}
		statements = append(statements, fmt.Sprintf("DROP %s %s", kind, quote(name)))
		delete(m.present, name)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, s := range statements {
		if err := m.exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// columns adds those that are missing, drops those that no index has any more,
// since their values would be stale when an index asks for them again, and
// returns the added ones.
func (m *migration) columns(ctx context.Context, t *table) (missing []string, err error) {
	rows, err := m.conn.QueryContext(ctx, "SELECT name FROM pragma_table_info(?)", t.Name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var present []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		present = append(present, name)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	own := []string{idColumn, versionColumn, docColumn}
	for _, c := range present {
		if slices.Contains(own, c) || slices.Contains(t.columns, c) {
			continue
		}
		if err := m.exec(ctx, fmt.Sprintf("ALTER TABLE %s DROP COLUMN %s", quote(t.Name), quote(c))); err != nil {
			return nil, err
		}
	}
	for _, c := range t.columns {
		if slices.Contains(present, c) {
			continue
		}
		if err := m.exec(ctx, fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s", quote(t.Name), quote(c))); err != nil {
			return nil, err
		}
		missing = append(missing, c)
	}
	return missing, nil
}

// fill computes new columns and array rows from the documents, a page of rows
// at a time.
func (m *migration) fill(ctx context.Context, t, filled *table) error {
	const page = 500
	for last := int64(-1 << 63); ; {
		rows, err := m.conn.QueryContext(ctx,
			fmt.Sprintf("SELECT rowid, %s FROM %s WHERE rowid > ? ORDER BY rowid LIMIT ?", quote(docColumn), quote(t.Name)), last, page)
		if err != nil {
			return err
		}
		ids, docs := []int64(nil), [][]byte(nil)
		for rows.Next() {
			var doc []byte
			if err = rows.Scan(&last, &doc); err != nil {
				break
			}
			ids, docs = append(ids, last), append(docs, doc)
		}
		if err := errors.Join(err, rows.Err(), rows.Close()); err != nil {
			return err
		}
		for i, doc := range docs {
			if err := m.fillRow(ctx, t, filled, ids[i], doc); err != nil {
				return err
			}
		}
		if len(docs) < page {
			return nil
		}
	}
}

func (m *migration) fillRow(ctx context.Context, t, filled *table, rowid int64, doc bson.Raw) error {
	r, err := t.row(doc)
	if err != nil {
		return err
	}
	if len(filled.columns) > 0 {
		var args []any
		for _, c := range filled.columns {
			args = append(args, r.values[slices.Index(t.columns, c)])
		}
		set := joinEach(filled.columns, " = ?", ", ")
		if _, err := m.conn.ExecContext(ctx,
			fmt.Sprintf("UPDATE %s SET %s WHERE rowid = ?", quote(t.Name), set), append(args, rowid)...); err != nil {
			return err
		}
	}
	for i, x := range t.arrays {
		if !slices.Contains(filled.arrays, x) {
			continue
		}
		for _, entry := range r.entries[i] {
			if _, err := m.conn.ExecContext(ctx, t.insertEntry(x), append(slices.Clone(entry), r.id)...); err != nil {
				return err
			}
		}
	}
	return nil
}

var _ storage.Engine = (*Engine)(nil)
