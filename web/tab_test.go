package web_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/hookgraph/hookgraph/web"
)

const howTo = `these tests need what the Playground loads and a browser:
  make assets (npm), and apt-get install chromium, then run them again.
  REQUIRE_BROWSER=1 makes this skip a failure.`

func lack(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("REQUIRE_BROWSER") != "" {
		t.Fatalf("%s\n%s", what, howTo)
	}
	t.Skipf("SKIPPED, THE PLAYGROUND WAS NOT TESTED: %s\n%s", what, howTo)
}

func needAssets(t *testing.T) {
	t.Helper()
	if !web.Offline(web.Assets()) {
		lack(t, "the assets are missing")
	}
}

// The browser is started once, by the first test that needs it.
var (
	browserStart sync.Once
	browserError error
	browser      context.Context
	endBrowser   = func() {}
)

func TestMain(m *testing.M) {
	code := m.Run()
	endBrowser()
	os.Exit(code)
}

// needBrowser returns a browser that reaches 127.0.0.1 and nothing else.
func needBrowser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		lack(t, "chromium is missing")
	}
	browserStart.Do(func() {
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path),
			chromedp.NoSandbox, // it refuses to start for root otherwise
			chromedp.DisableGPU, chromedp.WindowSize(1400, 900), chromedp.Flag("disable-component-update", true),
			chromedp.Flag("no-proxy-server", true), // a proxy would resolve the names
			chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"))
		allocator, endAllocator := chromedp.NewExecAllocator(context.Background(), options...)
		first, endFirst := chromedp.NewContext(allocator)
		endBrowser = func() { endFirst(); endAllocator() }
		browser, browserError = first, chromedp.Do(first)
	})
	if browserError != nil {
		t.Fatalf("chromium does not start: %v", browserError)
	}
	return browser
}

// A tab shows a page, with storage of its own.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu                          sync.Mutex
	complaints, excuses, visits []string
}

// The tests cause these on purpose.
const (
	refusal    = "401 (Unauthorized)"
	unresolved = "net::ERR_NAME_NOT_RESOLVED"
	forbidden  = "Content Security Policy"
)

// newTab opens a tab. At the end of the test its console must have no errors and
// no violation of the policy other than those that contain an excuse.
func newTab(t *testing.T, excuses ...string) *tab {
	t.Helper()
	parent := needBrowser(t)
	b := &tab{t: t, excuses: excuses}
	limited, cancel := context.WithTimeout(parent, 2*time.Minute)
	t.Cleanup(cancel)
	ctx, closeTab := chromedp.NewContext(limited, chromedp.WithNewBrowserContext())
	b.ctx = ctx
	messages := chromedp.Console(ctx)
	var reading sync.WaitGroup
	reading.Go(func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if text := m.String() + " " + m.Source + " " + m.URL; m.IsException() || m.Type == "error" || m.Type == "warning" || m.Source == "security" {
				b.mu.Lock()
				b.complaints = append(b.complaints, text)
				b.mu.Unlock()
			}
		}
	})
	if err := chromedp.Listen(ctx, func(event any) {
		if sent, ok := event.(*network.EventRequestWillBeSent); ok {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.visits = append(b.visits, sent.Request.URL)
		}
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		closeTab()
		reading.Wait()
		for _, complaint := range b.complaints {
			if !contains(complaint, b.excuses) {
				t.Errorf("the browser complains: %s", complaint)
			}
		}
	})
	return b
}

func contains(text string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// elsewhere returns what the tab asked of other hosts than the gateway.
func (b *tab) elsewhere(s *server) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	own := 0
	var others []string
	for _, address := range b.visits {
		switch {
		case strings.HasPrefix(address, s.url+"/"):
			own++
		case !strings.HasPrefix(address, "data:") && !strings.HasPrefix(address, "about:"):
			others = append(others, address)
		}
	}
	if own == 0 {
		b.t.Errorf("the tab asked the gateway nothing, but %v", b.visits)
	}
	return others
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) evaluate(expression string) (string, error) {
	return chromedp.Run(b.ctx, chromedp.Evaluate[string]("(async () => String("+expression+"))()", chromedp.EvalAwaitPromise))
}

// eval returns the value of an expression, as text.
func (b *tab) eval(expression string) string {
	b.t.Helper()
	text, err := b.evaluate(expression)
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return text
}

// await waits until the text of an expression contains another, and returns it. A
// page that is loaded anew meanwhile has no text for a moment.
func (b *tab) await(expression, part string) string {
	b.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		text, err := b.evaluate(expression)
		switch {
		case err != nil && !strings.Contains(err.Error(), "navigated"):
			b.t.Fatalf("%s: %v", expression, err)
		case err == nil && strings.Contains(text, part):
			return text
		}
		if time.Now().After(deadline) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.t.Fatalf("%s is %q, and never %q; the browser says %q", expression, text, part, b.complaints)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

const (
	viewer   = `document.getElementById("viewer")?.textContent`
	response = `document.querySelector(".graphiql-response .CodeMirror")?.CodeMirror.getValue()`
	editor   = `document.querySelector(".graphiql-query-editor .CodeMirror")`
)

// open shows the page and waits for it to know who is asking and for GraphiQL to
// know the schema.
func (b *tab) open(address, who string) {
	b.t.Helper()
	b.do(chromedp.Navigate(address))
	b.await(viewer, who)
	b.await(editor+"?.CodeMirror.options.lint.schema ? 'known' : ''", "known")
}

// run runs what stands in the editor and waits for a part of the answer.
func (b *tab) run(part string) string {
	b.t.Helper()
	b.do(chromedp.Click(".graphiql-execute-button"))
	return b.await(response, part)
}

// visible returns the text of what is shown of an element; empty if it is hidden.
func visible(selector string) string {
	return `(e => e && e.checkVisibility() ? e.textContent.replace(/\s+/g, " ") : "")(document.querySelector('` + selector + `'))`
}
