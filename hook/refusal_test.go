package hook_test

import (
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/hook"
)

// While publishing is refused, what is in the queue goes on.
func TestRefusePublishing(t *testing.T) {
	t.Parallel()
	h := open(t)
	w := h.webhook(hook.Standard, account, "a")
	waiting := h.publishTo(w)
	h.RefusePublishing("the disk is full")
	_, err := h.PublishEvents(h.admin, []hook.Publication{{Type: "invoice.paid", Data: `{}`}})
	want(t, "publish", err, hook.Unavailable)
	_, manual := h.TriggerWebhook(h.admin, w.Key, hook.ManualEvent{Type: "invoice.paid"})
	want(t, "trigger", manual, hook.Unavailable)
	if !strings.Contains(err.Error(), "the disk is full") || !h.Totals().Refusing {
		t.Errorf("%v does not tell why", err)
	}
	h.pass(waiting, 0)
	h.RefusePublishing("")
	h.publishTo(w)
	if totals := h.Totals(); totals.Refusing || totals.Events != 2 || totals.Triggers != 2 {
		t.Errorf("%+v", totals)
	}
}
