package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

const askSchema = `{"query":"{ __schema { queryType { name } } }"}`

func TestIntrospection(t *testing.T) {
	t.Parallel()
	for flag, shown := range map[string]bool{"--introspection": true, "--no-introspection": false} {
		g := start(t, t.TempDir(), flag)
		_, body := g.send("POST", "/graphql", strings.NewReader(askSchema), "Content-Type", "application/json")
		if strings.Contains(body, `"queryType":{"name":"Query"}`) != shown {
			t.Errorf("%s answers %s", flag, body)
		}
	}
	g := start(t, t.TempDir())
	if _, body := g.send("POST", "/graphql", strings.NewReader(askSchema), "Content-Type", "application/json"); !strings.Contains(body, "Query") {
		t.Errorf("by default the answer is %s", body)
	}
}

// A page of a listed origin reads answers, that its credential is bad too; a
// page of any other reads none.
func TestOrigins(t *testing.T) {
	t.Parallel()
	g := start(t, t.TempDir(), "--cors-origins", "https://app.example.org,https://other.example.org")
	for _, test := range []struct {
		origin, token, allowed string
		status                 int
	}{
		{"https://app.example.org", testKey, "https://app.example.org", 200},
		{"https://app.example.org", "bad", "https://app.example.org", 401},
		{"https://evil.example.org", testKey, "", 200},
	} {
		response, body := g.send("POST", "/graphql", strings.NewReader(`{"query":"{ __typename }"}`),
			"Content-Type", "application/json", "Origin", test.origin, "Authorization", "Bearer "+test.token)
		if got := response.Header.Get("Access-Control-Allow-Origin"); response.StatusCode != test.status || got != test.allowed {
			t.Errorf("%s, %s: %d, %q: %s", test.origin, test.token, response.StatusCode, got, body)
		}
	}
	request, err := http.NewRequest("OPTIONS", g.address+"/graphql", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", "https://app.example.org")
	request.Header.Set("Access-Control-Request-Method", "POST")
	request.Header.Set("Access-Control-Request-Headers", "authorization,content-type")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if text, _ := io.ReadAll(response.Body); response.StatusCode != 204 || response.Header.Get("Access-Control-Allow-Headers") == "" || len(text) > 0 {
		t.Errorf("a preflight gets %d %v %s", response.StatusCode, response.Header, text)
	}
}
