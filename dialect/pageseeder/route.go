package pageseeder

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// A call is a request for a service.
type call struct {
	*http.Request
	writer http.ResponseWriter
	format format
	// variables are the parts of the path that stand for objects.
	variables map[string]string
	// status is that of a good answer, 200 if it is zero.
	status int
}

// A route is the path of a service, and what answers its methods. GET answers
// HEAD too.
type route struct {
	path    []string
	methods methods
	// effective: GET changes something, so that HEAD cannot stand for it.
	effective bool
	// open routes are for callers whom nobody has authenticated yet.
	open bool
}

type methods map[string]func(*API, *call) error

// routes are the services (section 2). Parts in braces are variables.
var routes = []route{
	{path: []string{"clients", "{client}", "webhooks"}, methods: methods{
		http.MethodGet: (*API).listWebhooks, http.MethodPost: (*API).createWebhook,
	}},
	{path: []string{"clients", "{client}", "webhooks", "{webhook}"}, methods: methods{
		http.MethodGet: (*API).getWebhook, http.MethodPatch: (*API).updateWebhook, http.MethodDelete: (*API).deleteWebhook,
	}},
	{path: []string{"clients", "{client}", "webhooks", "{webhook}", "ping"}, methods: methods{
		http.MethodGet: (*API).pingWebhook,
	}, effective: true},
	{path: []string{"webhooks", "failures"}, methods: methods{http.MethodGet: (*API).unknownService}},
	{path: []string{"webhooks", "jobs", "{id}"}, methods: methods{http.MethodGet: (*API).unknownService}},
	{path: []string{"oauth", "members", "{member}", "clients"}, methods: methods{
		http.MethodGet: (*API).listClients, http.MethodPost: (*API).registerClient,
	}},
	{path: []string{"oauth", "members", "{member}", "clients", "{client}"}, methods: methods{
		http.MethodGet: (*API).getClient, http.MethodPatch: (*API).updateClient, http.MethodDelete: (*API).deleteClient,
	}},
	{path: []string{"oauth", "token"}, methods: methods{http.MethodPost: (*API).issueToken}, open: true},
}

// sites are the paths below which the services stand, beside the root (section
// 1, no. 6). What is below /ps/oauth has its own name there.
var sites = []struct{ path, replacement string }{
	{"/ps/service/", ""}, {"/ps/api/", ""}, {"/ps/oauth/", "oauth/"},
}

// tunnelled are the methods that a POST may stand for.
var tunnelled = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// ServeHTTP implements dialect.Dialect.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := a.serve(w, r); err != nil {
		a.refuse(w, r, err)
	}
}

func (a *API) serve(w http.ResponseWriter, r *http.Request) error {
	found, variables := findRoute(r.URL.Path)
	if found == nil {
		return &refusal{failure: failNotFound, message: "there is no service at this path"}
	}
	method, err := methodOf(r)
	if err != nil {
		return err
	}
	handle := found.methods[method]
	if handle == nil || found.effective && r.Method == http.MethodHead {
		return &refusal{failure: failMethod, message: "the service does not have this method", allow: found.allow()}
	}
	c := &call{Request: r, writer: w, format: formatOf(r), variables: variables}
	if !found.open {
		ctx, err := a.authenticate(r)
		if err != nil {
			return err
		}
		c.Request = r.WithContext(ctx)
	}
	return handle(a, c)
}

// unknownService answers for the services of which only the names are known
// (section 2, nos. 7 and 8).
func (a *API) unknownService(*call) error {
	return &refusal{failure: failUnknown, message: "the gateway does not have this service: read the triggers of the webhook by GraphQL"}
}

// methodOf returns the method that is meant: that of the request, or the one
// that it carries through a network which lets GET and POST pass only.
func methodOf(r *http.Request) (string, error) {
	override := r.Header.Get("X-HTTP-Method-Override")
	switch {
	case r.Method == http.MethodHead:
		return http.MethodGet, nil
	case r.Method != http.MethodPost || override == "":
		return r.Method, nil
	case !slices.Contains(tunnelled, override):
		return "", &refusal{failure: failTunnel, message: "X-HTTP-Method-Override names no method that a POST can stand for"}
	}
	return override, nil
}

func (r *route) allow() string {
	methods := slices.Sorted(maps.Keys(r.methods))
	if i := slices.Index(methods, http.MethodGet); i >= 0 && !r.effective {
		methods = slices.Insert(methods, i+1, http.MethodHead)
	}
	return strings.Join(methods, ", ")
}

func findRoute(path string) (*route, map[string]string) {
	service := strings.TrimPrefix(path, "/")
	for _, site := range sites {
		if below, found := strings.CutPrefix(path, site.path); found {
			service = site.replacement + below
		}
	}
	service, _, _ = cutExtension(service)
	parts := strings.Split(service, "/")
	for i := range routes {
		if variables, matches := routes[i].match(parts); matches {
			return &routes[i], variables
		}
	}
	return nil, nil
}

func (r *route) match(parts []string) (map[string]string, bool) {
	if len(parts) != len(r.path) {
		return nil, false
	}
	variables := map[string]string{}
	for i, want := range r.path {
		if name, isVariable := strings.CutPrefix(want, "{"); isVariable && parts[i] != "" {
			variables[strings.TrimSuffix(name, "}")] = parts[i]
		} else if parts[i] != want {
			return nil, false
		}
	}
	return variables, true
}
