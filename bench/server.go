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
	"time"
)

// A server is a process under measurement, or a part of this one, which is
// closed instead.
type server struct {
	cmd     *exec.Cmd
	close   func()
	url     string
	highest float64 // anonymous memory that watch saw
}

// startGateway imports the seed into an empty folder and serves it.
func startGateway(ctx context.Context, binary, data string, webhooks, clients int) (*server, error) {
	list := data + ".json"
	if err := writeFile(list, func(w *bufio.Writer) { writeSeed(w, 0, webhooks, 0, clients) }); err != nil {
		return nil, err
	}
	if err := take(ctx, binary, data, list, "pageseeder"); err != nil {
		return nil, err
	}
	return serveGateway(ctx, binary, data)
}

// take imports a list into a folder that nobody serves.
func take(ctx context.Context, binary, data, list, as string, flags ...string) error {
	load := exec.CommandContext(ctx, binary, append([]string{"import", "--data", data, "--as", as, list}, flags...)...)
	load.Env = append(os.Environ(), "HOOKGRAPH_ADMIN_KEY="+adminKey)
	if out, err := load.CombinedOutput(); err != nil {
		return fmt.Errorf("import %s: %w\n%s", as, err, out)
	}
	return nil
}

// serveGateway serves a folder that has been filled.
func serveGateway(ctx context.Context, binary, data string, env ...string) (*server, error) {
	cmd := exec.CommandContext(ctx, binary, "serve", "--addr", "127.0.0.1:0", "--data", data)
	cmd.Env = append(append(os.Environ(), "HOOKGRAPH_ADMIN_KEY="+adminKey), env...)
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
	if s.cmd == nil {
		s.close()
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait()
}

// watch notes the highest memory until the function that it returns is called.
func (s *server) watch() (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(50 * time.Millisecond)
		defer ticker.Stop()
		for {
			s.highest = max(s.highest, s.anonymous())
			select {
			case <-end:
				return
			case <-ticker.C:
			}
		}
	}()
	return func() {
		close(end)
		<-ended
	}
}

// anonymous is the resident anonymous memory in MB, 0 for a part of this process.
func (s *server) anonymous() float64 {
	if s.cmd == nil {
		return 0
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
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
