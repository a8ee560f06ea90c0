package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The lists that the documentations of the APIs show.
const (
	pageSeederXML  = "dialect/pageseeder/testdata/list.xml"
	pageSeederJSON = "dialect/pageseeder/testdata/list.json"
	kheopsJSON     = "dialect/kheops/testdata/list.json"
	entrustJSON    = "dialect/entrust/testdata/list.json"
	album          = "0123456789"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// serveList serves a list to those who know the header.
func serveList(t *testing.T, list string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("X-Api-Key") != "hush: hush":
			http.Error(w, "no", http.StatusUnauthorized)
		case r.URL.Path == "/moved":
			http.Redirect(w, r, "/list", http.StatusFound)
		default:
			_, _ = io.WriteString(w, list)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestImportInto(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"the folder", "the running gateway"} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if target == "the running gateway" {
				start(t, dir)
			}
			list := serveList(t, read(t, entrustJSON))
			for _, test := range []struct {
				in, args, want string
			}{
				{"", "--as pageseeder " + pageSeederXML, "created 1, unchanged 0, updated 0, refused 0\n"},
				{"", "--as pageseeder " + pageSeederXML, "created 0, unchanged 1, updated 0, refused 0\n"},
				{read(t, kheopsJSON), "--as kheops --album " + album + " -", "created 2, unchanged 0, updated 0, refused 0\n"},
				{read(t, kheopsJSON), "--as kheops --album " + album + " -", "created 0, unchanged 2, updated 0, refused 0\n"},
				{"", "--as entrust --header X-Api-Key:hush:\thush " + list + "/list?token=hush", "created 2, unchanged 0, updated 0, refused 0\n"},
				{"", "--as entrust --header X-Api-Key:hush:\thush " + list + "/list?token=hush", "created 0, unchanged 2, updated 0, refused 0\n"},
			} {
				args := append([]string{"import", "--data", dir, "--admin-key", testKey}, strings.Split(test.args, " ")...)
				for i := range args {
					args[i] = strings.ReplaceAll(args[i], "\t", " ")
				}
				if code, out, text := command(t, test.in, args...); code != 0 || out != test.want || text != "" {
					t.Errorf("%s ends with %d, %q, %q", test.args, code, out, text)
				}
			}
		})
	}
}

func TestImportRefuses(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"the folder", "the running gateway"} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if target == "the running gateway" {
				start(t, dir)
			}
			list := serveList(t, "[]")
			missing := filepath.Join(dir, "missing.json")
			for _, test := range []struct {
				in, args, out, err string
				code               int
			}{
				{`[{"id":"QAdfIstxuOvwkcm39WEO","url":"nonsense","name":"a","use_secret":false,"events":[],"enabled":true,"number_of_triggers":0}]`,
					"--as kheops --album " + album + " -", "created 0, unchanged 0, updated 0, refused 1\nrefused: record 1, url: ", "", 1},
				{`[{"id":`, "--as kheops --album " + album + " -", "", "hookgraph: byte ", 1},
				{`<webhooks><webhook>`, "--as pageseeder -", "", "hookgraph: line ", 1},
				{``, "--as entrust -", "", "hookgraph: byte 1: ", 1},
				{``, "--as kheops --album short -", "", "hookgraph: --album: ", 2},
				{``, "--as kheops -", "", "hookgraph: --album: is missing", 2},
				{``, "--as entrust --album " + album + " -", "", "hookgraph: --album: only ", 2},
				{``, "--as soap -", "", "hookgraph: --as: must be one of entrust, kheops, pageseeder", 2},
				{``, "--as entrust " + missing, "", "hookgraph: open " + missing, 1},
				{``, "--as entrust " + dir, "", "hookgraph: " + dir + " is a folder", 1},
				{``, "--as entrust " + list + "/?token=hush", "", "hookgraph: fetch the list from 127.0.0.1:", 1},
				{``, "--as entrust --header X-Api-Key:hush:\thush " + list + "/moved", "", "hookgraph: fetch the list from 127.0.0.1:", 1},
				{``, "--as entrust http://127.0.0.1:1/?token=hush", "", "hookgraph: fetch the list from 127.0.0.1:1: ", 1},
			} {
				args := append([]string{"import", "--data", dir, "--admin-key", testKey}, strings.Split(test.args, " ")...)
				for i := range args {
					args[i] = strings.ReplaceAll(args[i], "\t", " ")
				}
				code, out, text := command(t, test.in, args...)
				if code != test.code || !strings.HasPrefix(out, test.out) || !strings.HasPrefix(text, test.err) || strings.Count(text, "\n") > 1 {
					t.Errorf("%s ends with %d, %q, %q", test.args, code, out, text)
				}
				if strings.Contains(text, "hush") {
					t.Errorf("%q tells a secret", text)
				}
			}
		})
	}
}

// The key of a gateway that was given one is not in the folder.
func TestImportWithoutTheKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	g := start(t, dir)
	args := []string{"import", "--as", "entrust", "--data", dir, entrustJSON}
	for _, key := range []string{"", strings.Repeat("x", 32)} {
		code, _, text := command(t, "", append(args, "--admin-key", key)...)
		if code != 1 || !strings.Contains(text, "HOOKGRAPH_ADMIN_KEY") || strings.Count(text, "\n") != 1 {
			t.Errorf("code %d, %q", code, text)
		}
	}
	if _, body := g.get("/api/web/v1/webhooks"); body != "[]" {
		t.Errorf("the list is %s", body)
	}
	if _, err := os.Stat(filepath.Join(dir, "admin.key")); err == nil {
		t.Error("an admin key was made that the gateway does not know")
	}
}
