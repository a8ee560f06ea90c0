package sqlite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hookgraph/hookgraph/storage"
)

// The columns that every table has; the others are named as the index keys.
const (
	idColumn      = "_id"
	versionColumn = "_version"
	docColumn     = "_doc"
)

// A table is how a collection is kept: a row for each document with its index
// keys, and for each array index a table with a row for each value.
type table struct {
	*storage.Collection
	columns []string // keys of the plain indexes, each once
	owners  []string // for each column the first index that has it
	arrays  []*storage.Index
	// sequence is the place of Collection.Sequence in columns, -1 without one.
	sequence int
}

func newTables(collections []*storage.Collection) (map[string]*table, error) {
	tables := make(map[string]*table, len(collections))
	for _, c := range collections {
		if _, ok := tables[c.Name]; ok {
			return nil, fmt.Errorf("collection %s is declared twice", c.Name)
		}
		t, err := newTable(c)
		if err != nil {
			return nil, err
		}
		tables[c.Name] = t
	}
	return tables, nil
}

func newTable(c *storage.Collection) (*table, error) {
	t := &table{Collection: c}
	names := map[string]bool{}
	spelling := map[string]string{}
	for _, x := range c.Indexes {
		if names[x.Name] {
			return nil, fmt.Errorf("collection %s declares index %s twice", c.Name, x.Name)
		}
		names[x.Name] = true
		if len(x.Keys) == 0 {
			return nil, fmt.Errorf("index %s of collection %s has no keys", x.Name, c.Name)
		}
		if x.Array && x.Unique {
			return nil, fmt.Errorf("index %s of collection %s is unique and has an array key", x.Name, c.Name)
		}
		for _, k := range x.Keys {
			folded := strings.ToLower(k)
			if other, ok := spelling[folded]; ok && other != k {
				return nil, fmt.Errorf("collection %s has index keys %s and %s, which differ in case only", c.Name, other, k)
			}
			if k == "" || strings.HasPrefix(k, "_") || strings.Contains(k, ".") {
				return nil, fmt.Errorf("index %s of collection %s: %q cannot be a key", x.Name, c.Name, k)
			}
			spelling[folded] = k
			if !x.Array && !slices.Contains(t.columns, k) {
				t.columns = append(t.columns, k)
				t.owners = append(t.owners, x.Name)
			}
		}
		if x.Array {
			t.arrays = append(t.arrays, x)
		}
	}
	t.sequence = slices.Index(t.columns, c.Sequence)
	if c.Sequence != "" && t.sequence < 0 {
		return nil, fmt.Errorf("collection %s has no index of its sequence %s", c.Name, c.Sequence)
	}
	return t, nil
}

// indexName is the name of a declared index in the file. The tables of array
// indexes are named in the same way.
func (t *table) indexName(x *storage.Index) string { return t.Name + "." + x.Name }

// createTable leaves the table its rowid: keys are random, and a table ordered
// by them writes a page for each document (a third more processor time and
// half the throughput when measured).
func (t *table) createTable() string {
	columns := []string{
		quote(idColumn) + " TEXT NOT NULL UNIQUE",
		quote(versionColumn) + " INTEGER",
		quote(docColumn) + " BLOB NOT NULL",
	}
	columns = append(columns, quoteAll(t.columns)...)
	return fmt.Sprintf("CREATE TABLE %s (%s)", quote(t.Name), strings.Join(columns, ", "))
}

// createIndex ends a plain index with the document's key, which orders
// documents with equal values; a unique index has no such documents.
func (t *table) createIndex(x *storage.Index) string {
	kind, columns := "INDEX", quoteAll(x.Keys)
	if x.Unique {
		kind = "UNIQUE INDEX"
	} else {
		columns = append(columns, quote(idColumn))
	}
	return fmt.Sprintf("CREATE %s %s ON %s (%s)", kind, quote(t.indexName(x)), quote(t.Name), strings.Join(columns, ", "))
}

func (t *table) createArray(x *storage.Index) string {
	columns := strings.Join(append(quoteAll(x.Keys), quote(idColumn)), ", ")
	return fmt.Sprintf("CREATE TABLE %s (%s, PRIMARY KEY (%s)) WITHOUT ROWID", quote(t.indexName(x)), columns, columns)
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func quoteAll(names []string) []string {
	quoted := make([]string, len(names), len(names)+1)
	for i, n := range names {
		quoted[i] = quote(n)
	}
	return quoted
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }
