package pageseeder_test

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/hook"
)

var createdID = regexp.MustCompile(`<webhook id="(\d+)"`)

// FuzzParameters sends anything as the query and the body of a request that
// makes a webhook, and of one that changes it. Whatever it is, it is refused as
// a mistake of the caller, or the list with that webhook is one that can be
// imported.
func FuzzParameters(f *testing.F) {
	for _, seed := range []struct{ method, query, media, body string }{
		{"PATCH", "url=https%3A%2F%2Fa.example%2F&name=A&v=5.9500;strict", "", ""},
		{"PATCH", "", "application/x-www-form-urlencoded", "url=http://a.example/?b=%26&events=uri.created,comment.*,*&projects=a,b-c&groups=a-b&format=xml&object=basic&server=true&insecuressl=true"},
		{"PATCH", "url=https://a.example", "application/x-www-form-urlencoded; charset=utf-8", "status=disabled&name=%F0%9F%8E%89&url=http://other.example"},
		{"DELETE", "url=https://a.example&events=", "text/plain", "x"},
		{"PUT", "url=https://u:p@a.example&name=%ED%A0%80&status=pending&newclient=~4739db31320c67c5", "application/x-www-form-urlencoded", "%zz"},
		{"GET", "url=https%3A%2F%2F%5B%3A%3A1%5D%3A8080%2F&name=%3C%26%22%0A&projects=%00,%7F", "", "&&=&url"},
		{"PATCH", "url=https://a.example/" + strings.Repeat("x", 1100), "application/x-www-form-urlencoded;charset=latin1", "name=" + strings.Repeat("n", 256)},
	} {
		f.Add(seed.method, seed.query, seed.media, seed.body)
	}
	g := newGateway(f, nil)
	g.takeText(f, fixture(f, "list.json"))
	f.Fuzz(func(t *testing.T, method, query, media, body string) {
		send := func(method, path string) (int, string) {
			r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
			r.URL.RawQuery, r.Header["Content-Type"] = query, []string{media}
			r.Header["X-Http-Method-Override"] = []string{method}
			return answered(t, g.do(r))
		}
		status, made := send(http.MethodPost, "/clients/123/webhooks")
		if status != http.StatusCreated && status != http.StatusOK {
			return
		}
		found := createdID.FindStringSubmatch(made)
		if found == nil {
			t.Fatalf("no id: %q", made)
		}
		path := "/clients/123/webhooks/" + found[1]
		send(method, path)
		_, list := answered(t, g.get(t, "/clients/123/webhooks"))
		for record, err := range g.Records(strings.NewReader(list)) {
			if err != nil || record.Err != nil {
				t.Errorf("%v %+v: %q", err, record, list)
			}
		}
		ctx := hook.WithViewer(t.Context(), hook.AdminViewer())
		if err := g.service.DeleteWebhook(ctx, found[1], nil); err != nil && hook.CodeOf(err) != hook.NotFound {
			t.Error(err)
		}
	})
}

// answered returns an answer that is no failure of the gateway, and is XML.
func answered(t *testing.T, answer *http.Response) (int, string) {
	t.Helper()
	text := body(t, answer)
	if answer.StatusCode >= 500 {
		t.Errorf("status %d: %q", answer.StatusCode, text)
	}
	if media := answer.Header.Get("Content-Type"); media != "application/xml;charset=UTF-8" {
		t.Errorf("media type %q", media)
	}
	if err := wellFormed(text); err != nil {
		t.Errorf("%v: %q", err, text)
	}
	return answer.StatusCode, text
}

func wellFormed(text string) error {
	decoder := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := decoder.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}
