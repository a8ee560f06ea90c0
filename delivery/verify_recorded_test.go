package delivery_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

// TestVerifyRecorded: what the dialects' tests have recorded on the wire is
// valid, by the secrets that it was signed with and no others.
func TestVerifyRecorded(t *testing.T) {
	t.Parallel()
	for _, dialect := range hook.Dialects {
		dir := filepath.Join("..", "dialect", strings.ToLower(string(dialect)), "testdata", "wire")
		list, err := os.ReadFile(filepath.Join(dir, "deliveries.json"))
		if err != nil {
			t.Fatal(err)
		}
		var recorded []struct {
			Name, URL string
			At        int64
			Secrets   []hook.Secret
		}
		if err := json.Unmarshal(list, &recorded); err != nil || len(recorded) == 0 {
			t.Fatalf("%s: %v", list, err)
		}
		for _, d := range recorded {
			wire, err := os.ReadFile(filepath.Join(dir, d.Name+".http"))
			if err != nil {
				t.Fatal(err)
			}
			r := delivery.Received{Dialect: dialect, Secrets: d.Secrets, URL: d.URL, Now: time.Unix(d.At, 0)}
			head, body, _ := bytes.Cut(wire, []byte("\r\n\r\n"))
			r.Body = body
			for _, line := range strings.Split(string(head), "\r\n")[1:] {
				name, value, _ := strings.Cut(line, ": ")
				r.Header = append(r.Header, [2]string{name, value})
			}
			want := delivery.ReasonValid
			if len(d.Secrets) == 0 {
				want = delivery.ReasonNoSecret
			}
			if v := delivery.Verify(r); v.Reason != want {
				t.Errorf("%s: %s: %+v", dialect, d.Name, v)
			}
			r.Secrets = []hook.Secret{"whsec_c3RyYW5nZXIgc3RyYW5nZXIgc3RyYW5nZXIh"}
			want = delivery.ReasonMismatch
			if len(d.Secrets) == 0 {
				want = delivery.ReasonMissingHeader
			}
			if v := delivery.Verify(r); v.Reason != want {
				t.Errorf("%s: %s, another secret: %+v", dialect, d.Name, v)
			}
		}
	}
}
