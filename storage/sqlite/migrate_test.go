package sqlite_test

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

func albums(indexes ...*storage.Index) []*storage.Collection {
	return []*storage.Collection{{Name: "albums", Indexes: indexes}}
}

var (
	byName = &storage.Index{Name: "name", Keys: []string{"name"}}
	byYear = &storage.Index{Name: "year", Keys: []string{"year", "name"}}
	byTag  = &storage.Index{Name: "tags", Keys: []string{"tags", "year"}, Array: true}
)

func album(t *testing.T, n int) bson.Raw {
	return raw(t, bson.D{
		{Key: "_id", Value: fmt.Sprintf("album%04d", n)}, {Key: "version", Value: int64(1)},
		{Key: "name", Value: fmt.Sprintf("name %04d", n)}, {Key: "year", Value: int64(2000 + n%10)},
		{Key: "tags", Value: bson.A{"all", fmt.Sprint("tag ", n%3)}},
	})
}

func insertAlbums(t *testing.T, e *sqlite.Engine, c *storage.Collection, from, to int) {
	t.Helper()
	var ops []storage.Op
	for n := from; n < to; n++ {
		ops = append(ops, storage.Op{Kind: storage.Insert, Collection: c, Document: album(t, n)})
	}
	if _, err := e.Write(t.Context(), ops...); err != nil {
		t.Fatal(err)
	}
}

func wantCount(t *testing.T, e *sqlite.Engine, q storage.Query, want int) {
	t.Helper()
	q.Limit = 10_000
	if n, err := e.Count(t.Context(), q); err != nil || n != want {
		t.Errorf("count by %s = %d, %v; want %d", q.Index.Name, n, err, want)
	}
}

// schema returns what the file holds, without the indexes that SQLite makes by
// itself.
func schema(t *testing.T, dir string) []string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, sqlite.File))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT rootpage, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var page int
		var name, text string
		if err := rows.Scan(&page, &name, &text); err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprint(page, " ", name, " ", text))
	}
	return list
}

// TestIndexesChange opens the same file with other declarations.
func TestIndexesChange(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const first, second = 1203, 1300 // more than a page of the filling
	c := albums(byName)
	e := openAt(t, dir, c, sqlite.Options{})
	insertAlbums(t, e, c[0], 0, first)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}

	c = albums(byName, byYear, byTag) // filled from the documents
	e = openAt(t, dir, c, sqlite.Options{})
	wantCount(t, e, storage.Query{Collection: c[0], Index: byYear, Equal: []any{int64(2003)}}, 120)
	wantCount(t, e, storage.Query{Collection: c[0], Index: byTag, Equal: []any{"tag 1"}}, 401)
	insertAlbums(t, e, c[0], first, second)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	before := schema(t, dir)
	if err := openAt(t, dir, c, sqlite.Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, schema(t, dir)); diff != "" {
		t.Errorf("the same declarations changed the file:\n%s", diff)
	}

	c = albums(byYear) // dropped
	e = openAt(t, dir, c, sqlite.Options{})
	change := album(t, 3)
	change = bson.Raw(strings.Replace(string(change), "name 0003", "NAME 0003", 1))
	change = bson.Raw(strings.Replace(string(change), "\x12version\x00\x01", "\x12version\x00\x02", 1))
	if _, err := e.Write(t.Context(), storage.Op{Kind: storage.Replace, Collection: c[0], Key: "album0003", Version: 1, Document: change}); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if left := schema(t, dir); len(left) != 2 {
		t.Errorf("the table and one index should be left: %q", left)
	}

	renamed := &storage.Index{Name: "year", Keys: []string{"name"}, Unique: true} // another under the same name
	c = albums(renamed, byTag)
	e = openAt(t, dir, c, sqlite.Options{})
	wantCount(t, e, storage.Query{Collection: c[0], Index: renamed, Equal: []any{"NAME 0003"}}, 1)
	wantCount(t, e, storage.Query{Collection: c[0], Index: renamed}, second)
	wantCount(t, e, storage.Query{Collection: c[0], Index: byTag, Equal: []any{"all"}}, second)
}

// TestIndexCannotBeFilled: the file stays as it was.
func TestIndexCannotBeFilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := albums(byName)
	e := openAt(t, dir, c, sqlite.Options{})
	insertAlbums(t, e, c[0], 0, 20)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	before := schema(t, dir)
	for want, x := range map[string]*storage.Index{
		"owner": {Name: "owners", Keys: []string{"name", "owner"}},
		"years": {Name: "years", Keys: []string{"year"}, Unique: true},
	} {
		_, err := sqlite.Open(t.Context(), dir, albums(byName, byTag, x), sqlite.Options{})
		if err == nil || !strings.Contains(err.Error(), "albums") || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that names albums and %s", err, want)
		}
	}
	if diff := cmp.Diff(before, schema(t, dir)); diff != "" {
		t.Errorf("the file was changed:\n%s", diff)
	}
}

func TestNewerFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := openAt(t, dir, albums(byName), sqlite.Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, sqlite.File))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("PRAGMA user_version = 1000"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = sqlite.Open(t.Context(), dir, albums(byName), sqlite.Options{})
	if err == nil || !strings.Contains(err.Error(), "a newer version wrote it") {
		t.Errorf("a newer file is opened with the error %v", err)
	}
}

func TestDeclarations(t *testing.T) {
	t.Parallel()
	for want, c := range map[string][]*storage.Collection{
		"declared twice":        {albums()[0], albums()[0]},
		"index name twice":      albums(byName, byName),
		"has no keys":           albums(&storage.Index{Name: "x"}),
		"unique and has an":     albums(&storage.Index{Name: "x", Keys: []string{"a"}, Array: true, Unique: true}),
		"differ in case only":   albums(&storage.Index{Name: "x", Keys: []string{"aB", "Ab"}}),
		`"a.b" cannot be a key`: albums(&storage.Index{Name: "x", Keys: []string{"a.b"}}),
	} {
		_, err := sqlite.Open(t.Context(), t.TempDir(), c, sqlite.Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestUnsoundDocuments: they are refused in words, and nothing is written.
func TestUnsoundDocuments(t *testing.T) {
	t.Parallel()
	c := albums(byName, byTag)
	e := openAt(t, t.TempDir(), c, sqlite.Options{})
	sound := bson.D{{Key: "_id", Value: "a"}, {Key: "version", Value: int64(1)}, {Key: "name", Value: "n"}, {Key: "year", Value: int64(1)}}
	with := func(key string, value any) bson.Raw {
		doc := append(bson.D{}, sound...)
		for i := range doc {
			if doc[i].Key == key {
				doc[i].Value = value
				return raw(t, doc)
			}
		}
		return raw(t, append(doc, bson.E{Key: key, Value: value}))
	}
	for name, c2 := range map[string]struct {
		doc  bson.Raw
		want string
	}{
		"missing key":     {raw(t, sound[:2]), "key name of index name is missing"},
		"null key":        {with("name", nil), "key name of index name is missing, null"},
		"document as key": {with("name", bson.D{}), "key name of index name"},
		"null beside":     {with("year", nil), "key year of index tags"},
		"no array":        {with("tags", "a"), "key tags of index tags is not an array of strings"},
		"mixed array":     {with("tags", bson.A{"a", 1}), "not an array of strings"},
		"no id":           {with("_id", int64(7)), "no string _id"},
		"no version":      {with("version", "1"), "no int64 version"},
		"not BSON":        {bson.Raw("\x10\x00\x00\x00nonsense"), "not valid BSON"},
		"nothing":         {nil, "no string _id"},
		"too big":         {with("text", strings.Repeat("x", 17<<20)), "over the limit"},
	} {
		_, err := e.Write(t.Context(),
			storage.Op{Kind: storage.Insert, Collection: c[0], Document: album(t, 1)},
			storage.Op{Kind: storage.Insert, Collection: c[0], Document: c2.doc})
		var failed *storage.OpError
		if !errors.As(err, &failed) || failed.Position != 1 || !strings.Contains(err.Error(), c2.want) || !strings.Contains(err.Error(), "albums") {
			t.Errorf("%s: error %v, want %q", name, err, c2.want)
		}
	}
	wantCount(t, e, storage.Query{Collection: c[0], Index: byName}, 0)
}
