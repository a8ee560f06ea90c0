package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A request that is in flight when the process is told to stop gets its answer,
// and what it wrote is there afterwards.
func TestStopInFlight(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	process := exec.Command(os.Args[0], "--addr", "127.0.0.1:0", "--data", dir)
	process.Env = append(os.Environ(), "RUN_AS_HOOKGRAPH=1", "HOOKGRAPH_ADMIN_KEY="+testKey)
	var log bytes.Buffer
	process.Stderr = &log
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	defer process.Process.Kill()
	var address string
	for lines := bufio.NewScanner(out); address == "" && lines.Scan(); {
		if found := addressLine.FindStringSubmatch(lines.Text()); found != nil {
			address = found[1]
		}
	}
	go io.Copy(io.Discard, out)

	list := read(t, entrustJSON)
	body, pipe := io.Pipe()
	reading := make(chan struct{})
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got100Continue: func() { close(reading) }})
	request, err := http.NewRequestWithContext(ctx, "POST", address+"/import?as=entrust", body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+testKey)
	request.Header.Set("Expect", "100-continue")
	answered := make(chan string, 1)
	go func() {
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body)
		answered <- response.Status + " " + string(text)
	}()
	<-reading // the gateway waits for the list
	if _, err := io.WriteString(pipe, list[:10]); err != nil {
		t.Fatal(err)
	}
	if err := process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	await(t, "the gateway to take no more requests", func() bool {
		_, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(address + "/healthz")
		return err != nil
	})
	io.WriteString(pipe, list[10:])
	pipe.Close()
	if text := <-answered; !strings.HasPrefix(text, `200 OK {"created":2,`) {
		t.Errorf("the request in flight gets %s", text)
	}
	if err := process.Wait(); err != nil {
		t.Errorf("the process ends with %v: %s", err, log.String())
	}
	var got []any
	if _, text := start(t, dir).get("/api/web/v1/webhooks"); json.Unmarshal([]byte(text), &got) != nil || len(got) != 2 {
		t.Errorf("afterwards the list is %s", text)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "lock")); err != nil || len(text) == 0 {
		t.Errorf("the lock of the second gateway is %q (%v)", text, err)
	}
}
