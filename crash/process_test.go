package crash_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const adminKey = "the-admin-key-of-the-crash-tests-0123456789"

var built struct {
	once   sync.Once
	binary string
	err    error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.binary != "" {
		_ = os.RemoveAll(filepath.Dir(built.binary))
	}
	os.Exit(code)
}

// binary builds the program once.
func binary(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		dir, err := os.MkdirTemp("", "hookgraph-crash-")
		if err != nil {
			built.err = err
			return
		}
		built.binary = filepath.Join(dir, "hookgraph")
		out, err := exec.Command("go", "build", "-o", built.binary, "..").CombinedOutput()
		if err != nil {
			built.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.binary
}

// A process is a gateway that can be killed.
type process struct {
	cmd  *exec.Cmd
	url  string
	errs bytes.Buffer
}

// run starts a gateway on a folder; before are words in front of the command.
func run(t *testing.T, dir string, before ...string) *process {
	t.Helper()
	words := append(before, binary(t), "serve", "--addr", "127.0.0.1:0", "--data", dir, "--allow-private", "127.0.0.0/8")
	p := &process{cmd: exec.Command(words[0], words[1:]...)}
	p.cmd.Env = append(os.Environ(), "HOOKGRAPH_ADMIN_KEY="+adminKey)
	p.cmd.Stderr = &p.errs
	// Its own group, so that nothing that it started outlives it.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if address, found := strings.CutPrefix(strings.TrimSpace(lines.Text()), "Address"); found {
			p.url = strings.TrimSpace(address)
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return p
		}
	}
	_ = p.cmd.Wait()
	t.Fatalf("the gateway does not start: %s", p.errs.String())
	return nil
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	if p.cmd.ProcessState != nil {
		return
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	_ = p.cmd.Wait()
}

// end asks the process to end.
func (p *process) end(t *testing.T) {
	t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("the gateway ends with %v: %s", err, p.errs.String())
	}
}

// post sends JSON; the status is 0 if there was no answer.
func (p *process) post(path, body string) (status int, answer string) {
	r, err := http.NewRequest(http.MethodPost, p.url+path, strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	r.Header.Set("Authorization", "Bearer "+adminKey)
	r.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: 30 * time.Second}
	got, err := client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		return 0, err.Error()
	}
	return got.StatusCode, string(text)
}

// ask returns the data of a GraphQL answer.
func (p *process) ask(t *testing.T, query string, data any) {
	t.Helper()
	text, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	status, answer := p.post("/graphql", string(text))
	var got struct {
		Data   json.RawMessage
		Errors json.RawMessage
	}
	if status != http.StatusOK || json.Unmarshal([]byte(answer), &got) != nil || got.Errors != nil {
		t.Fatalf("%s answers %d %s", query, status, answer)
	}
	if err := json.Unmarshal(got.Data, data); err != nil {
		t.Fatal(err)
	}
}

// webhook makes a webhook for the events of the tests.
func (p *process) webhook(t *testing.T, url string) string {
	t.Helper()
	var data struct {
		CreateWebhook struct{ Webhook struct{ Key string } }
	}
	p.ask(t, fmt.Sprintf(`mutation { createWebhook(input: {dialect: STANDARD, owner: {account: true}, name: "crash", url: %q,
		subscriptions: [{pattern: "order.made"}], retryPolicy: {delays: [1, 1, 1, 1, 1, 1, 1, 1, 1]}}) { webhook { key } } }`, url), &data)
	return data.CreateWebhook.Webhook.Key
}

// counted returns how many triggers the webhooks count, and how many there are.
func (p *process) counted(t *testing.T) (counted, stored int) {
	t.Helper()
	var data struct {
		Webhooks struct {
			Nodes []struct {
				TriggerCount int
				Triggers     struct{ TotalCount int }
			}
		}
	}
	p.ask(t, `{ webhooks { nodes { triggerCount triggers { totalCount } } } }`, &data)
	for _, w := range data.Webhooks.Nodes {
		counted += w.TriggerCount
		stored += w.Triggers.TotalCount
	}
	return counted, stored
}

// count returns how many triggers of the account have a status.
func (p *process) count(t *testing.T, status string) int {
	t.Helper()
	var data struct{ Triggers struct{ TotalCount int } }
	p.ask(t, fmt.Sprintf(`{ triggers(filter: {owner: {account: true}, status: %s}) { totalCount } }`, status), &data)
	return data.Triggers.TotalCount
}
