package hook_test

import (
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/hook"
)

// FuzzParseID takes any text for an id. What is accepted comes back the same, is
// accepted as a key of its kind, and of no other.
func FuzzParseID(f *testing.F) {
	for _, seed := range []string{"Webhook:789", "Client:123", "Album:aB3dE5gH7j", "Member:", ":1", "Account", "Webhook:a:b", "Trigger:é", "webhook:1", "Event:\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := hook.ParseID(text)
		if err != nil {
			if hook.CodeOf(err) != hook.Invalid || len(err.Error()) > 400 {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if id.String() != text {
			t.Errorf("%q reads as %q", text, id)
		}
		if key, err := hook.ParseKey(id.Kind, "id", text); err != nil || key != id.Key || strings.Contains(key, ":") {
			t.Errorf("%q as a key: %q %v", text, key, err)
		}
		other := hook.KindWebhook
		if id.Kind == other {
			other = hook.KindClient
		}
		if _, err := hook.ParseKey(other, "id", text); hook.CodeOf(err) != hook.Invalid {
			t.Errorf("%q is taken for a %s: %v", text, other, err)
		}
	})
}
