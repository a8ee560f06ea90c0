package web_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/web"
)

func get(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	web.Pages()[path].ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

// The policy names every script and style sheet of the page and nothing more,
// so that neither an injected script nor another host's runs.
func TestPolicy(t *testing.T) {
	t.Parallel()
	w := get(t, "/")
	policy := w.Header().Get("Content-Security-Policy")
	body := w.Body.String()
	directives := map[string][]string{}
	for part := range strings.SplitSeq(policy, "; ") {
		words := strings.Fields(part)
		directives[words[0]] = words[1:]
	}
	want := map[string]bool{"'self'": true}
	inline := 0
	for _, tag := range regexp.MustCompile(`(?s)<script(.*?)>(.*?)</script>`).FindAllStringSubmatch(body, -1) {
		if src := regexp.MustCompile(`src="(https:[^"]+)"`).FindStringSubmatch(tag[1]); src != nil {
			want[src[1]] = true
			if !strings.Contains(tag[1], `integrity="sha256-`) {
				t.Errorf("%s is loaded unchecked", src[1])
			}
		} else if !strings.Contains(tag[1], "src=") {
			inline++
			sum := sha256.Sum256([]byte(tag[2]))
			want["'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'"] = true
		}
	}
	if inline != 1 || len(want) != 5 {
		t.Errorf("the page has %d inline scripts and the sources %v", inline, want)
	}
	for _, source := range directives["script-src"] {
		if !want[source] {
			t.Errorf("script-src has %s", source)
		}
		delete(want, source)
	}
	if len(want) > 0 {
		t.Errorf("script-src lacks %v", want)
	}
	for directive, sources := range map[string]string{
		"default-src": "'none'", "connect-src": "'self'", "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
	} {
		if got := strings.Join(directives[directive], " "); got != sources {
			t.Errorf("%s is %s, want %s", directive, got, sources)
		}
	}
	if w.Header().Get("X-Frame-Options") != "DENY" {
		t.Errorf("headers %v", w.Header())
	}
}

// The key is taken before any other script runs.
func TestScriptComesFirst(t *testing.T) {
	t.Parallel()
	body := get(t, "/").Body.String()
	if first := strings.Index(body, "<script"); !strings.HasPrefix(body[first:], `<script src="/playground.js"></script>`) {
		t.Errorf("the first script is %.80s", body[first:])
	}
	w := get(t, "/playground.js")
	if w.Header().Get("Content-Type") != "text/javascript; charset=utf-8" || !strings.Contains(w.Body.String(), "sessionStorage") {
		t.Errorf("the script is %v %s", w.Header(), w.Body)
	}
}
