package pageseeder_test

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/dialect/pageseeder"
	"github.com/hookgraph/hookgraph/hook"
)

func TestFormatSelection(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	g.takeText(t, fixture(t, "list.xml"))
	const xml, json = "application/xml;charset=UTF-8", "application/json;charset=UTF-8"
	for _, test := range []struct{ extension, accept, want string }{
		{"", "", xml},
		{".xml", "", xml},
		{".json", "", json},
		{".xml", "application/json", xml},
		{".json", "application/xml", json},
		{".json", "text/html", json},
		{"", "application/json", json},
		{"", "Application/JSON; charset=utf-8", json},
		{"", "application/xml", xml},
		{"", "*/*", xml},
		{"", "application/*", xml},
		{"", "text/html, image/gif, image/jpeg, */*; q=0.2", xml},
		{"", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", xml},
		{"", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", xml},
		{"", "application/json, text/plain, */*", json},
		{"", "application/json;q=0", xml},
		{"", "application/json;q=0, */*", xml},
		{"", "application/json;q=0.5, application/xml", xml},
		{"", "application/xml;q=0.5, application/json", json},
		{"", "text/xml;q=0.5, application/json; q=0.4", xml},
		{"", "application/json, application/xml", json},
		{"", "application/xml, application/json", xml},
		{"", "application/json;q=0.1, */*", xml},
		{"", "application/json;q=nonsense", json},
		{"", "application/vnd.api+json", xml},
		{"", "image/png", xml},
		{"", ";;,,=", xml},
	} {
		r := httptest.NewRequest(http.MethodGet, "/ps/service/clients/123/webhooks"+test.extension, nil)
		if test.accept != "" {
			r.Header.Set("Accept", test.accept)
		}
		answer := g.do(r)
		text := body(t, answer)
		if got := answer.Header.Get("Content-Type"); answer.StatusCode != 200 || got != test.want {
			t.Errorf("%q, Accept %q: %d %s, want %s", test.extension, test.accept, answer.StatusCode, got, test.want)
		}
		if isXML := strings.HasPrefix(text, "<webhooks>"); isXML != (test.want == xml) {
			t.Errorf("%q, Accept %q: the body is %.20s", test.extension, test.accept, text)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	const unknownPath = "there is no service at this path"
	for _, test := range []struct {
		name, method, path, override string
		status                       int
		id, message                  string
	}{
		{"client", "GET", "/ps/api/clients/9/webhooks", "", 404, "F404", "Client not found"},
		{"path", "GET", "/clients", "", 404, "F404", unknownPath},
		{"site", "GET", "/ps", "", 404, "F404", unknownPath},
		{"not a site", "GET", "/ps/clients/123/webhooks", "", 404, "F404", unknownPath},
		{"deeper", "GET", "/clients/123/webhooks/1/x", "", 404, "F404", unknownPath},
		{"no client", "GET", "/clients//webhooks", "", 404, "F404", unknownPath},
		{"oauth", "POST", "/oauth/members/1/x", "", 404, "F404", unknownPath},
		{"quotes", "GET", `/clients/%22%3C%26%00%FF"/x`, "", 404, "F404", unknownPath},
		{"method", "DELETE", "/clients/9/webhooks", "", 405, "F405", "the service does not have this method"},
		{"options", "OPTIONS", "/clients/9/webhooks", "", 405, "F405", "the service does not have this method"},
		{"tunnelled", "POST", "/clients/9/webhooks", "GET", 404, "F404", "Client not found"},
		{"tunnelled elsewhere", "POST", "/clients/9/webhooks", "DELETE", 405, "F405", "the service does not have this method"},
		{"bad tunnel", "POST", "/clients/9/webhooks", "get", 400, "0103", "X-HTTP-Method-Override names no method that a POST can stand for"},
		{"no tunnel", "GET", "/clients/9/webhooks", "NONSENSE", 404, "F404", "Client not found"},
	} {
		for _, extension := range []string{"", ".xml", ".json"} {
			r := httptest.NewRequest(test.method, test.path+extension, nil)
			if test.override != "" {
				r.Header.Set("X-HTTP-Method-Override", test.override)
			}
			answer := g.do(r)
			text := body(t, answer)
			want := map[string]string{"id": test.id, "request": r.URL.EscapedPath(), "message": test.message}
			if diff := cmp.Diff(want, errorOf(t, extension, text)); diff != "" || answer.StatusCode != test.status {
				t.Errorf("%s%s: %d, want %d; (-want +got)\n%s", test.name, extension, answer.StatusCode, test.status, diff)
			}
			if test.status == 405 && answer.Header.Get("Allow") != "GET, HEAD, POST" {
				t.Errorf("%s: Allow is %q", test.name, answer.Header.Get("Allow"))
			}
		}
	}
}

// errorOf reads an error as the programs in the field do.
func errorOf(t *testing.T, extension, text string) map[string]string {
	t.Helper()
	got := map[string]string{}
	if extension == ".json" {
		for name, value := range parseJSON(t, text).(map[string]any) {
			got[name], _ = value.(string)
		}
		return got
	}
	e := parseXML(t, text)
	if e.XMLName.Local != "error" || len(e.Attributes) != 1 || len(e.Children) != 2 || e.Children[0].XMLName.Local != "request" {
		t.Errorf("not the form of an error: %s", text)
		return nil
	}
	got["id"] = e.Attributes["id"]
	for _, c := range e.Children {
		got[c.XMLName.Local] = c.Text
	}
	return got
}

func TestErrorForm(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	for extension, want := range map[string]string{
		".xml":  `<error id="F404"><request>/ps/api/clients/9/webhooks.xml</request><message>Client not found</message></error>`,
		".json": `{"id":"F404","request":"/ps/api/clients/9/webhooks.json","message":"Client not found"}`,
	} {
		if got := body(t, g.get(t, "/ps/api/clients/9/webhooks"+extension)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestFail has the table of the codes, and errors that arise around the dialect.
func TestFail(t *testing.T) {
	t.Parallel()
	api := pageseeder.New(nil, nil, pageseeder.Options{})
	for _, test := range []struct {
		err         error
		status      int
		id, message string
	}{
		{hook.Invalidf("url", "must not be empty"), 400, "F400", "url: must not be empty"},
		{hook.Conflictf("name", "is taken"), 409, "F409", "name: is taken"},
		{&hook.Error{Code: hook.Stale, Message: "changed"}, 409, "F409", "changed"},
		{hook.Missing(hook.KindClient), 404, "F404", "Client not found"},
		{&hook.Error{Code: hook.Forbidden, Message: "WEBHOOKS:VIEW required"}, 403, "F403", "WEBHOOKS:VIEW required"},
		{&hook.Error{Code: hook.Unauthenticated, Message: "the credential is not valid"}, 401, "F401", "the credential is not valid"},
		{hook.Unavailablef(errors.New("10.0.0.1 refused"), "the database does not answer"), 503, "F503", "the database does not answer"},
		{context.DeadlineExceeded, 503, "F503", "the request took too long"},
		{context.Canceled, 503, "F503", "the request was cancelled"},
		{&http.MaxBytesError{Limit: 5}, 413, "F413", "the body of the request is too large"},
		{errors.New("password=geheim"), 500, "F500", "internal error, request r-1"},
		{&hook.Error{Code: hook.Internal, Message: "password=geheim"}, 500, "F500", "internal error, request r-1"},
		{hook.Invalidf("", "a\x00b\xff"), 400, "F400", "a\ufffdb\ufffd"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/ps/api/clients/9/webhooks.xml", nil)
		r = r.WithContext(hook.WithRequestID(t.Context(), "r-1"))
		w := httptest.NewRecorder()
		api.Fail(w, r, test.err)
		want := map[string]string{"id": test.id, "request": r.URL.Path, "message": test.message}
		if diff := cmp.Diff(want, errorOf(t, ".xml", w.Body.String())); diff != "" || w.Code != test.status {
			t.Errorf("%v: %d, want %d; (-want +got)\n%s", test.err, w.Code, test.status, diff)
		}
		if asks := w.Header().Values("WWW-Authenticate"); (len(asks) == 2) != (test.status == 401) {
			t.Errorf("%v: WWW-Authenticate is %q", test.err, asks)
		}
	}
}

// TestInternalErrorsAreLogged once, under the id that the caller sees.
func TestInternalErrorsAreLogged(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	g := newGateway(t, nil)
	g.tokens.err = errors.New("no such table")
	api := pageseeder.New(g.service, g.tokens, pageseeder.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	r := httptest.NewRequest(http.MethodGet, "/clients/1/webhooks", nil)
	r.Header.Set("Authorization", "Bearer geheim")
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r.WithContext(hook.WithRequestID(t.Context(), "r-2")))
	if w.Code != 500 || !strings.Contains(w.Body.String(), "r-2") || strings.Contains(w.Body.String(), "table") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "request=r-2") || strings.Contains(log.String(), "geheim") {
		t.Errorf("the log is %q", log.String())
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	basic := func(text string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(text)) }
	const id, secret = "0b6d6a53-7d7c-4f0c-9a35-0d5b1c1f2a3e", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
	const key = "hg_" + id + "_" + secret
	vault, err := hook.NewVault(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, header, token string
	}{
		{"bearer", "Bearer " + key, key},
		{"bearer in small letters", "bearer  t ", "t"},
		{"key as user and password", basic(id + ":" + secret), key},
		{"key as password", basic("anybody:" + key), key},
		{"key as password of its id", basic(id + ":" + key), key},
		{"other token as password", basic("joan:" + secret), secret},
		{"password with a colon", basic("joan:a:b"), "a:b"},
		{"braces make no id", basic("{" + id + "}:" + secret), secret},
		{"nothing", "", ""},
		{"no token", "Bearer", ""},
		{"blank token", "Bearer  ", ""},
		{"no password", basic(id + ":"), ""},
		{"no colon", basic(id), ""},
		{"no base64", "Basic %%%", ""},
		{"token alone", key, ""},
		{"other scheme", "Digest " + key, ""},
	} {
		g := &gateway{tokens: newTokens()}
		g.API = pageseeder.New(hook.NewService(nil, vault, hook.Options{}), g.tokens, pageseeder.Options{})
		r := httptest.NewRequest(http.MethodGet, "/clients/1/webhooks", nil)
		r.Header["Authorization"] = []string{test.header}
		w := httptest.NewRecorder()
		g.ServeHTTP(w, r)
		if w.Code != 401 || g.tokens.last != test.token {
			t.Errorf("%s: %d, the authenticator saw %q, want %q", test.name, w.Code, g.tokens.last, test.token)
		}
		want := []string{`Bearer realm="Hookgraph"`, `Basic realm="Hookgraph", charset="UTF-8"`}
		if diff := cmp.Diff(want, w.Header().Values("WWW-Authenticate")); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}
