package crash_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// rounds is how often the process is killed: a few times with all other tests,
// ten times by make crash.
func rounds(t *testing.T) int {
	t.Helper()
	text := os.Getenv("CRASH_ROUNDS")
	if text == "" {
		return 3
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("CRASH_ROUNDS=%q", text)
	}
	return n
}

// A receiver notes what has arrived.
type receiver struct {
	mu sync.Mutex
	// arrived counts the deliveries of each event at each path, and of each
	// trigger.
	arrived  map[string]map[string]int
	triggers map[string]int
	taken    map[string]bool // triggers that were answered with 200
	again    int             // deliveries of those
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	var delivered struct{ Data struct{ Mark string } }
	if err != nil || json.Unmarshal(body, &delivered) != nil || delivered.Data.Mark == "" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	switch q.URL.Path {
	case "/slow":
		time.Sleep(20 * time.Millisecond) // the time that a receiver takes
	case "/moody":
		// The first delivery of every fourth trigger is refused.
		r.mu.Lock()
		id := q.Header.Get("Webhook-Id")
		r.triggers[id]++
		first := r.triggers[id] == 1
		r.mu.Unlock()
		if first && id[len(id)-1]%4 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.arrived[q.URL.Path] == nil {
		r.arrived[q.URL.Path] = map[string]int{}
	}
	r.arrived[q.URL.Path][delivered.Data.Mark]++
	if id := q.Header.Get("Webhook-Id"); r.taken[id] {
		r.again++
	} else {
		r.taken[id] = true
	}
}

// lacking returns how many events have not arrived at all paths.
func (r *receiver) lacking(paths []string, marks []string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, path := range paths {
		for _, mark := range marks {
			if r.arrived[path][mark] == 0 {
				n++
			}
		}
	}
	return n
}

// A gateway is the process that runs now.
type gateway struct {
	mu  sync.Mutex
	now *process
}

func (g *gateway) current() *process {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now
}

func (g *gateway) set(p *process) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now = p
}

// The limits of what may be sent twice when a process is killed: for each
// webhook 8 requests are under way, and at most three times as many have been
// answered and not been recorded yet.
const unrecorded = 4 * 8

// The process is killed at random moments while events are published and
// delivered. What was acknowledged arrives everywhere, nothing is stuck, and few
// deliveries are made twice.
func TestKill(t *testing.T) {
	n := rounds(t)
	dir := t.TempDir()
	paths := []string{"/quick", "/slow", "/moody"}
	r := &receiver{arrived: map[string]map[string]int{}, triggers: map[string]int{}, taken: map[string]bool{}}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	g := &gateway{now: run(t, dir)}
	for _, path := range paths {
		g.now.webhook(t, server.URL+path)
	}

	var publishing sync.WaitGroup
	var over atomic.Bool
	var mu sync.Mutex
	var acknowledged []string
	var repeated int
	for publisher := range 4 {
		publishing.Go(func() {
			for i := 0; !over.Load(); i++ {
				mark := fmt.Sprintf("%d-%d", publisher, i)
				event := fmt.Sprintf(`{"type":"order.made","data":{"mark":%q}}`, mark)
				// Every other publisher insists: with a key, asking again is safe.
				insists := publisher%2 == 0
				if insists {
					event = fmt.Sprintf(`{"type":"order.made","idempotencyKey":%q,"data":{"mark":%q}}`, mark, mark)
				}
				status, answer := g.current().post("/events", event)
				for tries := 0; insists && status == 0 && tries < 10_000; tries++ {
					time.Sleep(2 * time.Millisecond) // another process has to start first
					mu.Lock()
					repeated++
					mu.Unlock()
					status, answer = g.current().post("/events", event)
				}
				switch status {
				case http.StatusAccepted:
					mu.Lock()
					acknowledged = append(acknowledged, mark)
					mu.Unlock()
				case 0: // it may or may not have been stored
				default:
					t.Errorf("the event %s is answered %d %s", mark, status, answer)
					return
				}
			}
		})
	}
	for range n {
		time.Sleep(200*time.Millisecond + rand.N(800*time.Millisecond)) // a random moment
		g.current().kill()
		begun := time.Now()
		g.set(run(t, dir))
		t.Logf("started again after %v", time.Since(begun).Round(time.Millisecond))
	}
	over.Store(true)
	publishing.Wait()

	await(t, "all acknowledged events arrive", func() bool { return r.lacking(paths, acknowledged) == 0 })
	await(t, "no trigger is stuck", func() bool {
		return g.now.count(t, "PENDING")+g.now.count(t, "RETRYING") == 0
	})
	await(t, "the counters are those of the triggers", func() bool {
		counted, stored := g.now.counted(t)
		return counted == stored
	})
	if failed := g.now.count(t, "FAIL"); failed > 0 {
		t.Errorf("%d triggers have failed", failed)
	}
	r.mu.Lock()
	again, deliveries := r.again, len(r.taken)
	r.mu.Unlock()
	if limit := n * len(paths) * unrecorded; again > limit {
		t.Errorf("%d deliveries were made twice, at most %d may be", again, limit)
	}
	// A key makes an event one however often it was asked for.
	marks := map[string]int{}
	for _, mark := range acknowledged {
		marks[mark]++
	}
	stored := 0
	for _, path := range paths {
		stored += len(r.arrived[path])
	}
	if deliveries > stored {
		t.Errorf("%d triggers for %d pairs of event and webhook: an event was stored twice", deliveries, stored)
	}
	t.Logf("killed %d times: %d events acknowledged, %d requests repeated, %d deliveries, %d made twice",
		n, len(acknowledged), repeated, deliveries, again)
	g.now.end(t)
}

// await waits for a condition.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	begun := time.Now()
	defer func() { t.Logf("after %v: %s", time.Since(begun).Round(time.Millisecond), what) }()
	deadline := time.Now().Add(2 * time.Minute)
	for !is() {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
