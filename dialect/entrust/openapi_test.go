package entrust_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/dialect/dialecttest"
)

// TestDescription compares the structure of the served description with
// testdata/structure.txt, which states the one of the original, version 5.46, and
// so is not written by -update: a client that is generated from either has the
// same operations and types.
func TestDescription(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	response := h.do(t, "GET", "/api/web/v1/openapi.json")
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != 200 || response.Header.Get("Content-Type") != "application/json" {
		t.Fatal(response.Status, response.Header, err)
	}
	var description map[string]any
	if err := json.Unmarshal(body, &description); err != nil {
		t.Fatal(err)
	}
	var lines []string
	outline(&lines, "", description)
	got := strings.Join(lines, "\n") + "\n"
	if diff := cmp.Diff(dialecttest.Read(t, "testdata/structure.txt"), got); diff != "" {
		t.Error(diff)
	}
}

// prose are the members that are there for people.
var prose = []string{"/info", "/servers", "/tags"}

// outline states all but the prose, a line for each value.
func outline(lines *[]string, path string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			text, isText := v[name].(string)
			if slices.Contains(prose, path+"/"+name) || isText && (name == "description" || name == "summary") && text != "" {
				continue
			}
			outline(lines, path+"/"+strings.ReplaceAll(name, "/", "|"), v[name])
		}
	case []any:
		simple := make([]string, len(v))
		for i, element := range v {
			if _, nested := element.(map[string]any); nested {
				outline(lines, fmt.Sprintf("%s/%d", path, i), element)
			} else {
				simple[i] = fmt.Sprint(element)
			}
		}
		if joined := strings.Join(simple, " "); strings.TrimSpace(joined) != "" {
			*lines = append(*lines, path+": "+joined)
		}
	default:
		*lines = append(*lines, fmt.Sprintf("%s: %v", path, v))
	}
}
