package hook_test

import (
	"testing"

	"github.com/hookgraph/hookgraph/storage/mongotest"
)

// TestMain stops the container that a test may have started.
func TestMain(m *testing.M) { mongotest.Main(m) }
