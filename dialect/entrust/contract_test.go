package entrust_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/dialect/dialecttest"
)

// A contractCase is one request whose whole answer stands in
// testdata/contract/NAME.txt.
type contractCase struct {
	name string
	// sections are those of the specification that the case checks; 12.N is an
	// entry of section 12.
	sections     string
	method, path string
	// body is sent as JSON unless media says otherwise.
	body, media string
	// auth is the name of a credential of the harness; "none" sends none.
	auth string
}

const (
	first   = webhooks + "/8f2b1d3e-5c47-4e0a-9a6b-0d6f2f7c1a55" // imported, active
	expired = webhooks + "/2c3d4e5f-0a1b-4c2d-8e3f-405162738495" // imported, expired
	named   = webhooks + "/8f2b1d3e-5c47-4e0a-9a6b-0000000000a1" // token known
	idle    = webhooks + "/8f2b1d3e-5c47-4e0a-9a6b-0000000000a2" // disabled
	unknown = webhooks + "/0f5b1c1e-7a52-4c39-9b6f-2d8d2f6a9a10"
	foreign = webhooks + "/1000000000" // of another dialect
	loginAt = "/api/web/v1/adminapi/authenticate"
)

func testAt(path string) string { return strings.Replace(path, "/webhooks/", "/webhooks/test/", 1) }

const minimal = `{"callbackUrl":"https://h.example/","events":[{"type":"user.created"}]}`

// contract is in order: later cases see what earlier ones have done.
var contract = []contractCase{
	// Reading.
	{"list", "1 2 2.3 12.29", "GET", webhooks, "", "", ""},
	{"get", "2 2.3 2.5 12.7", "GET", first, "", "", ""},
	{"get-head", "2", "HEAD", first, "", "", ""},
	{"get-unnamed-expired", "2.3 5 12.14", "GET", expired, "", "", ""},
	{"get-unknown", "12.3", "GET", unknown, "", "", ""},
	{"get-no-uuid", "12.4", "GET", webhooks + "/wh_0123456789abcdef", "", "", ""},
	{"get-odd-id", "12.4", "GET", webhooks + "/%C3%BC%20%22", "", "", ""},
	{"get-other-dialect", "12.3", "GET", foreign, "", "", ""},
	{"openapi-head", "1", "HEAD", "/api/web/v1/openapi.json", "", "", "none"},

	// Credentials and permissions.
	{"no-credential", "3.2 4 12.2", "GET", webhooks, "", "", "none"},
	{"bad-token", "3.2 4 12.2", "GET", webhooks, "", "", "bad"},
	{"options", "4", "OPTIONS", first, "", "", "session"},
	{"options-bad-token", "4", "OPTIONS", first, "", "", "bad"},
	{"view-required", "2 3.2", "GET", webhooks, "", "", "nothing"},
	{"view-required-one", "2 3.2", "GET", first, "", "", "nothing"},
	{"add-required", "2 3.2", "POST", webhooks, minimal, "", "viewer"},
	{"add-required-before-body", "2 3.2", "POST", webhooks, `{`, "", "viewer"},
	{"edit-required", "2 3.2", "PUT", first, minimal, "", "viewer"},
	{"remove-required", "2 3.2", "DELETE", first, "", "", "viewer"},
	{"test-edit-required", "2 3.2", "POST", testAt(first), "", "", "viewer"},

	// The login.
	{"login", "4", "POST", loginAt, `{"applicationId":"APP","sharedSecret":"SECRET"}`, "", "none"},
	{"login-cookie", "4", "POST", loginAt, `{"applicationId":"APP","sharedSecret":"SECRET","enableWebSession":true}`, "", "bad"},
	{"login-unknown", "3.2 12.1", "POST", loginAt, `{"applicationId":"0f5b1c1e-7a52-4c39-9b6f-2d8d2f6a9a10","sharedSecret":"SECRET"}`, "", "none"},
	{"login-no-uuid", "12.1", "POST", loginAt, `{"applicationId":"x y","sharedSecret":"SECRET"}`, "", "none"},
	{"login-wrong-secret", "3.2 12.1", "POST", loginAt, `{"applicationId":"APP","sharedSecret":"no"}`, "", "none"},
	{"login-no-secret", "12.1", "POST", loginAt, `{"applicationId":"APP"}`, "", "none"},
	{"login-null", "12.1", "POST", loginAt, `{"applicationId":null,"sharedSecret":"SECRET"}`, "", "none"},
	{"login-empty", "12.1", "POST", loginAt, `{"applicationId":"APP","sharedSecret":""}`, "", "none"},
	{"login-type", "4", "POST", loginAt, `{"applicationId":7,"sharedSecret":"SECRET"}`, "", "none"},
	{"login-flag-type", "4", "POST", loginAt, `{"applicationId":"APP","sharedSecret":"SECRET","enableWebSession":"yes"}`, "", "none"},
	{"login-twice", "12.27", "POST", loginAt, `{"applicationId":"APP","applicationId":"APP","sharedSecret":"SECRET"}`, "", "none"},
	{"login-cut", "12.27", "POST", loginAt, `{"applicationId":"APP","shared`, "", "none"},
	{"login-no-body", "12.27", "POST", loginAt, "", "", "none"},
	{"login-media", "12.27", "POST", loginAt, "applicationId=APP", "application/x-www-form-urlencoded", "none"},
	{"login-method", "3.1", "GET", loginAt, "", "", "none"},

	// Creating. The limit of the harness is 4, of which 2 are taken.
	{"create", "1 2.1 2.5 12.5 12.6", "POST", webhooks,
		`{"name":"SIEM feed","callbackUrl":"https://hooks.example.net/idaas?a=<1>&b=%20","enabled":true,"expiry":90,"events":[{"type":"authentication.failed"},{"type":"user.created","id":"mine","filter":"[{\"enrollmentDesignId\":\"a\"}]"}]}`, "", ""},
	{"create-old-client", "1 5 12.9 12.10 12.12", "POST", webhooks,
		`{"callbackUrl":"https://h.example/","events":[{"type":"user.create"},{"type":"user.created"},{"type":"user.created"}],"expiry":0,"unknown":{"a":[1]}}`, "application/json;charset=UTF-8", "session"},
	{"create-limit", "6 12.16", "POST", webhooks, minimal, "", ""},
	{"create-disabled-at-limit", "12.16", "POST", webhooks, `{"callbackUrl":"https://h.example/","enabled":false,"events":[{"type":"user.created"}],"name":null,"expiry":null}`, "", ""},
	{"create-no-url", "2.1", "POST", webhooks, `{"events":[{"type":"user.created"}]}`, "", ""},
	{"create-http", "6 12.17", "POST", webhooks, `{"callbackUrl":"http://h.example/","events":[{"type":"user.created"}]}`, "", ""},
	{"create-url-empty", "12.17", "POST", webhooks, `{"callbackUrl":"","events":[{"type":"user.created"}]}`, "", ""},
	{"create-url-malformed", "12.17", "POST", webhooks, `{"callbackUrl":"https://h.example:99999/","events":[{"type":"user.created"}]}`, "", ""},
	{"create-url-no-host", "12.17", "POST", webhooks, `{"callbackUrl":"https:///x","events":[{"type":"user.created"}]}`, "", ""},
	{"create-url-encoding", "12.17", "POST", webhooks, `{"callbackUrl":"https://h.example/%zz","events":[{"type":"user.created"}]}`, "", ""},
	{"create-url-user", "12.17", "POST", webhooks, `{"callbackUrl":"https://u:p@h.example/","events":[{"type":"user.created"}]}`, "", ""},
	{"create-url-long", "12.17", "POST", webhooks, `{"callbackUrl":"https://h.example/` + strings.Repeat("a", 1010) + `","events":[{"type":"user.created"}]}`, "", ""},
	{"create-url-type", "2.1", "POST", webhooks, `{"callbackUrl":["https://h.example/"],"events":[{"type":"user.created"}]}`, "", ""},
	{"create-no-events", "2.1 12.8", "POST", webhooks, `{"callbackUrl":"https://h.example/"}`, "", ""},
	{"create-null-events", "12.8", "POST", webhooks, `{"callbackUrl":"https://h.example/","events":null}`, "", ""},
	{"create-empty-events", "12.8", "POST", webhooks, `{"callbackUrl":"https://h.example/","events":[]}`, "", ""},
	{"create-events-type", "2.1", "POST", webhooks, `{"callbackUrl":"https://h.example/","events":{"type":"user.created"}}`, "", ""},
	{"create-event-text", "2.2", "POST", webhooks, `{"callbackUrl":"https://h.example/","events":["user.created"]}`, "", ""},
	{"create-event-no-type", "2.2", "POST", webhooks, `{"callbackUrl":"https://h.example/","events":[{"id":"a"}]}`, "", ""},
	{"create-event-unknown", "7.2 12.9", "POST", webhooks, `{"callbackUrl":"https://h.example/","events":[{"type":"user.created"},{"type":"user.exploded"}]}`, "", ""},
	{"create-event-star", "7.2 12.9", "POST", webhooks, `{"callbackUrl":"https://h.example/","events":[{"type":"*"}]}`, "", ""},
	{"create-filter-type", "2.2 12.31", "POST", webhooks, `{"callbackUrl":"https://h.example/","events":[{"type":"user.created","filter":[{}]}]}`, "", ""},
	{"create-filter-long", "2.2", "POST", webhooks, `{"callbackUrl":"https://h.example/","events":[{"type":"user.created","filter":"` + strings.Repeat("x", 10001) + `"}]}`, "", ""},
	{"create-name-empty", "12.11", "POST", webhooks, `{"name":"","callbackUrl":"https://h.example/","events":[{"type":"user.created"}]}`, "", ""},
	{"create-name-long", "12.11", "POST", webhooks, `{"name":"` + strings.Repeat("ü", 256) + `","callbackUrl":"https://h.example/","events":[{"type":"user.created"}]}`, "", ""},
	{"create-name-type", "2.1", "POST", webhooks, `{"name":1,"callbackUrl":"https://h.example/","events":[{"type":"user.created"}]}`, "", ""},
	{"create-name-surrogate", "12.27", "POST", webhooks, `{"name":"\ud800","callbackUrl":"https://h.example/","events":[{"type":"user.created"}]}`, "", ""},
	{"create-enabled-type", "2.1", "POST", webhooks, `{"enabled":"true","callbackUrl":"https://h.example/","events":[{"type":"user.created"}]}`, "", ""},
	{"create-expiry-large", "2.1", "POST", webhooks, `{"expiry":1001,"callbackUrl":"https://h.example/","events":[{"type":"user.created"}]}`, "", ""},
	{"create-expiry-negative", "2.1", "POST", webhooks, `{"expiry":-1,"callbackUrl":"https://h.example/","events":[{"type":"user.created"}]}`, "", ""},
	{"create-expiry-fraction", "2.1", "POST", webhooks, `{"expiry":1.5,"callbackUrl":"https://h.example/","events":[{"type":"user.created"}]}`, "", ""},
	{"create-expiry-type", "2.1", "POST", webhooks, `{"expiry":"30","callbackUrl":"https://h.example/","events":[{"type":"user.created"}]}`, "", ""},
	{"create-twice", "12.27", "POST", webhooks, `{"name":"a","name":"b","callbackUrl":"https://h.example/","events":[{"type":"user.created"}]}`, "", ""},
	{"create-cut", "12.27", "POST", webhooks, minimal[:40], "", ""},
	{"create-more", "12.27", "POST", webhooks, minimal + "{}", "", ""},
	{"create-array", "12.27", "POST", webhooks, "[" + minimal + "]", "", ""},
	{"create-deep", "12.27", "POST", webhooks, `{"a":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}`, "", ""},
	{"create-bytes", "12.27", "POST", webhooks, "{\"name\":\"\xff\"}", "", ""},
	{"create-no-body", "12.27", "POST", webhooks, "", "", ""},
	{"create-media", "12.27", "POST", webhooks, minimal, "text/plain", ""},
	{"create-charset", "12.27 12.28", "POST", webhooks, minimal, "application/json; charset=utf-16", ""},
	{"create-media-broken", "12.27", "POST", webhooks, minimal, "application/json; charset", ""},
	{"create-too-large", "3.1", "POST", webhooks, `{"name":"` + strings.Repeat("x", 1<<20) + `"}`, "", ""},
	{"create-query", "12.27", "POST", webhooks + "?callbackUrl=x&%zz", `{}`, "", ""},

	// Changing.
	{"update", "2 12.7 12.12 12.13", "PUT", named, `{"name":"other","callbackUrl":"https://h.example/2","events":[{"type":"grid.created"}]}`, "", ""},
	{"update-keeps-name", "5 12.10 12.13", "PUT", named, `{"callbackUrl":"https://h.example/3","events":[{"type":"grid.created"}],"enabled":true}`, "", ""},
	{"update-id-ignored", "2.2", "PUT", named, `{"id":"x","callbackUrl":"https://h.example/3","events":[{"id":"x","type":"grid.created"}],"token":"x","expired":true}`, "", ""},
	{"update-enable-expired", "12.15", "PUT", expired, `{"callbackUrl":"https://h.example/","enabled":true,"events":[{"type":"user.created"}]}`, "", ""},
	{"update-enable-expired-with-expiry", "12.13 12.15 12.16", "PUT", expired, `{"callbackUrl":"https://h.example/","enabled":true,"expiry":0,"events":[{"type":"user.created"}]}`, "", ""},
	{"update-enable-limit", "6 12.16", "PUT", idle, `{"callbackUrl":"https://h.example/","enabled":true,"events":[{"type":"user.created"}]}`, "", ""},
	{"update-disable", "2.1", "PUT", first, `{"callbackUrl":"https://h.example/","enabled":false,"events":[{"type":"user.created"}]}`, "", ""},
	{"update-enable-expired-again", "12.13 12.15", "PUT", expired, `{"callbackUrl":"https://h.example/","enabled":true,"expiry":0,"events":[{"type":"user.created"}]}`, "", ""},
	{"update-unknown", "12.3", "PUT", unknown, minimal, "", ""},
	{"update-unknown-before-body", "12.3", "PUT", unknown, `{`, "", ""},
	{"update-other-dialect", "12.3", "PUT", foreign, minimal, "", ""},
	{"update-no-events", "2.1 12.8", "PUT", named, `{"callbackUrl":"https://h.example/"}`, "", ""},
	{"update-no-body", "12.27", "PUT", named, "", "", ""},
	{"update-cut", "12.27", "PUT", named, minimal[:12], "", ""},
	{"update-media", "12.27", "PUT", named, minimal, "application/xml", ""},
	{"update-expiry-type", "2.1", "PUT", named, `{"callbackUrl":"https://h.example/","events":[{"type":"user.created"}],"expiry":true}`, "", ""},
	{"patch", "2", "PATCH", named, `{}`, "", ""},

	// Testing.
	{"test", "2 2.4 5 6 12.18", "POST", testAt(named), "", "application/json", ""},
	{"test-disabled", "12.18", "POST", testAt(idle), "{}", "", ""},
	{"test-elsewhere", "2.4", "POST", testAt(named), `{"callbackUrl":"https://other.example/"}`, "", ""},
	{"test-http", "12.19", "POST", testAt(named), `{"callbackUrl":"http://other.example/"}`, "", ""},
	{"test-url-type", "2.4", "POST", testAt(named), `{"callbackUrl":1}`, "", ""},
	{"test-url-empty", "2.4", "POST", testAt(named), `{"callbackUrl":""}`, "", ""},
	{"test-refused", "12.18", "POST", testAt(named), `{"callbackUrl":"https://500.example/"}`, "", ""},
	{"test-redirect", "12.18 12.22", "POST", testAt(named), `{"callbackUrl":"https://302.example/"}`, "", ""},
	{"test-no-answer", "12.18", "POST", testAt(named), `{"callbackUrl":"https://down.example/"}`, "", ""},
	{"test-token-unknown", "2.3", "POST", testAt(first), "", "", ""},
	{"test-unknown", "12.3", "POST", testAt(unknown), "", "", ""},
	{"test-cut", "12.27", "POST", testAt(named), `{"callback`, "", ""},
	{"test-media", "12.27", "POST", testAt(named), `a=b`, "application/x-www-form-urlencoded", ""},
	{"test-method", "3.1", "GET", testAt(named), "", "", ""},

	// Deleting.
	{"delete", "1 2 2.5", "DELETE", named, "", "", ""},
	{"delete-again", "12.32", "DELETE", named, "", "", ""},
	{"delete-with-body", "12.27", "DELETE", idle, "{", "text/plain", ""},
	{"delete-other-dialect", "12.3", "DELETE", foreign, "", "", ""},
	{"delete-all", "2", "DELETE", webhooks, "", "", ""},

	// Paths.
	{"path-unknown", "3.1", "GET", "/api/web/v1/nothing", "", "", ""},
	{"path-version", "3.1", "GET", "/api/web/v2/webhooks", "", "", ""},
	{"path-slash", "3.1", "GET", webhooks + "/a%2Fb", "", "", ""},
	{"path-bytes", "3.1", "GET", webhooks + "/%ff", "", "", ""},
	{"path-dots", "3.1", "GET", webhooks + "/%2e%2e/x", "", "", ""},
	{"list-at-the-end", "1 2.3", "GET", webhooks, "", "", "long-lived"},
}

// elsewhere says where the sections are checked that no case above names, or why
// they are not.
var elsewhere = map[string]string{
	"0":     "sources",
	"7.1":   "TestMessage",
	"8.1":   "TestMessage, and the test vector in package delivery",
	"8.2":   "TestMessage, and the test vector in package delivery",
	"9":     "clients/entrust",
	"10":    "nothing is specified",
	"12.20": "not yet: events are not delivered",
	"12.21": "not yet: events are not delivered",
	"12.23": "not yet: events are not delivered",
	"12.24": "TestMessage",
	"12.25": "TestMessage",
	"12.26": "TestSamples",
	"12.30": "there is no limit of rate",
}

func TestContract(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	for _, c := range contract {
		t.Run(c.name, func(t *testing.T) {
			got := h.exchange(t, c)
			file := filepath.Join("testdata", "contract", c.name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(dialecttest.Read(t, file), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestContractIsWhole compares the sections with those of the specification, and
// the files with the cases.
func TestContractIsWhole(t *testing.T) {
	t.Parallel()
	sections := strings.Fields("0 1 2 2.1 2.2 2.3 2.4 2.5 3.1 3.2 4 5 6 7.1 7.2 8.1 8.2 9 10")
	for n := 1; n <= 32; n++ {
		sections = append(sections, fmt.Sprintf("12.%d", n))
	}
	checked := maps.Clone(elsewhere)
	names := map[string]bool{}
	for _, c := range contract {
		if names[c.name] {
			t.Errorf("two cases are called %s", c.name)
		}
		names[c.name] = true
		for s := range strings.FieldsSeq(c.sections) {
			if _, also := elsewhere[s]; also || !slices.Contains(sections, s) {
				t.Errorf("case %s: section %s is not one to check here", c.name, s)
			}
			checked[s] = c.name
		}
	}
	for _, s := range sections {
		if checked[s] == "" {
			t.Errorf("section %s has no case", s)
		}
	}
	files, err := os.ReadDir("testdata/contract")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !names[strings.TrimSuffix(f.Name(), ".txt")] {
			t.Errorf("there is no case for %s", f.Name())
		}
	}
}

// volatile is what differs from run to run.
var volatile = []struct {
	form *regexp.Regexp
	mask string
}{
	{regexp.MustCompile(`whsec_[A-Za-z0-9_-]{43}`), "whsec_(43 characters)"},
	{regexp.MustCompile(`"authToken":"[A-Za-z0-9+/]+=*"`), `"authToken":"(base64)"`},
	{regexp.MustCompile(`INTELLITRUST_SESSION_ID=[A-Za-z0-9_-]{43}`), "INTELLITRUST_SESSION_ID=(43 characters)"},
	{regexp.MustCompile(`Time":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"`), `Time":"(instant)"`},
	{regexp.MustCompile(`"expiryDate":"20[23]\d-\d\d-\d\dT\d\d:\d\d:\d\d"`), `"expiryDate":"(date)"`},
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`), "(uuid)"},
}

// fixed are the ids that the harness gives, which are shown.
var fixed = regexp.MustCompile(`8f2b1d3e-5c47-4e0a-9a6b-|2c3d4e5f-|c1d7b1f0-|a902f7c7-|0c9a0a52-|0f5b1c1e-`)

func mask(text string) string {
	for _, v := range volatile {
		text = v.form.ReplaceAllStringFunc(text, func(found string) string {
			if fixed.MatchString(found) || strings.Contains(found, "2025-01-31") {
				return found
			}
			return v.mask
		})
	}
	return text
}

// exchange sends the request of a case and returns it with its answer.
func (h *house) exchange(t *testing.T, c contractCase) string {
	t.Helper()
	body := strings.NewReplacer("APP", h.app, "SECRET", h.secret).Replace(c.body)
	r, err := http.NewRequestWithContext(t.Context(), c.method, h.url+c.path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	media := c.media
	if media == "" && body != "" {
		media = "application/json"
	}
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	if credential := h.credential(t, c.auth); credential != "" {
		r.Header.Set("Authorization", credential)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answered, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	response.Header.Del("Date")
	response.Header.Del("X-Request-Id")
	var headers strings.Builder
	response.Header.Write(&headers)
	shown := c.body
	if len(shown) > 600 {
		shown = fmt.Sprintf("%s... (%d bytes)", shown[:80], len(shown))
	}
	if media != "" {
		media = "Content-Type: " + media + "\n"
	}
	return fmt.Sprintf("%s %s\n%s\n%s\n\n-----\n\n%s\n%s\n%s", c.method, c.path, media, shown,
		response.Status, strings.ReplaceAll(mask(headers.String()), "\r\n", "\n"), mask(string(answered)))
}
