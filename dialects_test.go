package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const formMedia = "application/x-www-form-urlencoded"

var (
	pageSeederError = regexp.MustCompile(`^<error id="[0-9A-F]{4}"><request>[^<]+</request><message>[^<]+</message></error>$`)
	entrustError    = regexp.MustCompile(`^\{"errorCode":"[a-z_]+","errorMessage":"[^"]+"\}$`)
	kheopsError     = regexp.MustCompile(`^(<!doctype html>.+</html>|\{"message":"[^"]+","detail":"[^"]+","help":"[^"]+"\})$`)
)

// TestErrorsDoNotMix: with all rooms in one house, whatever is wrong below the
// prefix of a dialect is answered in the form of that dialect.
func TestErrorsDoNotMix(t *testing.T) {
	t.Parallel()
	g := start(t, t.TempDir())
	large := strings.Repeat("x", 1<<20+1)
	for prefix, form := range map[string]*regexp.Regexp{
		"/ps": pageSeederError, "/clients": pageSeederError, "/oauth": pageSeederError, "/ps/service/clients": pageSeederError,
		"/api/web": entrustError, "/api/web/v1/webhooks/test": entrustError,
		"/api/albums": kheopsError, "/albums": kheopsError, "/albums/aB3dE5gH7j/webhooks": kheopsError,
	} {
		for _, rest := range []string{"", "/", "//x/", "/graphql/x", "/healthz/x/y", "/api/web/x", "/albums/x/y", "/a%2Fb", "/%ff", "/../graphql"} {
			for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"} {
				response, text := g.send(method, prefix+rest, nil, "Authorization", "Bearer nobody", "Origin", "https://a.example", "Access-Control-Request-Method", "GET")
				allowed := method == "OPTIONS" && response.StatusCode == 200 && text == ""
				if !allowed && (response.StatusCode < 400 || response.StatusCode >= 500 || !form.MatchString(text)) {
					t.Errorf("%s %s: %d %s", method, prefix+rest, response.StatusCode, text)
				}
			}
		}
		response, text := g.send("POST", prefix+"/x", strings.NewReader(large))
		if response.StatusCode != http.StatusRequestEntityTooLarge || !form.MatchString(text) {
			t.Errorf("a large body at %s: %d %.300s", prefix, response.StatusCode, text)
		}
	}
}

// A dialectView is how a dialect is asked about its webhooks in TestOneTruth.
type dialectView struct {
	dialect, owner string // the owner as GraphQL names it
	list, media    string
	make, rename   string // bodies
	disable        string // a form or an object that disables
	method         string // that changes
	secret         string // the state of a secret that the dialect makes
	pattern        string
	disabled       *regexp.Regexp
	denied         int // the status for a key that may only see webhooks
}

// TestOneTruth drives all dialects and GraphQL at one gateway: each change by one
// is seen by the other, and no dialect shows another's webhooks.
func TestOneTruth(t *testing.T) {
	t.Parallel()
	g := start(t, t.TempDir())
	client := g.graph(`mutation { createClient(input: {name: "Shop"}) { client { id key } } }`)["createClient"].(map[string]any)["client"].(map[string]any)
	album := g.graph(`mutation { createAlbum(input: {name: "Scans"}) { album { id key } } }`)["createAlbum"].(map[string]any)["album"].(map[string]any)
	view := g.graph(`mutation { createApiKey(input: {name: "viewer", permissions: ["WEBHOOKS:VIEW"]}) { token } }`)["createApiKey"].(map[string]any)["token"].(string)
	// The keys of the objects differ from one gateway to the next.
	clientKey, albumKey := client["key"].(string), album["key"].(string)
	views := []dialectView{
		{"PAGESEEDER", client["id"].(string), "/ps/service/clients/" + clientKey + "/webhooks", formMedia,
			"url=https://h.example/&name=one&events=uri.*", "name=two", "status=disabled", "PATCH", "NONE", "uri.*", regexp.MustCompile(`status="disabled"`), 403},
		{"ENTRUST", "", "/api/web/v1/webhooks", "application/json",
			`{"callbackUrl":"https://h.example/","name":"one","events":[{"type":"user.created"}]}`,
			`{"callbackUrl":"https://h.example/","name":"two","events":[{"type":"user.created"}]}`,
			`{"callbackUrl":"https://h.example/","enabled":false,"events":[{"type":"user.created"}]}`, "PUT", "SET", "user.created", regexp.MustCompile(`"enabled":false`), 403},
		{"KHEOPS", album["id"].(string), "/api/albums/" + albumKey + "/webhooks", formMedia,
			"url=https://h.example/&name=one&event=new_user&secret=s", "name=two", "enabled=false", "PATCH", "SET", "new_user", regexp.MustCompile(`"enabled":false`), 404},
	}
	keys := map[string]string{}
	seen := func(v dialectView, name string, enabled bool) {
		t.Helper()
		got := g.graph(fmt.Sprintf(`{ webhook(id: "Webhook:%s") { dialect name url enabled active secretState subscriptions { pattern } owner { ... on Client { id } ... on Album { id } } } }`, keys[v.dialect]))["webhook"]
		want := map[string]any{"dialect": v.dialect, "name": name, "url": "https://h.example/", "enabled": enabled, "active": enabled, "secretState": v.secret,
			"subscriptions": []any{map[string]any{"pattern": v.pattern}}, "owner": nil}
		if v.owner != "" {
			want["owner"] = map[string]any{"id": v.owner}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s in GraphQL: %s", v.dialect, diff)
		}
	}
	ask := func(method, path, media, body string, status int) string {
		t.Helper()
		response, text := g.send(method, path, strings.NewReader(body), "Content-Type", media)
		if response.StatusCode != status {
			t.Fatalf("%s %s: %d %s", method, path, response.StatusCode, text)
		}
		return text
	}
	for _, v := range views {
		status := 200
		if v.dialect == "KHEOPS" {
			status = 201
		}
		keys[v.dialect] = regexp.MustCompile(`id"?[:=]"([^"]+)"`).FindStringSubmatch(ask("POST", v.list, v.media, v.make, status))[1]
	}
	for _, v := range views {
		key, one := keys[v.dialect], v.list+"/"+keys[v.dialect]
		seen(v, "one", true)
		listed := ask("GET", v.list, formMedia, "", 200)
		for other, otherKey := range keys {
			if strings.Contains(listed, `"`+otherKey+`"`) != (other == v.dialect) {
				t.Errorf("%s lists of %s: %s", v.dialect, other, listed)
			}
			if other != v.dialect {
				if response, text := g.get(v.list + "/" + otherKey); response.StatusCode != 404 {
					t.Errorf("%s shows the webhook of %s: %d %s", v.dialect, other, response.StatusCode, text)
				}
			}
		}
		ask(v.method, one, v.media, v.rename, 200)
		seen(v, "two", true)
		ask(v.method, one, v.media, v.disable, 200)
		seen(v, "two", false)
		g.graph(`mutation { enableWebhook(input: {id: "Webhook:` + key + `"}) { userErrors { message } } }`)
		if text := ask("GET", one, formMedia, "", 200); v.disabled.MatchString(text) {
			t.Errorf("%s: enabled by GraphQL: %s", v.dialect, text)
		}
		g.graph(`mutation { disableWebhook(input: {id: "Webhook:` + key + `"}) { userErrors { message } } }`)
		if text := ask("GET", one, formMedia, "", 200); !v.disabled.MatchString(text) {
			t.Errorf("%s: disabled by GraphQL: %s", v.dialect, text)
		}
		// A key that may see webhooks and nothing else: PageSeeder's services show
		// the client too, and albums are for who has their permission.
		for method, status := range map[string]int{"GET": v.denied, "DELETE": v.denied} {
			if v.dialect == "ENTRUST" && method == "GET" {
				status = 200
			}
			if response, text := g.send(method, one, nil, "Authorization", "Bearer "+view); response.StatusCode != status {
				t.Errorf("%s of %s with WEBHOOKS:VIEW alone: %d %s", method, v.dialect, response.StatusCode, text)
			}
		}
		inGraph, _ := json.Marshal(map[string]string{"query": `{ webhook(id: "Webhook:` + key + `") { key } }`})
		_, text := g.send("POST", "/graphql", strings.NewReader(string(inGraph)), "Content-Type", "application/json", "Authorization", "Bearer "+view)
		if shown := strings.Contains(text, key); shown != (v.dialect != "KHEOPS") {
			t.Errorf("GraphQL with WEBHOOKS:VIEW alone: %s", text)
		}
	}
	for i, v := range slices.Backward(views) {
		one := v.list + "/" + keys[v.dialect]
		if i%2 == 0 {
			g.graph(`mutation { deleteWebhook(input: {id: "Webhook:` + keys[v.dialect] + `"}) { userErrors { message } } }`)
			ask("GET", one, formMedia, "", 404)
			continue
		}
		if response, text := g.send("DELETE", one, nil); response.StatusCode >= 300 {
			t.Errorf("%s: %d %s", one, response.StatusCode, text)
		}
		if got := g.graph(`{ webhook(id: "Webhook:` + keys[v.dialect] + `") { key } }`)["webhook"]; got != nil {
			t.Errorf("deleted: %v", got)
		}
	}
}
