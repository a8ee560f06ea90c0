package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup writes a consistent copy of the running database to path, which must
// not exist. It reads one snapshot and does not hold up writes; until it ends,
// the write-ahead log of the database grows with what they add. The call takes
// as long as its context allows, however large the database is.
//
// VACUUM INTO leaves the copy compact and, unlike the page by page backup of
// SQLite, does not start over when a write comes in between.
func (e *Engine) Backup(ctx context.Context, path string) (err error) {
	if err := e.begin(ctx); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("back up to %s: %w", path, unavailable(err))
		}
	}()
	if _, err := os.Lstat(path); err == nil {
		return fs.ErrExist
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	folder, err := os.MkdirTemp(filepath.Dir(path), ".backup-") // readable by its owner only
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	partial := filepath.Join(folder, filepath.Base(path))
	if err := e.copyTo(ctx, partial); err != nil {
		return err
	}
	// a link, unlike a renaming, does not replace what appeared there meanwhile
	if err := os.Link(partial, path); err != nil {
		return err
	}
	return flush(filepath.Dir(path))
}

func (e *Engine) copyTo(ctx context.Context, path string) error {
	if err := create(path); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", dsn(e.path, copying))
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		return err
	}
	return flush(path) // SQLite does not flush the copy
}

// flush brings a file or folder to the disk.
func flush(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Size returns the bytes that the database takes on the disk, with its
// write-ahead log.
func (e *Engine) Size(ctx context.Context) (int64, error) {
	if err := e.begin(ctx); err != nil {
		return 0, err
	}
	var size int64
	for _, path := range []string{e.path, e.path + "-wal"} {
		info, err := os.Stat(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, err
		}
		if err == nil {
			size += info.Size()
		}
	}
	return size, nil
}
