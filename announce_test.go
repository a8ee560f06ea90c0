package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// With the JSON log standard output stays empty, every line is an object, and
// listening beyond this machine is a warning.
func TestJSONLog(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	var out, log text
	code := make(chan int, 1)
	go func() {
		code <- program(ctx, []string{"--log-format", "json", "--addr", "0.0.0.0:0", "--data", t.TempDir()}, streams{strings.NewReader(""), &out, &log})
	}()
	var started struct{ Address, Playground, Database string }
	await(t, "the start", func() bool {
		for line := range strings.Lines(log.String()) {
			if strings.Contains(line, `"msg":"started"`) {
				return json.Unmarshal([]byte(line), &started) == nil
			}
		}
		return false
	})
	if response, err := http.Get(started.Address + "/healthz"); err != nil || response.Body.Close() != nil || response.StatusCode != 200 {
		t.Errorf("%s: %v %v", started.Address, response, err)
	}
	if started.Playground != started.Address+"/" || !strings.HasPrefix(started.Database, "SQLite") {
		t.Errorf("the start says %+v", started)
	}
	stop()
	if got := <-code; got != 0 || out.String() != "" {
		t.Errorf("code %d, standard output %q", got, out.String())
	}
	warned := false
	for line := range strings.Lines(log.String()) {
		var record struct{ Level, Msg string }
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Errorf("%q is not JSON", line)
		}
		warned = warned || record.Level == "WARN" && strings.Contains(record.Msg, "beyond this machine")
	}
	if !warned {
		t.Errorf("no warning: %s", log.String())
	}
}
