package mongo_test

import (
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/enginetest"
	"github.com/hookgraph/hookgraph/storage/mongo"
	"github.com/hookgraph/hookgraph/storage/mongotest"
)

const (
	shortTimeout = 500 * time.Millisecond
	// slack is what a busy machine may add to a time limit.
	slack = 5 * time.Second
)

// A link passes connections on to a server until it is cut.
type link struct {
	listener net.Listener
	server   string

	mu    sync.Mutex
	mute  bool
	cut   bool
	conns map[net.Conn]bool
}

func newLink(t *testing.T, server string) *link {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &link{listener: listener, server: server, conns: map[net.Conn]bool{}}
	t.Cleanup(func() { listener.Close(); l.set(false, true) })
	go l.serve()
	return l
}

func (l *link) serve() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", l.server)
		if err != nil || !l.keep(client, server) {
			client.Close()
			continue
		}
		go l.copy(server, client)
		go l.copy(client, server)
	}
}

func (l *link) keep(conns ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range conns {
		l.conns[c] = true
		if l.cut {
			c.Close()
		}
	}
	return !l.cut
}

func (l *link) copy(to, from net.Conn) {
	defer to.Close()
	buffer := make([]byte, 32*1024)
	for {
		n, err := from.Read(buffer)
		l.mu.Lock()
		mute := l.mute
		l.mu.Unlock()
		if mute {
			n = 0
		}
		if _, werr := to.Write(buffer[:n]); err != nil || werr != nil {
			return
		}
	}
}

// set swallows all bytes (mute), or ends all connections and refuses new ones.
func (l *link) set(mute, cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mute, l.cut = mute, cut
	if cut {
		for c := range l.conns {
			c.Close()
		}
		clear(l.conns)
	}
}

// openThrough opens an engine whose connections pass a link.
func openThrough(t *testing.T) (*mongo.Engine, *link) {
	t.Helper()
	database := mongotest.Open(t)
	host, _, _ := strings.Cut(strings.TrimPrefix(database.URI, "mongodb://"), "/")
	l := newLink(t, host)
	uri := strings.Replace(database.URI, host, l.listener.Addr().String(), 1)
	engine, err := mongo.Open(t.Context(), uri, enginetest.Collections(), mongo.Options{Timeout: shortTimeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return engine, l
}

func wantUnavailable(t *testing.T, what string, limit time.Duration, f func() error) {
	t.Helper()
	began := time.Now()
	if err := f(); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("%s: %v, want ErrUnavailable", what, err)
	}
	if took := time.Since(began); took > limit+slack {
		t.Errorf("%s took %v, the limit is %v", what, took, limit)
	}
}

func wantAllUnavailable(t *testing.T, engine *mongo.Engine) {
	t.Helper()
	collection := enginetest.Collections()[0]
	query := storage.Query{Collection: collection, Index: collection.Indexes[0], Equal: []any{"anna"}, Limit: 1}
	for what, f := range map[string]func() error{
		"ping":    func() error { return engine.Ping(t.Context()) },
		"get":     func() error { _, err := engine.Get(t.Context(), collection, "p1"); return err },
		"getMany": func() error { _, err := engine.GetMany(t.Context(), collection, []string{"p1"}); return err },
		"find":    func() error { _, err := engine.Find(t.Context(), query); return err },
		"findEach": func() error {
			_, err := engine.FindEach(t.Context(), query, []any{"anna", "boris"})
			return err
		},
		"count": func() error { _, err := engine.Count(t.Context(), query); return err },
		"insert": func() error {
			_, err := engine.Write(t.Context(), storage.Op{Kind: storage.Insert, Collection: collection, Key: "p1", Document: document(t, "p1"), Lenient: true})
			return err
		},
		"replace": func() error {
			_, err := engine.Write(t.Context(), storage.Op{Kind: storage.Replace, Collection: collection, Key: "p1", Version: 1, Document: document(t, "p1"), Lenient: true})
			return err
		},
		"delete": func() error {
			_, err := engine.Write(t.Context(), storage.Op{Kind: storage.Delete, Collection: collection, Key: "p1"})
			return err
		},
		"increment": func() error {
			_, err := engine.Write(t.Context(), storage.Op{Kind: storage.Increment, Collection: enginetest.Collections()[1], Key: "m1", Inc: map[string]int64{"n": 1}})
			return err
		},
	} {
		wantUnavailable(t, what, 2*shortTimeout, f)
	}
}

// TestServerGone: while the server refuses connections every call answers within
// its time limit, and when it is back they succeed again.
func TestServerGone(t *testing.T) {
	t.Parallel()
	engine, l := openThrough(t)
	l.set(false, true)
	wantAllUnavailable(t, engine)

	l.set(false, false)
	deadline := time.Now().Add(30 * time.Second)
	for engine.Ping(t.Context()) != nil {
		if time.Now().After(deadline) {
			t.Fatal("the engine does not find the server again")
		}
	}
}

// TestServerSilent: a server that takes requests and never answers does not keep
// a call beyond its time limit.
func TestServerSilent(t *testing.T) {
	t.Parallel()
	engine, l := openThrough(t)
	l.set(true, false)
	wantAllUnavailable(t, engine)
}
