package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql/playground"
)

// A page is fixed, with the policy that lets it load what it names and nothing
// else.
type page struct {
	body   []byte
	policy string
}

// newPlayground returns GraphiQL as gqlgen's page loads it, with our script
// before all others.
func newPlayground() *page {
	var drawn drawing
	playground.Handler("Hookgraph", "/graphql", playground.WithStoragePrefix("hookgraph:"))(&drawn, nil)
	body := bytes.Replace(drawn.Bytes(), []byte("<head>"), []byte(`<head>
	<script src="/playground.js"></script>`), 1)
	return &page{body: body, policy: policy(body)}
}

// A drawing is a response that is kept.
type drawing struct{ bytes.Buffer }

func (*drawing) Header() http.Header { return http.Header{} }
func (*drawing) WriteHeader(int)     {}

var (
	scriptTag = regexp.MustCompile(`(?s)<script([^>]*)>(.*?)</script>`)
	linkTag   = regexp.MustCompile(`(?s)<link([^>]*)>`)
	address   = regexp.MustCompile(`(?:src|href)="([^"]+)"`)
)

// policy returns the Content-Security-Policy of a page: the addresses that its
// tags name, its inline scripts by their hashes, and requests to the gateway.
// GraphiQL styles elements by attributes, and its style sheet has pictures and
// fonts within.
func policy(body []byte) string {
	var scripts, styles []string
	for _, tag := range scriptTag.FindAllSubmatch(body, -1) {
		if from := address.FindSubmatch(tag[1]); from != nil {
			scripts = append(scripts, source(string(from[1])))
			continue
		}
		sum := sha256.Sum256(tag[2])
		scripts = append(scripts, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	for _, tag := range linkTag.FindAllSubmatch(body, -1) {
		if from := address.FindSubmatch(tag[1]); from != nil {
			styles = append(styles, source(string(from[1])))
		}
	}
	return strings.Join([]string{
		"default-src 'none'",
		"script-src " + list(scripts),
		"style-src 'unsafe-inline' " + list(styles),
		"img-src 'self' data:",
		"font-src 'self' data:",
		"connect-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	}, "; ")
}

func source(address string) string {
	if strings.HasPrefix(address, "/") {
		return "'self'"
	}
	return address
}

func list(sources []string) string {
	slices.Sort(sources)
	return strings.Join(slices.Compact(sources), " ")
}

func (p *page) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", p.policy)
	header.Set("X-Frame-Options", "DENY")
	header.Set("Cache-Control", "no-cache")
	_, _ = w.Write(p.body)
}
