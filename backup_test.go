package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBackup(t *testing.T) {
	t.Parallel()
	dir, other := t.TempDir(), t.TempDir()
	g := start(t, dir)
	if response, body := g.send("POST", "/import?as=entrust", strings.NewReader(read(t, entrustJSON))); response.StatusCode != 200 {
		t.Fatalf("the import answers %s", body)
	}
	copied := filepath.Join(other, "hookgraph.db")
	code, out, text := command(t, "", "backup", "--data", dir, copied)
	if code != 0 || !strings.Contains(out, copied) || !strings.Contains(text, filepath.Join(dir, "secret.key")) {
		t.Fatalf("the backup ends with %d, %q, %q", code, out, text)
	}
	if info, err := os.Stat(copied); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the copy is %v (%v)", info, err)
	}
	// It was taken beside a gateway that goes on.
	_, want := g.get("/api/web/v1/webhooks")
	if err := os.WriteFile(filepath.Join(other, "secret.key"), []byte(read(t, filepath.Join(dir, "secret.key"))), 0o600); err != nil {
		t.Fatal(err)
	}
	restored := start(t, other)
	if response, got := restored.get("/api/web/v1/webhooks"); response.StatusCode != 200 || got != want || want == "[]" {
		t.Errorf("the copy holds %s, want %s", got, want)
	}
}

func TestBackupFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	start(t, dir).end()
	there := filepath.Join(dir, "hookgraph.db")
	for _, test := range []struct{ data, to, want string }{
		{dir, there, "exists"},
		{dir, filepath.Join(dir, "none", "copy.db"), "none"},
		{t.TempDir(), filepath.Join(dir, "copy.db"), "no such file"},
	} {
		code, out, text := command(t, "", "backup", "--data", test.data, test.to)
		if code != 1 || out != "" || !strings.Contains(text, test.want) || strings.Count(text, "\n") != 1 {
			t.Errorf("to %s: %d, %q, %q", test.to, code, out, text)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 3 {
		t.Errorf("the folder has %v (%v)", left, err)
	}
}
