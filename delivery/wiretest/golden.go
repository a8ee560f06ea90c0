package wiretest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
)

// A Delivery is a request with what a receiver needs to verify it. Golden files
// of them are read by programs in other languages, too.
type Delivery struct {
	Name string `json:"name"`
	URL  string `json:"url"`
	// At is the instant of the try, in seconds since 1970.
	At int64 `json:"at"`
	// Secrets are those that the request is signed with: of nobody but the tests.
	Secrets []string         `json:"secrets,omitempty"`
	Request delivery.Request `json:"-"`
}

// New returns a delivery that was tried at an instant.
func New(name string, at time.Time, r delivery.Request, secrets ...string) Delivery {
	return Delivery{Name: name, URL: r.URL, At: at.Unix(), Secrets: secrets, Request: r}
}

// Golden sends deliveries and compares what arrives with the files of
// testdata/wire: a file of its own for each, and deliveries.json for what
// verifying them takes. It writes them if update is set. The bytes are returned
// in the order of the deliveries.
func Golden(t testing.TB, update bool, deliveries ...Delivery) [][]byte {
	t.Helper()
	dir := filepath.Join("testdata", "wire")
	if update {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	compare := func(name string, got []byte) {
		path := filepath.Join(dir, name)
		if update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, want)
		}
	}
	list, err := json.MarshalIndent(deliveries, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	compare("deliveries.json", append(list, '\n'))
	all := make([][]byte, len(deliveries))
	for i, d := range deliveries {
		all[i] = Bytes(t, d.Request)
		compare(d.Name+".http", all[i])
	}
	return all
}
