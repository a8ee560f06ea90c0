package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed playground
var own embed.FS

// A file is something that a page loads. Its path changes with its content, so
// browsers keep it for good.
type file struct {
	name    string
	gzipped []byte
}

var media = map[string]string{
	".js":  "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml",
	".txt": "text/plain; charset=utf-8",
}

// ownFiles returns the Playground's own files, without the page.
func ownFiles() []*file {
	entries, err := own.ReadDir("playground")
	if err != nil {
		panic(err) // the folder is part of the source
	}
	var files []*file
	for _, entry := range entries {
		if media[path.Ext(entry.Name())] == "" {
			continue
		}
		body, err := own.ReadFile("playground/" + entry.Name())
		if err != nil {
			panic(err)
		}
		files = append(files, &file{name: entry.Name(), gzipped: compress(body)})
	}
	return files
}

func compress(body []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	_, _ = w.Write(body)
	_ = w.Close()
	return out.Bytes()
}

// digest names the content of the files.
func digest(files []*file) string {
	hash := sha256.New()
	for _, f := range files {
		sum := sha256.Sum256(f.gzipped)
		_, _ = io.WriteString(hash, f.name+"\x00")
		_, _ = hash.Write(sum[:])
	}
	return hex.EncodeToString(hash.Sum(nil)[:6])
}

func (f *file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", media[path.Ext(f.name)])
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	header.Set("Vary", "Accept-Encoding")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	if takesGzip(r.Header.Values("Accept-Encoding")) {
		header.Set("Content-Encoding", "gzip")
		header.Set("Content-Length", strconv.Itoa(len(f.gzipped)))
		_, _ = w.Write(f.gzipped)
		return
	}
	plain, err := gzip.NewReader(bytes.NewReader(f.gzipped))
	if err != nil {
		panic(err) // the build has compressed it
	}
	_, _ = io.Copy(w, plain)
}

// takesGzip reports whether an Accept-Encoding names gzip and does not refuse it
// (RFC 9110, section 12.5.3).
func takesGzip(values []string) bool {
	for _, value := range values {
		for coding := range strings.SplitSeq(value, ",") {
			name, parameter, _ := strings.Cut(coding, ";")
			if strings.EqualFold(strings.TrimSpace(name), "gzip") {
				_, weight, found := strings.Cut(parameter, "=")
				q, err := strconv.ParseFloat(strings.TrimSpace(weight), 64)
				return !found || err == nil && q > 0
			}
		}
	}
	return false
}
