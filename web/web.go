// Package web has the pages: the Playground.
package web

import (
	"embed"
	"io/fs"
	"net/http"
)

// The build puts the libraries into assets; a build without npm leaves it empty.
//
//go:embed assets
var embedded embed.FS

// Assets returns what the build has put into the binary.
func Assets() fs.FS {
	assets, err := fs.Sub(embedded, "assets")
	if err != nil {
		panic(err) // the name is a constant
	}
	return assets
}

// Offline reports whether the assets hold all that the Playground loads. If they
// do not, browsers load it from a CDN.
func Offline(assets fs.FS) bool {
	for _, l := range libraries {
		if _, err := fs.Stat(assets, l.name()+".gz"); err != nil {
			return false
		}
	}
	return true
}

// Pages returns the handlers of the pages and of what they load from the
// gateway, by path.
func Pages() map[string]http.Handler { return PagesWith(Assets()) }

// PagesWith returns the pages over other assets than those of the binary.
func PagesWith(assets fs.FS) map[string]http.Handler {
	files := ownFiles()
	if Offline(assets) {
		files = append(files, libraryFiles(assets)...)
	}
	base := "/playground/" + digest(files) + "/"
	pages := map[string]http.Handler{"/": newPage(base, Offline(assets))}
	for _, f := range files {
		pages[base+f.name] = f
	}
	return pages
}
