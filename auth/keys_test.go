package auth_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/hookgraph/hookgraph/auth"
	"github.com/hookgraph/hookgraph/hook"
)

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask is
		t.Fatal(err)
	}
}

// onlyFile checks that a folder holds one file and that nobody else reads it.
func onlyFile(t *testing.T, dir, name string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != name {
		t.Fatalf("the folder holds %v, want %s alone", entries, name)
	}
	info, err := entries[0].Info()
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Errorf("the mode of %s is %v", name, info.Mode())
	}
}

func TestAdminKey(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "data")
	key, made, err := auth.AdminKey(dir, "")
	if err != nil || !made {
		t.Fatalf("first start: made %v, error %v", made, err)
	}
	if !regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`).MatchString(key.Reveal()) {
		t.Error("the new key has another form")
	}
	onlyFile(t, dir, "admin.key")
	again, made, err := auth.AdminKey(dir, "")
	if err != nil || made || again != key {
		t.Errorf("second start: same key %v, made %v, error %v", again == key, made, err)
	}
	given, made, err := auth.AdminKey(dir, adminKey)
	if err != nil || made || given != adminKey {
		t.Errorf("given: same key %v, made %v, error %v", given == adminKey, made, err)
	}
	if other, _, err := auth.AdminKey(t.TempDir(), ""); err != nil || other == key {
		t.Errorf("another folder: same key %v, error %v", other == key, err)
	}
}

func TestGivenAdminKeyNeedsNoFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if _, _, err := auth.AdminKey(dir, adminKey); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder was made: %v", err)
	}
}

func TestDataKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key, err := auth.DataKey(dir, "")
	if err != nil || len(key) != 32 {
		t.Fatalf("first start: %d bytes, error %v", len(key), err)
	}
	onlyFile(t, dir, "secret.key")
	again, err := auth.DataKey(dir, "")
	if err != nil || !bytes.Equal(again, key) {
		t.Errorf("second start: same key %v, error %v", bytes.Equal(again, key), err)
	}
	for _, form := range []string{
		hex.EncodeToString(key), strings.ToUpper(hex.EncodeToString(key)), base64.StdEncoding.EncodeToString(key),
		base64.URLEncoding.EncodeToString(key), base64.RawURLEncoding.EncodeToString(key), base64.StdEncoding.EncodeToString(key) + "\n",
	} {
		given, err := auth.DataKey("", hook.Secret(form))
		if err != nil || !bytes.Equal(given, key) {
			t.Errorf("given as %d characters: same key %v, error %v", len(form), bytes.Equal(given, key), err)
		}
	}
}

func TestMalformedKeys(t *testing.T) {
	t.Parallel()
	const s3cret = "s3cret-s3cret"
	for name, text := range map[string]hook.Secret{
		"short": s3cret, "strange characters": s3cret + "-0123456789-0123456789 ?", "one digit too few": hook.Secret(s3cret + strings.Repeat("0", 63-len(s3cret)) + "?"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			_, _, adminErr := auth.AdminKey(dir, text)
			wantError(t, adminErr, "HOOKGRAPH_ADMIN_KEY must be")
			_, dataErr := auth.DataKey(dir, text)
			wantError(t, dataErr, "HOOKGRAPH_KEY must be 32 bytes")
		})
	}
}

func wantError(t *testing.T, err error, part string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), part) {
		t.Errorf("got the error %v, want one with %q", err, part)
		return
	}
	if strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "\n") {
		t.Errorf("the error shows the key or has several lines: %q", err)
	}
}

func TestBadKeyFiles(t *testing.T) {
	t.Parallel()
	good := strings.Repeat("A", 43)
	for name, test := range map[string]struct {
		make func(t *testing.T, path string)
		want string
	}{
		"empty":              {func(t *testing.T, path string) { write(t, path, "", 0o600) }, "the key must be"},
		"malformed":          {func(t *testing.T, path string) { write(t, path, "s3cret", 0o600) }, "the key must be"},
		"long":               {func(t *testing.T, path string) { write(t, path, strings.Repeat("s3cret", 1000), 0o600) }, "is not a key file"},
		"readable by others": {func(t *testing.T, path string) { write(t, path, good, 0o604) }, "mode 0604): run chmod 600"},
		"writable by others": {func(t *testing.T, path string) { write(t, path, good, 0o602) }, "mode 0602): run chmod 600"},
		"folder": {func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, "is not a key file"},
		"link to nowhere": {func(t *testing.T, path string) {
			if err := os.Symlink(path+".missing", path); err != nil {
				t.Fatal(err)
			}
		}, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for file, read := range map[string]func(dir string) error{
				"admin.key":  func(dir string) error { _, _, err := auth.AdminKey(dir, ""); return err },
				"secret.key": func(dir string) error { _, err := auth.DataKey(dir, ""); return err },
			} {
				dir := t.TempDir()
				path := filepath.Join(dir, file)
				test.make(t, path)
				before, _ := os.ReadFile(path)
				err := read(dir)
				wantError(t, err, test.want)
				wantError(t, err, path)
				if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
					t.Errorf("%s was changed", file)
				}
				if left, _ := os.ReadDir(dir); len(left) != 1 {
					t.Errorf("the folder holds %v", left)
				}
			}
		})
	}
}

func TestKeyFileOfTheGroup(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "admin.key"), adminKey+"\n", 0o660)
	if key, made, err := auth.AdminKey(dir, ""); err != nil || made || key != adminKey {
		t.Errorf("same key %v, made %v, error %v", key == adminKey, made, err)
	}
}

func TestConcurrentFirstStart(t *testing.T) {
	t.Parallel()
	for range 20 {
		dir := t.TempDir()
		const starts = 8
		var adminKeys, dataKeys [starts]string
		var makers [starts]bool
		var all sync.WaitGroup
		for i := range starts {
			all.Go(func() {
				admin, made, err := auth.AdminKey(dir, "")
				if err != nil {
					t.Error(err)
				}
				data, err := auth.DataKey(dir, "")
				if err != nil {
					t.Error(err)
				}
				adminKeys[i], makers[i], dataKeys[i] = admin.Reveal(), made, string(data)
			})
		}
		all.Wait()
		n := 0
		for i := range starts {
			if adminKeys[i] != adminKeys[0] || dataKeys[i] != dataKeys[0] {
				t.Fatal("two starts got different keys")
			}
			if makers[i] {
				n++
			}
		}
		if n != 1 {
			t.Fatalf("%d starts made the key", n)
		}
		if left, _ := os.ReadDir(dir); len(left) != 2 {
			t.Fatalf("the folder holds %v", left)
		}
	}
}
