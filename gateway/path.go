package gateway

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/hookgraph/hookgraph/hook"
)

var (
	errDots  = &hook.Error{Code: hook.NotFound, Message: "there is nothing at this path"}
	errSlash = hook.Invalidf("", "the path has an encoded slash within a segment")
	errText  = hook.Invalidf("", "the path is not readable text once it is decoded")
)

// normalise returns the path as the rooms see it: without path parameters
// (";jsessionid=..." and the like, RFC 3986, section 3.3) and empty segments,
// decoded once. A slash at the end stays. Rooms route by it, and the standard
// library's ServeMux would redirect instead, which clients of the original APIs
// do not expect.
//
// Dot segments are not resolved: well-behaved clients do that themselves, and
// what is left tries to reach what it may not. With an error, the path is as far
// as it could be read, for the sake of its beginning.
func normalise(u *url.URL) (string, error) {
	raw := u.EscapedPath()
	var path strings.Builder
	var failure error
	for segment := range strings.SplitSeq(raw, "/") {
		segment, _, _ = strings.Cut(segment, ";")
		if segment == "" {
			continue
		}
		text, err := decode(segment)
		if err != nil {
			failure = err
			break
		}
		path.WriteByte('/')
		path.WriteString(text)
	}
	switch {
	case path.Len() == 0:
		return "/", failure
	case failure == nil && endsWithSlash(raw):
		path.WriteByte('/')
	}
	return path.String(), failure
}

func endsWithSlash(raw string) bool {
	last, _, _ := strings.Cut(raw[strings.LastIndexByte(raw, '/')+1:], ";")
	return last == ""
}

func decode(segment string) (string, error) {
	text, err := url.PathUnescape(segment)
	switch {
	case err != nil:
		return "", hook.Invalidf("", "the path has a malformed percent-encoding")
	case text == "." || text == "..":
		return "", errDots
	case strings.ContainsRune(text, '/'):
		return "", errSlash
	case !utf8.ValidString(text) || strings.ContainsFunc(text, isControl):
		return "", errText
	}
	return text, nil
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }
