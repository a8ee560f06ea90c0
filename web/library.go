package web

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
)

//go:embed libraries.json
var librariesJSON []byte

// libraries are what the Playground loads besides its own files, in the order in
// which it does. The versions and hashes of GraphiQL and React are those of gqlgen's
// Playground: 4 is the last GraphiQL in one file that runs without a bundler.
// graphql-sse carries subscriptions, with the key in a header.
var libraries = readLibraries()

// A library is one file of an npm package.
type library struct {
	Package, Version, File string
	// Integrity is the file's hash as browsers check it.
	Integrity string
}

func readLibraries() []library {
	var all []library
	if err := json.Unmarshal(librariesJSON, &all); err != nil {
		panic(err) // the file is part of the source
	}
	return all
}

func (l library) name() string { return l.Package + "-" + l.Version + path.Ext(l.File) }

const network = "cdn.jsdelivr.net"

// remote returns where the CDN has the file.
func (l library) remote() string {
	return fmt.Sprintf("https://%s/npm/%s@%s/%s", network, l.Package, l.Version, l.File)
}

// libraryFiles returns the libraries of the assets, which have them all.
func libraryFiles(assets fs.FS) []*file {
	var files []*file
	for _, l := range libraries {
		body, err := fs.ReadFile(assets, l.name()+".gz")
		if err != nil {
			panic(err) // Offline has found it
		}
		files = append(files, &file{name: l.name(), gzipped: body})
	}
	return files
}
