package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// A server is a process under measurement.
type server struct {
	cmd     *exec.Cmd
	url     string
	highest float64
}

// startGateway imports the seed into an empty folder and serves it.
func startGateway(ctx context.Context, binary, data string, webhooks, clients int) (*server, error) {
	list := data + ".json"
	if err := writeSeed(list, webhooks, clients); err != nil {
		return nil, err
	}
	env := append(os.Environ(), "HOOKGRAPH_ADMIN_KEY="+adminKey)
	load := exec.CommandContext(ctx, binary, "import", "--data", data, "--as", "pageseeder", list)
	load.Env = env
	if out, err := load.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("import: %w\n%s", err, out)
	}
	cmd := exec.CommandContext(ctx, binary, "serve", "--addr", "127.0.0.1:0", "--data", data)
	cmd.Env = env
	return start(cmd, func(line string) string {
		address, found := strings.CutPrefix(strings.TrimSpace(line), "Address")
		if !found {
			return ""
		}
		return strings.TrimSpace(address)
	})
}

func startStock(ctx context.Context, binary string, webhooks, clients int) (*server, error) {
	cmd := exec.CommandContext(ctx, binary, "-webhooks", strconv.Itoa(webhooks), "-clients", strconv.Itoa(clients))
	return start(cmd, func(line string) string { return strings.TrimSpace(line) })
}

// start runs a server and waits for the line that tells its address.
func start(cmd *exec.Cmd, address func(string) string) (*server, error) {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url := address(lines.Text()); url != "" {
			go func() {
				for lines.Scan() {
				}
			}()
			return &server{cmd: cmd, url: url}, nil
		}
	}
	return nil, fmt.Errorf("%s told no address: %w", filepath.Base(cmd.Path), cmd.Wait())
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait()
}

// anonymous is the resident anonymous memory in MB.
func (s *server) anonymous() float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if value, found := strings.CutPrefix(line, "RssAnon:"); found {
			kb, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
			s.highest = max(s.highest, kb/1000)
			return kb / 1000
		}
	}
	return 0
}
