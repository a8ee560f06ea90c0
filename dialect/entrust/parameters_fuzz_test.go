package entrust_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzParameters sends anything as the body of a request that makes a webhook,
// of one that changes it and of a login. Whatever it is, it is refused as a
// mistake of the caller, or the list with that webhook is one that can be
// imported.
func FuzzParameters(f *testing.F) {
	const good = `{"callbackUrl":"https://a.example/","name":"A","enabled":false,"events":[{"type":"user.created","filter":"f"},{"type":"user.create"}],"expiry":7}`
	for _, seed := range []struct{ media, body, change string }{
		{"application/json", good, `{"callbackUrl":"https://b.example:8443/?c=d","events":[{"type":"grid.created"}]}`},
		{"application/json; charset=UTF-8", `{"callbackUrl":"https://a.example","events":[{"type":"*"}]}`, good},
		{"", `{"callbackUrl":"http://a.example","events":[]}`, "{}"},
		{"application/json;charset=latin1", good, "null"},
		{"application/json", `{"callbackUrl":"https://u:p@a.example","name":"\ud800","events":[{"type":"user.created"}]}`, "[" + strings.Repeat("[", 200)},
		{"application/json", `{"callbackUrl":"https://a.example","callbackUrl":"https://b.example","events":[{"type":"user.created","id":7}],"x":{}}`, "{\"name\":\"\x00\"}"},
		{"application/json", `{"callbackUrl":"https://a.example","enabled":true,"events":[{"type":"user.created"}],"expiry":-1.5e300}`, `{"expiry":"1"}`},
		{"application/json", `{"applicationId":"` + requestID + `","sharedSecret":"x","enableWebSession":true}`, ""},
		{"text/plain", "x", "x"},
	} {
		f.Add(seed.media, seed.body, seed.change)
	}
	g := open(f, nil)
	f.Fuzz(func(t *testing.T, media, body, change string) {
		send := func(method, path, body string) (int, string) {
			r := httptest.NewRequest(method, path, strings.NewReader(body))
			r.Header["Content-Type"] = []string{media}
			r.Header.Set("Authorization", adminKey)
			w := httptest.NewRecorder()
			g.api.ServeHTTP(w, r)
			if w.Code >= 500 || !json.Valid(w.Body.Bytes()) || !utf8.Valid(w.Body.Bytes()) {
				t.Errorf("%s %s: status %d: %q", method, path, w.Code, w.Body)
			}
			return w.Code, w.Body.String()
		}
		send(http.MethodPost, "/api/web/v1/adminapi/authenticate", body)
		status, made := send(http.MethodPost, webhooks, body)
		if status != http.StatusOK {
			return
		}
		var webhook struct{ ID string }
		if err := json.Unmarshal([]byte(made), &webhook); err != nil {
			t.Fatalf("%v: %q", err, made)
		}
		send(http.MethodPut, webhooks+"/"+webhook.ID, change)
		_, list := send(http.MethodGet, webhooks, "")
		for record, err := range g.api.Records(strings.NewReader(list)) {
			if err != nil || record.Err != nil {
				t.Errorf("%v %+v: %q", err, record, list)
			}
		}
		if err := g.service.DeleteWebhook(admin(t.Context()), webhook.ID, nil); err != nil {
			t.Error(err)
		}
		if log := g.log.String(); log != "" {
			t.Error(log)
		}
	})
}
