package mongo_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/event"

	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/mongo"
)

// closedPort returns an address of this machine that nobody listens on.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func TestOpenWithoutServer(t *testing.T) {
	t.Parallel()
	host := closedPort(t)
	var failure error
	wantUnavailable(t, "open", shortTimeout, func() error {
		_, failure = mongo.Open(t.Context(), "mongodb://otto:hunter2%21@"+host+"/db", nil, mongo.Options{Timeout: shortTimeout})
		return failure
	})
	for _, secret := range []string{"otto", "hunter2"} {
		if strings.Contains(failure.Error(), secret) {
			t.Errorf("the error repeats %q: %v", secret, failure)
		}
	}
	if !strings.Contains(failure.Error(), host) {
		t.Errorf("the error does not name the host: %v", failure)
	}
}

// TestOpenInTime: the time limit that holds by default.
func TestOpenInTime(t *testing.T) {
	t.Parallel()
	wantUnavailable(t, "open", 5*time.Second, func() error {
		_, err := mongo.Open(t.Context(), "mongodb://"+closedPort(t), nil, mongo.Options{})
		return err
	})
}

// TestDatabaseName: a URI that names no database means "hookgraph".
func TestDatabaseName(t *testing.T) {
	t.Parallel()
	server := strings.TrimSuffix(fakeServer(t, nil), "/fake")
	for path, want := range map[string]string{"": "hookgraph", "/": "hookgraph", "/?appName=x": "hookgraph", "/post?appName=x": "post", "/a%20b": "a b"} {
		got := ""
		engine, err := mongo.Open(t.Context(), server+path, nil, mongo.Options{Monitors: []*event.CommandMonitor{{
			Started: func(_ context.Context, e *event.CommandStartedEvent) {
				if e.CommandName == "ping" {
					got = e.DatabaseName
				}
			},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
		if got != want {
			t.Errorf("%q means database %q, want %q", path, got, want)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	for name, c := range map[string]struct{ uri, want string }{
		"empty":            {"", "must begin with"},
		"other scheme":     {"https://otto:hunter2@localhost", "must begin with"},
		"secret as host":   {"mongodb://otto:hunter2", "not a number"},
		"secret as port":   {"mongodb://localhost:hunter2/db", "not a number"},
		"port too high":    {"mongodb://localhost:70000/db", "not a number"},
		"no host":          {"mongodb://otto:hunter2@/db", "a host is missing"},
		"second at":        {"mongodb://otto:hunt@hunter2@localhost", "percent-encoded"},
		"at and slash":     {"mongodb://otto:x@hunter2/w@localhost", "percent-encoded"},
		"slash":            {"mongodb://otto:hunter2/x@localhost", "percent-encoded"},
		"colon":            {"mongodb://otto:hunter2:x@localhost", "percent-encoded"},
		"percent":          {"mongodb://otto:hunter2%zz@localhost", "percent-encoded"},
		"percent in user":  {"mongodb://hunter2%zz:x@localhost", "percent-encoded"},
		"question mark":    {"mongodb://otto:hunter2?x@localhost", "not a number"},
		"database":         {"mongodb://localhost/%zz", "database name"},
		"option":           {"mongodb://otto:hunter2@localhost/db?maxPoolSize=many", "maxPoolSize"},
		"option is secret": {"mongodb://otto:hunter2@localhost/db?maxPoolSize=hunter2", "not valid"},
		"option of a pair": {"mongodb://otto:hunter2@localhost/db?authMechanism=PLAIN&authMechanismProperties=hunter2", "localhost"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := mongo.Open(t.Context(), c.uri, nil, mongo.Options{Timeout: shortTimeout})
			if err == nil {
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "MongoDB URI") {
				t.Errorf("error %q does not say %q", err, c.want)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("error %q repeats the secret", err)
			}
			if errors.Is(err, storage.ErrUnavailable) {
				t.Errorf("error %q blames the server", err)
			}
		})
	}
}
