package sqlite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// folderTimeout is how long BackupFolder waits for a database that is busy.
const folderTimeout = time.Minute

// BackupFolder is Backup for a data folder that another process may have open.
// Unlike Open it neither makes nor migrates a database.
func BackupFolder(ctx context.Context, dir, path string) error {
	source, err := filepath.Abs(filepath.Join(dir, File))
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if _, err := os.Stat(source); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	e := &Engine{path: source, opts: Options{Timeout: folderTimeout}}
	return e.Backup(ctx, path)
}
