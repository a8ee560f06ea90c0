package kheops

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// A form has the parameters of a body. Those of the query are none of it.
type form map[string][]string

// text returns the first value of a parameter, nil if it is absent.
func (f form) text(name string) *string {
	if values := f[name]; len(values) > 0 {
		return &values[0]
	}
	return nil
}

// form reads the body, or answers what is wrong with it.
func (a *API) form(w http.ResponseWriter, r *http.Request) (form, bool) {
	contentType := r.Header.Get("Content-Type")
	if contentType == "" {
		// Kheops fails here: its form parameters need the header (section 2).
		object(w, statusUnbound, internal, "The Content-Type of the form is missing")
		return nil, false
	}
	_, parameters, err := mime.ParseMediaType(contentType)
	decode := charsets[strings.ToLower(parameters["charset"])]
	if err != nil || decode == nil {
		page(w, http.StatusUnsupportedMediaType)
		return nil, false
	}
	body, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
	case errors.As(err, &tooLarge), errors.Is(err, context.DeadlineExceeded):
		a.refuse(w, r, err)
		return nil, false
	default:
		badForm("The form is cut off").write(w)
		return nil, false
	}
	f, err := parseForm(string(body), decode)
	if err != nil {
		badForm("The form has a malformed percent-encoding").write(w)
		return nil, false
	}
	return f, true
}

// charsets decode what the escapes of a form stand for. Text is UTF-8 unless the
// media type says otherwise.
var charsets = map[string]func(string) string{
	"":           func(s string) string { return s },
	"utf-8":      func(s string) string { return s },
	"us-ascii":   func(s string) string { return s },
	"iso-8859-1": latin1,
}

func latin1(s string) string {
	b := make([]byte, 0, 2*len(s))
	for i := range len(s) {
		b = utf8.AppendRune(b, rune(s[i]))
	}
	return string(b)
}

// parseForm splits a form at & only. A parameter without an equals sign is
// empty, one without a name is none.
func parseForm(body string, decode func(string) string) (form, error) {
	f := form{}
	for pair := range strings.SplitSeq(body, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name == "" {
			continue
		}
		name, err := url.QueryUnescape(name)
		if err != nil {
			return nil, err
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, err
		}
		name = decode(name)
		f[name] = append(f[name], decode(value))
	}
	return f, nil
}
