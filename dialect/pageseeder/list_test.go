package pageseeder_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/hook"
)

// many are webhooks of client 7, from the last number to the first.
func many(n int) func() iter.Seq2[*hook.Record, error] {
	return func() iter.Seq2[*hook.Record, error] {
		return func(yield func(*hook.Record, error) bool) {
			position := 0
			for r := range everything() {
				for i := n; i >= 1; i-- {
					w := *r.Webhook
					w.Number, w.Key = int64(i), fmt.Sprint(i)
					position++
					if !yield(&hook.Record{Position: position, Webhook: &w, Client: r.Client, Member: r.Member}, nil) {
						return
					}
				}
				return
			}
		}
	}
}

func TestListIsWhole(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	const n = 250
	g.take(t, many(n))
	list := parseXML(t, body(t, g.get(t, "/ps/service/clients/7/webhooks")))
	if len(list.Children) != n {
		t.Fatalf("%d webhooks, want %d", len(list.Children), n)
	}
	for i, w := range list.Children {
		if got := w.Attributes["id"]; got != fmt.Sprint(i+1) {
			t.Fatalf("webhook %d has id %s", i+1, got)
		}
	}
	webhooks := parseJSON(t, body(t, g.get(t, "/clients/7/webhooks.json"))).(map[string]any)["webhooks"].([]any)
	if len(webhooks) != n {
		t.Errorf("%d webhooks in JSON, want %d", len(webhooks), n)
	}
}

func TestEmptyList(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	c, _, err := g.service.CreateClient(hook.WithViewer(t.Context(), hook.AdminViewer()), hook.ClientFields{
		Name: hook.Set("empty"), GrantType: hook.Set(hook.GrantPassword)})
	if err != nil {
		t.Fatal(err)
	}
	for extension, want := range map[string]string{".xml": "<webhooks/>", ".json": `{"webhooks":[]}`} {
		if got := body(t, g.get(t, "/clients/"+c.Key+"/webhooks"+extension)); got != want {
			t.Errorf("%s: %s, want %s", extension, got, want)
		}
	}
}

// TestClientReferences names a client in the ways that programs do.
func TestClientReferences(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	g.takeText(t, strings.Replace(fixture(t, "list.xml"), "4739db31320c67c5", "1234567890123456", 1))
	want := body(t, g.get(t, "/clients/123/webhooks"))
	if !strings.Contains(want, `identifier="1234567890123456"`) {
		t.Fatalf("not the list of the client: %s", want)
	}
	for _, path := range []string{
		"/clients/~1234567890123456/webhooks", "/ps/api/clients/%7E1234567890123456/webhooks.xml", "/clients/0123/webhooks",
		"/ps/service/clients/123/webhooks?v=5.9500%3Bstrict", "/ps/api/clients/123/webhooks.xml",
	} {
		if got := body(t, g.get(t, path)); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
	for _, path := range []string{
		"/clients/1234567890123456/webhooks", "/clients/~123/webhooks", "/clients/9/webhooks", "/clients/0/webhooks", "/clients/-1/webhooks",
		"/clients/+123/webhooks", "/clients/9223372036854775808/webhooks", "/clients/~/webhooks", "/clients/sample/webhooks", "/clients/123%20/webhooks",
	} {
		answer := g.get(t, path)
		if text := body(t, answer); answer.StatusCode != http.StatusNotFound || !strings.Contains(text, "<message>Client not found</message>") {
			t.Errorf("%s: %d %s", path, answer.StatusCode, text)
		}
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	g.takeText(t, fixture(t, "list.json"))
	server := httptest.NewServer(g)
	defer server.Close()
	for path, want := range map[string]int{"/clients/123/webhooks": 200, "/clients/124/webhooks": 404} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodHead, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer admin")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if text := body(t, answer); answer.StatusCode != want || text != "" || answer.Header.Get("Content-Type") != "application/xml;charset=UTF-8" {
			t.Errorf("%s: %d %v %q", path, answer.StatusCode, answer.Header, text)
		}
	}
}

// A breaking store fails at a page of webhooks.
type breaking struct {
	hook.Store
	page atomic.Int32
	at   int32
}

type breakingWebhooks struct {
	hook.Collection[hook.Webhook]
	*breaking
}

func (b *breaking) Webhooks() hook.Collection[hook.Webhook] {
	return breakingWebhooks{b.Store.Webhooks(), b}
}

func (b breakingWebhooks) Find(ctx context.Context, q hook.Query) ([]*hook.Webhook, error) {
	if b.page.Add(1) == b.at {
		return nil, errors.New("disk on fire")
	}
	return b.Collection.Find(ctx, q)
}

// TestHalfAList: a list that cannot be completed is not taken for the whole. An
// error before the first page is an ordinary error.
func TestHalfAList(t *testing.T) {
	t.Parallel()
	var store *breaking
	g := newGateway(t, func(s hook.Store) hook.Store {
		store = &breaking{Store: s}
		return store
	})
	g.take(t, many(150))
	server := httptest.NewServer(g)
	defer server.Close()
	read := func(failAt int32) (int, string, error) {
		store.page.Store(0)
		store.at = failAt
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/clients/7/webhooks", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer admin")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		b, err := io.ReadAll(answer.Body)
		return answer.StatusCode, string(b), err
	}
	if status, text, err := read(1); status != 500 || err != nil || strings.Contains(text, "fire") {
		t.Errorf("failure at the first page: %d %q %v", status, text, err)
	}
	if status, text, err := read(2); status != 200 || err == nil || strings.HasSuffix(text, "</webhooks>") {
		t.Errorf("failure at the second page: %d ...%q %v", status, text[max(0, len(text)-40):], err)
	}
	if status, text, err := read(3); status != 200 || err != nil || !strings.HasSuffix(text, "</webhooks>") {
		t.Errorf("no failure: %d %v", status, err)
	}
}

// TestAccess: the lists are for administrators.
func TestAccess(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	g.takeText(t, fixture(t, "list.json"))
	got := map[string]int{}
	for _, token := range []string{"admin", "member", "events", "unknown"} {
		r := httptest.NewRequest(http.MethodGet, "/clients/123/webhooks", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		got[token] = g.do(r).StatusCode
	}
	want := map[string]int{"admin": 200, "member": 403, "events": 403, "unknown": 401}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestChangesAreSeen: what is changed through the operations is in the list at
// once.
func TestChangesAreSeen(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	g.takeText(t, fixture(t, "list.json"))
	ctx := hook.WithViewer(t.Context(), hook.AdminViewer())
	if _, err := g.service.EnableWebhook(ctx, "789", false); err != nil {
		t.Fatal(err)
	}
	w := parseXML(t, body(t, g.get(t, "/clients/123/webhooks"))).Children[0]
	if w.Attributes["status"] != "disabled" {
		t.Errorf("status %q, want disabled", w.Attributes["status"])
	}
	modified, err := time.Parse(time.RFC3339, w.Attributes["modified"])
	if err != nil || time.Since(modified) > time.Hour {
		t.Errorf("modified %s (%v), want now", w.Attributes["modified"], err)
	}
}
