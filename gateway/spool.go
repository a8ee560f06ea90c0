package gateway

import (
	"errors"
	"io"
	"os"
)

// A Spooled list is a copy in a file, to be read several times. Close removes
// the file.
type Spooled struct {
	file *os.File
	Size int64
}

// Spool copies a list into a temporary file that only this user can read. The
// error is the list's own if reading it failed.
func Spool(list io.Reader) (*Spooled, error) {
	file, err := os.CreateTemp("", "hookgraph-import-*")
	if err != nil {
		return nil, err
	}
	s := &Spooled{file: file}
	if s.Size, err = io.Copy(file, list); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// ReadAt implements io.ReaderAt.
func (s *Spooled) ReadAt(p []byte, offset int64) (int, error) { return s.file.ReadAt(p, offset) }

// Close removes the file.
func (s *Spooled) Close() error { return errors.Join(s.file.Close(), os.Remove(s.file.Name())) }
