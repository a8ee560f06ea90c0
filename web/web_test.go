package web_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/99designs/gqlgen/graphql/playground"

	"github.com/hookgraph/hookgraph/web"
)

// libraryNames are the files that the build puts into the assets.
var libraryNames = []string{"react-18.2.0.js", "react-dom-18.2.0.js", "graphiql-4.1.2.js", "graphql-sse-2.6.1.js", "graphiql-4.1.2.css"}

// standIns returns assets of another content.
func standIns() fstest.MapFS {
	assets := fstest.MapFS{}
	for _, name := range libraryNames {
		var body bytes.Buffer
		w := gzip.NewWriter(&body)
		fmt.Fprint(w, "content of "+name)
		w.Close()
		assets[name+".gz"] = &fstest.MapFile{Data: body.Bytes()}
	}
	return assets
}

func get(t *testing.T, pages map[string]http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	page := pages[path]
	if page == nil {
		t.Fatalf("there is nothing at %s", path)
	}
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	page.ServeHTTP(w, r)
	return w
}

var (
	loading = regexp.MustCompile(`<(script|link|img)([^>]*)>`)
	from    = regexp.MustCompile(`(?:src|href)="([^"]+)"`)
	hash    = regexp.MustCompile(`integrity="([^"]+)"`)
	nonce   = regexp.MustCompile(`'nonce-([A-Z0-9]{26})'`)
)

// loads returns what a page loads, with the hashes that it demands.
func loads(t *testing.T, page string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, tag := range loading.FindAllStringSubmatch(page, -1) {
		address := from.FindStringSubmatch(tag[2])
		if address == nil {
			t.Errorf("<%s%s> has no address", tag[1], tag[2])
			continue
		}
		all[address[1]] = ""
		if integrity := hash.FindStringSubmatch(tag[2]); integrity != nil {
			all[address[1]] = html.UnescapeString(integrity[1])
		}
	}
	return all
}

const cdn = "https://cdn.jsdelivr.net/npm/"

// The policy allows the files that the page names, and one style element's nonce
// that is new each time: no injected script, no other host.
func TestPolicy(t *testing.T) {
	t.Parallel()
	js := cdn + "react@18.2.0/umd/react.production.min.js " + cdn + "react-dom@18.2.0/umd/react-dom.production.min.js " +
		cdn + "graphiql@4.1.2/graphiql.min.js " + cdn + "graphql-sse@2.6.1/umd/graphql-sse.min.js"
	for name, c := range map[string]struct {
		assets           fs.FS
		scripts, styles  string
		network, offline bool
	}{
		"offline": {assets: standIns(), offline: true},
		"network": {assets: fstest.MapFS{}, scripts: " " + js, styles: " " + cdn + "graphiql@4.1.2/graphiql.min.css", network: true},
	} {
		pages := web.PagesWith(c.assets)
		first, second := get(t, pages, "/"), get(t, pages, "/")
		policy := first.Header().Get("Content-Security-Policy")
		found := nonce.FindStringSubmatch(policy)
		if found == nil || strings.Contains(second.Header().Get("Content-Security-Policy"), found[1]) {
			t.Fatalf("%s: the nonces of two answers: %s, %s", name, policy, second.Header().Get("Content-Security-Policy"))
		}
		want := "default-src 'none'; script-src 'self'" + c.scripts + "; style-src 'self'" + c.styles + " " + found[0] +
			"; img-src 'self' data:; font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
		if policy != want {
			t.Errorf("%s: the policy is\n%s, want\n%s", name, policy, want)
		}
		body := first.Body.String()
		if !strings.Contains(body, `nonce="`+found[1]+`"`) || strings.Count(body, "<style") != 0 || strings.Contains(body, " style=") || strings.Contains(body, " onclick=") {
			t.Errorf("%s: the page is not what its policy allows:\n%s", name, body)
		}
		for header, want := range map[string]string{
			"X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin", "Cache-Control": "no-cache", "Content-Type": "text/html; charset=utf-8",
		} {
			if got := first.Header().Get(header); got != want {
				t.Errorf("%s: %s is %q, want %q", name, header, got, want)
			}
		}
		if got := web.Offline(c.assets); got != c.offline {
			t.Errorf("%s: works without a network: %t", name, got)
		}
		if got := strings.Contains(body, "needs the network"); got != c.network {
			t.Errorf("%s: the page says that it needs the network: %t", name, got)
		}
	}
}

// The key is taken before any other script runs.
func TestKeyComesFirst(t *testing.T) {
	t.Parallel()
	body := get(t, web.Pages(), "/").Body.String()
	first := loading.FindString(body)
	if !regexp.MustCompile(`^<script src="/playground/[0-9a-f]{12}/key\.js"`).MatchString(first) || strings.Contains(first, "defer") {
		t.Errorf("the first that the page loads is %s", first)
	}
}

// Everything that the page names is there, is the same compressed or not, and is
// kept for good.
func TestFiles(t *testing.T) {
	t.Parallel()
	pages := web.PagesWith(standIns())
	body := get(t, pages, "/").Body.String()
	addresses := loads(t, body)
	for _, link := range from.FindAllStringSubmatch(body, -1) {
		addresses[link[1]] = ""
	}
	if len(addresses) != 11 || len(pages) != 12 {
		t.Errorf("the page names %v; there are %d pages", addresses, len(pages))
	}
	for address := range addresses {
		plain := get(t, pages, address)
		if plain.Header().Get("Content-Encoding") != "" || plain.Body.Len() == 0 {
			t.Errorf("%s: %v, %d bytes", address, plain.Header(), plain.Body.Len())
		}
		compressed := get(t, pages, address, "Accept-Encoding", "br, GZip;q=0.5")
		if compressed.Header().Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: not compressed: %v", address, compressed.Header())
			continue
		}
		r, err := gzip.NewReader(compressed.Body)
		if err != nil {
			t.Fatal(err)
		}
		unpacked, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(unpacked, plain.Body.Bytes()) {
			t.Errorf("%s: compressed it is another file (%v)", address, err)
		}
		for _, w := range []*httptest.ResponseRecorder{plain, compressed} {
			h := w.Header()
			if h.Get("Cache-Control") != "public, max-age=31536000, immutable" || h.Get("Vary") != "Accept-Encoding" || h.Get("Content-Type") == "" {
				t.Errorf("%s: headers %v", address, h)
			}
		}
		for _, refusal := range []string{"", "identity", "gzip;q=0", "gzip;q=0.0", "gzip;q=x", "br, deflate", "x-gzip2"} {
			if got := get(t, pages, address, "Accept-Encoding", refusal).Header().Get("Content-Encoding"); got != "" {
				t.Errorf("%s: Accept-Encoding %q is answered with %s", address, refusal, got)
			}
		}
	}
	if text := get(t, pages, path(t, pages, "licences.txt")).Body.String(); !strings.Contains(text, "Copyright (c) Facebook, Inc.") || !strings.Contains(text, "GraphQL Contributors") {
		t.Errorf("the licences are %.200s", text)
	}
}

// path returns where a file is.
func path(t *testing.T, pages map[string]http.Handler, name string) string {
	t.Helper()
	for path := range pages {
		if strings.HasSuffix(path, "/"+name) {
			return path
		}
	}
	t.Fatalf("there is no %s", name)
	return ""
}

// A file of another content has another path, since browsers keep it.
func TestPathChanges(t *testing.T) {
	t.Parallel()
	changed := standIns()
	changed["graphiql-4.1.2.js.gz"] = changed["react-18.2.0.js.gz"]
	before, after := path(t, web.PagesWith(standIns()), "page.js"), path(t, web.PagesWith(changed), "page.js")
	if before == after || before != path(t, web.PagesWith(standIns()), "page.js") {
		t.Errorf("the paths are %s and %s", before, after)
	}
}

// With a part of the assets only, everything comes from the network.
func TestIncompleteAssets(t *testing.T) {
	t.Parallel()
	for _, name := range libraryNames {
		assets := standIns()
		delete(assets, name+".gz")
		pages := web.PagesWith(assets)
		if web.Offline(assets) || len(pages) != 7 || !strings.Contains(get(t, pages, "/").Body.String(), cdn) {
			t.Errorf("without %s: offline %t, %d pages", name, web.Offline(assets), len(pages))
		}
	}
}

// What the page loads from elsewhere is checked, against the hashes that gqlgen
// knows of the same files where it loads them too.
func TestPins(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	playground.Handler("", "/graphql")(w, httptest.NewRequest("GET", "/", nil))
	theirs := loads(t, strings.Replace(w.Body.String(), "<script>", "", 1))
	remote := 0
	for address, integrity := range loads(t, get(t, web.PagesWith(fstest.MapFS{}), "/").Body.String()) {
		if !strings.HasPrefix(address, "/") {
			remote++
			if integrity == "" || theirs[address] != integrity && !strings.Contains(address, "/graphql-sse@") {
				t.Errorf("%s is checked against %q, gqlgen says %q", address, integrity, theirs[address])
			}
		}
	}
	if remote != 5 {
		t.Errorf("%d files come from elsewhere", remote)
	}
}

// The assets of this build are the pinned files.
func TestAssets(t *testing.T) {
	t.Parallel()
	needAssets(t)
	checked := 0
	pages := web.Pages()
	for address, integrity := range loads(t, get(t, pages, "/").Body.String()) {
		if integrity == "" {
			continue
		}
		checked++
		sum := sha256.Sum256(get(t, pages, address).Body.Bytes())
		if got := "sha256-" + base64.StdEncoding.EncodeToString(sum[:]); got != integrity {
			t.Errorf("%s is %s, the page demands %s", address, got, integrity)
		}
	}
	if checked != 5 {
		t.Errorf("%d files are checked", checked)
	}
}
