package entrust

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

var _ delivery.Form = (*API)(nil)

// policy is that of section 6: three attempts, and only an answer that blames
// the receiver's server is tried again. No answer at all loses the event.
var policy = delivery.Policy{
	Delays:          []time.Duration{2 * time.Second, 4 * time.Second},
	Extra:           maxJitter,
	Timeout:         timeLimit,
	Retries:         func(o delivery.Outcome) bool { return o.StatusCode >= 500 && o.StatusCode <= 599 },
	FailuresDisable: maxFailures,
}

// Policy implements delivery.Form.
func (*API) Policy() delivery.Policy { return policy }

// Payload implements delivery.Form. The id of the message comes from the
// trigger, so that each receiver is sent a body of its own.
func (a *API) Payload(ctx context.Context, _ *hook.Webhook, e *hook.Event, t *hook.Trigger) ([]byte, error) {
	if !json.Valid([]byte(e.Data)) || !strings.HasPrefix(strings.TrimLeft(e.Data, " \t\r\n"), "{") {
		return nil, hook.Invalidf("data", "must be a JSON object")
	}
	account, err := a.account(ctx)
	if err != nil {
		return nil, err
	}
	message := Message{ID: messageID(t), Type: e.Type, AccountID: account, Time: e.OccurredAt, Data: json.RawMessage(e.Data)}
	return message.Body()
}

// account returns the account's id, which is read once.
func (a *API) account(ctx context.Context) (string, error) {
	if known := a.accountID.Load(); known != nil {
		return *known, nil
	}
	id, err := a.service.AccountID(ctx)
	if err == nil {
		a.accountID.Store(&id)
	}
	return id, err
}

// Request implements delivery.Form.
func (a *API) Request(ctx context.Context, w *hook.Webhook, _ *hook.Trigger, payload []byte, try delivery.Try) (delivery.Request, error) {
	return a.request(ctx, w, w.URL, payload, try.At)
}
