package delivery

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Request is a POST to a receiver.
type Request struct {
	// URL is http or https and has a host. Its path and query are requested as
	// they are written; only what may not stand in a request is percent-encoded.
	URL string
	// Header are names and values, written as they are spelled and ordered here.
	// Host and Content-Length are the sender's. Without a User-Agent
	// DefaultUserAgent is sent, with an empty one none.
	Header [][2]string
	Body   []byte
	// VerifyTLS is false if any certificate will do.
	VerifyTLS bool
	// Timeout limits the whole of it, from the look-up of the name to the end of
	// the answer; 0 stands for the sender's.
	Timeout time.Duration
}

// framing are headers that say how a message is cut and a connection is used.
// Given by somebody else they could make two requests of one.
var framing = map[string]bool{
	"host": true, "content-length": true, "transfer-encoding": true, "connection": true, "keep-alive": true,
	"proxy-connection": true, "upgrade": true, "te": true, "trailer": true, "expect": true,
}

// head returns the request line and the headers as they are sent.
func (r *Request) head(to *target) ([]byte, error) {
	var b []byte
	line := func(name, value string) { b = append(append(append(append(b, name...), ": "...), value...), "\r\n"...) }
	b = append(append(append(b, "POST "...), to.path...), " HTTP/1.1\r\n"...)
	line("Host", to.authority)
	hasAgent := false
	for _, h := range r.Header {
		name, value := h[0], h[1]
		lower := strings.ToLower(name)
		switch {
		case !isToken(name):
			return nil, badHeader("%q is not the name of a header", name)
		case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
			return nil, badHeader("the value of the header %s contains control characters", name)
		case lower == "connection" && strings.EqualFold(value, "keep-alive"):
			// It is what happens anyway; Kheops says so.
		case framing[lower]:
			return nil, badHeader("the header %s is the sender's", name)
		case lower == "user-agent":
			hasAgent = true
			if value == "" {
				continue
			}
		}
		line(name, value)
	}
	if !hasAgent {
		line("User-Agent", DefaultUserAgent)
	}
	line("Content-Length", strconv.Itoa(len(r.Body)))
	return append(b, "\r\n"...), nil
}

func badHeader(format string, args ...any) error {
	return &fault{kind: KindRequest, text: fmt.Sprintf(format, args...)}
}

// isToken reports whether the text can be the name of a header (RFC 9110,
// section 5.6.2).
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}
