package entrust

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

// A testError says why the receiver of a test has not taken it.
type testError struct{ reason string }

func (e *testError) Error() string { return e.reason }

// test answers operation 6 (section 12, no. 18 and 19): one signed request with
// sample data, which counts for nothing.
func (a *API) test(w http.ResponseWriter, r *http.Request, keys []string) error {
	ctx := r.Context()
	webhook, err := a.service.PermittedWebhook(ctx, hook.Entrust, keys[0], hook.Edit)
	if err != nil {
		return err
	}
	url := webhook.URL
	object, err := readObject(r)
	if err != nil {
		return err
	}
	if object != nil && object.Has("callbackUrl") {
		url = object.Text("callbackUrl")
		if err := object.Err(); err != nil {
			return err
		}
		if err := hook.CheckWebhookURL(hook.Entrust, url); err != nil {
			return err
		}
	}
	if err := a.sendTest(ctx, webhook, url); err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

func (a *API) sendTest(ctx context.Context, w *hook.Webhook, url string) error {
	accountID, err := a.account(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	message := Message{ID: NewMessageID(), Type: firstType(w), AccountID: accountID, Time: now}
	if message.Data, err = sampleData(message.Type); err != nil {
		return err
	}
	body, err := message.Body()
	if err != nil {
		return err
	}
	request, err := a.request(ctx, w, url, body, now)
	if err != nil {
		return err
	}
	if a.options.Sender == nil {
		return &testError{"this gateway does not send tests"}
	}
	request.Timeout = timeLimit
	outcome := a.options.Sender.Send(ctx, request)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case outcome.Err != nil:
		return &testError{"the test was not delivered: " + outcome.Err.Error()}
	case outcome.StatusCode < 200 || outcome.StatusCode > 299:
		return &testError{"the test was not accepted: the receiver answered " + status(outcome)}
	}
	return nil
}

func status(o delivery.Outcome) string {
	text := http.StatusText(o.StatusCode)
	if text != "" {
		text = " " + text
	}
	return strconv.Itoa(o.StatusCode) + text
}
