package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/storage/mongotest"
)

// A process is the program in a process of its own.
type process struct {
	*running
	command *exec.Cmd
	log     text
	once    sync.Once
}

// launch starts a gateway on a MongoDB.
func launch(t *testing.T, uri string) *process {
	t.Helper()
	p := &process{running: &running{t: t}}
	p.command = exec.Command(os.Args[0], "--addr", "127.0.0.1:0", "--data", t.TempDir(), "--allow-private", "127.0.0.0/8")
	p.command.Env = append(os.Environ(), "RUN_AS_HOOKGRAPH=1", "HOOKGRAPH_ADMIN_KEY="+testKey,
		"MONGODB_URI="+uri, "HOOKGRAPH_KEY="+strings.Repeat("ab", 32))
	p.command.Stderr = &p.log
	out, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.end(syscall.SIGKILL) })
	for lines := bufio.NewScanner(out); p.address == "" && lines.Scan(); {
		if found := addressLine.FindStringSubmatch(lines.Text()); found != nil {
			p.address = found[1]
		}
	}
	if p.address == "" {
		t.Fatalf("the gateway does not start: %s", p.log.String())
	}
	go io.Copy(io.Discard, out)
	return p
}

// end sends a signal and waits for the end of the process.
func (p *process) end(signal os.Signal) {
	p.once.Do(func() {
		_ = p.command.Process.Signal(signal)
		if err := p.command.Wait(); err != nil && signal != syscall.SIGKILL {
			p.t.Errorf("the process ends with %v: %s", err, p.log.String())
		}
	})
}

// shares reports whether the gateway said last that it has a part of the
// deliveries.
func (p *process) shares(partitions, replicas int) bool {
	said := p.log.String()
	last := said[max(strings.LastIndex(said, "deliveries are shared"), 0):]
	return strings.Contains(last, fmt.Sprintf("partitions=%d of=64 replicas=%d\n", partitions, replicas))
}

// A desk counts how often each event arrives.
type desk struct {
	mu   sync.Mutex
	seen map[string]int
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen[r.URL.Path+" "+string(body)]++
}

// arrivals returns how many there are, and how many of them came again.
func (d *desk) arrivals() (events, again int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, n := range d.seen {
		again += n - 1
	}
	return len(d.seen), again
}

// Three processes share the deliveries. One is killed while events are
// published: the others deliver everything, soon. One that is told to stop
// hands over at once.
func TestReplicas(t *testing.T) {
	t.Parallel()
	uri := mongotest.Open(t).URI
	one := launch(t, uri)
	eventual(t, "one has all", func() bool { return one.shares(64, 1) })
	two, three := launch(t, uri), launch(t, uri)
	eventual(t, "three have a third each", func() bool {
		return one.third() && two.third() && three.third()
	})

	d := &desk{seen: map[string]int{}}
	receiver := httptest.NewServer(d)
	defer receiver.Close()
	const webhooks = 12
	for i := range webhooks {
		one.graph(fmt.Sprintf(`mutation { createWebhook(input: {dialect: STANDARD, owner: {account: true}, name: "w%d", url: "%s/%d",
			subscriptions: [{pattern: "order.made"}]}) { webhook { id } userErrors { message } } }`, i, receiver.URL, i))
	}
	published := 0
	publish := func(p *process) {
		t.Helper()
		published++
		answer := p.graph(fmt.Sprintf(`mutation { publishEvents(input: {events: [{type: "order.made", data: {n: %d}}]}) {
			events { triggerCount } userErrors { message } } }`, published))
		if got := fmt.Sprint(answer); !strings.Contains(got, fmt.Sprintf("triggerCount:%d", webhooks)) {
			t.Fatalf("publishing answers %s", got)
		}
	}
	arrived := func() bool {
		events, _ := d.arrivals()
		return events == published*webhooks
	}
	for _, p := range []*process{one, two, three} {
		publish(p)
	}
	eventual(t, "all of it arrives", arrived)

	publish(one)
	three.end(syscall.SIGKILL)
	killed := time.Now()
	publish(two)
	publish(one)
	eventual(t, "what the killed one had arrives, too", arrived)
	recovery := time.Since(killed)
	eventual(t, "two have a half each", func() bool { return one.shares(32, 2) && two.shares(32, 2) })
	_, again := d.arrivals()
	t.Logf("%d events for %d webhooks; all arrived %s after the kill, %d of them again", published, webhooks, recovery.Round(time.Millisecond), again)

	two.end(syscall.SIGTERM)
	stopped := time.Now()
	publish(one)
	eventual(t, "the last one delivers all", arrived)
	eventual(t, "the last one has all", func() bool { return one.shares(64, 1) })
	t.Logf("all arrived %s after the end of a gateway that was told to stop", time.Since(stopped).Round(time.Millisecond))
	one.end(syscall.SIGTERM)
}

func (p *process) third() bool { return p.shares(21, 3) || p.shares(22, 3) }

// eventual waits for a condition on a machine that does much else.
func eventual(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}
