package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/hookgraph/hookgraph/storage/enginetest"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

// TestContract runs the suites, and then explains every statement that they
// made: none may read a whole table or sort.
func TestContract(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	statements := map[string][]any{}
	opts := sqlite.Options{OnQuery: func(text string, args []any) {
		mu.Lock()
		defer mu.Unlock()
		statements[text] = append([]any(nil), args...)
	}}
	t.Run("Suites", func(t *testing.T) {
		t.Run("Behaviour", func(t *testing.T) {
			enginetest.RunBehaviour(t, opener(opts), enginetest.Traits{Atomic: true})
		})
		t.Run("Paging", func(t *testing.T) { enginetest.RunPaging(t, opener(opts)) })
		t.Run("Concurrency", func(t *testing.T) { enginetest.RunConcurrency(t, opener(opts)) })
	})
	dir := t.TempDir()
	if err := openAt(t, dir, enginetest.Collections(), sqlite.Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, sqlite.File))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	kinds := map[string]int{}
	for text, args := range statements {
		kind, _, _ := strings.Cut(text, " ")
		kinds[kind]++
		if kind == "SELECT" || kind == "UPDATE" || kind == "DELETE" {
			for _, problem := range problems(explain(t, db, text, args)) {
				t.Errorf("%s\n%s", text, problem)
			}
		}
	}
	t.Logf("statements: %v", kinds)
	if kinds["SELECT"] < 50 || kinds["UPDATE"] < 5 || kinds["DELETE"] < 3 {
		t.Errorf("the suites made too few statements: %v", kinds)
	}
}

// explain returns the plan of a statement, a line for each step.
func explain(t *testing.T, db *sql.DB, text string, args []any) []string {
	t.Helper()
	rows, err := db.Query("EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		t.Fatalf("explain %s: %v", text, err)
	}
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if len(plan) == 0 {
		t.Fatalf("%s has no plan", text)
	}
	return plan
}

// A step of a plan may walk along an index, and over the rows of an inner
// query, which a limit bounds.
var allowed = regexp.MustCompile(`^(SEARCH .* USING .*(INDEX|PRIMARY KEY)|SCAN .* USING (COVERING )?INDEX|SCAN \(subquery-|CO-ROUTINE \(subquery-)`)

func problems(plan []string) (found []string) {
	for _, step := range plan {
		if !allowed.MatchString(step) || strings.Contains(step, "TEMP B-TREE") {
			found = append(found, step)
		}
	}
	return found
}

// TestProofFindsScans: the test above can fail.
func TestProofFindsScans(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := openAt(t, dir, enginetest.Collections(), sqlite.Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, sqlite.File))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, text := range []string{
		`SELECT "_doc" FROM "parcels"`,
		`SELECT "_doc" FROM "parcels" WHERE "slip" = 'a'`,
		`SELECT "_doc" FROM "parcels" WHERE "sender" = 'a' ORDER BY "weight"`,
		`SELECT "_doc" FROM "parcels" ORDER BY "weight", "_id" DESC`,
		`DELETE FROM "parcels.labels" WHERE "_id" = 'a'`,
	} {
		if len(problems(explain(t, db, text, nil))) == 0 {
			t.Errorf("no problem found in %s", text)
		}
	}
}
