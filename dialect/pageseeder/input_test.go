package pageseeder_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	root "github.com/hookgraph/hookgraph/gateway"
	"github.com/hookgraph/hookgraph/hook"
)

// state is everything that the services show.
func (w *town) state() string {
	w.t.Helper()
	var b strings.Builder
	for _, target := range []string{"/clients/123/webhooks", "/clients/124/webhooks", "/oauth/members/456/clients", "/oauth/members/457/clients"} {
		answer := w.send("admin", "GET", target, "", "")
		if answer.StatusCode != 200 {
			w.t.Fatalf("%s: %s", target, answer.body)
		}
		b.WriteString(answer.body)
	}
	return b.String()
}

// TestBadInput: whatever is wrong with a request, the answer is an error in the
// form of the API, below 500, and nothing has changed.
func TestBadInput(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	before := w.state()
	type change struct{ method, target string }
	create, patch := change{"POST", "/ps/api/clients/123/webhooks"}, change{"PATCH", "/ps/api/clients/123/webhooks/789"}
	register, patchClient := change{"POST", "/ps/oauth/members/jsnow/clients"}, change{"PATCH", "/ps/oauth/members/jsnow/clients/123"}
	token := change{"POST", "/ps/oauth/token"}
	webhooks, clients := []change{create, patch}, []change{register, patchClient}
	all := []change{create, patch, register, patchClient, token}
	long := strings.Repeat("x", 2000)
	const good = "url=https://a.test&name=fresh"
	for _, test := range []struct {
		name    string
		of      []change
		headers string
		body    string
		status  int
	}{
		{"nothing", []change{create, register, token}, form, "", 400},
		{"empty values", []change{create, register}, form, "url=&name=", 400},
		{"blank values", []change{create, register}, form, "url=+&name=%09", 400},
		{"empty url", []change{patch}, form, "url=", 400},
		{"empty name", []change{patchClient}, form, "name=", 400},
		{"no URL", webhooks, form, "url=hello&name=x", 400},
		{"no http", webhooks, form, "url=ftp://a.test&name=x", 400},
		{"credentials", webhooks, form, "url=https://user:geheim@a.test&name=x", 400},
		{"long url", webhooks, form, "url=https://a.test/" + long, 400},
		{"long name", webhooks, form, good + long, 400},
		{"long name of a client", clients, form, good + long, 400},
		{"control", webhooks, form, good + "%00", 400},
		{"control in a client", clients, form, good + "%00", 400},
		{"not UTF-8", all, form, good + "%ff", 400},
		{"percent", all, form, good + "%zz", 400},
		{"percent in a name", all, form, good + "&%=1", 400},
		{"percent in the query", []change{{"POST", "/ps/api/clients/123/webhooks?%f"}, {"PATCH", "/ps/api/clients/123/webhooks/789?name=%"}}, form, good, 400},
		{"server", webhooks, form, good + "&server=1", 400},
		{"empty server", webhooks, form, good + "&server=", 400},
		{"insecuressl", webhooks, form, good + "&insecuressl=yes", 400},
		{"object", webhooks, form, good + "&object=full", 400},
		{"format", webhooks, form, good + "&format=", 400},
		{"status", []change{patch}, form, good + "&status=paused", 400},
		{"empty status", []change{patch}, form, good + "&status=", 400},
		{"newclient", []change{patch}, form, good + "&newclient=~00", 400},
		{"empty newclient", []change{patch}, form, good + "&newclient=", 400},
		{"long event", webhooks, form, good + "&events=" + long, 400},
		{"many events", webhooks, form, good + "&events=" + numbered(101), 400},
		{"control in an event", webhooks, form, good + "&events=a%01", 400},
		{"long group", webhooks, form, good + "&groups=" + long, 400},
		{"grant", clients, form, good + "&grant-type=refresh_token", 400},
		{"age", clients, form, good + "&access-token-max-age=-1", 400},
		{"age is a word", clients, form, good + "&refresh-token-max-age=day", 400},
		{"age is empty", clients, form, good + "&refresh-token-max-age=", 400},
		{"age is long", clients, form, good + "&access-token-max-age=9223372036854775808", 400},
		{"age is far", clients, form, good + "&access-token-max-age=9223372036854775807", 400},
		{"script", clients, form, good + "&client-uri=javascript:alert(1)", 400},
		{"short secret", []change{patchClient}, form, "client-secret=short", 400},
		{"identifier", []change{patchClient}, form, "identifier=XYZ", 400},
		{"identifier taken", []change{patchClient}, form, "identifier=1234567890123456", 409},
		{"name taken", []change{patchClient}, form, "name=Other", 409},
		{"member", []change{patchClient}, form, "member=nobody", 400},
		{"JSON", all, "Content-Type: application/json\n", `{"url":"https://a.test","name":"x"}`, 415},
		{"XML with a DTD", all, "Content-Type: application/xml\n", `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`, 415},
		{"multipart", all, "Content-Type: multipart/form-data; boundary=b\n", "--b\r\n\r\n--b--", 415},
		{"other charset", all, "Content-Type: application/x-www-form-urlencoded; charset=ISO-8859-1\n", good, 415},
		{"broken media type", all, "Content-Type: ;;\n", good, 415},
		{"compressed", all, form + "Content-Encoding: gzip\n", "\x1f\x8b", 415},
		{"body cut", all, form + "X-Cut: 1\nContent-Length: 1000\n", good, 400},
		{"chunks cut", all, form + "X-Cut: 1\nTransfer-Encoding: chunked\n", "5\r\nurl=h", 400},
		{"no chunks", all, form + "X-Cut: 1\nTransfer-Encoding: chunked\n", "zz\r\nurl=h", 400},
		{"chunk too long", all, form + "X-Cut: 1\nTransfer-Encoding: chunked\n", "5\r\nurl=https://a.test\r\n0\r\n\r\n", 400},
		{"large", all, form + "Content-Length: 1048577\n", "x", 413},
	} {
		for _, c := range test.of {
			for _, extension := range []string{".xml", ".json"} {
				target, query, _ := strings.Cut(c.target, "?")
				target += extension
				answer := w.send("admin", c.method, strings.TrimSuffix(target+"?"+query, "?"), test.headers, test.body)
				name := fmt.Sprintf("%s: %s %s", test.name, c.method, target)
				got := errorOf(t, extension, answer.body)
				if answer.StatusCode != test.status {
					t.Errorf("%s: %d, want %d: %s", name, answer.StatusCode, test.status, answer.body)
				}
				if len(got["id"]) != 4 || got["request"] != target || got["message"] == "" || strings.Contains(answer.body, "geheim") {
					t.Errorf("%s: not an error of the API: %s", name, answer.body)
				}
			}
		}
	}
	if after := w.state(); after != before {
		t.Errorf("something has changed:\n%s\n%s", before, after)
	}
}

func numbered(n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("a.b%d", i)
	}
	return strings.Join(names, ",")
}

// TestOddInput is taken all the same, as the original does or as Java's servlets
// do.
func TestOddInput(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for _, test := range []struct{ target, headers, body, want string }{
		{"?name=query", form, "name=body", "query"},
		{"?name=first&name=second", form, "", "first"},
		{"", form, "name=first&name=second", "first"},
		{"?unknown=1&v=5.9500;strict&=&&name=a;b", form, "strange", "a;b"},
		{"", "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\n", "name=%C3%A9t%C3%A9", "été"},
		{"", "Content-Type: APPLICATION/X-WWW-FORM-URLENCODED;charset=utf-8\n", "name=a%2Bb+c", "a+b c"},
		{"", "", "name=untyped", "untyped"},
		{"?name=typed", "Content-Type: application/json\n", "", "typed"},
		{"", form + "Transfer-Encoding: chunked\n", "9\r\nname=chun\r\n3\r\nked\r\n0\r\n\r\n", "chunked"},
		{"", form, "name=a%3Cb%26%22c", `a<b&"c`},
	} {
		answer := w.send("admin", "PATCH", "/clients/123/webhooks/789"+test.target, test.headers, test.body)
		if answer.StatusCode != 200 {
			t.Errorf("%+v: %d %s", test, answer.StatusCode, answer.body)
			continue
		}
		if got := parseXML(t, answer.body).Children[0].Attributes["name"]; got != test.want {
			t.Errorf("%+v: the name is %q", test, got)
		}
	}
	for parameters, want := range map[string]string{
		"events=": "", "events=,+,": "", "events=uri.*,uri.*": "uri.*", "events=+uri.created+,x.y": "uri.created,x.y", "events=*": "", "events=webhook.ping": "webhook.ping",
	} {
		answer := w.send("admin", "PATCH", "/clients/123/webhooks/789", form, parameters)
		if got := parseXML(t, answer.body).Children[0].Attributes["events"]; answer.StatusCode != 200 || got != want {
			t.Errorf("%s: %q, %d %s", parameters, got, answer.StatusCode, answer.body)
		}
	}
}

// A spoilt store does something else than reading clients.
type spoilt struct {
	hook.Store
	spoil func(ctx context.Context) error
}

type spoiltClients struct {
	hook.Collection[hook.Client]
	*spoilt
}

func (s *spoilt) Clients() hook.Collection[hook.Client] { return spoiltClients{s.Store.Clients(), s} }

func (s spoiltClients) Get(ctx context.Context, key string) (*hook.Client, error) {
	if s.spoil != nil {
		if err := s.spoil(ctx); err != nil {
			return nil, err
		}
	}
	return s.Collection.Get(ctx, key)
}

// TestErrorsDoNotMix: below the prefixes every error has the form of the API,
// also those that arise around it.
func TestErrorsDoNotMix(t *testing.T) {
	t.Parallel()
	var store *spoilt
	w := newTownWith(t, func(s hook.Store) hook.Store {
		store = &spoilt{Store: s}
		return store
	}, root.Limits{Time: 300 * time.Millisecond, Body: 100})
	check := func(what string, answer wire, status int, target string) {
		t.Helper()
		extension := ".xml"
		if strings.HasSuffix(target, ".json") {
			extension = ".json"
		}
		got := errorOf(t, extension, answer.body)
		if answer.StatusCode != status || len(got["id"]) != 4 || got["request"] == "" || got["message"] == "" {
			t.Errorf("%s: %s: %d %s", what, target, answer.StatusCode, answer.body)
		}
	}
	for _, target := range []string{
		"/ps", "/ps/", "/ps/x.json", "/clients", "/clients/", "/clients/123.json", "/clients/123/webhooks/789/pings", "/oauth", "/oauth/x.json",
		"/ps/graphql", "/ps/service/graphql.json", "/clients/..%2f", "/ps/%00", "/ps/../graphql", "/ps/service/webhooks", "/ps/oauth/token/x",
		"/clients/123/webhooks/789/", "/ps/service//clients//123/nothing",
	} {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"} {
			answer := w.send("admin", method, target, "", "")
			check(method, answer, map[bool]int{true: 400, false: 404}[strings.Contains(target, "%")], target)
		}
	}
	check("large", w.send("admin", "POST", "/clients/123/webhooks.json", form, strings.Repeat("x", 101)), 413, ".json")
	check("large", w.send("admin", "POST", "/clients/123/webhooks", form, strings.Repeat("x", 101)), 413, "")
	check("method", w.send("admin", "BREW", "/clients/123/webhooks.json", "", ""), 405, ".json")
	store.spoil = func(context.Context) error { panic("out of cheese") }
	check("panic", w.send("admin", "GET", "/clients/123/webhooks.json", "", ""), 500, ".json")
	store.spoil = func(context.Context) error { return errors.New("disk on fire") }
	check("failure", w.send("admin", "DELETE", "/oauth/members/456/clients/123", "", ""), 500, "")
	store.spoil = func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	check("time-out", w.send("admin", "GET", "/clients/123/webhooks", "", ""), http.StatusServiceUnavailable, "")
}
