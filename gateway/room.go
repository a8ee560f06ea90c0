package gateway

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// A room answers the requests for a path, or for all paths below a prefix, and
// has its own form of errors.
type room struct {
	name  string
	serve http.HandlerFunc
	fail  func(w http.ResponseWriter, r *http.Request, err error)
	time  time.Duration
	body  int64
	// endless tells which requests have no limit of time; nil: none.
	endless func(*http.Request) bool
}

func (g *Gateway) newRoom(name string, serve http.HandlerFunc, fail func(http.ResponseWriter, *http.Request, error)) *room {
	return &room{name: name, serve: serve, fail: fail, time: g.limits.Time, body: g.limits.Body}
}

// find returns the room of a normalised path: the exact one, else that of the
// longest prefix that ends where a segment ends.
func (g *Gateway) find(path string) *room {
	if found := g.exact[path]; found != nil {
		return found
	}
	for prefix := path; prefix != ""; prefix = prefix[:strings.LastIndexByte(prefix, '/')] {
		if found := g.prefixes[prefix]; found != nil {
			return found
		}
	}
	return g.other
}

// own adds the room of one of the gateway's own paths. A room with GET has HEAD.
func (g *Gateway) own(path string, serve func(http.ResponseWriter, *http.Request) error, method string) *room {
	methods := []string{method}
	if method == http.MethodGet {
		methods = append(methods, http.MethodHead)
	}
	g.exact[path] = g.newRoom(strings.Trim(path, "/"), func(w http.ResponseWriter, r *http.Request) {
		var err error
		if slices.Contains(methods, r.Method) {
			err = serve(w, r)
		} else {
			w.Header().Set("Allow", strings.Join(methods, ", "))
			err = errMethod
		}
		if err != nil {
			g.report(r, err)
			g.fail(w, r, err)
		}
	}, g.fail)
	return g.exact[path]
}

func (g *Gateway) nothing(w http.ResponseWriter, r *http.Request) {
	g.fail(w, r, &hook.Error{Code: hook.NotFound, Message: "there is nothing at this path"})
}

// graphQL puts the viewer into the context. A request without a credential
// passes: GraphQL refuses the fields that need one.
func (g *Gateway) graphQL(next http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		viewer, err := g.authenticator.Viewer(r)
		if err != nil {
			g.report(r, err)
			g.failGraphQL(w, r, err)
			return
		}
		if viewer != nil {
			r = r.WithContext(hook.WithViewer(r.Context(), viewer))
		}
		next.ServeHTTP(w, r)
	}
}
