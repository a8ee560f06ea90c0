package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestStart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	g := start(t, dir)
	want := `^Hookgraph is running\.
  Address     http://127\.0\.0\.1:\d+
  Playground  http://127\.0\.0\.1:\d+/
  Admin key   HOOKGRAPH_ADMIN_KEY
  Data        ` + regexp.QuoteMeta(dir) + `
  Database    SQLite in ` + regexp.QuoteMeta(filepath.Join(dir, "hookgraph.db")) + `
$`
	if out := g.out.String(); !regexp.MustCompile(want).MatchString(out) {
		t.Errorf("the start says %s", out)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the data folder is %v (%v)", info, err)
	}
	for path, want := range map[string]int{
		"/healthz": 200, "/readyz": 200, "/": 200, "/nothing": 404, "/clients/1/webhooks": 404,
		"/albums/0123456789/webhooks": 404, "/api/web/v1/webhooks": 200,
	} {
		response, body := g.get(path)
		if response.StatusCode != want || response.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s answers %d, want %d: %s", path, response.StatusCode, want, body)
		}
	}
	if code := g.end(); code != 0 {
		t.Errorf("the exit code is %d: %s", code, g.err.String())
	}
}

// The key that the gateway makes is not told where it would be kept.
func TestStartWithoutAdminKey(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HOOKGRAPH_ADMIN_KEY", "")
	g := start(t, dir, "--admin-key", "")
	out := g.out.String()
	key, err := os.ReadFile(filepath.Join(dir, "admin.key"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out+g.err.String(), strings.TrimSpace(string(key))) || !strings.Contains(out, filepath.Join(dir, "admin.key")) {
		t.Errorf("the start says %s", out)
	}
	if response, _ := g.get("/api/web/v1/webhooks", "Authorization", "Bearer "+strings.TrimSpace(string(key))); response.StatusCode != 200 {
		t.Errorf("the made key: %d", response.StatusCode)
	}
	if err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if info, err := entry.Info(); err != nil || info.Mode().Perm()&0o077 != 0 && path != dir {
			t.Errorf("%s has mode %v (%v)", path, info.Mode(), err)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

func TestSecondProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	g := start(t, dir)
	code, out, text := command(t, "", "--addr", "127.0.0.1:0", "--data", dir)
	if want := "hookgraph: the data folder " + dir + " is in use by the gateway at " + g.address + " (process "; code != 1 || out != "" || !strings.HasPrefix(text, want) {
		t.Errorf("a second process ends with %d, %q, %q", code, out, text)
	}
	if code := g.end(); code != 0 {
		t.Fatalf("the exit code is %d", code)
	}
	if code := start(t, dir).end(); code != 0 {
		t.Errorf("the folder is not free afterwards: %d", code)
	}
}

func TestAddressInUse(t *testing.T) {
	t.Parallel()
	g := start(t, t.TempDir())
	code, _, text := command(t, "", "--addr", strings.TrimPrefix(g.address, "http://"), "--data", t.TempDir())
	if code != 1 || !strings.Contains(text, "address already in use") || strings.Count(text, "\n") != 1 {
		t.Errorf("code %d: %s", code, text)
	}
}

func TestWrongKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	start(t, dir).end()
	code, out, text := command(t, "", "--addr", "127.0.0.1:0", "--data", dir, "--key", strings.Repeat("ab", 32))
	if code != 1 || out != "" || !strings.Contains(text, "encrypted with another key") || strings.Contains(text, "abab") {
		t.Errorf("code %d: %s %s", code, out, text)
	}
}
