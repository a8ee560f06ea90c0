package hook_test

import (
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/hook"
)

func otherVault(t *testing.T) *hook.Vault {
	t.Helper()
	vault, err := hook.NewVault([]byte(strings.Repeat("o", 32)))
	if err != nil {
		t.Fatal(err)
	}
	return vault
}
