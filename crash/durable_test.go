package crash_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// An event is acknowledged when it is on the disk: between the request and the
// answer the process has synced the database. strace sees both.
func TestSyncedBeforeAnswer(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("strace is missing (apt-get install strace)")
		}
		t.Skip("*** NOT TESTED THAT COMMITS ARE SYNCED BEFORE THEY ARE ANSWERED: strace is missing (apt-get install strace)")
	}
	calls := filepath.Join(t.TempDir(), "calls")
	p := run(t, t.TempDir(), strace, "-f", "-qq", "-s", "32", "-e", "trace=fsync,fdatasync,write", "-o", calls)
	p.webhook(t, "http://127.0.0.1:1/")
	before := len(read(t, calls))
	if status, answer := p.post("/events", `{"type":"order.made","data":{"n":1}}`); status != http.StatusAccepted {
		t.Fatalf("the event is answered %d %s", status, answer)
	}
	var text string
	accepted := regexp.MustCompile(`write\(\d+, "HTTP/1\.1 202 `)
	await(t, "strace has seen the answer", func() bool {
		text = read(t, calls)[before:]
		return accepted.MatchString(text)
	})
	answer := accepted.FindStringIndex(text)[0]
	synced := regexp.MustCompile(`(fdatasync|fsync)(\(\d+\)| resumed>\)) += 0`)
	if !synced.MatchString(text[:answer]) {
		t.Errorf("the answer comes before a sync:\n%s", text)
	}
	if strings.Contains(text, adminKey) {
		t.Error("the key is written")
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
