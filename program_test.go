package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/storage/mongotest"
)

// TestMain makes the test binary the program itself where a test needs a process
// of its own.
func TestMain(m *testing.M) {
	if os.Getenv("RUN_AS_HOOKGRAPH") != "" {
		main()
	}
	mongotest.Main(m)
}

const testKey = "the-admin-key-of-these-tests-0123456789"

// A text is an output that is read while it grows.
type text struct {
	mu    sync.Mutex
	bytes bytes.Buffer
}

func (o *text) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes.Write(p)
}

func (o *text) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes.String()
}

// A running gateway is the whole program in this process.
type running struct {
	t        *testing.T
	dir      string
	address  string
	out, err text
	stop     context.CancelFunc
	code     chan int
}

var addressLine = regexp.MustCompile(`Address +(http://\S+)`)

// start runs the program on a folder until the test ends.
func start(t *testing.T, dir string, args ...string) *running {
	t.Helper()
	g := &running{t: t, dir: dir, code: make(chan int, 1)}
	var ctx context.Context
	ctx, g.stop = context.WithCancel(context.Background())
	args = append([]string{"--addr", "127.0.0.1:0", "--data", dir, "--admin-key", testKey}, args...)
	go func() { g.code <- program(ctx, args, streams{strings.NewReader(""), &g.out, &g.err}) }()
	t.Cleanup(func() { g.end() })
	await(t, "the start", func() bool {
		if found := addressLine.FindStringSubmatch(g.out.String()); found != nil && strings.Contains(g.out.String(), "Database") {
			g.address = found[1]
			return true
		}
		select {
		case code := <-g.code:
			t.Fatalf("the gateway ends with code %d: %s", code, g.err.String())
		default:
		}
		return false
	})
	return g
}

// end stops the gateway and returns its exit code.
func (g *running) end() int {
	g.stop()
	code, open := <-g.code
	if open {
		close(g.code)
	}
	return code
}

// await waits for a condition.
func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// get asks with the admin key.
func (g *running) get(path string, header ...string) (*http.Response, string) {
	g.t.Helper()
	return g.send("GET", path, nil, header...)
}

func (g *running) send(method, path string, body io.Reader, header ...string) (*http.Response, string) {
	g.t.Helper()
	request, err := http.NewRequestWithContext(g.t.Context(), method, g.address+path, body)
	if err != nil {
		g.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+testKey)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		g.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return response, string(text)
}

// graph asks GraphQL and returns the data.
func (g *running) graph(query string) map[string]any {
	g.t.Helper()
	body, _ := json.Marshal(map[string]string{"query": query})
	response, text := g.send("POST", "/graphql", bytes.NewReader(body), "Content-Type", "application/json")
	var answer struct {
		Data   map[string]any
		Errors []any
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil || len(answer.Errors) > 0 || response.StatusCode != 200 {
		g.t.Fatalf("GraphQL answers %d %s", response.StatusCode, text)
	}
	return answer.Data
}

// command runs the program to its end and returns its exit code and outputs.
func command(t *testing.T, in string, args ...string) (code int, out, err string) {
	t.Helper()
	var o, e text
	code = program(t.Context(), args, streams{strings.NewReader(in), &o, &e})
	return code, o.String(), said(&e)
}

// said returns an output without the warning about a variable that is meant for
// the tests.
func said(o *text) string {
	var kept strings.Builder
	for line := range strings.Lines(o.String()) {
		if !strings.Contains(line, mongotest.RequireVariable) {
			kept.WriteString(line)
		}
	}
	return kept.String()
}
