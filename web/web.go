// Package web has the pages: the Playground.
package web

import (
	_ "embed"
	"net/http"
)

//go:embed playground.js
var script []byte

// Pages returns the handlers of the pages and of what they load from the
// gateway, by path.
func Pages() map[string]http.Handler {
	page := newPlayground()
	return map[string]http.Handler{
		"/":              page,
		"/playground.js": http.HandlerFunc(serveScript),
	}
}

func serveScript(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", "text/javascript; charset=utf-8")
	header.Set("Cache-Control", "no-cache")
	_, _ = w.Write(script)
}
