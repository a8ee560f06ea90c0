package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/storage/mongotest"
)

// What the APIs returned comes back equal, and stands in the graph; taking it
// over again changes nothing.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) *running{
		"SQLite": func(t *testing.T) *running { return start(t, t.TempDir(), "--timezone", "Australia/Sydney") },
		"MongoDB": func(t *testing.T) *running {
			uri := mongotest.Open(t).URI
			return start(t, t.TempDir(), "--timezone", "Australia/Sydney", "--mongodb", uri, "--key", strings.Repeat("ab", 32))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, test := range []struct {
				file, as, path string
				webhooks       []string
				equal          func(t *testing.T, want, got string)
			}{
				{pageSeederXML, "pageseeder", "/clients/123/webhooks", []string{"Webhook:789"}, equalXML},
				{pageSeederJSON, "pageseeder", "/ps/api/clients/~4739db31320c67c5/webhooks.json", []string{"Webhook:789"}, equalJSON},
				{kheopsJSON, "kheops&album=" + album, "/api/albums/" + album + "/webhooks",
					[]string{"Webhook:QAdfIstxuOvwkcm39WEO", "Webhook:kCMP3HU3GvcLOl8rNCLQ"}, equalJSON},
				{entrustJSON, "entrust", "/api/web/v1/webhooks",
					[]string{"Webhook:2c3d4e5f-0a1b-4c2d-8e3f-405162738495", "Webhook:8f2b1d3e-5c47-4e0a-9a6b-0d6f2f7c1a55"}, equalJSON},
			} {
				t.Run(test.file, func(t *testing.T) {
					t.Parallel()
					g := open(t)
					list := read(t, test.file)
					n := len(test.webhooks)
					for _, summary := range []string{fmt.Sprintf(`"created":%d,"unchanged":0`, n), fmt.Sprintf(`"created":0,"unchanged":%d`, n)} {
						response, body := g.send("POST", "/import?as="+test.as, strings.NewReader(list))
						if response.StatusCode != 200 || !strings.Contains(body, summary) {
							t.Fatalf("the import answers %d %s, want %s", response.StatusCode, body, summary)
						}
						response, body = g.get(test.path)
						if response.StatusCode != 200 {
							t.Fatalf("the list answers %d %s", response.StatusCode, body)
						}
						test.equal(t, list, body)
					}
					found := g.graph(`{ webhooks { nodes { id } } }`)["webhooks"].(map[string]any)["nodes"].([]any)
					var ids []string
					for _, node := range found {
						ids = append(ids, node.(map[string]any)["id"].(string))
					}
					sort.Strings(ids)
					if diff := cmp.Diff(test.webhooks, ids); diff != "" {
						t.Error("in the graph", diff)
					}
				})
			}
		})
	}
}

func equalJSON(t *testing.T, want, got string) {
	t.Helper()
	var w, g any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		t.Fatalf("%v: %s", err, got)
	}
	if diff := cmp.Diff(w, g); diff != "" {
		t.Error(diff)
	}
}

// equalXML compares elements, attributes whatever their order, and text but for
// blanks at its ends.
func equalXML(t *testing.T, want, got string) {
	t.Helper()
	if diff := cmp.Diff(parts(t, want), parts(t, got)); diff != "" {
		t.Error(diff)
	}
}

func parts(t *testing.T, document string) []string {
	t.Helper()
	var list []string
	decoder := xml.NewDecoder(strings.NewReader(document))
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatalf("%v: %s", err, document)
		}
		switch token := token.(type) {
		case xml.StartElement:
			var attributes []string
			for _, a := range token.Attr {
				attributes = append(attributes, fmt.Sprintf("%s=%q", a.Name.Local, a.Value))
			}
			sort.Strings(attributes)
			list = append(list, "<"+token.Name.Local+" "+strings.Join(attributes, " ")+">")
		case xml.EndElement:
			list = append(list, "</"+token.Name.Local+">")
		case xml.CharData:
			if text := strings.TrimSpace(string(token)); text != "" {
				list = append(list, text)
			}
		}
	}
}
