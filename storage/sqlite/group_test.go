package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

// held opens an engine whose writing goroutine stands still after its first
// commit, until the returned function is called.
func held(t *testing.T, commits *[]int) (*sqlite.Engine, func()) {
	t.Helper()
	first, release := make(chan struct{}), make(chan struct{})
	e := openAt(t, t.TempDir(), queue, sqlite.Options{OnCommit: func(writes int) {
		if *commits = append(*commits, writes); len(*commits) == 1 {
			close(first)
			<-release
		}
	}})
	go func() {
		_, _ = e.Write(context.Background(), insertTrigger(t, newTrigger(0)))
	}()
	<-first
	return e, func() { close(release) }
}

func waitQueued(e *sqlite.Engine, n int) {
	for e.Queued() != n {
		runtime.Gosched()
	}
}

// TestGroupCommit: writes that wait while another is committed share a commit,
// and each has its own results.
func TestGroupCommit(t *testing.T) {
	t.Parallel()
	var commits []int
	e, release := held(t, &commits)
	const callers = 40
	taken := newTrigger(7)
	failures := make([]error, callers)
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			ops := []storage.Op{insertTrigger(t, newTrigger(i))}
			switch i % 4 {
			case 1:
				ops = append(ops, insertTrigger(t, taken)) // one of ten wins
			case 2:
				ops = append(ops, insertTrigger(t, newTrigger(i)))
			}
			_, failures[i] = e.Write(t.Context(), ops...)
		})
	}
	waitQueued(e, callers)
	release()
	group.Wait()
	if diff := cmp.Diff([]int{1, callers}, commits); diff != "" {
		t.Errorf("writes of each commit (-want +got):\n%s", diff)
	}
	var conflicts int
	for i, err := range failures {
		var conflict *storage.Conflict
		switch {
		case errors.As(err, &conflict) && i%4 == 1:
			conflicts++
		case err != nil:
			t.Errorf("write %d: %v", i, err)
		}
	}
	if conflicts != 9 {
		t.Errorf("%d conflicts, want 9", conflicts)
	}
	// 1 before, 20 alone, 10 pairs, the pair that won
	q := storage.Query{Collection: triggers, Index: triggers.Index("created"), Limit: 1000}
	if n, err := e.Count(t.Context(), q); err != nil || n != 1+20+20+2 {
		t.Errorf("%d triggers are stored, %v; want 43", n, err)
	}
}

// TestWaitingWriteIsNotRun: a caller that gives up before its write was begun
// has written nothing.
func TestWaitingWriteIsNotRun(t *testing.T) {
	t.Parallel()
	var commits []int
	e, release := held(t, &commits)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	given, kept := newTrigger(1), newTrigger(2)
	go func() {
		_, err := e.Write(ctx, insertTrigger(t, given))
		done <- err
	}()
	waitQueued(e, 1)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("the write that was given up ended with %v", err)
	}
	go func() {
		_, err := e.Write(t.Context(), insertTrigger(t, kept))
		done <- err
	}()
	waitQueued(e, 2)
	release()
	if err := <-done; err != nil {
		t.Error(err)
	}
	docs, err := e.GetMany(t.Context(), triggers, []string{given.ID, kept.ID})
	if err != nil || docs[0] != nil || docs[1] == nil {
		t.Errorf("stored are %v, %v; want the second only", docs, err)
	}
}

// TestCloseDrains: writes that were handed over are stored, later ones refused.
func TestCloseDrains(t *testing.T) {
	t.Parallel()
	var commits []int
	e, release := held(t, &commits)
	const callers = 10
	done := make(chan error, callers)
	for range callers {
		go func() {
			_, err := e.Write(context.Background(), insertTrigger(t, newTrigger(1)))
			done <- err
		}()
	}
	waitQueued(e, callers)
	closed := make(chan error)
	go func() { closed <- e.Close() }()
	for {
		if _, err := e.Get(t.Context(), triggers, "x"); errors.Is(err, storage.ErrUnavailable) {
			break
		}
		runtime.Gosched()
	}
	if _, err := e.Write(t.Context(), insertTrigger(t, newTrigger(1))); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("a write during Close ended with %v", err)
	}
	release()
	for range callers {
		if err := <-done; err != nil {
			t.Errorf("a write before Close: %v", err)
		}
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// TestVacuum: after many deletions pages go back to the disk while nothing is
// written.
func TestVacuum(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := openAt(t, dir, queue, sqlite.Options{})
	var keys []string
	for range 300 {
		big := newTrigger(1)
		big.Filler = strings.Repeat("x", 50_000)
		if _, err := e.Write(t.Context(), insertTrigger(t, big)); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, big.ID)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, sqlite.File))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	pages := func() (n int) {
		if err := db.QueryRow("PRAGMA page_count").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	full := pages()
	var ops []storage.Op
	for _, k := range keys {
		ops = append(ops, storage.Op{Kind: storage.Delete, Collection: triggers, Key: k})
	}
	if _, err := e.Write(t.Context(), ops...); err != nil {
		t.Fatal(err)
	}
	for pages() > full*3/4 {
		runtime.Gosched()
	}
	if size, err := e.Size(t.Context()); err != nil || size < int64(full) {
		t.Errorf("size %d, %v", size, err)
	}
}
