package hook_test

import (
	"context"
	"errors"
	"sync"

	"github.com/hookgraph/hookgraph/hook"
)

var errCut = hook.Unavailablef(errors.New("cut"), "the database is not available")

// A cutStore fails for good after a number of writes, or of changes: then the
// ones before stay, as they do where writes are not atomic.
type cutStore struct {
	hook.Store
	atomic bool

	mu   sync.Mutex
	left int
}

func (s *cutStore) Atomic() bool { return s.atomic }

func (s *cutStore) Write(ctx context.Context, changes ...hook.Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	cost := len(changes)
	if s.atomic {
		cost = 1
	}
	if cost <= s.left {
		err := s.Store.Write(ctx, changes...)
		if err == nil {
			s.left -= cost
		}
		return err
	}
	if !s.atomic && s.left > 0 {
		if err := s.Store.Write(ctx, changes[:s.left]...); err != nil {
			return err
		}
	}
	s.left = 0
	return errCut
}

// onEachCut runs do over stores that fail earlier and later, until one does not
// fail.
func onEachCut(store hook.Store, atomic bool, do func(cut hook.Store, n int) error) {
	for n := 0; ; n++ {
		cut := &cutStore{Store: store, atomic: atomic, left: n}
		if err := do(cut, n); err == nil && cut.left > 0 {
			return
		}
	}
}
