package hook

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"
)

// marks are the webhooks that are stored as Uncounted by this process.
type marks struct {
	run   string
	mu    sync.Mutex
	begun bool // the Run is stored
	of    map[string]*mark
	made  int
	// suspects are webhooks of which it is not known whether a write has arrived:
	// they are counted anew.
	suspects map[string]bool
}

type mark struct {
	key    string
	stored bool
	last   time.Time
}

// markTime is how long a webhook is quiet before it is no longer marked.
const markTime = time.Minute

// mark returns what has to be stored together with a change of the triggers of
// webhooks, in front of it. Once it is stored, marked must be told.
func (s *Service) mark(webhooks ...string) []Change {
	m := &s.marks
	m.mu.Lock()
	defer m.mu.Unlock()
	var changes []Change
	if !m.begun {
		changes = append(changes, Change{Kind: ChangeInsert, Entity: &Run{Meta{Key: m.run, Created: Now()}}, Present: true})
	}
	for _, webhook := range webhooks {
		one := m.of[webhook]
		if one == nil {
			if m.of == nil {
				m.of = map[string]*mark{}
			}
			// A key is used once: the removal of an old mark does not meet a new one.
			m.made++
			one = &mark{key: m.run + "-" + strconv.Itoa(m.made)}
			m.of[webhook] = one
		}
		if one.last = time.Now(); !one.stored {
			changes = append(changes, Change{Kind: ChangeInsert, Present: true,
				Entity: &Uncounted{Meta: Meta{Key: one.key, Created: Now()}, Run: m.run, Webhook: webhook}})
		}
	}
	return changes
}

// marked notes what became of a write with marks.
func (s *Service) marked(changes []Change, err error) {
	if len(changes) == 0 && err == nil {
		return
	}
	m := &s.marks
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range changes {
		switch e := c.Entity.(type) {
		case *Run:
			m.begun = m.begun || err == nil
		case *Uncounted:
			if one := m.of[e.Webhook]; err == nil && one != nil && one.key == e.Key {
				one.stored = true
			}
		}
	}
}

// writeCounted stores a change of the triggers of webhooks and counts it.
func (s *Service) writeCounted(ctx context.Context, webhooks []string, changes []Change, count func()) error {
	s.tally.noting.RLock()
	defer s.tally.noting.RUnlock()
	marks := s.mark(webhooks...)
	err := s.store.Write(ctx, append(marks, changes...)...)
	s.marked(marks, err)
	switch CodeOf(err) {
	case "":
		count()
	case Unavailable, Internal:
		s.suspect(webhooks...)
	}
	return err
}

// suspect has webhooks counted anew after a write that failed: it may have
// arrived all the same.
func (s *Service) suspect(webhooks ...string) {
	s.marks.mu.Lock()
	defer s.marks.mu.Unlock()
	if s.marks.suspects == nil {
		s.marks.suspects = map[string]bool{}
	}
	for _, webhook := range webhooks {
		s.marks.suspects[webhook] = true
	}
}

// unmark removes the marks of webhooks that have been quiet for a while and
// whose counts are written.
func (s *Service) unmark(ctx context.Context) error {
	m := &s.marks
	m.mu.Lock()
	var quiet []Change
	for webhook, one := range m.of {
		if one.stored && time.Since(one.last) > markTime && !m.suspects[webhook] && s.tally.lacking(webhook) == nil {
			quiet = append(quiet, remove(&Uncounted{Meta: Meta{Key: one.key}}))
			delete(m.of, webhook)
		}
	}
	m.mu.Unlock()
	for some := range slices.Chunk(quiet, deletionStep) {
		if err := s.store.Write(ctx, some...); err != nil {
			return err // they stay until the process ends
		}
	}
	return nil
}

// takeSuspects returns the webhooks that are to be counted anew.
func (s *Service) takeSuspects() []string {
	s.marks.mu.Lock()
	defer s.marks.mu.Unlock()
	taken := slices.Collect(maps.Keys(s.marks.suspects))
	s.marks.suspects = nil
	return taken
}
