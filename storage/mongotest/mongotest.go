package mongotest

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/testcontainers/testcontainers-go"
)

// A Database is empty, belongs to one test and is dropped at its end.
type Database struct {
	// URI names the server and the database.
	URI string
	// Name is the database's, as in the URI.
	Name   string
	Traits Traits
}

// Traits tell what the server does unlike MongoDB, so that a test excepts that
// and nothing else.
type Traits struct {
	// StandIn: the server is FerretDB behind our proxy. It calls a duplicate
	// caused by an update an internal error, and reads by scanning.
	StandIn bool
}

// howTo is what somebody needs who has no Docker.
const howTo = `these tests need MongoDB in a container:
  install Docker and start it (apt-get install docker.io; dockerd), then run them again.
  ` + ImageVariable + ` names the image, default ` + officialImage + `. Where that cannot be pulled,
  storage/mongotest/ferretdb/build.sh builds hookgraph/mongo-standin:latest; set
  TESTCONTAINERS_RYUK_DISABLED=true there, since the reaper is an image as well.
  ` + RequireVariable + `=1 makes this skip a failure.`

// Open returns a new database. The first call of a process starts the container,
// with the image that MONGO_IMAGE names. Where there is none to be had the test
// is skipped, or fails if REQUIRE_MONGO is set.
func Open(t testing.TB) Database {
	t.Helper()
	s, err := shared.start()
	if err != nil && os.Getenv(RequireVariable) != "" {
		t.Fatalf("%v\n%s", err, howTo)
	}
	if err != nil {
		t.Skipf("SKIPPED, NOTHING WAS TESTED ON MONGODB: %v\n%s", err, howTo)
	}
	name := "test_" + strings.ToLower(rand.Text())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.client.Database(name).Drop(ctx); err != nil {
			t.Errorf("drop database %s: %v", name, err)
		}
	})
	return Database{URI: "mongodb://" + s.address + "/" + name, Name: name, Traits: s.traits}
}

// dockerHealth returns an error if no Docker answers.
func dockerHealth(ctx context.Context) (err error) {
	// The library panics where it finds no socket to talk to.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("docker: %v", r)
		}
	}()
	provider, err := testcontainers.ProviderDocker.GetProvider()
	if err != nil {
		return fmt.Errorf("docker: %w", err)
	}
	defer provider.Close()
	if err := provider.Health(ctx); err != nil {
		return fmt.Errorf("docker: %w", err)
	}
	return nil
}
