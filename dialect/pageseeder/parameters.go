package pageseeder

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hookgraph/hookgraph/hook"
)

// parameters are those of a request. Of a name that occurs more than once the
// first value counts, and the query goes before the body, as in Java servlets.
// Names that a service does not have are ignored, such as v. The first value that
// is not good is kept as err.
type parameters struct {
	values map[string]string
	err    error
}

// formMedia is the media type that bodies must have (section 2.3).
const formMedia = "application/x-www-form-urlencoded"

// parameters reads the query and the body.
func (c *call) parameters() (*parameters, error) {
	p := &parameters{values: map[string]string{}}
	if err := p.add("query", c.URL.RawQuery); err != nil {
		return nil, err
	}
	body, err := c.form()
	if err == nil {
		err = p.add("body", body)
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// form reads the body, if the method has one that counts. An empty one can have
// any type.
func (c *call) form() (string, error) {
	if c.Body == nil || c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead {
		return "", nil
	}
	body, err := io.ReadAll(c.Body)
	if err != nil || len(body) == 0 {
		return "", err
	}
	unsupported := &refusal{failure: failMedia, message: "the body must be of type " + formMedia + " in UTF-8, not compressed"}
	if coding := c.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return "", unsupported
	}
	if given := c.Header.Get("Content-Type"); given != "" {
		media, options, err := mime.ParseMediaType(given)
		if err != nil || media != formMedia || !slices.Contains([]string{"", "utf-8", "us-ascii"}, strings.ToLower(options["charset"])) {
			return "", unsupported
		}
	}
	return string(body), nil
}

// add reads what stands between ampersands. A semicolon is a character like
// others: "5.9500;strict" is a value of v.
func (p *parameters) add(where, text string) error {
	for pair := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err == nil {
			value, err = url.QueryUnescape(value)
		}
		if err != nil {
			return hook.Invalidf("", "the %s has a malformed percent-encoding", where)
		}
		if !utf8.ValidString(name) || !utf8.ValidString(value) {
			return hook.Invalidf("", "the %s is not in UTF-8", where)
		}
		if _, known := p.values[name]; !known {
			p.values[name] = value
		}
	}
	return nil
}

// require refuses a request that lacks a parameter, and names all that are
// missing (section 4, id 0201).
func (p *parameters) require(names ...string) error {
	missing := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return strings.TrimSpace(p.values[name]) != "" })
	if len(missing) == 0 {
		return nil
	}
	return &refusal{failure: failMissing, message: "missing parameter: " + strings.Join(missing, ", ")}
}

func (p *parameters) fail(name, format string, args ...any) {
	if p.err == nil {
		p.err = hook.Invalidf(name, format, args...)
	}
}

func (p *parameters) text(name string) hook.Patch[string] {
	value, given := p.values[name]
	return hook.Patch[string]{Given: given, Value: value}
}

func (p *parameters) secret(name string) hook.Patch[hook.Secret] {
	value, given := p.values[name]
	return hook.Patch[hook.Secret]{Given: given, Value: hook.Secret(value)}
}

// flag is exactly true or false (section 3.4).
func (p *parameters) flag(name string) hook.Patch[bool] {
	value, given := p.values[name]
	if given && value != "true" && value != "false" {
		p.fail(name, "must be true or false")
	}
	return hook.Patch[bool]{Given: given, Value: value == "true"}
}

// seconds is a number that is not negative.
func (p *parameters) seconds(name string) hook.Patch[int64] {
	value, given := p.values[name]
	if !given {
		return hook.Patch[int64]{}
	}
	n, err := strconv.ParseUint(value, 10, 63)
	if err != nil {
		p.fail(name, "must be a number of seconds")
	}
	return hook.Set(int64(n))
}

// list is a comma list.
func (p *parameters) list(name string) hook.Patch[[]string] {
	value, given := p.values[name]
	return hook.Patch[[]string]{Given: given, Value: splitList(value)}
}

// choice is one of the values of an enumeration.
func choice[T ~string](p *parameters, name string, values []T) hook.Patch[T] {
	text, given := p.values[name]
	if !given {
		return hook.Patch[T]{}
	}
	value, err := oneOf(name, text, values)
	if err != nil {
		p.fail(name, "must be one of %s", strings.Join(shownValues(values), ", "))
	}
	return hook.Set(value)
}

// shownValues are the values as the API writes them.
func shownValues[T ~string](values []T) []string {
	shown := make([]string, len(values))
	for i, v := range values {
		shown[i] = strings.ToLower(string(v))
	}
	return shown
}
