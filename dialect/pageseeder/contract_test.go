package pageseeder_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A contract is a request whose whole answer is fixed by a file below
// testdata/contract, and the sections of the specification that it checks.
type contract struct {
	name, sections     string
	as, method, target string
	headers, body      string
	before             func(w *town)
	status             int
}

// sections are those of the specification.
var sections = strings.Fields("0 1 2 2.1 2.2 2.3 2.4 2.5 2.6 2.7 2.8 3.1 3.2 3.3 3.4 3.5 4 5 6.1 6.2 6.3 6.4 6.5 7 8 9 10 11 12")

// withoutContract are the sections that no file shows, and what shows them.
var withoutContract = map[string]string{
	"0":   "names the sources",
	"3.5": "examples of 3.1 to 3.3: TestExamples",
	"6.3": "the catalogue of event types is the model's; its tests are those of package hook",
	"7":   "requests to receivers: ping_test.go and delivery_test.go",
	"8":   "the schema of GraphQL; its tests are those of package graph",
	"10":  "names programs; receiver_test.go is one of their receivers",
	"11":  "names what is known of complaints",
}

const all9 = "url=https%3A%2F%2Fhooks.acme.test%2Fps%3Fa%3Db&name=acme+sync&events=uri.*%2C+workflow.updated,,comment.later&projects=acme&groups=beta-info,beta-x" +
	"&server=true&object=basic&format=json&insecuressl=true"

const allClient = "name=acme+app&description=Syncs+%26+more&grant-type=client_credentials&redirect-uri=https%3A%2F%2Fa.test%2Fback&client-uri=https%3A%2F%2Fa.test%2F" +
	"&access-token-max-age=60&refresh-token-max-age=0&app=acme&scope=openid&webhook-secret=geheim"

var override = form + "X-HTTP-Method-Override: PATCH\n"

var contracts = []contract{
	{name: "list-xml", sections: "2.1 3.1 3.2 3.3 3.4", method: "GET", target: "/ps/api/clients/123/webhooks.xml"},
	{name: "list-json", sections: "2.1 3.1 3.2 3.3", method: "GET", target: "/ps/service/clients/123/webhooks", headers: "Accept: application/json\n"},
	{name: "list-empty-xml", sections: "2.1", method: "GET", target: "/clients/~1234567890123456/webhooks"},
	{name: "list-empty-json", sections: "2.1", method: "GET", target: "/clients/%7E1234567890123456/webhooks.json;jsessionid=ABC.node1?v=5.9500;strict"},
	{name: "list-no-client", sections: "2.1 4 12", method: "GET", target: "/ps/api/clients/9/webhooks.xml", status: 404},
	{name: "list-as-member", sections: "2 4", as: "member", method: "GET", target: "/clients/123/webhooks", status: 403},
	{name: "list-as-nobody", sections: "3.4 4", as: "-", method: "GET", target: "/clients/123/webhooks", status: 401},
	{name: "get-xml", sections: "2.2 3.1 9", method: "GET", target: "/ps/service/clients/123/webhooks/789", headers: "Accept: text/html, image/gif, image/jpeg, */*; q=0.2\nUpgrade: h2c\n"},
	{name: "get-json", sections: "2.2 3.3", method: "GET", target: "/ps/api/clients/123/webhooks/789.json"},
	{name: "get-of-other-client", sections: "2.2 4", method: "GET", target: "/ps/api/clients/124/webhooks/789.json", status: 404},
	{name: "get-no-webhook", sections: "2.2 4", method: "GET", target: "/clients/123/webhooks/790", status: 404},
	{name: "create-defaults", sections: "2.3 3.1 6.1", method: "POST", target: "/ps/service/clients/123/webhooks", headers: form, body: "url=https%3A%2F%2Fa.test"},
	{name: "create-all-xml", sections: "2.3 3.1 5 6.2", method: "POST", target: "/ps/service/clients/~4739db31320c67c5/webhooks", headers: form, body: all9},
	{name: "create-all-json", sections: "1 2.3 3.1 3.3", method: "POST", target: "/ps/api/clients/123/webhooks.json?" + all9},
	{name: "create-without-url-xml", sections: "2.3 4", method: "POST", target: "/ps/service/clients/123/webhooks", headers: form, body: "name=x", status: 400},
	{name: "create-without-url-json", sections: "4", method: "POST", target: "/ps/service/clients/123/webhooks.json", status: 400},
	{name: "create-bad-boolean", sections: "3.4 4", method: "POST", target: "/clients/123/webhooks", headers: form, body: "url=https://a.test&server=TRUE", status: 400},
	{name: "create-bad-format", sections: "6.2 12", method: "POST", target: "/clients/123/webhooks.json", headers: form, body: "url=https://a.test&format=yaml", status: 400},
	{name: "create-no-client", sections: "4", method: "POST", target: "/clients/9/webhooks.json", headers: form, body: "url=https://a.test", status: 404},
	{name: "create-as-member", sections: "2 4", as: "member", method: "POST", target: "/clients/123/webhooks", headers: form, body: "url=https://a.test", status: 403},
	{name: "patch-all", sections: "2.4 3.1", method: "PATCH", target: "/ps/api/clients/123/webhooks/789.xml", headers: form, body: all9 + "&status=active"},
	{name: "patch-tunnelled", sections: "1 2.4 3.4", method: "POST", target: "/ps/service/clients/123/webhooks/789?v=5.9500%3Bstrict", headers: override, body: "name=renamed"},
	{name: "patch-clears", sections: "2.4 5", method: "PATCH", target: "/clients/123/webhooks/789.json?name=&events=&projects=", headers: ""},
	{name: "patch-nothing", sections: "2.4 3.1", method: "PATCH", target: "/clients/123/webhooks/789.json"},
	{name: "patch-disabled", sections: "2.4 6.1", method: "PATCH", target: "/clients/123/webhooks/789.json", headers: form, body: "status=disabled"},
	{name: "patch-bad-status", sections: "6.1 4", method: "PATCH", target: "/clients/123/webhooks/789", headers: form, body: "status=paused", status: 400},
	{name: "patch-newclient-id", sections: "2.4", method: "PATCH", target: "/clients/123/webhooks/789", headers: form, body: "newclient=124"},
	{name: "patch-newclient-identifier", sections: "2.4", method: "PATCH", target: "/clients/123/webhooks/789.json", headers: form, body: "newclient=%7E1234567890123456"},
	{name: "patch-newclient-unknown", sections: "2.4 4", method: "PATCH", target: "/clients/123/webhooks/789.json", headers: form, body: "newclient=9&name=x", status: 400},
	{name: "patch-bad-tunnel", sections: "4", method: "POST", target: "/clients/123/webhooks/789", headers: "X-HTTP-Method-Override: patch\n", status: 400},
	{name: "delete-xml", sections: "2.5 12", method: "DELETE", target: "/ps/service/clients/123/webhooks/789"},
	{name: "delete-json", sections: "2.5 12", method: "POST", target: "/ps/api/clients/123/webhooks/789.json", headers: "X-HTTP-Method-Override: DELETE\n"},
	{name: "ping-blocked-xml", sections: "2.6 4", method: "GET", target: "/ps/service/clients/123/webhooks/789/ping", before: blocked, status: 400},
	{name: "ping-blocked-json", sections: "2.6 4", method: "GET", target: "/ps/service/clients/123/webhooks/789/ping.json", before: blocked, status: 400},
	{name: "ping-post", sections: "2.6", method: "POST", target: "/clients/123/webhooks/789/ping", status: 405},
	{name: "failures", sections: "2.7 12", method: "GET", target: "/ps/service/webhooks/failures.xml", status: 501},
	{name: "job", sections: "2.7 12", method: "GET", target: "/ps/api/webhooks/jobs/1.json", status: 501},
	{name: "unknown-path", sections: "4", method: "GET", target: "/ps/service/groups.json", status: 404},
	{name: "wrong-method", sections: "4", method: "PUT", target: "/ps/service/clients/123/webhooks", status: 405},
	{name: "media-type", sections: "2.3", method: "POST", target: "/clients/123/webhooks.json", headers: "Content-Type: application/json\n", body: `{"url":"https://a.test"}`, status: 415},
	{name: "broken-encoding-query", sections: "4", method: "POST", target: "/ps/api/clients/123/webhooks.xml?url=%zz", status: 400},
	{name: "clients-xml", sections: "2 3.2 6.4 6.5", method: "GET", target: "/ps/service/oauth/members/~jsnow/clients"},
	{name: "clients-json", sections: "2 3.2", as: "member", method: "GET", target: "/ps/oauth/members/jsnow/clients.json"},
	{name: "clients-of-email", sections: "2", method: "GET", target: "/oauth/members/~arya%40example.org/clients"},
	{name: "clients-no-member", sections: "4", method: "GET", target: "/ps/api/oauth/members/nobody/clients.json", status: 404},
	{name: "clients-of-another", sections: "2 4", as: "other", method: "GET", target: "/ps/api/oauth/members/456/clients.json", status: 404},
	{name: "client-xml", sections: "2.8 3.2", method: "GET", target: "/ps/api/oauth/members/456/clients/123.xml"},
	{name: "client-json", sections: "1 3.2 3.3", method: "GET", target: "/oauth/members/JSnow/clients/~4739db31320c67c5.json"},
	{name: "client-of-another", sections: "4", method: "GET", target: "/oauth/members/456/clients/124", status: 403},
	{name: "client-unknown", sections: "4", method: "GET", target: "/oauth/members/456/clients/9", status: 404},
	{name: "register-xml", sections: "2.8 3.2 6.4", method: "POST", target: "/ps/service/oauth/members/~jsnow/clients", headers: form, body: allClient},
	{name: "register-json", sections: "2.8 3.3", as: "member", method: "POST", target: "/ps/oauth/members/jsnow/clients", headers: form + "Accept: application/json\n", body: "name=acme&grant-type=authorization_code&refresh-token-max-age=0"},
	{name: "register-without-name", sections: "2.8 4", method: "POST", target: "/ps/oauth/members/jsnow/clients", status: 400},
	{name: "register-name-taken", sections: "2.8 3.2", method: "POST", target: "/ps/oauth/members/jsnow/clients.json?name=Sample", status: 409},
	{name: "register-bad-grant", sections: "6.4", method: "POST", target: "/ps/oauth/members/jsnow/clients?name=x&grant-type=refresh_token", status: 400},
	{name: "register-for-another", sections: "2 4", as: "other", method: "POST", target: "/ps/oauth/members/jsnow/clients?name=x", status: 404},
	{name: "client-patch", sections: "2.8", method: "PATCH", target: "/ps/service/oauth/members/456/clients/123", headers: form, body: "description=&client-uri=https://b.test&client-secret=0123456789abcdef0123&access-token-max-age=60"},
	{name: "client-patch-member", sections: "2.8", method: "POST", target: "/oauth/members/456/clients/123.json", headers: override, body: "member=~arya&identifier=00c0ffee00c0ffee"},
	{name: "client-patch-member-as-member", sections: "2.8 4", as: "member", method: "PATCH", target: "/oauth/members/456/clients/123.json", headers: form, body: "member=456&identifier=00c0ffee00c0ffee", status: 403},
	{name: "client-delete", sections: "2", as: "member", method: "DELETE", target: "/oauth/members/456/clients/123"},
	{name: "token", sections: "3.4", as: "-", method: "POST", target: "/ps/oauth/token", headers: form, body: tokenBody, before: tokenClient},
	{name: "token-basic", sections: "3.4", as: "-", method: "POST", target: "/oauth/token.xml", headers: form + "Authorization: Basic MTIzNDU2Nzg5MDEyMzQ1NjowMTIzNDU2Nzg5YWJjZGVmKzAxMjM=\n", body: "grant_type=client_credentials&scope=email", before: tokenClient},
	{name: "token-wrong-secret", sections: "3.4 4", as: "-", method: "POST", target: "/ps/oauth/token", headers: form + "Accept: application/json\n", body: tokenBody + "x", before: tokenClient, status: 401},
	{name: "token-wrong-secret-xml", sections: "4", as: "-", method: "POST", target: "/ps/oauth/token", headers: form, body: tokenBody + "x", before: tokenClient, status: 401},
	{name: "token-other-grant", sections: "6.4", as: "-", method: "POST", target: "/ps/oauth/token.json", headers: form, body: "grant_type=password&username=jsnow&password=x", status: 400},
	{name: "token-wrong-client-grant", sections: "6.4", as: "-", method: "POST", target: "/ps/oauth/token.json", headers: form, body: tokenBody, before: passwordClient, status: 400},
	{name: "token-without-grant", sections: "4", as: "-", method: "POST", target: "/ps/oauth/token.json", status: 400},
	{name: "token-secret-in-url", sections: "3.4", as: "-", method: "POST", target: "/ps/oauth/token.json?" + tokenBody, before: tokenClient, status: 400},
	{name: "token-get", sections: "3.4", as: "-", method: "GET", target: "/ps/oauth/token.json", status: 405},
}

const (
	clientSecret = "0123456789abcdef+0123"
	tokenBody    = "grant_type=client_credentials&client_id=1234567890123456&client_secret=0123456789abcdef%2B0123"
)

func blocked(w *town) { w.do("PATCH", "/clients/123/webhooks/789", "url=http://10.1.2.3/") }

// tokenClient lets client 124 get tokens.
func tokenClient(w *town) {
	w.do("PATCH", "/oauth/members/457/clients/124", "grant-type=client_credentials&client-secret=0123456789abcdef%2B0123")
}

func passwordClient(w *town) {
	w.do("PATCH", "/oauth/members/457/clients/124", "client-secret=0123456789abcdef%2B0123")
}

// do changes something as the administrator, and wants it to succeed.
func (w *town) do(method, target, body string) string {
	w.t.Helper()
	answer := w.send("admin", method, target, form, body)
	if answer.StatusCode != 200 {
		w.t.Fatalf("%s %s: %d %s", method, target, answer.StatusCode, answer.body)
	}
	return answer.body
}

// chance is what differs from run to run.
var chance = []struct {
	pattern *regexp.Regexp
	shown   string
}{
	{regexp.MustCompile(`20(2[5-9]|[3-9]\d)-\d\d-\d\dT\d\d:\d\d:\d\d\+1[01]:00`), "(now)"},
	{regexp.MustCompile(`(activatesecret(?:="|":"))[0-9a-f]{10}"`), `${1}(10 digits)"`},
	{regexp.MustCompile(`([ "]secret(?:="|":"))[A-Za-z0-9_-]{43}"`), `${1}(43 characters)"`},
	{regexp.MustCompile(`("access_token":")[A-Za-z0-9_-]{60,120}"`), `${1}(a token)"`},
}

var newIdentifier = regexp.MustCompile(`identifier(="|":")[0-9a-f]{16}"`)

func (a wire) shown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nHTTP/1.1 %s\n", strings.TrimSpace(a.request), a.Status)
	for _, name := range []string{"Allow", "Cache-Control", "Content-Type", "Location", "Pragma", "Vary", "Www-Authenticate"} {
		for _, value := range a.Header[name] {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	text := a.body
	for _, c := range chance {
		text = c.pattern.ReplaceAllString(text, c.shown)
	}
	text = newIdentifier.ReplaceAllStringFunc(text, func(found string) string {
		for _, known := range []string{"4739db31320c67c5", "1234567890123456", "00c0ffee00c0ffee"} {
			if strings.Contains(found, known) {
				return found
			}
		}
		return newIdentifier.ReplaceAllString(found, `identifier${1}(16 digits)"`)
	})
	return b.String() + "\n" + text + "\n"
}

func TestContract(t *testing.T) {
	t.Parallel()
	for _, c := range contracts {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			if c.before != nil {
				c.before(w)
			}
			as := map[string]string{"": "admin", "-": ""}[c.as]
			if c.as != "" && c.as != "-" {
				as = c.as
			}
			answer := w.send(as, c.method, c.target, c.headers, c.body)
			if c.status == 0 {
				c.status = 200
			}
			if answer.StatusCode != c.status {
				t.Errorf("%d, want %d: %s", answer.StatusCode, c.status, answer.body)
			}
			golden(t, filepath.Join("contract", c.name+".http"), answer.shown())
		})
	}
}

// TestContractIsWhole: each section is checked by a case or says why it is not,
// and there is no file without a case.
func TestContractIsWhole(t *testing.T) {
	t.Parallel()
	checked := map[string][]string{}
	files := map[string]bool{}
	for _, c := range contracts {
		if files[c.name+".http"] {
			t.Errorf("two cases are called %s", c.name)
		}
		files[c.name+".http"] = true
		for section := range strings.FieldsSeq(c.sections) {
			if !slices.Contains(sections, section) {
				t.Errorf("%s: there is no section %s", c.name, section)
			}
			checked[section] = append(checked[section], c.name)
		}
	}
	for _, section := range sections {
		reason := withoutContract[section]
		t.Logf("section %s: %s", section, strings.Join(append(checked[section], reason), " "))
		if (len(checked[section]) == 0) != (reason != "") {
			t.Errorf("section %s has %d cases, and the reason for none is %q", section, len(checked[section]), reason)
		}
	}
	entries, err := os.ReadDir("testdata/contract")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !files[entry.Name()] {
			t.Errorf("%s belongs to no case", entry.Name())
		}
	}
	if len(files) != len(entries) && !*update {
		t.Errorf("missing files: %v", slices.Sorted(maps.Keys(files)))
	}
}
