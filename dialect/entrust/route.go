package entrust

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// A resource is a form of path and the operations on it. One that is open needs
// no credential.
type resource struct {
	path       *regexp.Regexp
	open       bool
	operations map[string]operation
}

// An operation answers a request whose caller is known; keys are those in the
// path. An error is answered by the table of errors.
type operation func(a *API, w http.ResponseWriter, r *http.Request, keys []string) error

// resources are those of section 2. An id is any text (section 12, no. 4 and 5).
var resources = []resource{
	{regexp.MustCompile(`^/api/web/v1/adminapi/authenticate/?$`), true, map[string]operation{
		http.MethodPost: (*API).login,
	}},
	{regexp.MustCompile(`^/api/web/v1/openapi\.json$`), true, map[string]operation{
		http.MethodGet: (*API).describe,
	}},
	{regexp.MustCompile(`^/api/web/v1/webhooks/?$`), false, map[string]operation{
		http.MethodGet:  (*API).list,
		http.MethodPost: (*API).create,
	}},
	{regexp.MustCompile(`^/api/web/v1/webhooks/test/([^/]+)/?$`), false, map[string]operation{
		http.MethodPost: (*API).test,
	}},
	{regexp.MustCompile(`^/api/web/v1/webhooks/([^/]+)/?$`), false, map[string]operation{
		http.MethodGet:    (*API).get,
		http.MethodPut:    (*API).update,
		http.MethodDelete: (*API).remove,
	}},
}

// allow lists the methods of a resource.
func (s *resource) allow() string {
	methods := []string{http.MethodOptions}
	for method := range s.operations {
		methods = append(methods, method)
	}
	if s.operations[http.MethodGet] != nil {
		methods = append(methods, http.MethodHead)
	}
	slices.Sort(methods)
	return strings.Join(methods, ", ")
}

func match(path string) (*resource, []string) {
	for i := range resources {
		if parts := resources[i].path.FindStringSubmatch(path); parts != nil {
			return &resources[i], parts[1:]
		}
	}
	return nil, nil
}
