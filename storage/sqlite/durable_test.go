package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

var queue = []*storage.Collection{events, triggers}

// TestReopen: what was written is there after the database was closed.
func TestReopen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := openAt(t, dir, queue, sqlite.Options{})
	want := newTrigger(1)
	if _, err := first.Write(t.Context(), insertTrigger(t, want)); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("beside the database there is %v, %v", entries, err)
	}
	wantTriggers(t, openAt(t, dir, queue, sqlite.Options{}), want.ID)
}

// wantTriggers looks for triggers by key and by each index.
func wantTriggers(t *testing.T, e *sqlite.Engine, want ...string) {
	t.Helper()
	docs, err := e.GetMany(t.Context(), triggers, want)
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range docs {
		if d == nil {
			t.Errorf("trigger %s is not there", want[i])
		}
	}
	for _, x := range triggers.Indexes {
		n, err := e.Count(t.Context(), storage.Query{Collection: triggers, Index: x, Limit: 1_000_000})
		if err != nil || n < len(want) {
			t.Errorf("index %s has %d entries, %v; want %d", x.Name, n, err, len(want))
		}
	}
}

// TestFilesArePrivate: the database holds secrets and personal data.
func TestFilesArePrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes of files mean nothing on Windows")
	}
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a folder", "with ?# 100% signs")
	e := openAt(t, dir, queue, sqlite.Options{})
	if _, err := e.Write(t.Context(), insertTrigger(t, newTrigger(1))); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3 {
		t.Fatalf("files %v, %v; want the database, its log and its index", entries, err)
	}
	for _, f := range entries {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v, %v", f.Name(), info.Mode(), err)
		}
	}
}

const childDir = "HOOKGRAPH_TEST_CHILD"

// TestChild is not a test by itself: it is the process that TestKilled kills.
func TestChild(t *testing.T) {
	dir := os.Getenv(childDir)
	if dir == "" {
		t.Skip("runs as the child of TestKilled")
	}
	e := openAt(t, dir, queue, sqlite.Options{})
	var mu sync.Mutex
	var callers sync.WaitGroup
	for caller := range 8 {
		callers.Go(func() {
			for {
				one, two := newTrigger(caller), newTrigger(caller)
				if _, err := e.Write(context.Background(), insertTrigger(t, one), insertTrigger(t, two)); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				fmt.Printf("stored %s\nstored %s\n", one.ID, two.ID)
				mu.Unlock()
			}
		})
	}
	callers.Wait()
}

// TestKilled: what a killed process acknowledged is there, and writes are there
// as a whole.
func TestKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=^TestChild$")
	child.Env = append(os.Environ(), childDir+"="+dir)
	output, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var acknowledged []string
	for lines := bufio.NewScanner(output); lines.Scan(); {
		key, ok := strings.CutPrefix(lines.Text(), "stored ")
		if !ok {
			t.Errorf("the child says %q", lines.Text())
			continue
		}
		if len(key) == 30 { // the last line may be cut off
			acknowledged = append(acknowledged, key)
		}
		if len(acknowledged) == 2000 {
			_ = child.Process.Kill()
		}
	}
	_ = child.Wait() // it says that it was killed
	if len(acknowledged) < 2000 {
		t.Fatalf("the child stored %d triggers only", len(acknowledged))
	}
	e := openAt(t, dir, queue, sqlite.Options{})
	wantTriggers(t, e, acknowledged...)
	n, err := e.Count(t.Context(), storage.Query{Collection: triggers, Index: triggers.Index("created"), Limit: 1_000_000})
	if err != nil || n%2 != 0 {
		t.Errorf("%d triggers are stored, %v; they were written in pairs", n, err)
	}
}

// TestBackup copies a database while it is written to.
func TestBackup(t *testing.T) {
	t.Parallel()
	e := openAt(t, t.TempDir(), queue, sqlite.Options{})
	first := newTrigger(1)
	if _, err := e.Write(t.Context(), insertTrigger(t, first)); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var writer sync.WaitGroup
	wrote := make(chan struct{}, 1)
	writer.Go(func() {
		for ctx.Err() == nil {
			// pairs, so that a copy in the midst of a write would show
			if _, err := e.Write(context.Background(), insertTrigger(t, newTrigger(2)), insertTrigger(t, newTrigger(2))); err != nil {
				t.Error(err)
				return
			}
			select {
			case wrote <- struct{}{}:
			default:
			}
		}
	})
	<-wrote
	dir := t.TempDir()
	path := filepath.Join(dir, sqlite.File)
	if err := e.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	stop()
	writer.Wait()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("the copy has the mode %v, %v", info.Mode(), err)
	}
	if err := e.Backup(t.Context(), path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a backup over an existing one: %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("the backup left %v, %v", entries, err)
	}
	restored := openAt(t, dir, queue, sqlite.Options{})
	wantTriggers(t, restored, first.ID)
	q := storage.Query{Collection: triggers, Index: triggers.Index("created"), Limit: 1_000_000}
	n, err := restored.Count(t.Context(), q)
	if err != nil || n < 3 || n%2 != 1 {
		t.Errorf("the copy has %d triggers, %v", n, err)
	}
	if _, err := restored.Write(t.Context(), insertTrigger(t, newTrigger(3))); err != nil {
		t.Errorf("write to the copy: %v", err)
	}
}
