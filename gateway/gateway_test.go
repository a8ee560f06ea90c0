package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/hookgraph/hookgraph/dialect"
	"github.com/hookgraph/hookgraph/gateway"
	"github.com/hookgraph/hookgraph/hook"
)

// A stub is a dialect that answers with what it saw, and fails in its own form:
// its name, the code and the message.
type stub struct {
	name     hook.Dialect
	prefixes []string
	serve    http.HandlerFunc
	records  func(r io.Reader) iter.Seq2[*hook.Record, error]
}

func (s *stub) Name() hook.Dialect { return s.name }
func (s *stub) Prefixes() []string { return s.prefixes }

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.serve != nil {
		s.serve(w, r)
		return
	}
	io.WriteString(w, string(s.name)+" "+r.URL.Path)
	if r.URL.RawQuery != "" {
		io.WriteString(w, "?"+r.URL.RawQuery)
	}
}

func (s *stub) Fail(w http.ResponseWriter, r *http.Request, err error) {
	w.WriteHeader(http.StatusTeapot)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		io.WriteString(w, string(s.name)+" TOO LARGE")
		return
	}
	io.WriteString(w, string(s.name)+" "+string(hook.CodeOf(err))+" "+hook.RequestID(r.Context()))
}

func (s *stub) Records(r io.Reader) iter.Seq2[*hook.Record, error] { return s.records(r) }

// A service imports without storing and can be down.
type service struct {
	down   error
	accept func(ctx context.Context, in hook.Import) (*hook.ImportSummary, error)
	// published are the events that were published last; refuse is the error of
	// publishing.
	published []hook.Publication
	refuse    error
}

func (s *service) Ready(context.Context) error { return s.down }

func (s *service) Import(ctx context.Context, in hook.Import) (*hook.ImportSummary, error) {
	return s.accept(ctx, in)
}

func (s *service) PublishEvents(ctx context.Context, publications []hook.Publication) ([]hook.Published, error) {
	if s.refuse != nil {
		return nil, s.refuse
	}
	s.published = publications
	published := make([]hook.Published, len(publications))
	for i := range published {
		published[i] = hook.Published{Event: &hook.Event{Meta: hook.Meta{Key: "e" + strconv.Itoa(i)}}, Triggers: 3}
	}
	return published, nil
}

// tokens knows the administrator and a key that may see webhooks only.
type tokens struct{}

func (tokens) Viewer(r *http.Request) (*hook.Viewer, error) {
	switch r.Header.Get("Authorization") {
	case "":
		return nil, nil
	case "Bearer admin":
		return hook.AdminViewer(), nil
	case "Bearer reader":
		return &hook.Viewer{Name: "reader", Permissions: hook.PermissionSet{"WEBHOOKS:VIEW"}, Global: true}, nil
	}
	if r.Header.Get("Authorization") == "Bearer bound" {
		return &hook.Viewer{Name: "bound", Permissions: hook.PermissionSet{"ALL"}}, nil
	}
	return nil, &hook.Error{Code: hook.Unauthenticated, Message: "the credential is not valid"}
}

// A record is a log that can be looked at.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

func logTo(r *record) *slog.Logger { return slog.New(slog.NewTextHandler(r, nil)) }

// with returns a gateway of three stubs, changed by what a test needs.
func with(change func(*gateway.Options)) http.Handler {
	options := gateway.Options{
		Service:       &service{},
		Authenticator: tokens{},
		Dialects: []dialect.Dialect{
			&stub{name: hook.PageSeeder, prefixes: []string{"/ps", "/clients", "/oauth"}},
			&stub{name: hook.Kheops, prefixes: []string{"/api/albums", "/albums"}},
			&stub{name: hook.Entrust, prefixes: []string{"/api/web"}},
		},
		GraphQL: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if v := hook.ViewerFrom(r.Context()); v != nil {
				io.WriteString(w, "graph for "+v.Name)
				return
			}
			io.WriteString(w, "graph for nobody")
		}),
		Pages: map[string]http.Handler{"/": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "page")
		})},
	}
	if change != nil {
		change(&options)
	}
	return gateway.New(options)
}

// answering replaces what PageSeeder's stub answers.
func answering(o *gateway.Options, serve http.HandlerFunc) {
	o.Dialects[0] = &stub{name: hook.PageSeeder, prefixes: []string{"/clients"}, serve: serve}
}

func send(h http.Handler, method, target string, header ...string) *httptest.ResponseRecorder {
	return sendBody(h, method, target, nil, header...)
}

func sendBody(h http.Handler, method, target string, body io.Reader, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, body)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPaths(t *testing.T) {
	t.Parallel()
	h := with(nil)
	const own404 = `404 {"error":{"code":"NOT_FOUND","message":"there is nothing at this path","requestId":"id"}}`
	for target, want := range map[string]string{
		"/":                                 "200 page",
		"//":                                "200 page",
		"/;jsessionid=1":                    "200 page",
		"/graphql":                          "200 graph for nobody",
		"//graphql":                         "200 graph for nobody",
		"/healthz":                          `200 {"status":"ok"}`,
		"/readyz":                           `200 {"status":"ready"}`,
		"/clients":                          "200 PAGESEEDER /clients",
		"/clients/":                         "200 PAGESEEDER /clients/",
		"/clients/1/webhooks":               "200 PAGESEEDER /clients/1/webhooks",
		"//clients///1/webhooks//":          "200 PAGESEEDER /clients/1/webhooks/",
		"/clients/%7E4739/webhooks":         "200 PAGESEEDER /clients/~4739/webhooks",
		"/%63lients/1":                      "200 PAGESEEDER /clients/1",
		"/clients/%257E1":                   "200 PAGESEEDER /clients/%7E1",
		"/clients/1/webhooks;jsessionid=AB": "200 PAGESEEDER /clients/1/webhooks",
		"/clients;v=1/1;x=2;y/webhooks.xml;jsessionid=AB?a=%2F&b=1;c": "200 PAGESEEDER /clients/1/webhooks.xml?a=%2F&b=1;c",
		"/clients/a%3Bb":       "200 PAGESEEDER /clients/a;b",
		"/clients/%C3%A9":      "200 PAGESEEDER /clients/é",
		"/clients/a%5Cb":       `200 PAGESEEDER /clients/a\b`,
		"/clients/a+b%20c":     "200 PAGESEEDER /clients/a+b c",
		"/ps/service/clients":  "200 PAGESEEDER /ps/service/clients",
		"/albums/x":            "200 KHEOPS /albums/x",
		"/api/albums/x":        "200 KHEOPS /api/albums/x",
		"/api/web/v1":          "200 ENTRUST /api/web/v1",
		"/clientship":          own404,
		"/api":                 own404,
		"/api/webs":            own404,
		"/graphql/":            own404,
		"/nothing":             own404,
		"/../clients":          own404,
		"/%2e%2E/clients":      own404,
		"/clients/../albums":   "418 PAGESEEDER NOT_FOUND id",
		"/clients/./1":         "418 PAGESEEDER NOT_FOUND id",
		"/clients/%2e%2e/x":    "418 PAGESEEDER NOT_FOUND id",
		"/clients/..;a=b/x":    "418 PAGESEEDER NOT_FOUND id",
		"/albums/a%2Fb":        "418 KHEOPS INVALID id",
		"/albums/a%00b":        "418 KHEOPS INVALID id",
		"/api/web/a%0Ab":       "418 ENTRUST INVALID id",
		"/api/web/%FF":         "418 ENTRUST INVALID id",
		"/%FF/clients":         `400 {"error":{"code":"INVALID","message":"the path is not readable text once it is decoded","requestId":"id"}}`,
		"http://other/albums":  "200 KHEOPS /albums",
		"http://other":         "200 page",
		"/clients/1?jsession;": "200 PAGESEEDER /clients/1?jsession;",
	} {
		w := send(h, "GET", target, "X-Request-Id", "id")
		if got := strings.TrimSpace(itoa(w.Code) + " " + w.Body.String()); got != want {
			t.Errorf("%s answers\n%s, want\n%s", target, got, want)
		}
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	h := with(nil)
	for _, test := range []struct {
		method, target string
		status         int
		allow          string
	}{
		{"HEAD", "/", 200, ""},
		{"HEAD", "/healthz", 200, ""},
		{"POST", "/", 405, "GET, HEAD"},
		{"DELETE", "/readyz", 405, "GET, HEAD"},
		{"GET", "/import", 405, "POST"},
		{"POST", "/nothing", 404, ""},
		{"OPTIONS", "/clients", 200, ""}, // the dialect's own matter
		{"BREW", "/graphql", 200, ""},    // GraphQL's own matter
	} {
		w := send(h, test.method, test.target)
		if w.Code != test.status || w.Header().Get("Allow") != test.allow {
			t.Errorf("%s %s answers %d, Allow %q; want %d, %q", test.method, test.target, w.Code, w.Header().Get("Allow"), test.status, test.allow)
		}
	}
}
