package kheops_test

import (
	std "cmp"
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
	"github.com/hookgraph/hookgraph/hook"
)

// A contract is one request and its answer, which is compared byte for byte with
// the block of the same name in testdata/contract/GROUP.txt.
type contract struct {
	// section is that of the specification whose words the case checks.
	section, name, method, path string
	// body is a form, sent as such unless a header says otherwise. "-" is none.
	body string
	// as is who sends it: manager, an admin of the album, if empty; reader, an
	// ordinary member; stranger; none.
	as string
	// headers are pairs. An empty value takes a header away.
	headers []string
	// webhook names the webhook that {webhook} in the path stands for: that of the
	// case itself unless given.
	webhook string
}

// groups are the cases by endpoint.
var groups = map[string][]contract{
	"E1 list": listCases, "E2 create": createCases, "E3 get": getCases, "E4 edit": editCases, "E5 delete": deleteCases,
	"E6 trigger": triggerCases, "album": albumCases, "protocol": protocolCases,
}

// uncovered are the sections without a case, with the reason.
var uncovered = map[string]string{
	"0":    "names the sources",
	"4.5":  "examples of 4.1 to 4.4: TestExamples",
	"6":    "when events arise is for who publishes them",
	"7.1":  "headers of deliveries: checked with the payloads, delivery_test.go",
	"7.2":  "signatures: checked with the payloads, delivery_test.go",
	"7.3":  "payloads: delivery_test.go",
	"7.4":  "payloads: delivery_test.go",
	"7.5":  "retries and outcomes are for the delivery",
	"9.2":  "the welcome bot does not use webhooks",
	"10":   "names wishes",
	"11":   "names limitations",
	"13":   "its decisions are checked where they are made: 2, 3, 5.1",
	"8 ev": "the activity log has no endpoint here; the audit log has the entries",
}

var sections = []string{"0", "1", "2", "3 E1", "3 E2", "3 E3", "3 E4", "3 E5", "3 E6", "4.1", "4.2", "4.3", "4.4", "4.5", "5.1", "5.2", "6",
	"7.1", "7.2", "7.3", "7.4", "7.5", "8", "8 ev", "9", "9.2", "10", "11", "12", "13"}

// TestSections checks that each section has a case or a reason, and no other.
func TestSections(t *testing.T) {
	t.Parallel()
	covered := map[string]int{}
	for _, cases := range groups {
		for _, c := range cases {
			covered[c.section]++
		}
	}
	for _, s := range sections {
		if (covered[s] > 0) == (uncovered[s] != "") {
			t.Errorf("section %s: %d cases, reason for none %q", s, covered[s], uncovered[s])
		}
	}
	for s := range covered {
		if !slices.Contains(sections, s) {
			t.Errorf("there is no section %s", s)
		}
	}
}

const seeded = `{"id":"%s","url":"https://hooks.example.org/k?x=1","name":"Nightly QA","use_secret":true,"events":["new_series","new_user"],` +
	`"enabled":true,"last_triggers":[{"id":"%s","status":"pass"}],"number_of_triggers":7}`

// TestContract sends the cases of a group one after the other. What is refused
// must change nothing.
func TestContract(t *testing.T) {
	t.Parallel()
	for group, cases := range groups {
		t.Run(group, func(t *testing.T) {
			t.Parallel()
			g := open(t)
			keys := map[string]string{}
			var list []string
			for i, c := range cases {
				if keys[c.name] != "" {
					t.Fatalf("two cases are called %q", c.name)
				}
				keys[c.name] = fmt.Sprintf("webhook%013d", i)
				list = append(list, fmt.Sprintf(seeded, keys[c.name], fmt.Sprintf("trigger%023d", i)))
			}
			g.importList(t, album, "["+strings.Join(list, ",")+"]")
			g.importList(t, otherRoom, dialecttest.Read(t, "testdata/odd.json"))
			tokens := map[string]string{"": g.member(t, "manager", true), "reader": g.member(t, "reader", false), "admin key": adminKey}
			tokens["stranger"] = g.stranger(t)
			g.seedTriggers(t)
			var b strings.Builder
			for _, c := range cases {
				key := keys[c.name]
				if c.webhook != "" {
					if key = keys[c.webhook]; key == "" {
						key = c.webhook
					}
				}
				before := g.state(t, key)
				text, status := g.exchange(t, c, key, tokens[c.as])
				fmt.Fprintf(&b, "######## %s (section %s)\n%s\n\n", c.name, c.section, text)
				if after := g.state(t, key); status >= 400 && after != before {
					t.Errorf("%s: refused with %d, but changed:\n%s\n%s", c.name, status, before, after)
				}
			}
			file := filepath.Join("testdata", "contract", strings.ReplaceAll(group, " ", "-")+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(dialecttest.Read(t, file), b.String()); diff != "" {
				t.Error(diff)
			}
			if log := g.log.String(); log != "" {
				t.Errorf("logged: %s", log)
			}
		})
	}
}

// stranger returns the token of somebody who is in no album.
func (g *gateway) stranger(t *testing.T) string {
	t.Helper()
	ctx := admin(t.Context())
	m, err := g.service.CreateMember(ctx, hook.MemberFields{Username: hook.Set("stranger"), Sub: hook.Set("sub-stranger"), Email: hook.Set("stranger@example.org")})
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := g.service.CreateAPIKey(ctx, hook.APIKeyFields{Name: "stranger", Permissions: []hook.Permission{hook.PermissionAll}, Member: m.Key})
	if err != nil {
		t.Fatal(err)
	}
	return token.Reveal()
}

// state is what a request can change: a webhook, its triggers, and how many
// webhooks there are.
func (g *gateway) state(t *testing.T, key string) string {
	t.Helper()
	ctx := admin(t.Context())
	w, err := g.store.Webhooks().Get(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	list, err := g.service.WebhooksOf(ctx, hook.Kheops, hook.ID{Kind: hook.KindAlbum, Key: album})
	if err != nil {
		t.Fatal(err)
	}
	total, err := list.Total(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	stats, err := g.service.WebhookStats(ctx, []string{key})
	if err != nil {
		t.Fatal(err)
	}
	version := int64(0)
	if w != nil {
		version = w.Version
	}
	return fmt.Sprintf("%d webhooks, version %d, %d triggers", total, version, stats[0].Total())
}

// What differs from run to run. A new webhook and a new trigger have ids that do
// not begin as those of the tests do.
var (
	newWebhook = regexp.MustCompile(`^\{"id":"[A-Za-z0-9]{20}"`)
	newTrigger = regexp.MustCompile(`\{"id":"[A-Za-z0-9]{30}"`)
	instant    = regexp.MustCompile(`("(?:created|last_event)_time":)"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{3})?)?"`)
)

// cors are on every answer (section 2), so that they are told as one line.
var cors = map[string]string{
	"Access-Control-Allow-Origin":      "*",
	"Access-Control-Allow-Credentials": "true",
	"Access-Control-Allow-Methods":     "GET, PATCH, POST, PUT, DELETE, OPTIONS, HEAD",
	"Access-Control-Allow-Headers":     "origin, content-type, accept, authorization, frontend, accept-charset, X-Authorization-Source",
	"Access-Control-Max-Age":           "86400",
}

// exchange sends a case and returns it with the answer.
func (g *gateway) exchange(t *testing.T, c contract, key, token string) (text string, status int) {
	t.Helper()
	headers := map[string]string{}
	if token != "" {
		headers["Authorization"] = "Bearer " + token
	}
	if c.method == http.MethodPost || c.method == http.MethodPatch {
		headers["Content-Type"] = "application/x-www-form-urlencoded"
	}
	for i := 0; i < len(c.headers); i += 2 {
		headers[c.headers[i]] = c.headers[i+1]
	}
	var sent []string
	var b strings.Builder
	path := strings.ReplaceAll(c.path, "{webhook}", key)
	fmt.Fprintf(&b, "%s %s\n", c.method, path)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		value := headers[name]
		if value == "" {
			continue
		}
		sent = append(sent, name, value)
		if token != "" {
			value = strings.ReplaceAll(value, token, "("+std.Or(c.as, "manager")+")")
		}
		fmt.Fprintf(&b, "%s: %s\n", name, value)
	}
	var body io.Reader = http.NoBody
	if c.body != "" {
		body = strings.NewReader(c.body)
		fmt.Fprintf(&b, "\n%s\n", shorten(c.body))
	}
	response := g.send(t, c.method, path, body, sent...)
	for name, value := range cors {
		if got := response.Header.Values(name); len(got) != 1 || got[0] != value {
			t.Errorf("%s: %s is %q", c.name, name, got)
		}
		response.Header.Del(name)
	}
	answered := newWebhook.ReplaceAllStringFunc(readAll(t, response), func(id string) string {
		if strings.Contains(id, `"webhook0`) {
			return id
		}
		return `{"id":"{new webhook}"`
	})
	answered = newTrigger.ReplaceAllStringFunc(answered, func(id string) string {
		if strings.Contains(id, `"trigger0`) {
			return id
		}
		return `{"id":"{new trigger}"`
	})
	answered = instant.ReplaceAllString(answered, `$1"{instant}"`)
	fmt.Fprintf(&b, "\n%s\n", response.Status)
	response.Header.Del("Date")
	var head strings.Builder
	response.Header.Write(&head)
	b.WriteString(strings.ReplaceAll(head.String(), "\r\n", "\n"))
	fmt.Fprintf(&b, "\n%s", answered)
	return b.String(), response.StatusCode
}

// shorten keeps long bodies out of the golden files.
func shorten(body string) string {
	const most = 300
	if len(body) <= most {
		return body
	}
	return fmt.Sprintf("%s... (%d bytes)", body[:most], len(body))
}

func readAll(t *testing.T, response *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
