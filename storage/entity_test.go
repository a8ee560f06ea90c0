package storage_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/storage"
)

// A kind is one type of entity with the means to read it.
type kind struct {
	name   string // of the collection
	make   func() hook.Entity
	reader func(*storage.Store) reader
}

// A reader is a hook.Collection whatever its type of entities. Absent ones are
// nil.
type reader struct {
	get      func(ctx context.Context, key string) (hook.Entity, error)
	getMany  func(ctx context.Context, keys []string) ([]hook.Entity, error)
	find     func(ctx context.Context, q hook.Query) ([]hook.Entity, error)
	findEach func(ctx context.Context, q hook.Query, values []any) ([][]hook.Entity, error)
	count    func(ctx context.Context, q hook.Query) (int, error)
}

func kindOf[T any, P interface {
	*T
	hook.Entity
}](name string, pick func(*storage.Store) hook.Collection[T]) kind {
	one := func(v *T) hook.Entity {
		if v == nil {
			return nil
		}
		return P(v)
	}
	all := func(list []*T) []hook.Entity {
		entities := make([]hook.Entity, len(list))
		for i, v := range list {
			entities[i] = one(v)
		}
		return entities
	}
	return kind{
		name: name,
		make: func() hook.Entity { return P(new(T)) },
		reader: func(s *storage.Store) reader {
			c := pick(s)
			return reader{
				get: func(ctx context.Context, key string) (hook.Entity, error) {
					v, err := c.Get(ctx, key)
					return one(v), err
				},
				getMany: func(ctx context.Context, keys []string) ([]hook.Entity, error) {
					list, err := c.GetMany(ctx, keys)
					return all(list), err
				},
				find: func(ctx context.Context, q hook.Query) ([]hook.Entity, error) {
					list, err := c.Find(ctx, q)
					return all(list), err
				},
				findEach: func(ctx context.Context, q hook.Query, values []any) ([][]hook.Entity, error) {
					lists, err := c.FindEach(ctx, q, values)
					var entities [][]hook.Entity
					for _, list := range lists {
						entities = append(entities, all(list))
					}
					return entities, err
				},
				count: c.Count,
			}
		},
	}
}

var kinds = []kind{
	kindOf("members", (*storage.Store).Members),
	kindOf("clients", (*storage.Store).Clients),
	kindOf("albums", (*storage.Store).Albums),
	kindOf("webhooks", (*storage.Store).Webhooks),
	kindOf("events", (*storage.Store).Events),
	kindOf("triggers", (*storage.Store).Triggers),
	kindOf("api_keys", (*storage.Store).APIKeys),
	kindOf("audit_entries", (*storage.Store).AuditEntries),
	kindOf("deletions", (*storage.Store).Deletions),
	kindOf("replays", (*storage.Store).Replays),
	kindOf("bodies", (*storage.Store).Bodies),
	kindOf("farewells", (*storage.Store).Farewells),
	kindOf("removals", (*storage.Store).Removals),
	kindOf("replicas", (*storage.Store).Replicas),
	kindOf("leases", (*storage.Store).Leases),
	kindOf("wakes", (*storage.Store).Wakes),
	kindOf("runs", (*storage.Store).Runs),
	kindOf("uncounted", (*storage.Store).Uncounted),
}

func declared(t *testing.T, name string) *storage.Collection {
	t.Helper()
	for _, c := range storage.Collections() {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no collection %s", name)
	return nil
}

// distinct are the fields in which no two entities agree.
var distinct = []string{"Key", "Username", "Sub", "Identifier", "Client.Name"}

// filled returns the nth entity of a kind with a value in every field. Fields
// that need not be distinct have one of the given number of values.
func filled(t *testing.T, k kind, n, variety int) hook.Entity {
	t.Helper()
	e := k.make()
	v := reflect.ValueOf(e).Elem()
	fill(t, v, v.Type().Name(), n, variety)
	e.Base().Version = 0
	return e
}

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 7_000_000, time.UTC)

func fill(t *testing.T, v reflect.Value, path string, n, variety int) {
	t.Helper()
	name := path[strings.LastIndex(path, ".")+1:]
	pick := choose(path, n, variety)
	if slices.Contains(distinct, name) || slices.Contains(distinct, path) {
		pick = n
	}
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(epoch.Add(time.Duration(pick) * time.Minute)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("%sÄ-%02d", name, pick))
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(pick) + 1)
	case reflect.Uint8:
		v.SetUint(uint64(pick)%255 + 1)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), path, n, variety)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(t, v.Index(i), fmt.Sprintf("%s%d", path, i), n, variety)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.IsExported() {
				fill(t, v.Field(i), path+"."+f.Name, n, variety)
			}
		}
	default:
		t.Fatalf("%s: there is no rule to fill a %s", path, v.Type())
	}
}

// choose is random, but the same in each run.
func choose(path string, n, variety int) int {
	h := fnv.New64a()
	h.Write([]byte(path))
	return rand.New(rand.NewPCG(h.Sum64(), uint64(n))).IntN(variety)
}

// stored returns the value that an entity has in a stored field, in the type
// that a query has for it.
func stored(e hook.Entity, field string) any {
	v := reflect.ValueOf(e).Elem()
	for _, f := range reflect.VisibleFields(v.Type()) {
		if name, _, _ := strings.Cut(f.Tag.Get("bson"), ","); name != field {
			continue
		}
		switch f := v.FieldByIndex(f.Index); f.Kind() {
		case reflect.String:
			return f.String()
		case reflect.Int32, reflect.Int64:
			return f.Int()
		default:
			return f.Interface()
		}
	}
	return nil
}

func insertAll(t *testing.T, s *storage.Store, entities ...hook.Entity) {
	t.Helper()
	changes := make([]hook.Change, len(entities))
	for i, e := range entities {
		changes[i] = inserting(e)
	}
	if err := s.Write(t.Context(), changes...); err != nil {
		t.Fatal(err)
	}
}

func inserting(e hook.Entity) hook.Change { return hook.Change{Kind: hook.ChangeInsert, Entity: e} }
func replacing(e hook.Entity) hook.Change { return hook.Change{Kind: hook.ChangeReplace, Entity: e} }
func removing(e hook.Entity) hook.Change  { return hook.Change{Kind: hook.ChangeRemove, Entity: e} }
