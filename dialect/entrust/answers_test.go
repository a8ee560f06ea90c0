package entrust_test

import (
	"flag"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/hookgraph/hookgraph/dialect/dialecttest"
)

var update = flag.Bool("update", false, "write the golden files")

// TestAnswers compares whole answers, byte for byte, with testdata/answers.
func TestAnswers(t *testing.T) {
	t.Parallel()
	g := open(t, nil)
	g.importList(t, unexpired(dialecttest.Read(t, "testdata/list.json")))
	_, other := g.key(t, "EVENTS:VIEW", false)
	key := []string{"Authorization", adminKey}
	tests := []struct {
		name, method, path string
		headers            []string
	}{
		{"list", "GET", webhooks, key},
		{"list-head", "HEAD", webhooks, key},
		{"options", "OPTIONS", webhooks, key},
		{"options-bad-token", "OPTIONS", webhooks, []string{"Authorization", "old"}},
		{"no-credential", "GET", webhooks, nil},
		{"bad-token", "GET", webhooks, []string{"Authorization", "old"}},
		{"no-permission", "GET", webhooks, []string{"Authorization", other}},
		{"bad-method", "PATCH", webhooks, key},
		{"bad-path", "GET", "/api/web/v1/nothing", key},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			response := g.do(t, tt.method, tt.path, tt.headers...)
			got := fmt.Sprintf("%s %s\n\n%s", tt.method, tt.path, dialecttest.Text(t, response))
			file := filepath.Join("testdata", "answers", tt.name+".txt")
			dialecttest.Golden(t, file, got, *update)
		})
	}
}

// TestCredentials lists the forms of section 4, and what is none.
func TestCredentials(t *testing.T) {
	t.Parallel()
	g := open(t, nil)
	id, token := g.key(t, "WEBHOOKS:VIEW", true)
	secret := token[len(token)-43:]
	short, shortToken := g.key(t, "WEBHOOKS:ALL", false)
	tests := []struct {
		name   string
		values []string
		want   int
	}{
		{"raw token", []string{token}, 200},
		{"raw admin key", []string{" " + adminKey + " "}, 200},
		{"Bearer", []string{"Bearer " + token}, 200},
		{"any case of Bearer", []string{"bearer  " + token}, 200},
		{"long-lived", []string{id + "," + secret}, 200},
		{"long-lived behind Bearer", []string{"Bearer " + id + "," + secret}, 200},
		{"long-lived with a blank", []string{id + ", " + secret}, 200},
		{"long-lived, but the key is not", []string{short + "," + shortToken[len(shortToken)-43:]}, 401},
		{"its token", []string{shortToken}, 200},
		{"wrong secret", []string{id + "," + secret[1:]}, 401},
		{"secret of another", []string{id + "," + shortToken[len(shortToken)-43:]}, 401},
		{"unknown application", []string{"0f5b1c1e-7a52-4c39-9b6f-2d8d2f6a9a10," + secret}, 401},
		{"second comma", []string{id + "," + secret + ","}, 401},
		{"no secret", []string{id + ","}, 401},
		{"no id", []string{"," + secret}, 401},
		{"comma", []string{","}, 401},
		{"token behind an id", []string{id + "," + token}, 401},
		{"nothing", nil, 401},
		{"empty", []string{""}, 401},
		{"Bearer of nothing", []string{"Bearer "}, 401},
		{"other scheme", []string{"Basic " + token}, 401},
		{"two", []string{token, token}, 401},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, method := range []string{"GET", "OPTIONS"} {
				var headers []string
				for _, v := range tt.values {
					headers = append(headers, "Authorization", v)
				}
				response := g.do(t, method, webhooks, headers...)
				if response.StatusCode != tt.want {
					t.Errorf("%s: %s, want %d", method, response.Status, tt.want)
				}
			}
		})
	}
}

func TestPathsAndMethods(t *testing.T) {
	t.Parallel()
	g := open(t, nil)
	for _, tt := range []struct {
		method, path string
		want         int
	}{
		{"GET", webhooks + "/", 200},
		{"GET", webhooks + "?limit=x", 200},
		{"HEAD", webhooks, 200},
		{"TRACE", webhooks, 405},
		{"GET", "/api/web", 404},
		{"GET", "/api/web/v2/webhooks", 404},
		{"GET", "/api/web/v1/webhooksx", 404},
		{"OPTIONS", "/api/web/v1/nothing", 404},
	} {
		response := g.do(t, tt.method, tt.path, "Authorization", adminKey)
		if response.StatusCode != tt.want {
			t.Errorf("%s %s: %s, want %d", tt.method, tt.path, response.Status, tt.want)
		}
	}
}
