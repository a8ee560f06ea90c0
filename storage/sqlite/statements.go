package sqlite

import (
	"fmt"
	"strings"

	"github.com/hookgraph/hookgraph/storage"
)

func joinEach(columns []string, suffix, separator string) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = quote(c) + suffix
	}
	return strings.Join(parts, separator)
}

func (t *table) insert() string {
	columns := append([]string{idColumn, versionColumn, docColumn}, t.columns...)
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)",
		quote(t.Name), strings.Join(quoteAll(columns), ", "), marks(len(columns)))
}

// current reads what a change of a document has to know about its present
// state: its index keys, and the whole document where array rows depend on it.
func (t *table) current() string {
	columns := append([]string{versionColumn, docColumn}, t.columns...)
	if len(t.arrays) == 0 && !t.Counter {
		columns[1] = idColumn
	}
	return fmt.Sprintf("SELECT %s FROM %s WHERE %s = ?",
		strings.Join(quoteAll(columns), ", "), quote(t.Name), quote(idColumn))
}

// update sets the document and the given index keys. Keys that stay as they are
// are left out, so that their indexes are not touched.
func (t *table) update(columns []string) string {
	return fmt.Sprintf("UPDATE %s SET %s WHERE %s = ?",
		quote(t.Name), joinEach(append([]string{versionColumn, docColumn}, columns...), " = ?", ", "), quote(idColumn))
}

func (t *table) remove(versioned bool) string {
	s := fmt.Sprintf("DELETE FROM %s WHERE %s = ?", quote(t.Name), quote(idColumn))
	if versioned {
		s += fmt.Sprintf(" AND %s = ?", quote(versionColumn))
	}
	return s
}

// holder finds the document that has the values of a unique index.
func (t *table) holder(x *storage.Index) string {
	return fmt.Sprintf("SELECT %s FROM %s INDEXED BY %s WHERE %s",
		quote(idColumn), quote(t.Name), quote(t.indexName(x)), joinEach(x.Keys, " = ?", " AND "))
}

func (t *table) insertEntry(x *storage.Index) string {
	return fmt.Sprintf("INSERT INTO %s VALUES (%s)", quote(t.indexName(x)), marks(len(x.Keys)+1))
}

func (t *table) removeEntry(x *storage.Index) string {
	return fmt.Sprintf("DELETE FROM %s WHERE %s", quote(t.indexName(x)),
		joinEach(append(append([]string(nil), x.Keys...), idColumn), " = ?", " AND "))
}
