package mongo_test

import (
	"testing"

	"github.com/hookgraph/hookgraph/storage/enginetest"
)

func TestBehaviour(t *testing.T) {
	t.Parallel()
	enginetest.RunBehaviour(t, open, traits(t))
}

func TestPaging(t *testing.T) {
	t.Parallel()
	enginetest.RunPaging(t, open)
}

func TestConcurrency(t *testing.T) {
	t.Parallel()
	enginetest.RunConcurrency(t, open)
}
