package hook_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// A trigger in each state that somebody may find it in.
func TestRetryAndCancel(t *testing.T) {
	t.Parallel()
	h := open(t)
	q := h.Queue()
	w := h.listener(hook.Standard, account, "w", []string{"*"}, nil)
	off := h.listener(hook.Standard, account, "off", []string{"*"}, nil)
	fresh := func() *hook.Trigger {
		published := h.publish(hook.Publication{Type: "a"})[0]
		for _, trigger := range h.triggersOf(published.Event.Key) {
			if trigger.Webhook == w.Key {
				return trigger
			}
		}
		t.Fatal("no trigger")
		return nil
	}
	attempt := hook.Attempt{At: hook.Now(), StatusCode: 503}
	in := map[string]func() *hook.Trigger{
		"under way": fresh,
		"retrying": func() *hook.Trigger {
			trigger := fresh()
			return must[*hook.Trigger](t)(q.Retry(t.Context(), trigger, attempt, hook.Now().Add(time.Hour), hook.NewBody(trigger.Event, []byte("{}"))))
		},
		"waiting": func() *hook.Trigger {
			return must[*hook.Trigger](t)(q.Wait(t.Context(), fresh(), "its secret is unknown"))
		},
		"passed": func() *hook.Trigger { return must[*hook.Trigger](t)(q.Passed(t.Context(), fresh(), attempt)) },
		"failed": func() *hook.Trigger { return must[*hook.Trigger](t)(q.Failed(t.Context(), fresh(), &attempt, "")) },
		"cancelled": func() *hook.Trigger {
			return must[*hook.Trigger](t)(h.CancelTrigger(h.admin, fresh().Key))
		},
		"of a disabled webhook": func() *hook.Trigger {
			must[*hook.Webhook](t)(h.EnableWebhook(h.admin, off.Key, true))
			published := h.publish(hook.Publication{Type: "a"})[0]
			must[*hook.Webhook](t)(h.EnableWebhook(h.admin, off.Key, false))
			for _, trigger := range h.triggersOf(published.Event.Key) {
				if trigger.Webhook == off.Key {
					return trigger
				}
			}
			return nil
		},
		"imported": func() *hook.Trigger {
			trigger := &hook.Trigger{Meta: hook.Meta{Key: "imported", Created: hook.Now()}, Webhook: w.Key, Owner: w.Owner, Status: hook.TriggerFail, Imported: true, Partition: hook.ClosedPartition}
			if err := h.store.Write(t.Context(), hook.Change{Kind: hook.ChangeInsert, Entity: trigger}); err != nil {
				t.Fatal(err)
			}
			return trigger
		},
		"without its event": func() *hook.Trigger {
			trigger := must[*hook.Trigger](t)(q.Failed(t.Context(), fresh(), nil, "x"))
			if err := h.store.Write(t.Context(), hook.Change{Kind: hook.ChangeRemove, Entity: &hook.Event{Meta: hook.Meta{Key: trigger.Event}}}); err != nil {
				t.Fatal(err)
			}
			return trigger
		},
	}
	for state, expect := range map[string]struct{ retry, cancel string }{
		"under way": {"is under way", ""}, "retrying": {"", ""}, "waiting": {"its secret is unknown", ""},
		"passed": {"", "it is PASS"}, "failed": {"", "it is FAIL"}, "cancelled": {"", "it is CANCELLED"},
		"of a disabled webhook": {"disabled or has expired", ""}, "imported": {"was imported", "it is FAIL"},
		"without its event": {"not kept any more", "it is FAIL"},
	} {
		before := in[state]()
		changed, err := h.CancelTrigger(h.admin, before.Key)
		if expect.cancel != "" {
			wantField(t, "cancel one "+state, err, hook.Conflict, "id")
		} else if err != nil || changed.Status != hook.TriggerCancelled || changed.Open() || changed.NextAttemptAt() != nil {
			t.Errorf("cancel one %s: %+v, %v", state, changed, err)
		}
		if err != nil && !strings.Contains(err.Error(), expect.cancel) {
			t.Errorf("cancel one %s: %v", state, err)
		}
		if state != "imported" {
			before = in[state]()
		}
		courier := &recorder{}
		h.DeliverBy(courier)
		at := hook.Now()
		changed, err = h.RetryTrigger(h.admin, before.Key)
		if expect.retry != "" {
			wantField(t, "retry one "+state, err, hook.Conflict, "id")
			if err != nil && !strings.Contains(err.Error(), expect.retry) {
				t.Errorf("retry one %s: %v", state, err)
			}
			continue
		}
		if err != nil || !changed.Open() || changed.Due.Before(at) || changed.Due.After(hook.Now()) || changed.Reason != "" || len(courier.looked) != 1 {
			t.Errorf("retry one %s: %+v, %v, looked at %v", state, changed, err, courier.looked)
			continue
		}
		// What waited for its next try keeps its place among the tries; what had ended
		// gets all of them again.
		if tried := map[string]int{"retrying": 1}[state]; changed.Tried() != tried {
			t.Errorf("retry one %s: it counts as tried %d times", state, changed.Tried())
		}
		_, err = h.RetryTrigger(h.admin, before.Key)
		wantField(t, "retry twice", err, hook.Conflict, "id")
	}
	entries := must[*hook.Connection[hook.AuditEntry]](t)(h.AuditEntries(h.admin, hook.AuditFilter{}, hook.PageArgs{}))
	operations := map[string]int{}
	for _, e := range entries.Nodes {
		operations[e.Operation]++
	}
	if operations["retryTrigger"] == 0 || operations["cancelTrigger"] == 0 {
		t.Errorf("the audit log has %v", operations)
	}
}

func TestRetryOfDeletedWebhook(t *testing.T) {
	t.Parallel()
	h := open(t)
	_, err := h.RetryTrigger(h.admin, "none")
	want(t, "unknown", err, hook.NotFound)
	_, err = h.CancelTrigger(h.admin, "none")
	want(t, "unknown", err, hook.NotFound)
	orphan := &hook.Trigger{Meta: hook.Meta{Key: "orphan", Created: hook.Now()}, Webhook: "gone", Owner: hook.AccountOwner, Event: "e", Status: hook.TriggerFail, Partition: hook.ClosedPartition}
	if err := h.store.Write(t.Context(), hook.Change{Kind: hook.ChangeInsert, Entity: orphan}); err != nil {
		t.Fatal(err)
	}
	_, err = h.RetryTrigger(h.admin, "orphan")
	want(t, "webhook gone", err, hook.NotFound)
}

// TestTriggerAccess: who may cancel and retry, in the order of places. The
// triggers have all passed.
func TestTriggerAccess(t *testing.T) {
	t.Parallel()
	town := newTown(t)
	town.viewers["EVENTS:PUBLISH"] = town.key(hook.APIKeyFields{}, "EVENTS:PUBLISH")
	town.viewers["and VIEW"] = town.key(hook.APIKeyFields{}, "EVENTS:PUBLISH", "WEBHOOKS:VIEW")
	for viewer, expect := range map[string]string{
		"nobody": "UUUUU", "admin key": "CCCCC", "ann": "FNCNN", "bob": "NNNNN", "EVENTS:PUBLISH": "CCNNC", "and VIEW": "CCNNC",
		"WEBHOOKS:ALL": "FFFFF", "ALBUMS:ALL": "NNCCN", "client1": "CNNNN", "client1 VIEW": "FFFFF",
	} {
		got := town.across(func(owner string) error {
			_, err := town.CancelTrigger(town.viewers[viewer], "trigger-"+owner)
			if err == nil {
				t.Errorf("%s cancels what has ended", viewer)
			}
			return err
		})
		if got != expect {
			t.Errorf("%s: %s, want %s", viewer, got, expect)
		}
	}
	for viewer, expect := range map[string]string{"ann": "FN+NN", "WEBHOOKS:VIEW": "FFFFF", "account": "NNNN+"} {
		if got := town.across(func(owner string) error {
			_, err := town.RetryTrigger(town.viewers[viewer], "trigger-"+owner)
			return err
		}); got != expect {
			t.Errorf("retry by %s: %s, want %s", viewer, got, expect)
		}
	}
}

// A webhook that waits for its ping gets nothing else.
func TestTriggerBeforePing(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.webhook(hook.PageSeeder, h.client("c", "").GetID(), "w")
	_, err := h.TriggerWebhook(h.admin, w.Key, hook.ManualEvent{Type: "comment.created"})
	wantField(t, "pending", err, hook.Conflict, "id")
	if _, err := h.UpdateWebhook(h.admin, w.Key, nil, hook.WebhookFields{Health: hook.Set(hook.HealthActive)}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.TriggerWebhook(h.admin, w.Key, hook.ManualEvent{Type: "comment.created"}); err != nil {
		t.Error(err)
	}
}
