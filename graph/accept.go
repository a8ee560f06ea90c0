package graph

import (
	"mime"
	"strconv"
	"strings"
)

// negotiate chooses the media type of the answer from Accept headers (RFC 9110,
// section 12.5.1): the one with the highest quality, application/json for
// clients that do not care; "" if neither is acceptable.
func negotiate(accept []string) string {
	header := strings.ToLower(strings.TrimSpace(strings.Join(accept, ",")))
	if header == "" {
		return mediaJSON
	}
	best, chosen := 0.0, ""
	for _, media := range []string{mediaJSON, mediaGraphQL} {
		if q := quality(header, media); q > best {
			best, chosen = q, media
		}
	}
	// At the same quality the first that the client names wins.
	if chosen == mediaJSON && quality(header, mediaGraphQL) == best {
		if at := strings.Index(header, mediaGraphQL); at >= 0 {
			if other := strings.Index(header, mediaJSON); other < 0 || at < other {
				return mediaGraphQL
			}
		}
	}
	return chosen
}

// quality is that of a media type: the most specific range decides.
func quality(header, media string) float64 {
	kind, _, _ := strings.Cut(media, "/")
	specific, found := -1, 0.0
	for part := range strings.SplitSeq(header, ",") {
		name, params, err := mime.ParseMediaType(part)
		if err != nil || !isUTF8(params["charset"]) {
			continue
		}
		rank := -1
		switch name {
		case "*/*":
			rank = 0
		case kind + "/*":
			rank = 1
		case media:
			rank = 2
		}
		if rank < 0 || rank < specific {
			continue
		}
		q := 1.0
		if text, given := params["q"]; given {
			if q, err = strconv.ParseFloat(text, 64); err != nil || q < 0 || q > 1 {
				continue
			}
		}
		specific, found = rank, q
	}
	return found
}
