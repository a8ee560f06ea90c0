package kheops_test

import (
	"encoding/base64"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hookgraph/hookgraph/dialect/dialecttest"
)

var update = flag.Bool("update", false, "write the golden files")

// TestAnswers compares whole answers, byte for byte, with testdata/answers.
func TestAnswers(t *testing.T) {
	t.Parallel()
	g := open(t)
	g.importList(t, album, dialecttest.Read(t, "testdata/list.json"))
	g.importList(t, otherRoom, dialecttest.Read(t, "testdata/odd.json"))
	reader := g.member(t, "reader", false)
	webhooks := "/albums/" + album + "/webhooks"
	key := []string{"Authorization", "Bearer " + adminKey}
	tests := []struct {
		name, method, path string
		headers            []string
	}{
		{"list", "GET", webhooks, key},
		{"list-api", "GET", "/api" + webhooks, key},
		{"list-odd", "GET", "/albums/" + otherRoom + "/webhooks", key},
		{"list-head", "HEAD", webhooks, key},
		{"list-page", "GET", webhooks + "?limit=1&offset=1", key},
		{"list-none", "GET", webhooks + "?offset=2", key},
		{"options", "OPTIONS", webhooks, nil},
		{"bad-id", "GET", "/albums/aB3dE5gH7/webhooks", key},
		{"bad-method", "PUT", webhooks, key},
		{"bad-type", "GET", webhooks, slices.Concat(key, []string{"Content-Type", "application/json"})},
		{"bad-accept", "GET", webhooks, slices.Concat(key, []string{"Accept", "text/html"})},
		{"no-credential", "GET", webhooks, nil},
		{"bad-token", "GET", webhooks, []string{"Authorization", "Bearer nobody"}},
		{"no-admin", "GET", webhooks, []string{"Authorization", "Bearer " + reader}},
		{"no-member", "GET", "/albums/" + otherRoom + "/webhooks", []string{"Authorization", "Bearer " + reader}},
		{"no-album", "GET", "/albums/0000000000/webhooks", key},
		{"negative-limit", "GET", webhooks + "?limit=-1", key},
		{"no-number", "GET", webhooks + "?limit=ten", key},
		{"blank-limit", "GET", webhooks + "?limit=", key},
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

// TestStatus lists odd requests by the section of the specification that says
// what they are answered.
func TestStatus(t *testing.T) {
	t.Parallel()
	g := open(t)
	g.importList(t, album, dialecttest.Read(t, "testdata/list.json"))
	reader, manager := g.member(t, "reader", false), g.member(t, "manager", true)
	basic := func(text string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(text)) }
	webhooks := "/albums/" + album + "/webhooks"
	token := "Bearer " + adminKey
	// No header "Authorization" below stands for the admin key; "-" for none.
	tests := []struct {
		section, method, path string
		headers               []string
		want                  int
	}{
		{"2, 0: id of 11 characters", "GET", "/albums/" + album + "x/webhooks", []string{"Authorization", "-"}, 404},
		{"2, 0: id with a hyphen", "GET", "/albums/aB3dE5gH-j/webhooks", []string{"Authorization", "-"}, 404},
		{"2, 0: id with a letter that is not ASCII", "GET", "/albums/aB3dE5gH7é/webhooks", nil, 404},
		{"2, 0: no such path", "GET", "/api/albums", nil, 404},
		{"2, 0: line feed behind the path", "GET", webhooks + "%0A", nil, 404},
		{"2, 0 before 0b", "PUT", "/albums/x/webhooks", nil, 404},
		{"2, 0: slash at the end", "GET", webhooks + "/", nil, 200},
		{"2, 0b: no such method", "PUT", webhooks, []string{"Authorization", "-"}, 405},
		{"2, 0b: invented method", "FROB", webhooks, nil, 405},
		{"2, 0b before 0c", "PUT", webhooks, []string{"Content-Type", "text/plain"}, 405},
		{"2, 0c: JSON", "GET", webhooks, []string{"Content-Type", "application/json", "Authorization", "-"}, 415},
		{"2, 0c: no media type", "GET", webhooks, []string{"Content-Type", "form"}, 415},
		{"2, 0c: form with a charset", "GET", webhooks, []string{"Content-Type", "Application/X-WWW-Form-URLEncoded; charset=UTF-8"}, 200},
		{"2, 0c: wildcard", "HEAD", webhooks, []string{"Content-Type", "*/*"}, 200},
		{"2, 0c before 0d", "GET", webhooks, []string{"Content-Type", "text/plain", "Accept", "text/html"}, 415},
		{"2, 0d: HTML only", "GET", webhooks, []string{"Accept", "text/html", "Authorization", "-"}, 406},
		{"2, 0d: JSON is refused", "GET", webhooks, []string{"Accept", "application/json;q=0, */*"}, 406},
		{"2, 0d: everything is refused", "GET", webhooks, []string{"Accept", "*/*;q=0.0"}, 406},
		{"2, 0d: another JSON", "GET", webhooks, []string{"Accept", "application/vnd.api+json"}, 406},
		{"2, 0d: not a quality", "GET", webhooks, []string{"Accept", "application/json;q=high"}, 406},
		{"2, 0d: Java's default", "GET", webhooks, []string{"Accept", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"}, 200},
		{"2, 0d: second header", "GET", webhooks, []string{"Accept", "text/html", "Accept", "Application/JSON;charset=utf-8"}, 200},
		{"2, 0d: application", "GET", webhooks, []string{"Accept", "application/*"}, 200},
		{"2, 0d: empty", "GET", webhooks, []string{"Accept", ""}, 200},
		{"2, 1: other scheme", "GET", webhooks, []string{"Authorization", "Digest x"}, 401},
		{"2, 1: no scheme", "GET", webhooks, []string{"Authorization", adminKey}, 401},
		{"2, 1: empty token", "GET", webhooks, []string{"Authorization", "Bearer "}, 401},
		{"2, 1: two credentials", "GET", webhooks, []string{"Authorization", token, "Authorization", token}, 401},
		{"2: any case of Bearer", "GET", webhooks, []string{"Authorization", "bEARER " + adminKey}, 200},
		{"2: Basic", "GET", webhooks, []string{"Authorization", basic("anything:" + adminKey)}, 200},
		{"2: Basic without a name", "GET", webhooks, []string{"Authorization", "basic" + basic(":" + adminKey)[5:]}, 200},
		{"2: Basic, not two parts", "GET", webhooks, []string{"Authorization", basic("a:b:" + adminKey)}, 401},
		{"2: Basic, one part", "GET", webhooks, []string{"Authorization", basic(adminKey)}, 401},
		{"2: Basic, empty password", "GET", webhooks, []string{"Authorization", basic("a:")}, 401},
		{"2: Basic, not base64", "GET", webhooks, []string{"Authorization", "Basic ?"}, 401},
		{"2, 2: Basic with a bad token", "GET", webhooks, []string{"Authorization", basic("a:b")}, 401},
		{"2, 5: not a member", "GET", "/albums/" + otherRoom + "/webhooks", []string{"Authorization", "Bearer " + manager}, 404},
		{"2, 6: member", "GET", webhooks, []string{"Authorization", "Bearer " + reader}, 403},
		{"2, 6: album admin", "GET", webhooks, []string{"Authorization", "Bearer " + manager}, 200},
		{"2, 6 before 7", "GET", webhooks + "?limit=x", []string{"Authorization", "Bearer " + reader}, 403},
		{"2, 5 before 7", "GET", "/albums/0000000000/webhooks?limit=-1", nil, 404},
		{"3: OPTIONS needs no credential", "OPTIONS", "/api" + webhooks, []string{"Authorization", "-"}, 200},
		{"3: OPTIONS of no resource", "OPTIONS", "/api/albums/x", nil, 404},
		{"E1: zero", "GET", webhooks + "?limit=0&offset=0", nil, 200},
		{"E1: plus sign", "GET", webhooks + "?limit=%2B1", nil, 200},
		{"E1: largest number", "GET", webhooks + "?limit=2147483647&offset=2147483647", nil, 200},
		{"E1: one more", "GET", webhooks + "?limit=2147483648", nil, 404},
		{"E1: fraction", "GET", webhooks + "?offset=1.0", nil, 404},
		{"E1: blank before a number", "GET", webhooks + "?offset=%201", nil, 404},
		{"E1: negative", "GET", webhooks + "?offset=-1", nil, 400},
		{"E1: least number", "GET", webhooks + "?offset=-2147483648", nil, 400},
		{"E1: blank", "GET", webhooks + "?offset=", nil, 500},
		{"E1: no value", "GET", webhooks + "?limit", nil, 500},
		{"E1: no number before negative", "GET", webhooks + "?limit=-1&offset=x", nil, 404},
		{"E1: negative before blank", "GET", webhooks + "?limit=&offset=-1", nil, 400},
		{"E1: the first value counts", "GET", webhooks + "?limit=1&limit=x", nil, 200},
		{"E1: other parameters", "GET", webhooks + "?Limit=x&sort=name", nil, 200},
		{"E1: broken escape", "GET", webhooks + "?url=%zz", nil, 400},
	}
	for _, tt := range tests {
		t.Run(tt.section, func(t *testing.T) {
			t.Parallel()
			headers := tt.headers
			switch i := slices.Index(headers, "Authorization"); {
			case i < 0:
				headers = append(slices.Clone(headers), "Authorization", token)
			case headers[i+1] == "-":
				headers = slices.Delete(slices.Clone(headers), i, i+2)
			}
			response := g.do(t, tt.method, tt.path, headers...)
			if response.StatusCode != tt.want {
				body, _ := io.ReadAll(response.Body)
				t.Errorf("%s, want %d: %s", response.Status, tt.want, body)
			}
			if got := response.Header.Get("Access-Control-Allow-Origin"); got != "*" {
				t.Errorf("Access-Control-Allow-Origin is %q", got)
			}
		})
	}
}
