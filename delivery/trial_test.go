package delivery_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

// A namingForm delivers the type of an event.
type namingForm struct {
	plainForm
	dialect hook.Dialect
}

func (f *namingForm) Name() hook.Dialect { return f.dialect }

func (*namingForm) Payload(_ context.Context, _ *hook.Webhook, e *hook.Event, t *hook.Trigger) ([]byte, error) {
	return []byte(e.Type + " " + t.EventType + " " + e.Data), nil
}

// TestTrial: a test is of the first type that the webhook subscribes to.
func TestTrial(t *testing.T) {
	t.Parallel()
	c := receiveHTTP(t, status(http.StatusNoContent))
	sender := delivery.NewSender(delivery.Options{AllowPrivate: local})
	t.Cleanup(sender.Close)
	var forms []delivery.Form
	for _, d := range hook.Dialects {
		forms = append(forms, &namingForm{dialect: d})
	}
	tester := delivery.NewTester(sender, forms)
	for _, test := range []struct {
		dialect  hook.Dialect
		patterns string
		want     string
	}{
		{hook.Standard, "", "webhook.test"}, {hook.Standard, "*", "webhook.test"}, {hook.Standard, "order.line.*", "order.line.test"}, {hook.Standard, "order.paid *", "order.paid"},
		{hook.Entrust, "user.created", "user.created"}, {hook.Entrust, "*", "authentication.succeeded"},
		{hook.Kheops, "", "new_series"}, {hook.Kheops, "new_user *", "new_user"},
		{hook.PageSeeder, "*", "comment.created"}, {hook.PageSeeder, "webhook.ping uri.*", "uri.created"}, {hook.PageSeeder, "paper.folded", "comment.created"},
	} {
		w := &hook.Webhook{Meta: hook.Meta{Key: "w"}, Dialect: test.dialect, URL: c.url, VerifyTLS: true}
		for pattern := range strings.FieldsSeq(test.patterns) {
			w.Subscriptions = append(w.Subscriptions, hook.Subscription{Pattern: pattern})
		}
		a, err := tester.Test(t.Context(), w)
		if err != nil || a.Number != 1 || a.StatusCode != 204 || a.At.IsZero() {
			t.Errorf("%s: %+v, %v", test.patterns, a, err)
		}
		c.mu.Lock()
		got := c.bodies[len(c.bodies)-1]
		c.mu.Unlock()
		if want := test.want + " " + test.want + ` {"test":true}`; got != want {
			t.Errorf("%s %s: %q, want %q", test.dialect, test.patterns, got, want)
		}
	}
	if n := c.count(); n != 11 {
		t.Errorf("%d requests", n)
	}
}

// What a test comes to without an answer, and what makes it impossible.
func TestTrialFails(t *testing.T) {
	t.Parallel()
	sender := delivery.NewSender(delivery.Options{AllowPrivate: local})
	t.Cleanup(sender.Close)
	release := make(chan struct{})
	c := receiveHTTP(t, func(int, http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) }) // before the receiver is closed
	form := &plainForm{dialect: hook.Standard, policy: delivery.Policy{Timeout: 50 * time.Millisecond}}
	tester := delivery.NewTester(sender, []delivery.Form{form})
	w := hook.Webhook{Meta: hook.Meta{Key: "w"}, Dialect: hook.Standard, URL: c.url, VerifyTLS: true}
	a, err := tester.Test(t.Context(), &w)
	if err != nil || a.ErrorKind != delivery.KindTimeout || a.Error == "" || a.StatusCode != 0 {
		t.Errorf("hanging: %+v, %v", a, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tester.Test(ctx, &w); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
	unknown := w
	unknown.SecretState = hook.SecretUnknown
	if _, err := tester.Test(t.Context(), &unknown); hook.CodeOf(err) != hook.Conflict {
		t.Errorf("unknown secret: %v", err)
	}
	other := w
	other.Dialect = hook.Kheops
	if _, err := tester.Test(t.Context(), &other); hook.CodeOf(err) != hook.Unavailable {
		t.Errorf("no form: %v", err)
	}
}

// A trigger that was stored while its webhook was deleted ends.
func TestTriggerOfDeletedWebhook(t *testing.T) {
	t.Parallel()
	p := openOffice(t, delivery.SchedulerOptions{})
	orphan := &hook.Trigger{
		Meta: hook.Meta{Key: "orphan", Created: hook.Now()}, Webhook: "gone", Owner: hook.AccountOwner, Event: "e", Status: hook.TriggerPending,
		Partition: hook.PartitionOf("gone"), Due: hook.Now(),
	}
	if err := p.store.Write(t.Context(), hook.Change{Kind: hook.ChangeInsert, Entity: orphan}); err != nil {
		t.Fatal(err)
	}
	p.scheduler.Look("gone")
	eventually(t, "the trigger ends", func() bool {
		now, err := p.store.Triggers().Get(t.Context(), "orphan")
		return err == nil && now.Status == hook.TriggerFail && !now.Open() && now.Reason == "the webhook was deleted"
	})
}
