package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestWrongSettings(t *testing.T) {
	t.Parallel()
	key := strings.Repeat("ab", 32)
	for name, test := range map[string]struct{ args, want string }{
		"unknown flag":        {"--colour blue", "unknown flag --colour"},
		"unknown command":     {"swerve", "unexpected argument swerve"},
		"flag of another":     {"backup x --addr :0", "unknown flag --addr"},
		"value missing":       {"--addr", "--addr"},
		"address":             {"--addr localhost", "--addr"},
		"port":                {"--addr localhost:http-alt", "--addr"},
		"large port":          {"--addr :65536", "--addr"},
		"log format":          {"--log-format xml", "--log-format"},
		"time zone":           {"--timezone Mars/Base", "--timezone"},
		"local time zone":     {"--timezone Local", "--timezone"},
		"public URL":          {"--public-url hooks.example.org", "--public-url"},
		"public URL, path":    {"--public-url https://example.org/hooks", "--public-url"},
		"public URL, query":   {"--public-url https://example.org/?a", "--public-url"},
		"origin":              {"--cors-origins https://a,example.org", "--cors-origins"},
		"origin with a path":  {"--cors-origins https://example.org/", "--cors-origins"},
		"account":             {"--account-id 12", "--account-id"},
		"account in braces":   {"--account-id {0f5b1c1e-7a52-4c39-9b6f-2d8d2f6a9a10}", "--account-id"},
		"limit":               {"--entrust-limit 1001", "--entrust-limit"},
		"negative limit":      {"--entrust-limit=-1", "--entrust-limit"},
		"form of tokens":      {"--entrust-token base64", "--entrust-token"},
		"signatures":          {"--entrust-signatures none", "--entrust-signatures"},
		"not a network":       {"--allow-private 10.0.0.0/8,localhost", "localhost"},
		"network, host bits":  {"--allow-private 10.1.2.3/8", "10.0.0.0/8"},
		"age":                 {"--retention month", "--retention"},
		"short age":           {"--retention 5s", "--retention"},
		"no days":             {"--retention 0d", "--retention"},
		"size":                {"--retention-size 10XB", "--retention-size"},
		"negative size":       {"--retention-size=-1", "--retention-size"},
		"large size":          {"--min-free 99999999999TB", "--min-free"},
		"size of MongoDB":     {"--retention-size 1GB --mongodb mongodb://u:hush-hush@h/ --key " + key, "--retention-size"},
		"short admin key":     {"--admin-key hush-hush", "HOOKGRAPH_ADMIN_KEY must be"},
		"key":                 {"--key hush-hush", "HOOKGRAPH_KEY must be"},
		"MongoDB, no key":     {"--mongodb mongodb://u:hush-hush@h/", "HOOKGRAPH_KEY"},
		"two sources of keys": {"--jwt-issuer https://i --jwt-jwks https://i/k --jwt-key HS256:aHVzaC1odXNoLWh1c2gtaHVzaC1odXNoLWh1c2g=", "jwt"},
		"JWKS, no issuer":     {"--jwt-jwks https://i/k", "jwt"},
		"members of nobody":   {"--jwt-create-members", "jwt"},
		"yes or no":           {"--jwt-create-members=perhaps", "--jwt-create-members"},
		"import what":         {"import x", "--as"},
		"import of nothing":   {"import --as kheops", "<file>"},
		"header of a file":    {"import --as kheops --album 0123456789 --header hush:hush x", "--header"},
		"header":              {"import --as entrust --header hush-hush https://example.org", "--header"},
		"credentials":         {"import --as entrust https://u:hush-hush@example.org", "--header"},
		"http":                {"import --as entrust http://example.org/?hush-hush", "https"},
		"backup of nothing":   {"backup", "<file>"},
		"backup of MongoDB":   {"backup x --mongodb mongodb://u:hush-hush@h/ --key " + key, "mongodump"},
		"version of what":     {"version 2", "unexpected argument 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "none")
			code, out, text := command(t, "", append(strings.Fields(test.args), "--data", dir)...)
			if test.args == "--addr" {
				code, out, text = command(t, "", "--data", dir, "--addr")
			}
			if code != 2 || out != "" || strings.Count(text, "\n") != 1 || !strings.HasPrefix(text, "hookgraph: ") {
				t.Errorf("code %d, %q, %q", code, out, text)
			}
			if !strings.Contains(strings.ToLower(text), strings.ToLower(test.want)) {
				t.Errorf("%q does not name %q", text, test.want)
			}
			if strings.Contains(text, "hush") {
				t.Errorf("%q tells a secret", text)
			}
			if found, _ := filepath.Glob(dir); len(found) > 0 {
				t.Error("a data folder was made")
			}
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	code, out, text := command(t, "", "--help")
	if code != 0 || text != "" {
		t.Errorf("code %d, %q", code, text)
	}
	for _, word := range []string{"serve", "import", "backup", "version", "--mongodb", "$HOOKGRAPH_ADMIN_KEY"} {
		if !strings.Contains(out, word) {
			t.Errorf("the help lacks %s: %s", word, out)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	if code, out, _ := command(t, "", "version"); code != 0 || !strings.HasPrefix(out, "hookgraph ") || !strings.Contains(out, "go1.") {
		t.Errorf("code %d, %q", code, out)
	}
}

func TestVariables(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HOOKGRAPH_DATA", filepath.Join(dir, "variable"))
	t.Setenv("HOOKGRAPH_ADDR", "")
	t.Setenv("HOOKGRAPH_INTROSPECTION", "")
	t.Setenv("HOOKGRAPH_PUBLIC_URL", "https://hooks.example.org/")
	t.Setenv("HOOKGRAPH_PORT_8080_TCP", "tcp://10.0.0.1:8080")
	g := start(t, filepath.Join(dir, "flag"))
	if !strings.Contains(g.out.String(), "Playground  https://hooks.example.org/\n") || !strings.Contains(g.out.String(), filepath.Join(dir, "flag")) {
		t.Errorf("the start says %s", g.out.String())
	}
	if text := said(&g.err); strings.Count(text, "unknown variable") != 1 || !strings.Contains(text, "HOOKGRAPH_PORT_8080_TCP") {
		t.Errorf("the log says %s", text)
	}
	t.Setenv("HOOKGRAPH_TIMEZONE", "Mars/Base")
	if code, _, text := command(t, ""); code != 2 || !strings.Contains(text, "Mars/Base") {
		t.Errorf("code %d, %s", code, text)
	}
}

// TestEntrustSettings: what the original leaves open, and its generations differ
// in, can be told.
func TestEntrustSettings(t *testing.T) {
	t.Parallel()
	for form, want := range map[string]string{"plain": `^[A-Za-z0-9+/]{43}=$`, "prefixed": `^whsec_[A-Za-z0-9_-]{43}$`} {
		g := start(t, t.TempDir(), "--entrust-token", form)
		_, text := g.send("POST", "/api/web/v1/webhooks", strings.NewReader(`{"callbackUrl":"https://h.example/","events":[{"type":"user.created"}]}`),
			"Content-Type", "application/json")
		var made struct{ Token string }
		if err := json.Unmarshal([]byte(text), &made); err != nil || !regexp.MustCompile(want).MatchString(made.Token) {
			t.Errorf("%s: %s", form, text)
		}
	}
	for which, want := range map[string]string{"both": "Signature X-Sha2-Signature", "message": "Signature", "body": "X-Sha2-Signature"} {
		var got []string
		receiver := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			for _, name := range []string{"Signature", "X-Sha2-Signature"} {
				if r.Header.Get(name) != "" {
					got = append(got, name)
				}
			}
		}))
		g := start(t, t.TempDir(), "--entrust-signatures", which, "--allow-private", "127.0.0.0/8")
		data := g.graph(`mutation { createWebhook(input: {dialect: ENTRUST, owner: {account: true}, url: "` + receiver.URL + `", verifyTls: false,
			subscriptions: [{pattern: "user.created"}]}) { webhook { key } userErrors { message } } }`)
		created := data["createWebhook"].(map[string]any)
		webhook, made := created["webhook"].(map[string]any)
		if !made {
			t.Fatal(created)
		}
		response, text := g.send("POST", "/api/web/v1/webhooks/test/"+webhook["key"].(string), nil)
		receiver.Close()
		if response.StatusCode != 200 || strings.Join(got, " ") != want {
			t.Errorf("%s: %d %s, signed by %q", which, response.StatusCode, text, got)
		}
	}
}
