package hook_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

// A house is a service over an empty database of its own.
type house struct {
	*hook.Service
	t     *testing.T
	store hook.Store
	admin context.Context
}

// emptyDatabase is the file of a database without documents. Making its tables
// and indexes takes longer than most tests.
var emptyDatabase = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "hook")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	engine, err := sqlite.Open(context.Background(), dir, storage.Collections(), sqlite.Options{})
	if err != nil {
		return nil, err
	}
	if err := engine.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, sqlite.File))
})

func openStore(t *testing.T) hook.Store {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, sqlite.File), must[[]byte](t)(emptyDatabase()), 0o600); err != nil {
		t.Fatal(err)
	}
	engine, err := sqlite.Open(t.Context(), dir, storage.Collections(), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return storage.New(engine)
}

func testVault(t *testing.T) *hook.Vault {
	t.Helper()
	vault, err := hook.NewVault([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	return vault
}

func open(t *testing.T) *house {
	t.Helper()
	return over(t, openStore(t))
}

func over(t *testing.T, store hook.Store) *house {
	t.Helper()
	return &house{
		Service: hook.NewService(store, testVault(t), hook.Options{}), t: t, store: store,
		admin: hook.WithViewer(t.Context(), hook.AdminViewer()),
	}
}

// must returns a value that no error came with.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// want checks the code of an error; "" stands for none.
func want(t *testing.T, what string, err error, code hook.Code) {
	t.Helper()
	if got := hook.CodeOf(err); got != code {
		t.Errorf("%s: %q (%v), want %q", what, got, err, code)
	}
}

// wantField checks the code and the field of an error.
func wantField(t *testing.T, what string, err error, code hook.Code, field string) {
	t.Helper()
	e, ok := err.(*hook.Error)
	if !ok || e.Code != code || e.Field != field {
		t.Errorf("%s: %#v, want %s of %q", what, err, code, field)
	}
}

func (h *house) member(username string) *hook.Member {
	h.t.Helper()
	return must[*hook.Member](h.t)(h.CreateMember(h.admin, hook.MemberFields{
		Username: hook.Set(username), Sub: hook.Set("sub-" + username), Email: hook.Set(username + "@example.org"),
	}))
}

func (h *house) client(name, member string) *hook.Client {
	h.t.Helper()
	c, _, err := h.CreateClient(h.admin, hook.ClientFields{Name: hook.Set(name), Member: hook.Set(member)})
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// album makes an album with its admin.
func (h *house) album(name string, admin *hook.Member, others ...*hook.Member) *hook.Album {
	h.t.Helper()
	a := must[*hook.Album](h.t)(h.CreateAlbum(h.admin, hook.AlbumFields{Name: hook.Set(name)}))
	for _, m := range append(others, admin) {
		if m == nil {
			continue
		}
		isAdmin := m == admin
		var err error
		if a, _, err = h.SetAlbumMember(h.admin, a.Key, m.Key, &isAdmin); err != nil {
			h.t.Fatal(err)
		}
	}
	return a
}

// example returns fields that every dialect takes.
func example(d hook.Dialect, name string) hook.WebhookFields {
	pattern := map[hook.Dialect]string{
		hook.PageSeeder: "comment.*", hook.Entrust: "user.created", hook.Kheops: "new_user", hook.Standard: "invoice.paid",
	}[d]
	return hook.WebhookFields{
		Name: hook.Set(name), URL: hook.Set("https://hooks.example.org/" + name),
		Subscriptions: hook.Set([]hook.Subscription{{Pattern: pattern}}),
	}
}

func (h *house) webhook(d hook.Dialect, owner hook.ID, name string) *hook.Webhook {
	h.t.Helper()
	w, _, err := h.CreateWebhook(h.admin, d, owner, example(d, name))
	if err != nil {
		h.t.Fatal(err)
	}
	return w
}

// account is the owner of webhooks that are nobody's.
var account = hook.ID{Kind: hook.KindAccount}

// as returns the context of a member who has signed in.
func (h *house) as(m *hook.Member) context.Context {
	h.t.Helper()
	v, err := h.AuthenticateSubject(h.t.Context(), hook.Claims{Sub: m.Sub}, false)
	if err != nil {
		h.t.Fatal(err)
	}
	return hook.WithViewer(h.t.Context(), v)
}

// key returns the context of a new API key.
func (h *house) key(fields hook.APIKeyFields, permissions ...hook.Permission) context.Context {
	h.t.Helper()
	fields.Name, fields.Permissions = "test", permissions
	k, token, err := h.CreateAPIKey(h.admin, fields)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.signIn(k, token)
}

func (h *house) signIn(k *hook.APIKey, token hook.Secret) context.Context {
	h.t.Helper()
	secret, _ := strings.CutPrefix(token.Reveal(), hook.TokenPrefix+k.Key+"_")
	v, _, err := h.AuthenticateKey(h.t.Context(), k.Key, hook.Secret(secret))
	if err != nil {
		h.t.Fatal(err)
	}
	return hook.WithViewer(h.t.Context(), v)
}

func number(n int) *int { return &n }

func keysOf[T any, P interface {
	*T
	hook.Entity
}](list []P) []string {
	keys := make([]string, len(list))
	for i, e := range list {
		keys[i] = e.Base().Key
	}
	return keys
}
