package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const adminKey = "benchmark-admin-key-0123456789abcdef"

// An office is a gateway over a folder of its own, with a receiver for what it
// delivers.
type office struct {
	binary, data string
	cmd          *exec.Cmd
	url          string
	client       *http.Client

	receiver net.Listener
	// arrived is told of each delivery: the path and the body.
	arrived atomic.Pointer[func(path string, body []byte)]
	// hanging accepts connections and never answers.
	hanging net.Listener
}

func newOffice(binary, data string) (*office, error) {
	o := &office{binary: binary, data: data, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	var err error
	if o.receiver, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	go func() {
		_ = http.Serve(o.receiver, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if f := o.arrived.Load(); f != nil {
				(*f)(r.URL.Path, body)
			}
		}))
	}()
	if o.hanging, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	go func() {
		for {
			c, err := o.hanging.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(io.Discard, c) }()
		}
	}()
	return o, nil
}

// start runs the gateway.
func (o *office) start() error {
	o.cmd = exec.Command(o.binary, "serve", "--addr", "127.0.0.1:0", "--data", o.data, "--allow-private", "127.0.0.0/8")
	o.cmd.Env = append(os.Environ(), "HOOKGRAPH_ADMIN_KEY="+adminKey)
	o.cmd.Stderr = os.Stderr
	out, err := o.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := o.cmd.Start(); err != nil {
		return err
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if address, found := strings.CutPrefix(strings.TrimSpace(lines.Text()), "Address"); found {
			o.url = strings.TrimSpace(address)
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return nil
		}
	}
	return errors.New("the gateway told no address")
}

func (o *office) close() error {
	_, _ = o.receiver.Close(), o.hanging.Close()
	if o.cmd == nil {
		return nil
	}
	_ = o.cmd.Process.Signal(syscall.SIGTERM)
	ended := time.AfterFunc(30*time.Second, func() { _ = o.cmd.Process.Kill() })
	defer ended.Stop()
	return o.cmd.Wait()
}

func (o *office) receiverURL(path string) string {
	return "http://" + o.receiver.Addr().String() + path
}
func (o *office) hangingURL() string { return "http://" + o.hanging.Addr().String() + "/" }

// post sends JSON and returns the answer.
func (o *office) post(ctx context.Context, path string, body any) ([]byte, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, o.url+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+adminKey)
	r.Header.Set("Content-Type", "application/json")
	answer, err := o.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= 300 {
		err = fmt.Errorf("%s: %s: %s", path, answer.Status, got)
	}
	return got, err
}

const createWebhook = `mutation($url: URL!, $pattern: String!) {
  createWebhook(input: {dialect: STANDARD, owner: {account: true}, name: "bench", url: $url, subscriptions: [{pattern: $pattern}]}) {
    webhook { key } userErrors { message } } }`

// webhook makes a webhook for events of a pattern.
func (o *office) webhook(ctx context.Context, url, pattern string) (string, error) {
	got, err := o.post(ctx, "/graphql", map[string]any{"query": createWebhook, "variables": map[string]string{"url": url, "pattern": pattern}})
	if err != nil {
		return "", err
	}
	var answer struct {
		Data struct {
			CreateWebhook struct {
				Webhook *struct{ Key string }
			}
		}
	}
	if err := json.Unmarshal(got, &answer); err != nil {
		return "", err
	}
	if answer.Data.CreateWebhook.Webhook == nil {
		return "", fmt.Errorf("no webhook: %s", got)
	}
	return answer.Data.CreateWebhook.Webhook.Key, nil
}

// anonymous is the resident anonymous memory in MB.
func (o *office) anonymous() float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", o.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if value, found := strings.CutPrefix(line, "RssAnon:"); found {
			kb, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
			return kb / 1000
		}
	}
	return 0
}
