package storage_test

import (
	"context"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/storage"
)

// A slot is an engine that keeps the last document and does nothing else, so
// that what is measured is the store.
type slot struct {
	storage.Engine
	doc bson.Raw
}

func (s *slot) Write(_ context.Context, ops ...storage.Op) ([]storage.Result, error) {
	s.doc = ops[0].Document
	return make([]storage.Result, len(ops)), nil
}

func (s *slot) Get(context.Context, *storage.Collection, string) (bson.Raw, error) { return s.doc, nil }

// BenchmarkCodec measures how long entities take to documents and back.
func BenchmarkCodec(b *testing.B) {
	w, e := newWebhook(), newEvent("aB3dE6gH9jK2mN5pQ8sT")
	pending, passed := newTrigger(e, w.Key, 7), newTrigger(e, w.Key, 7)
	pass(passed)
	codec(b, "webhook", w, (*storage.Store).Webhooks)
	codec(b, "event", e, (*storage.Store).Events)
	codec(b, "trigger-pending", pending, (*storage.Store).Triggers)
	codec(b, "trigger-passed", passed, (*storage.Store).Triggers)
}

func codec[T any](b *testing.B, name string, e hook.Entity, pick func(*storage.Store) hook.Collection[T]) {
	engine := &slot{}
	s := storage.New(engine)
	if err := s.Write(b.Context(), replacing(e)); err != nil { // what decode reads, also where it runs alone
		b.Fatal(err)
	}
	b.Run(name+"/encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := s.Write(b.Context(), replacing(e)); err != nil {
				b.Fatal(err)
			}
		}
		b.SetBytes(int64(len(engine.doc)))
	})
	b.Run(name+"/decode", func(b *testing.B) {
		c := pick(s)
		b.ReportAllocs()
		for b.Loop() {
			if got, err := c.Get(b.Context(), "key"); err != nil || got == nil {
				b.Fatal(got, err)
			}
		}
	})
}
