package storage_test

import (
	"database/sql"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

// plans are the statements that a test ran.
type plans struct {
	mu         sync.Mutex
	statements map[string][]any
}

func (p *plans) add(text string, args []any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.statements[text] = append([]any(nil), args...)
}

// check asks SQLite how it runs each of the statements.
func (p *plans) check(t *testing.T, dir string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, sqlite.File))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for text, args := range p.statements {
		verb, _, _ := strings.Cut(text, " ")
		switch verb {
		case "SELECT", "INSERT", "UPDATE", "DELETE":
		default:
			continue // the frame of a transaction
		}
		steps, err := explain(db, text, args)
		if err != nil {
			t.Errorf("explain %s: %v", text, err)
			continue
		}
		if problem := unserved(text, steps); problem != "" {
			t.Errorf("%s:\n\t%s\n\t%s", problem, text, strings.Join(steps, "\n\t"))
		}
	}
}

func explain(db *sql.DB, text string, args []any) (steps []string, err error) {
	rows, err := db.Query("EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			return nil, err
		}
		steps = append(steps, step)
	}
	return steps, rows.Err()
}

var (
	keyList   = regexp.MustCompile(`^"_id" IN \(`)
	indexedBy = regexp.MustCompile(` INDEXED BY "([^"]+)"`)
	limited   = regexp.MustCompile(` LIMIT \?\)?$`)
	subquery  = regexp.MustCompile(`^(CO-ROUTINE|SCAN) \(subquery-\d+\)$`)
)

// unserved says what is wrong with a plan, "" if an index serves the whole
// statement: it seeks to each condition, sorts nothing, and what it reads from
// end to end is an index up to a limit.
func unserved(text string, steps []string) string {
	seeks := 0
	for _, step := range steps {
		switch {
		case subquery.MatchString(step): // of the rows that were found
		case strings.HasPrefix(step, "SEARCH "):
			seeks += strings.Count(step, "?")
		case strings.HasPrefix(step, "SCAN ") && (strings.Contains(step, " USING INDEX ") || strings.Contains(step, " USING COVERING INDEX ")):
			if !limited.MatchString(text) {
				return "an index is read without a limit"
			}
		case strings.HasPrefix(step, "SCAN ") && arrayTable.MatchString(text) && limited.MatchString(text):
		default:
			return step
		}
	}
	_, conditions, found := strings.Cut(text, " WHERE ")
	if !found {
		return ""
	}
	conditions, _, _ = strings.Cut(limited.ReplaceAllString(conditions, ""), " ORDER BY ")
	// The join with the documents of an array index seeks by one more value.
	want := strings.Count(conditions, "?") + strings.Count(text, " CROSS JOIN ")
	if keyList.MatchString(conditions) {
		want = 1
	}
	// A unique index does not hold the key behind which to continue: its own
	// value tells the position.
	if x := indexedBy.FindStringSubmatch(text); x != nil && uniqueIndexes()[x[1]] && strings.Contains(conditions, `"_id") `) {
		want--
	}
	if seeks != want {
		return "not every condition is sought"
	}
	return ""
}

// uniqueIndexes are the names that unique indexes have in the file.
func uniqueIndexes() map[string]bool {
	names := map[string]bool{}
	for _, c := range storage.Collections() {
		for _, x := range c.Indexes {
			if x.Unique {
				names[c.Name+"."+x.Name] = true
			}
		}
	}
	return names
}

// arrayTable is the table of an array index, which is an index itself.
var arrayTable = regexp.MustCompile(` FROM "[^"]+\.[^"]+" AS i`)
