package resolvers

import (
	"context"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/hook"
)

// Sending is what sends requests for the resolvers, and explains them. What is
// nil makes its mutation UNAVAILABLE.
type Sending struct {
	// Ping sends a PageSeeder webhook its ping. It is a CONFLICT if the receiver
	// does not confirm it.
	Ping func(ctx context.Context, w *hook.Webhook, handshake hook.Secret) error
	// Test sends a webhook one request that tells of nothing.
	Test func(ctx context.Context, w *hook.Webhook) (hook.Attempt, error)
	// CheckURL asks the network guard.
	CheckURL func(ctx context.Context, url string) delivery.Verdict
	// Verify checks the signature of a request that somebody received.
	Verify func(delivery.Received) delivery.Verification
}

// errSending says that a mutation has nobody to do it.
var errSending = hook.Unavailablef(nil, "this gateway sends no requests")

func (m mutation) PingWebhook(ctx context.Context, input graph.PingWebhookInput) (*graph.PingWebhookPayload, error) {
	if m.sending.Ping == nil {
		return nil, errSending
	}
	key, err := hook.ParseKey(hook.KindWebhook, "id", input.ID)
	var pinged *hook.Webhook
	if err == nil {
		pinged, err = m.Service.PingWebhook(ctx, key, func(w *hook.Webhook, handshake hook.Secret) error {
			return m.sending.Ping(ctx, w, handshake)
		})
	}
	userErrors, err := graph.UserErrors(err)
	return &graph.PingWebhookPayload{Webhook: pinged, UserErrors: userErrors}, err
}

func (m mutation) TestWebhook(ctx context.Context, input graph.TestWebhookInput) (*graph.TestWebhookPayload, error) {
	if m.sending.Test == nil {
		return nil, errSending
	}
	attempt, err := m.test(ctx, input)
	if err != nil {
		userErrors, err := graph.UserErrors(err)
		return &graph.TestWebhookPayload{UserErrors: userErrors}, err
	}
	passed := attempt.StatusCode >= 200 && attempt.StatusCode <= 299
	return &graph.TestWebhookPayload{Attempt: &attempt, Passed: &passed, UserErrors: []*graph.UserError{}}, nil
}

func (m mutation) test(ctx context.Context, input graph.TestWebhookInput) (hook.Attempt, error) {
	key, err := hook.ParseKey(hook.KindWebhook, "id", input.ID)
	if err != nil {
		return hook.Attempt{}, err
	}
	w, err := m.Service.TestableWebhook(ctx, key, orZero(input.URL.Value()))
	if err != nil {
		return hook.Attempt{}, err
	}
	return m.sending.Test(ctx, w)
}

func (m mutation) CheckURL(ctx context.Context, input graph.CheckURLInput) (*graph.CheckURLPayload, error) {
	if m.sending.CheckURL == nil {
		return nil, errSending
	}
	if err := m.Service.PermitURLCheck(ctx, input.URL); err != nil {
		userErrors, err := graph.UserErrors(err)
		return &graph.CheckURLPayload{UserErrors: userErrors}, err
	}
	found := m.sending.CheckURL(ctx, input.URL)
	verdict := &graph.URLVerdict{Allowed: found.Allowed, Reason: found.Reason, Addresses: make([]*graph.AddressVerdict, len(found.Addresses))}
	if found.Host != "" {
		verdict.Host = &found.Host
	}
	for i, a := range found.Addresses {
		verdict.Addresses[i] = &graph.AddressVerdict{Address: a.Address.String(), Allowed: a.Allowed, Reason: a.String(), Rule: a.Rule}
		if a.Network.IsValid() {
			network := a.Network.String()
			verdict.Addresses[i].Network = &network
		}
	}
	return &graph.CheckURLPayload{Verdict: verdict, UserErrors: []*graph.UserError{}}, nil
}

// maxReceivedHeaders is how many headers of a request are looked through.
const maxReceivedHeaders = 200

func (m mutation) VerifySignature(ctx context.Context, input graph.VerifySignatureInput) (*graph.VerifySignaturePayload, error) {
	if m.sending.Verify == nil {
		return nil, errSending
	}
	verdict, err := m.verify(ctx, input)
	userErrors, err := graph.UserErrors(err)
	return &graph.VerifySignaturePayload{Verdict: verdict, UserErrors: userErrors}, err
}

func (m mutation) verify(ctx context.Context, input graph.VerifySignatureInput) (*graph.SignatureVerdict, error) {
	key, err := hook.ParseKey(hook.KindWebhook, "webhook", input.Webhook)
	if err != nil {
		return nil, err
	}
	if len(input.Headers) > maxReceivedHeaders {
		return nil, hook.Invalidf("headers", "at most %d are allowed", maxReceivedHeaders)
	}
	w, secrets, err := m.Service.SignedWebhook(ctx, key)
	if err != nil {
		return nil, err
	}
	received := delivery.Received{
		Dialect: w.Dialect, Secrets: secrets, Method: orZero(input.Method.Value()), URL: orZero(input.URL.Value()), WebhookURL: w.URL,
		Header: make([][2]string, len(input.Headers)), Body: []byte(input.Body), Now: time.Now(),
	}
	for i, h := range input.Headers {
		received.Header[i] = [2]string{h.Name, h.Value}
	}
	if at := input.At.Value(); at != nil {
		received.Now = *at
	}
	found := m.sending.Verify(received)
	return &graph.SignatureVerdict{Valid: found.Valid, Reason: string(found.Reason), Message: found.Message}, nil
}
