package delivery_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

// An office is a service over a database of its own whose events are delivered.
type office struct {
	*hook.Service
	t         testing.TB
	dir       string
	store     *storage.Store
	admin     context.Context
	form      *plainForm
	scheduler *delivery.Scheduler
	stop      func()
	// beforeRun is called when events can be published and the queue was not
	// looked through yet.
	beforeRun func()
	// wrap, if set, stands between the service and its store.
	wrap func(hook.Store) hook.Store
}

// A plainForm delivers the data of events as they are, by a policy of the test.
type plainForm struct {
	dialect hook.Dialect
	mu      sync.Mutex
	policy  delivery.Policy
}

func (f *plainForm) Name() hook.Dialect { return f.dialect }

func (*plainForm) Payload(_ context.Context, w *hook.Webhook, e *hook.Event, _ *hook.Trigger) ([]byte, error) {
	if strings.Contains(e.Data, "panic") {
		panic(e.Data)
	}
	if strings.Contains(e.Data, "refuse") {
		return nil, hook.Invalidf("data", "is refused")
	}
	// The name of the webhook shows whether a retry sends the same bytes.
	return json.Marshal(map[string]any{"webhook": w.Name, "data": json.RawMessage(e.Data)})
}

func (*plainForm) Request(_ context.Context, w *hook.Webhook, t *hook.Trigger, payload []byte, try delivery.Try) (delivery.Request, error) {
	if w.SecretState == hook.SecretUnknown {
		return delivery.Request{}, hook.ErrUnknown
	}
	return delivery.Request{URL: w.URL, Header: [][2]string{{"webhook-id", t.Key}, {"try", try.At.Format(time.RFC3339Nano)}}, Body: payload, VerifyTLS: true}, nil
}

func (f *plainForm) Policy() delivery.Policy {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.policy
}

// openOffice opens a post office. Its policy has no delays to speak of.
func openOffice(t testing.TB, options delivery.SchedulerOptions) *office {
	t.Helper()
	return openOfficeOver(t, nil, options)
}

func openOfficeOver(t testing.TB, wrap func(hook.Store) hook.Store, options delivery.SchedulerOptions) *office {
	t.Helper()
	p := &office{t: t, dir: t.TempDir(), wrap: wrap, form: &plainForm{dialect: hook.Standard, policy: delivery.Policy{Delays: []time.Duration{time.Millisecond, time.Millisecond}, Timeout: 5 * time.Second}}}
	p.start(options)
	t.Cleanup(func() { p.stop() })
	return p
}

func (p *office) start(options delivery.SchedulerOptions) {
	p.t.Helper()
	engine, err := sqlite.Open(context.Background(), p.dir, storage.Collections(), sqlite.Options{})
	if err != nil {
		p.t.Fatal(err)
	}
	vault, err := hook.NewVault([]byte(strings.Repeat("k", 32)))
	if err != nil {
		p.t.Fatal(err)
	}
	p.store = storage.New(engine)
	var store hook.Store = p.store
	if p.wrap != nil {
		store = p.wrap(store)
	}
	p.Service = hook.NewService(store, vault, hook.Options{})
	p.admin = hook.WithViewer(context.Background(), hook.AdminViewer())
	sender := delivery.NewSender(delivery.Options{AllowPrivate: local})
	p.scheduler = delivery.NewScheduler(p.Service, sender, []delivery.Form{p.form, &plainForm{dialect: hook.Kheops}}, options)
	p.scheduler.OwnAll()
	p.DeliverBy(p.scheduler)
	if p.beforeRun != nil {
		p.beforeRun()
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { p.scheduler.Run(ctx, 10*time.Second) })
	running.Go(func() { p.RunReplays(ctx, p.scheduler.Owned, func(err error) { p.t.Error(err) }) })
	var once sync.Once
	p.stop = func() {
		once.Do(func() {
			cancel()
			running.Wait()
			if err := p.WriteStats(context.Background()); err != nil {
				p.t.Error(err)
			}
			sender.Close()
			if err := engine.Close(); err != nil {
				p.t.Error(err)
			}
		})
	}
}

// webhook makes a webhook of the account for events of a type.
func (p *office) webhook(url, pattern string, fields ...func(*hook.WebhookFields)) *hook.Webhook {
	p.t.Helper()
	f := hook.WebhookFields{Name: hook.Set("w"), URL: hook.Set(url), Subscriptions: hook.Set([]hook.Subscription{{Pattern: pattern}})}
	for _, change := range fields {
		change(&f)
	}
	w, _, err := p.CreateWebhook(p.admin, hook.Standard, hook.ID{Kind: hook.KindAccount}, f)
	if err != nil {
		p.t.Fatal(err)
	}
	return w
}

func (p *office) publish(eventType, data string) hook.Published {
	p.t.Helper()
	published, err := p.PublishEvents(p.admin, []hook.Publication{{Type: eventType, Data: data}})
	if err != nil {
		p.t.Fatal(err)
	}
	return published[0]
}

// triggers returns the triggers of a webhook, the latest first.
func (p *office) triggers(w *hook.Webhook) []*hook.Trigger {
	p.t.Helper()
	found, err := p.Triggers(p.admin, hook.TriggerFilter{Webhook: w.Key}, hook.PageArgs{})
	if err != nil {
		p.t.Fatal(err)
	}
	return found.Nodes
}

// await waits until the latest trigger of a webhook is as it should be.
func (p *office) await(w *hook.Webhook, what string, is func(*hook.Trigger) bool) *hook.Trigger {
	p.t.Helper()
	var last *hook.Trigger
	eventually(p.t, what, func() bool {
		all := p.triggers(w)
		if len(all) == 0 {
			return false
		}
		last = all[0]
		return is(last)
	})
	return last
}

func hasStatus(status hook.TriggerStatus) func(*hook.Trigger) bool {
	return func(t *hook.Trigger) bool { return t.Status == status }
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !is() {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// A clerk is a receiver that keeps what it gets and answers as it is told.
type clerk struct {
	url    string
	mu     sync.Mutex
	got    []*http.Request
	bodies []string
	answer func(n int, w http.ResponseWriter, r *http.Request)
}

// receiveHTTP starts a clerk; answer nil takes everything.
func receiveHTTP(t testing.TB, answer func(n int, w http.ResponseWriter, r *http.Request)) *clerk {
	t.Helper()
	c := &clerk{answer: answer}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		c.mu.Lock()
		c.got, c.bodies = append(c.got, r), append(c.bodies, string(body))
		n, answer := len(c.got), c.answer
		c.mu.Unlock()
		if answer != nil {
			answer(n, w, r)
		}
	}))
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

func (c *clerk) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.got)
}

func status(code int) func(int, http.ResponseWriter, *http.Request) {
	return func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}
