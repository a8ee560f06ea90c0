package gateway

import (
	"crypto/rand"
	"net/http"
	"strings"
)

const maxRequestID = 64

// requestID returns the id that a proxy in front has given the request, if it
// is short and of harmless characters, else a new one.
func requestID(header http.Header) string {
	id := header.Get("X-Request-Id")
	if id == "" || len(id) > maxRequestID || strings.ContainsFunc(id, unfitForID) {
		return rand.Text()
	}
	return id
}

func unfitForID(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return false
	}
	return !strings.ContainsRune("-_.:=", r)
}
