package storage_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/storage"
)

func member(key, username, sub string) *hook.Member {
	return &hook.Member{Meta: hook.Meta{Key: key, Created: epoch}, Username: username, Sub: sub}
}

func client(key, identifier, name string) *hook.Client {
	return &hook.Client{Meta: hook.Meta{Key: key, Created: epoch}, Identifier: identifier, Name: name}
}

func wantError(t *testing.T, err error, want hook.Error) {
	t.Helper()
	var got *hook.Error
	if !errors.As(err, &got) {
		t.Errorf("the error is %v, not a %s", err, want.Code)
		return
	}
	if diff := cmp.Diff(want, *got, cmpopts.IgnoreUnexported(hook.Error{})); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
}

func TestConflicts(t *testing.T) {
	onEach(t, func(t *testing.T, b backend) {
		taken := func(kind hook.Kind, field, message string) hook.Error {
			return hook.Error{Code: hook.Conflict, Kind: kind, Field: field, Message: message}
		}
		// Two members without username and sub do not meet.
		insertAll(t, b.store, member("1", "Ada", "s-1"), member("2", "", ""), member("3", "", ""),
			client("11", "0123456789abcdef", "Sync"))
		for _, c := range []struct {
			entity hook.Entity
			want   hook.Error
		}{
			{member("1", "Bea", "s-2"), taken(hook.KindMember, "key", `the key "1" is taken`)},
			{member("4", "aDA", "s-2"), taken(hook.KindMember, "username", `the username "aDA" is taken`)},
			{member("4", "Bea", "s-1"), taken(hook.KindMember, "sub", `the sub "s-1" is taken`)},
			{client("12", "0123456789abcdef", "Other"), taken(hook.KindClient, "identifier", `the identifier "0123456789abcdef" is taken`)},
			{client("12", "1123456789abcdef", "Sync"), taken(hook.KindClient, "name", `the name "Sync" is taken`)},
		} {
			wantError(t, b.store.Write(t.Context(), inserting(c.entity)), c.want)
			if v := c.entity.Base().Version; v != 0 {
				t.Errorf("%s: the version is %d after a conflict", c.want.Field, v)
			}
		}

		renamed := member("2", "ada", "")
		renamed.Version = 1
		err := b.store.Write(t.Context(), replacing(renamed))
		if b.oddConflicts {
			if err == nil {
				t.Error("a replacement took the username of another member")
			}
		} else {
			wantError(t, err, taken(hook.KindMember, "username", `the username "ada" is taken`))
		}
		if renamed.Version != 1 {
			t.Errorf("the version is %d after a conflict", renamed.Version)
		}
	})
}

func TestStale(t *testing.T) {
	onEach(t, func(t *testing.T, b backend) {
		stale := hook.Error{Code: hook.Stale, Kind: hook.KindMember, Field: "version", Message: "Member:1 was changed meanwhile"}
		m := member("1", "ada", "")
		insertAll(t, b.store, m)
		mine, theirs := *m, *m
		theirs.Email = "ada@example.org"
		if err := b.store.Write(t.Context(), replacing(&theirs)); err != nil {
			t.Fatal(err)
		}
		wantError(t, b.store.Write(t.Context(), replacing(&mine)), stale)
		if mine.Version != 1 || theirs.Version != 2 {
			t.Errorf("the versions are %d and %d, not 1 and 2", mine.Version, theirs.Version)
		}
		if err := b.store.Write(t.Context(), removing(&theirs)); err != nil {
			t.Fatal(err)
		}
		wantError(t, b.store.Write(t.Context(), replacing(&theirs)), stale)
	})
}

func TestPresent(t *testing.T) {
	onEach(t, func(t *testing.T, b backend) {
		first := &hook.Trigger{Meta: hook.Meta{Key: "t1", Created: epoch}, Webhook: "first"}
		insertAll(t, b.store, first)
		again := &hook.Trigger{Meta: hook.Meta{Key: "t1", Created: epoch}, Webhook: "again"}
		next := &hook.Trigger{Meta: hook.Meta{Key: "t2", Created: epoch}, Webhook: "next"}
		err := b.store.Write(t.Context(),
			hook.Change{Kind: hook.ChangeInsert, Entity: again, Present: true},
			hook.Change{Kind: hook.ChangeInsert, Entity: next, Present: true})
		if err != nil {
			t.Fatal(err)
		}
		got, err := b.store.Triggers().GetMany(t.Context(), []string{"t1", "t2"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]*hook.Trigger{first, next}, got); diff != "" {
			t.Errorf("want (-), got (+):\n%s", diff)
		}

		// It is the entity that may be there, not another one with its values.
		insertAll(t, b.store, member("1", "ada", ""))
		err = b.store.Write(t.Context(), hook.Change{Kind: hook.ChangeInsert, Entity: member("2", "ada", ""), Present: true})
		wantError(t, err, hook.Error{Code: hook.Conflict, Kind: hook.KindMember, Field: "username", Message: `the username "ada" is taken`})
	})
}

// TestOneEntityTwice stores an entity and its next state by one write.
func TestOneEntityTwice(t *testing.T) {
	onEach(t, func(t *testing.T, b backend) {
		e := &hook.Event{Meta: hook.Meta{Key: "e", Created: epoch}, State: hook.EventDone}
		if err := b.store.Write(t.Context(), inserting(e), replacing(e)); err != nil {
			t.Fatal(err)
		}
		if e.Version != 2 {
			t.Errorf("the version is %d, not 2", e.Version)
		}
		err := b.store.Write(t.Context(), replacing(e), replacing(e), inserting(e))
		if code := hook.CodeOf(err); code != hook.Conflict {
			t.Fatalf("inserting an event that is there gives %v", err)
		}
		if e.Version != 2 {
			t.Errorf("the version is %d after a write that failed, not 2", e.Version)
		}
	})
}

func TestWriteThatFails(t *testing.T) {
	onEach(t, func(t *testing.T, b backend) {
		insertAll(t, b.store, member("1", "ada", ""))
		before, after := member("2", "bea", ""), member("3", "cid", "")
		err := b.store.Write(t.Context(), inserting(before), inserting(member("1", "ada", "")), inserting(after))
		if code := hook.CodeOf(err); code != hook.Conflict {
			t.Fatalf("the error is %v", err)
		}
		found, err := b.store.Members().GetMany(t.Context(), []string{"2", "3"})
		if err != nil {
			t.Fatal(err)
		}
		if b.atomic && found[0] != nil {
			t.Error("the change before the one that failed was stored")
		}
		if found[1] != nil {
			t.Error("the change after the one that failed was stored")
		}
		if before.Version != 0 || after.Version != 0 {
			t.Errorf("the versions are %d and %d after a write that failed", before.Version, after.Version)
		}
	})
}

type stranger struct{ hook.Deletion }

func TestWrongChanges(t *testing.T) {
	onEach(t, func(t *testing.T, b backend) {
		d := &hook.Deletion{Meta: hook.Meta{Key: "d", Created: epoch}}
		for name, change := range map[string]hook.Change{
			"no kind":      {Entity: d},
			"no entity":    {Kind: hook.ChangeInsert},
			"unknown type": {Kind: hook.ChangeInsert, Entity: &stranger{}},
			"no key":       {Kind: hook.ChangeInsert, Entity: &hook.Deletion{}},
			"no webhook":   {Kind: hook.ChangeCount},
		} {
			if err := b.store.Write(t.Context(), inserting(d), change); hook.CodeOf(err) != hook.Internal {
				t.Errorf("%s: the error is %v", name, err)
			}
			if d.Version != 0 {
				t.Errorf("%s: the version is %d", name, d.Version)
			}
		}
		if err := b.store.Write(t.Context()); err != nil {
			t.Errorf("a write of nothing: %v", err)
		}
	})
}

// TestUnavailable calls everything when the time is over, and when the database
// is closed.
func TestUnavailable(t *testing.T) {
	onEach(t, func(t *testing.T, b backend) {
		over, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
		defer cancel()
		allUnavailable(t, over, b.store)
		if err := b.engine.Close(); err != nil {
			t.Fatal(err)
		}
		allUnavailable(t, t.Context(), b.store)
	})
}

func allUnavailable(t *testing.T, ctx context.Context, s *storage.Store) {
	t.Helper()
	q := hook.Query{List: hook.ByCreated, Limit: 1}
	_, get := s.Members().Get(ctx, "1")
	_, getMany := s.Members().GetMany(ctx, []string{"1"})
	_, find := s.Members().Find(ctx, q)
	_, findEach := s.Members().FindEach(ctx, hook.Query{List: hook.ByCreated, Equal: []any{epoch}, Limit: 1}, []any{epoch})
	_, count := s.Members().Count(ctx, q)
	_, stats := s.Stats(ctx, []string{"1"})
	_, number := s.NextNumber(ctx)
	_, setting := s.Setting(ctx, "name", "value")
	for name, err := range map[string]error{
		"get": get, "getMany": getMany, "find": find, "findEach": findEach, "count": count,
		"stats": stats, "number": number, "setting": setting, "ping": s.Ping(ctx),
		"write":    s.Write(ctx, inserting(member("1", "ada", ""))),
		"count up": s.Write(ctx, hook.Change{Kind: hook.ChangeCount, Webhook: "1"}),
	} {
		var e *hook.Error
		if !errors.As(err, &e) || e.Code != hook.Unavailable {
			t.Errorf("%s: the error is %v, not UNAVAILABLE", name, err)
			continue
		}
		if e.Message != "the database is not available" {
			t.Errorf("%s: callers are told %q", name, e.Message)
		}
		if cause := errors.Unwrap(err); cause == nil || strings.Contains(e.Error(), cause.Error()) {
			t.Errorf("%s: the cause %v is lost or shown", name, cause)
		}
	}
}
