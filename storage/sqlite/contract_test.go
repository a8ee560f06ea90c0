package sqlite_test

import (
	"testing"

	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/enginetest"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

func opener(opts sqlite.Options) enginetest.Opener {
	return func(t *testing.T, collections []*storage.Collection) storage.Engine {
		t.Helper()
		return openAt(t, t.TempDir(), collections, opts)
	}
}

func openAt(t testing.TB, dir string, collections []*storage.Collection, opts sqlite.Options) *sqlite.Engine {
	t.Helper()
	e, err := sqlite.Open(t.Context(), dir, collections, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return e
}
