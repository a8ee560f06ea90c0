package kheops_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/dialect/dialecttest"
	"github.com/hookgraph/hookgraph/hook"
)

// TestCutForm sends forms that end before their announced length.
func TestCutForm(t *testing.T) {
	t.Parallel()
	g := open(t)
	g.importList(t, album, dialecttest.Read(t, "testdata/list.json"))
	const one = webhooks + "/QAdfIstxuOvwkcm39WEO"
	for _, path := range []string{"POST " + webhooks, "PATCH " + one, "POST " + one + "/trigger"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(g.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n%s",
			path, adminKey, "url=http://cut/&name=cut&enabled=false&event=new_user&user=reader")
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		conn.Close()
		if response.StatusCode != 400 || !strings.HasPrefix(string(body), `{"message":"Bad Form Parameter","detail":"The form is cut off"`) {
			t.Errorf("%s: %s %s", path, response.Status, body)
		}
	}
	if _, list := g.list(t, ""); strings.Contains(list, "cut") || strings.Count(list, `"id":"`) != 7 {
		t.Errorf("the list is %s", list)
	}
	w, err := g.service.Webhook(admin(t.Context()), "QAdfIstxuOvwkcm39WEO")
	if err != nil || w.Version != 1 {
		t.Errorf("%+v, %v", w, err)
	}
}

// TestLargeForm reads a form that the server's limit cuts.
func TestLargeForm(t *testing.T) {
	t.Parallel()
	g := open(t)
	g.importList(t, album, "[]")
	r := httptest.NewRequest("POST", webhooks, strings.NewReader(good+"&x="+strings.Repeat("x", 200)))
	r.Header.Set("Authorization", "Bearer "+adminKey)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	r.Body = http.MaxBytesReader(w, r.Body, 100)
	g.api.ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge || w.Header().Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if _, list := g.list(t, ""); list != "[]" {
		t.Errorf("the list is %s", list)
	}
}

// TestURLs sends what Java's URL class takes and what it does not (section 3,
// E2), and compares what is stored.
func TestURLs(t *testing.T) {
	t.Parallel()
	g := open(t)
	g.importList(t, album, "[]")
	for text, want := range map[string]int{
		" http://h/ ": 201, "url:http://h/": 201, "http://": 201, "http:": 201, "HtTpS://h": 201, "http:foo": 201, "http://h/a b/é": 201,
		"http://h:99999/": 201, "http://h/{x}": 201, "http://[::1]:8/": 201, "http://h:/": 201,
		"foo://x": 400, "x": 400, "//x": 400, "": 400, "http://h:abc/": 400, "javascript:1": 400, "http://[::1": 400,
		"ftp://h/": 400, "file:/x": 400, "mailto:a@b": 400,
	} {
		response := g.send(t, "POST", webhooks, strings.NewReader("name=n&url="+escape(text)),
			"Authorization", "Bearer "+adminKey, "Content-Type", "application/x-www-form-urlencoded")
		body := readAll(t, response)
		if response.StatusCode != want {
			t.Errorf("%q: %s, want %d: %s", text, response.Status, want, body)
		}
		if want == 201 && !strings.Contains(body, `"url":"`+text+`"`) {
			t.Errorf("%q is kept as %s", text, body)
		}
	}
}

func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02x", s[i])
	}
	return b.String()
}

// TestTwoEditors add and remove events at once: none is lost.
func TestTwoEditors(t *testing.T) {
	t.Parallel()
	g := open(t)
	g.importList(t, album, dialecttest.Read(t, "testdata/list.json"))
	const one = webhooks + "/QAdfIstxuOvwkcm39WEO"
	done := make(chan int)
	forms := []string{"add_event=remove_series", "add_event=delete_album", "remove_event=new_user"}
	for _, form := range forms {
		go func() {
			response := g.send(t, "PATCH", one, strings.NewReader(form),
				"Authorization", "Bearer "+adminKey, "Content-Type", "application/x-www-form-urlencoded")
			done <- response.StatusCode
		}()
	}
	for range forms {
		if status := <-done; status != 200 {
			t.Errorf("status %d", status)
		}
	}
	w, err := g.service.Webhook(admin(t.Context()), "QAdfIstxuOvwkcm39WEO")
	if err != nil {
		t.Fatal(err)
	}
	patterns := map[string]bool{}
	for _, s := range w.Subscriptions {
		patterns[s.Pattern] = true
	}
	if len(patterns) != 3 || patterns["new_user"] {
		t.Errorf("%v", patterns)
	}
}

// TestExpired edits a webhook that is over: turning it on needs a new date,
// which this API does not know.
func TestExpired(t *testing.T) {
	t.Parallel()
	g := open(t)
	g.importList(t, album, "[]")
	past := hook.Now().Add(-1)
	w, _, err := g.service.CreateWebhook(admin(t.Context()), hook.Kheops, hook.ID{Kind: hook.KindAlbum, Key: album}, hook.WebhookFields{
		Name: hook.Set("over"), URL: hook.Set("http://h/"), ExpiresAt: hook.Set(&past), Subscriptions: hook.Set([]hook.Subscription{{Pattern: "*"}})})
	if err != nil {
		t.Fatal(err)
	}
	for form, want := range map[string]string{
		"enabled=true": `{"message":"Bad Form Parameter","detail":"expiresAt: `,
		"name=x":       `{"id":"` + w.Key + `","url":"http://h/","name":"x","use_secret":false,"events":["new_series","remove_series","new_user","delete_album"],"enabled":false,`,
	} {
		response := g.send(t, "PATCH", webhooks+"/"+w.Key, strings.NewReader(form),
			"Authorization", "Bearer "+adminKey, "Content-Type", "application/x-www-form-urlencoded")
		if body := readAll(t, response); !strings.HasPrefix(body, want) {
			t.Errorf("%s: %s", form, body)
		}
	}
	response := g.send(t, "PATCH", webhooks+"/"+w.Key, strings.NewReader("remove_event=new_user"),
		"Authorization", "Bearer "+adminKey, "Content-Type", "application/x-www-form-urlencoded")
	if body := readAll(t, response); !strings.Contains(body, `"events":["new_series","remove_series","delete_album"]`) {
		t.Errorf("one event removed from all: %s", body)
	}
}
