package web

import (
	"bytes"
	"crypto/rand"
	"html/template"
	"net/http"
	"path"
	"strings"
)

var pageTemplate = template.Must(template.ParseFS(own, "playground/page.html"))

// A page is the Playground's document.
type page struct {
	// Base is the path of the files that the page loads from the gateway.
	Base string
	// Network is the host that the libraries come from; empty if they come from
	// the gateway.
	Network         string
	Scripts, Styles []source
	// Nonce allows the style elements of one answer.
	Nonce string
}

// A source is a library as the page names it.
type source struct{ Address, Integrity string }

func newPage(base string, offline bool) *page {
	p := &page{Base: base}
	if !offline {
		p.Network = network
	}
	for _, l := range libraries {
		s := source{l.remote(), l.Integrity}
		if offline {
			s.Address = base + l.name()
		}
		if path.Ext(l.File) == ".css" {
			p.Styles = append(p.Styles, s)
		} else {
			p.Scripts = append(p.Scripts, s)
		}
	}
	return p
}

// policy returns the Content-Security-Policy of an answer. Scripts are those
// files that the page names: none is inline, none comes from a text. GraphiQL
// needs two things of styles and pictures: its style sheet has pictures and
// fonts within (data:), and the library that locks scrolling under its menus and
// dialogs adds a style element, which the nonce allows. Styles that scripts set
// on elements need no permission.
func (p page) policy() string {
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'" + p.remote(p.Scripts),
		"style-src 'self'" + p.remote(p.Styles) + " 'nonce-" + p.Nonce + "'",
		"img-src 'self' data:",
		"font-src data:",
		"connect-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	}, "; ")
}

// remote returns the sources that are not the gateway's.
func (p page) remote(sources []source) string {
	var list strings.Builder
	if p.Network != "" {
		for _, s := range sources {
			list.WriteString(" " + s.Address)
		}
	}
	return list.String()
}

func (p page) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	p.Nonce = rand.Text()
	var body bytes.Buffer
	if err := pageTemplate.Execute(&body, p); err != nil {
		panic(err)
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", p.policy())
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Cache-Control", "no-cache")
	_, _ = w.Write(body.Bytes())
}
