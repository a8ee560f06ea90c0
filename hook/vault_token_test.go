package hook_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

func TestSealedTokens(t *testing.T) {
	t.Parallel()
	vault := testVault(t)
	for _, payload := range []string{"", "client 7", strings.Repeat("é", 500)} {
		token := vault.SealToken("a purpose", []byte(payload), time.Now().Add(time.Minute))
		if opened, err := vault.OpenToken("a purpose", token); err != nil || string(opened) != payload {
			t.Errorf("%q is opened as %q, %v", payload, opened, err)
		}
	}
	token := vault.SealToken("a purpose", []byte("client 7"), time.Now().Add(time.Minute))
	if again := vault.SealToken("a purpose", []byte("client 7"), time.Now().Add(time.Minute)); again.Equal(token) {
		t.Error("equal payloads give equal tokens")
	}
	refused := func(what string, v *hook.Vault, purpose string, token hook.Secret) {
		t.Helper()
		if opened, err := v.OpenToken(purpose, token); opened != nil || hook.CodeOf(err) != hook.Unauthenticated {
			t.Errorf("%s: %q, %v", what, opened, err)
		}
	}
	refused("another purpose", vault, "another purpose", token)
	refused("another key", otherVault(t), "a purpose", token)
	refused("expired", vault, "a purpose", vault.SealToken("a purpose", nil, time.Now()))
	refused("too long", vault, "a purpose", token+hook.Secret(strings.Repeat("A", 5000)))
	refused("no base64", vault, "a purpose", "%%%")
	refused("a line end", vault, "a purpose", token[:9]+"\n"+token[9:])
	refused("nothing", vault, "a purpose", "")
	b, err := base64.RawURLEncoding.DecodeString(token.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	for i := range b {
		b[i] ^= 1
		refused("a changed byte", vault, "a purpose", hook.Secret(base64.RawURLEncoding.EncodeToString(b)))
		b[i] ^= 1
		refused("cut", vault, "a purpose", hook.Secret(base64.RawURLEncoding.EncodeToString(b[:i])))
	}
}
