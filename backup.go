package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/hookgraph/hookgraph/storage/sqlite"
)

// runBackup copies the embedded database. It reads beside a running gateway,
// which SQLite permits, and does not open the folder otherwise: a newer program
// than the one that runs must not change its tables.
func runBackup(ctx context.Context, c config, s streams) error {
	if err := sqlite.BackupFolder(ctx, c.data, c.file); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s is a copy of %s\n", c.file, filepath.Join(c.data, sqlite.File))
	key := filepath.Join(c.data, "secret.key")
	if c.key != "" {
		key = "HOOKGRAPH_KEY"
	}
	fmt.Fprintf(s.err, "The secrets in it can be read with %s only, which is not part of it: keep that too, elsewhere.\n", key)
	return nil
}
