package kheops

import (
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// A query is what the parameters of a GET ask for (section 3, E1 and E3).
type query struct {
	limit, offset int
	url           *string
	includeUsers  bool
}

// readQuery returns the query, or what Kheops answers: a page with 404 if a
// number is none, else with 400 if one is negative, else statusUnbound if one is
// blank.
func readQuery(raw string) (query, *refusal) {
	q := query{limit: math.MaxInt32}
	if raw == "" {
		return q, nil
	}
	// A semicolon is an ordinary character here.
	values, err := url.ParseQuery(strings.ReplaceAll(raw, ";", "%3B"))
	if err != nil {
		return q, &refusal{status: http.StatusBadRequest}
	}
	var refused *refusal
	for _, p := range []struct {
		name string
		to   *int
	}{{"limit", &q.limit}, {"offset", &q.offset}} {
		if !values.Has(p.name) {
			continue
		}
		text := values.Get(p.name)
		n, err := strconv.ParseInt(text, 10, 32)
		switch {
		case strings.TrimSpace(text) == "":
			if refused == nil {
				refused = &refusal{statusUnbound, internal, "A number in the query is blank"}
			}
		case err != nil:
			return q, &refusal{status: http.StatusNotFound}
		case n < 0:
			refused = &refusal{status: http.StatusBadRequest}
		}
		*p.to = int(n)
	}
	if values.Has("url") {
		text := values.Get("url")
		q.url = &text
	}
	q.includeUsers = isTrue(values.Get("includeUsers"))
	return q, refused
}

// isTrue reads a boolean: true in any case, anything else is false (section 2).
func isTrue(text string) bool { return strings.EqualFold(text, "true") }
