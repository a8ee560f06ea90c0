package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// A holder is the process that uses a data folder, as its lock file tells.
type holder struct {
	// Address is the gateway's, such as http://127.0.0.1:8080; empty while it
	// starts, and for other commands.
	Address string `json:"address,omitempty"`
	PID     int    `json:"pid"`
}

// A folderLock keeps other processes from opening the embedded database. It
// ends with the process, however that ends.
type folderLock struct {
	lock *flock.Flock
}

// An inUseError says that another process has the lock.
type inUseError struct {
	dir    string
	holder holder
}

func (e *inUseError) Error() string {
	who := "another process"
	switch {
	case e.holder.Address != "":
		who = fmt.Sprintf("the gateway at %s (process %d)", e.holder.Address, e.holder.PID)
	case e.holder.PID != 0:
		who = fmt.Sprintf("process %d", e.holder.PID)
	}
	return fmt.Sprintf("the data folder %s is in use by %s", e.dir, who)
}

func lockPath(dir string) string { return filepath.Join(dir, "lock") }

// lockFolder makes the data folder, if need be, and takes its lock.
func lockFolder(dir string) (*folderLock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	l := &folderLock{flock.New(lockPath(dir), flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))}
	locked, err := l.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if !locked {
		return nil, errors.Join(&inUseError{dir, readHolder(dir)}, l.lock.Close())
	}
	return l, l.tell("")
}

// tell writes who has the lock.
func (l *folderLock) tell(address string) error {
	text, err := json.Marshal(holder{address, os.Getpid()})
	if err != nil {
		return err
	}
	return os.WriteFile(l.lock.Path(), text, 0o600)
}

// release gives the lock back. The file stays: removing it would let two
// processes lock two files of that name.
func (l *folderLock) release() error {
	return errors.Join(os.Truncate(l.lock.Path(), 0), l.lock.Close())
}

// readHolder returns who has the lock, as far as it is known.
func readHolder(dir string) holder {
	var h holder
	if text, err := os.ReadFile(lockPath(dir)); err == nil {
		_ = json.Unmarshal(text, &h) // it is being written just now
	}
	return h
}
