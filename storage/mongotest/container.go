// Package mongotest gives tests a MongoDB: one container for the process, a
// database of its own for each test, and a check that commands keep to the
// declared indexes.
package mongotest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

const (
	// ImageVariable names the environment variable with the image to run.
	ImageVariable = "MONGO_IMAGE"
	// RequireVariable names the variable that makes a missing Docker an error.
	RequireVariable = "REQUIRE_MONGO"

	officialImage = "mongo:8"
	startTimeout  = 2 * time.Minute
)

// A process has one server, which its first test starts.
type process struct {
	mu     sync.Mutex
	begun  bool
	server *server
	err    error
}

var shared process

func (p *process) start() (*server, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.begun {
		p.begun = true
		ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
		defer cancel()
		p.server = &server{}
		p.err = p.server.start(ctx)
	}
	return p.server, p.err
}

func (p *process) stop() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.begun {
		return nil
	}
	return p.server.stop()
}

// Main runs the tests of a package and then stops the container that they
// started. A package that calls Open has it as its TestMain.
func Main(m *testing.M) {
	code := m.Run()
	if err := shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "mongotest: stop the container:", err)
	}
	os.Exit(code)
}

type server struct {
	container *testcontainers.DockerContainer
	address   string
	client    *driver.Client
	traits    Traits
}

func (s *server) start(ctx context.Context) (err error) {
	if err := dockerHealth(ctx); err != nil {
		return err
	}
	image := os.Getenv(ImageVariable)
	if image == "" {
		image = officialImage
	}
	s.container, err = testcontainers.Run(ctx, image,
		testcontainers.WithExposedPorts("27017/tcp"),
		testcontainers.WithHostConfigModifier(func(c *container.HostConfig) {
			// Test data need no disk.
			c.Tmpfs = map[string]string{"/data/db": "rw"}
			// Of a test that was killed, the reaper of testcontainers removes the
			// container; where it cannot run, the stand-in ends when it is idle.
			c.AutoRemove = true
		}),
		// The stand-in's image has no shell that could look from inside.
		testcontainers.WithWaitStrategy(wait.ForListeningPort("27017/tcp").SkipInternalCheck()),
	)
	if err != nil {
		// What was created and never ran, nobody else removes.
		err = errors.Join(err, testcontainers.TerminateContainer(s.container))
		s.container = nil
		return fmt.Errorf("start %s: %w", image, err)
	}
	if s.address, err = s.container.PortEndpoint(ctx, "27017/tcp", ""); err != nil {
		return err
	}
	if s.client, err = driver.Connect(options.Client().ApplyURI("mongodb://" + s.address)); err != nil {
		return err
	}
	return s.inspect(ctx)
}

// inspect waits until the server answers and asks what it is.
func (s *server) inspect(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	info, err := s.client.Database("admin").RunCommand(ctx, bson.D{{Key: "buildInfo", Value: 1}}).Raw()
	if err != nil {
		return fmt.Errorf("ask the server at %s: %w", s.address, err)
	}
	_, err = info.LookupErr("ferretdbVersion")
	s.traits.StandIn = err == nil
	return nil
}

func (s *server) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var errs []error
	if s.client != nil {
		errs = append(errs, s.client.Disconnect(ctx))
	}
	if s.container != nil {
		// Docker removes it by itself.
		grace := time.Second
		errs = append(errs, s.container.Stop(ctx, &grace))
	}
	return errors.Join(errs...)
}
