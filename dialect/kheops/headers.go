package kheops

import (
	"encoding/base64"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/hookgraph/hookgraph/hook"
)

// setHeaders sets what every answer has, and those to GET (section 2).
func setHeaders(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Credentials", "true")
	h.Set("Access-Control-Allow-Methods", "GET, PATCH, POST, PUT, DELETE, OPTIONS, HEAD")
	h.Set("Access-Control-Allow-Headers",
		"origin, content-type, accept, authorization, frontend, accept-charset, X-Authorization-Source")
	h.Set("Access-Control-Max-Age", "86400")
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		h.Set("Cache-Control", "no-cache")
	}
}

// setTotal sets the length of a list that is answered in part.
func setTotal(h http.Header, total int) {
	h.Set("X-Total-Count", strconv.Itoa(total))
	h.Set("Access-Control-Expose-Headers", "X-Total-Count")
}

// isForm reports whether the content type, if there is one, can stand for a
// form. Kheops asks for that whatever the method is (section 2, check 0c).
func isForm(h http.Header) bool {
	value := h.Get("Content-Type")
	if value == "" {
		return true
	}
	mediaType, _, err := mime.ParseMediaType(value)
	if err != nil {
		return false
	}
	switch mediaType {
	case "application/x-www-form-urlencoded", "application/*", "*/*":
		return true
	}
	return false
}

// acceptsJSON reports whether the caller takes application/json: whether the
// range that describes it best, if any, has a quality above zero (check 0d).
func acceptsJSON(h http.Header) bool {
	values := strings.Join(h.Values("Accept"), ",")
	if strings.TrimSpace(values) == "" {
		return true
	}
	best, accepted := 0, false
	for element := range strings.SplitSeq(values, ",") {
		mediaRange, parameters, _ := strings.Cut(element, ";")
		match := 0
		switch strings.ToLower(strings.TrimSpace(mediaRange)) {
		case "application/json":
			match = 3
		case "application/*":
			match = 2
		case "*/*", "*": // Java's own HTTP client sends the short form
			match = 1
		}
		switch wanted := quality(parameters) > 0; {
		case match > best:
			best, accepted = match, wanted
		case match == best && match > 0:
			accepted = accepted || wanted
		}
	}
	return accepted
}

func quality(parameters string) float64 {
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(parameter, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil {
			return 0
		}
		return q
	}
	return 1
}

// credential reads the token: that of Bearer, or the password of Basic, whose
// user name says nothing (section 2, check 1). It is not ok if there is none.
func credential(h http.Header) (token hook.Secret, ok bool) {
	values := h.Values("Authorization")
	if len(values) != 1 {
		return "", false
	}
	scheme, text, _ := strings.Cut(strings.TrimSpace(values[0]), " ")
	text = strings.TrimSpace(text)
	switch strings.ToLower(scheme) {
	case "bearer":
	case "basic":
		decoded, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return "", false
		}
		parts := strings.Split(string(decoded), ":")
		if len(parts) != 2 {
			return "", false
		}
		text = parts[1]
	default:
		return "", false
	}
	return hook.Secret(text), text != ""
}
