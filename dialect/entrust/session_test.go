package entrust_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// A login is the answer to one.
type login struct {
	AuthToken                    string
	CreationTime, ExpirationTime time.Time
	cookies                      []*http.Cookie
}

func (h *house) login(t *testing.T, more string) login {
	t.Helper()
	body := strings.NewReader(`{"applicationId":"` + h.app + `","sharedSecret":"` + h.secret + `"` + more + `}`)
	response, err := http.Post(h.url+loginAt, "application/json", body)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	l := login{cookies: response.Cookies()}
	if err := json.NewDecoder(response.Body).Decode(&l); err != nil || response.StatusCode != 200 {
		t.Fatal(response.Status, err)
	}
	return l
}

func (h *house) status(t *testing.T, method, path string, headers ...string) int {
	t.Helper()
	response := h.do(t, method, path, headers...)
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode
}

// TestPreflight: a browser's question is none about a token, and is not taken for
// leave to go on.
func TestPreflight(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	for _, headers := range [][]string{
		{"Origin", "https://a.example", "Access-Control-Request-Method", "POST"},
		{"Origin", "https://a.example", "Access-Control-Request-Method", "POST", "Authorization", "old"},
	} {
		response := h.do(t, "OPTIONS", webhooks, headers...)
		if response.StatusCode != 200 || response.Header.Get("Allow") != "GET, HEAD, OPTIONS, POST" || response.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%v: %s %v", headers, response.Status, response.Header)
		}
	}
	for _, headers := range [][]string{{"Origin", "https://a.example"}, {"Access-Control-Request-Method", "POST"}} {
		if got := h.status(t, "OPTIONS", webhooks, headers...); got != 401 {
			t.Errorf("%v: %d", headers, got)
		}
	}
	// Nor does it stand for another method.
	if got := h.status(t, "GET", webhooks, "Origin", "https://a.example", "Access-Control-Request-Method", "POST"); got != 401 {
		t.Errorf("GET: %d", got)
	}
}

func TestSession(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	l := h.login(t, "")
	if _, err := base64.StdEncoding.DecodeString(l.AuthToken); err != nil || l.ExpirationTime.Sub(l.CreationTime) != 15*time.Minute ||
		time.Since(l.CreationTime) > time.Minute || len(l.cookies) > 0 {
		t.Errorf("%+v, %v", l, err)
	}
	if again := h.login(t, ""); again.AuthToken == l.AuthToken {
		t.Error("two logins have one token")
	}
	for header, want := range map[string]int{
		l.AuthToken: 200, "Bearer " + l.AuthToken: 200, "bearer   " + l.AuthToken: 200,
		l.AuthToken[:len(l.AuthToken)-4]: 401, l.AuthToken + "=": 401, "Basic " + l.AuthToken: 401, l.AuthToken + ",": 401,
	} {
		for _, method := range []string{"GET", "OPTIONS"} {
			if got := h.status(t, method, webhooks, "Authorization", header); got != want {
				t.Errorf("%s %.20s: %d, want %d", method, header, got, want)
			}
		}
	}
	// It is good for this API only.
	response, err := http.NewRequest("POST", h.url+"/graphql", strings.NewReader(`{"query":"{webhooks{totalCount}}"}`))
	if err != nil {
		t.Fatal(err)
	}
	response.Header.Set("Content-Type", "application/json")
	response.Header.Set("Authorization", "Bearer "+l.AuthToken)
	answer, err := http.DefaultClient.Do(response)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != 401 {
		t.Errorf("GraphQL answers %s", answer.Status)
	}
	if got := h.status(t, "POST", "/import?as=entrust", "Authorization", "Bearer "+l.AuthToken); got != 401 {
		t.Errorf("the import answers %d", got)
	}
	if err := h.service.RevokeAPIKey(admin(t.Context()), h.app); err != nil {
		t.Fatal(err)
	}
	if got := h.status(t, "GET", webhooks, "Authorization", l.AuthToken); got != 401 {
		t.Errorf("the key is revoked: %d", got)
	}
}

// TestWebSession: a token that was asked for with a cookie is good with it only.
func TestWebSession(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	l := h.login(t, `,"enableWebSession":true`)
	if len(l.cookies) != 1 {
		t.Fatalf("%+v", l)
	}
	c := l.cookies[0]
	if c.Name != "INTELLITRUST_SESSION_ID" || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/api/web" || c.Secure {
		t.Errorf("%+v", c)
	}
	for cookie, want := range map[string]int{
		c.Name + "=" + c.Value: 200, "a=b; " + c.Name + "=" + c.Value: 200,
		"": 401, c.Name + "=": 401, c.Name + "=" + c.Value[1:]: 401,
	} {
		headers := []string{"Authorization", l.AuthToken}
		if cookie != "" {
			headers = append(headers, "Cookie", cookie)
		}
		if got := h.status(t, "GET", webhooks, headers...); got != want {
			t.Errorf("cookie %q: %d, want %d", cookie, got, want)
		}
	}
	// The cookie alone is no credential.
	if got := h.status(t, "GET", webhooks, "Cookie", c.Name+"="+c.Value); got != 401 {
		t.Errorf("the cookie alone: %d", got)
	}
	// The key itself needs no cookie.
	if got := h.status(t, "GET", webhooks, "Authorization", h.app+","+h.secret); got != 200 {
		t.Errorf("the key: %d", got)
	}
}

// TestPermissions: each operation needs its own permission and no other.
func TestPermissions(t *testing.T) {
	t.Parallel()
	operations := []struct{ permission, method, path, body string }{
		{"WEBHOOKS:VIEW", "GET", webhooks, ""},
		{"WEBHOOKS:VIEW", "GET", named, ""},
		{"WEBHOOKS:ADD", "POST", webhooks, `{"enabled":false,` + minimal[1:]},
		{"WEBHOOKS:EDIT", "PUT", named, minimal},
		{"WEBHOOKS:EDIT", "POST", testAt(named), ""},
		{"WEBHOOKS:REMOVE", "DELETE", named, ""},
	}
	h := openHouse(t)
	for _, p := range []hook.Permission{"WEBHOOKS:VIEW", "WEBHOOKS:ADD", "WEBHOOKS:EDIT", "EVENTS:VIEW", "WEBHOOKS:REMOVE"} {
		_, token := h.key(t, p, false)
		for _, o := range operations {
			r, err := http.NewRequest(o.method, h.url+o.path, strings.NewReader(o.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", token)
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			response.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			want, text := 403, `{"errorCode":"access_denied","errorMessage":"`+o.permission+` required"}`
			if o.permission == string(p) {
				want, text = 200, string(body)
			}
			if response.StatusCode != want || string(body) != text {
				t.Errorf("%s %s with %s: %d %s, want %d %s", o.method, o.path, p, response.StatusCode, body, want, text)
			}
		}
	}
}
