package resolvers_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/hook"
)

// subscriptions ask for all that there is to follow.
const subscriptions = `
subscription triggers($webhook: ID, $owner: OwnerInput, $after: String) {
  triggerChanged(webhook: $webhook, owner: $owner, after: $after) {
    cursor trigger { version status manual webhook { name } event { type triggers { nodes { id } } } }
  }
}
subscription webhooks($webhook: ID, $owner: OwnerInput, $after: String) {
  webhookChanged(webhook: $webhook, owner: $owner, after: $after) {
    cursor webhookId webhook { version name enabled owner { __typename } }
  }
}
subscription events($webhook: ID, $owner: OwnerInput, $type: String, $after: String) {
  eventPublished(webhook: $webhook, owner: $owner, type: $type, after: $after) {
    cursor event { type data ownerKind }
  }
}`

// serve serves the endpoint to a viewer.
func (g *gateway) serve(t *testing.T, v *hook.Viewer) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.endpoint.ServeHTTP(w, r.WithContext(hook.WithViewer(r.Context(), v)))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// A stream reads the events of a subscription.
type stream struct {
	t     *testing.T
	lines *bufio.Scanner
	close func()
}

func follow(t *testing.T, address, operation string, variables vars) *stream {
	t.Helper()
	body, err := json.Marshal(vars{"query": subscriptions, "operationName": operation, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK || !strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		t.Fatalf("status %d, %s", response.StatusCode, response.Header.Get("Content-Type"))
	}
	s := &stream{t: t, lines: bufio.NewScanner(response.Body)}
	s.lines.Buffer(nil, 1<<20)
	s.close = func() { cancel(); response.Body.Close() }
	t.Cleanup(s.close)
	return s
}

// event returns the next event.
func (s *stream) event() (name, id string, a answer) {
	s.t.Helper()
	for s.lines.Scan() {
		field, value, _ := strings.Cut(s.lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			name = value
		case "id":
			id = value
		case "data":
			if a.raw = value; value != "" {
				if err := json.Unmarshal([]byte(value), &a); err != nil {
					s.t.Fatalf("%q: %v", value, err)
				}
			}
		case "":
			if name != "" {
				return name, id, a
			}
		}
	}
	s.t.Fatalf("the stream has ended: %v", s.lines.Err())
	return "", "", a
}

// next returns the next item, without its cursor, and the cursor.
func (s *stream) next(field string) (map[string]any, string) {
	s.t.Helper()
	name, id, a := s.event()
	item, _ := a.at(field).(map[string]any)
	if name != "next" || len(a.Errors) > 0 || item == nil || item["cursor"] != id || id == "" {
		s.t.Fatalf("event %s with id %q: %s", name, id, a.raw)
	}
	delete(item, "cursor")
	return item, id
}

// wantSubscriptions waits until so many subscriptions are open.
func (g *gateway) wantSubscriptions(t *testing.T, want int) {
	t.Helper()
	for end := time.Now().Add(time.Minute); g.endpoint.Subscriptions() != want; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d subscriptions are open, not %d", g.endpoint.Subscriptions(), want)
		}
	}
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	g := open(t)
	g.seed(t)
	address := g.serve(t, admin())
	ctx := hook.WithViewer(t.Context(), admin())
	triggers := follow(t, address, "triggers", vars{"webhook": "Webhook:" + orders})
	webhooks := follow(t, address, "webhooks", vars{"owner": vars{"client": beta}})
	events := follow(t, address, "events", vars{"type": "order.paid"})
	g.wantSubscriptions(t, 3)
	if _, err := g.service.EnableWebhook(ctx, orders, false); err != nil {
		t.Fatal(err)
	}
	trigger, err := g.service.TriggerWebhook(ctx, orders, hook.ManualEvent{Type: "order.paid", Data: "{\n  \"n\": 1}"})
	if err != nil {
		t.Fatal(err)
	}
	w, err := g.service.Webhook(ctx, orders)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := triggers.next("triggerChanged")
	want := map[string]any{"trigger": map[string]any{
		"version": 1.0, "status": "PENDING", "manual": true, "webhook": map[string]any{"name": w.Name},
		"event": map[string]any{"type": "order.paid", "triggers": map[string]any{"nodes": []any{map[string]any{"id": trigger.ID()}}}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("triggerChanged (-want +got):\n%s", diff)
	}
	got, cursor := webhooks.next("webhookChanged")
	want = map[string]any{"webhookId": "Webhook:" + orders, "webhook": map[string]any{
		"version": float64(w.Version), "name": w.Name, "enabled": false, "owner": map[string]any{"__typename": "Client"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("webhookChanged (-want +got):\n%s", diff)
	}
	got, _ = events.next("eventPublished")
	want = map[string]any{"event": map[string]any{"type": "order.paid", "data": map[string]any{"n": 1.0}, "ownerKind": "CLIENT"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("eventPublished (-want +got):\n%s", diff)
	}

	webhooks.close()
	g.wantSubscriptions(t, 2)
	if _, err := g.service.EnableWebhook(ctx, orders, true); err != nil {
		t.Fatal(err)
	}
	webhooks = follow(t, address, "webhooks", vars{"owner": vars{"client": beta}, "after": cursor})
	got, _ = webhooks.next("webhookChanged")
	if node := got["webhook"].(map[string]any); node["enabled"] != true || node["version"] != float64(w.Version+1) {
		t.Errorf("behind the cursor comes %v", got)
	}
	if err := g.service.DeleteWebhook(ctx, orders, nil); err != nil {
		t.Fatal(err)
	}
	got, _ = webhooks.next("webhookChanged")
	if diff := cmp.Diff(map[string]any{"webhookId": "Webhook:" + orders, "webhook": nil}, got); diff != "" {
		t.Errorf("of the deletion (-want +got):\n%s", diff)
	}
}

// TestSubscriptionsThatCannotStart: the errors are in the stream, which ends.
func TestSubscriptionsThatCannotStart(t *testing.T) {
	t.Parallel()
	g := open(t)
	g.seed(t)
	admins, nobody, ada := g.serve(t, admin()), g.serve(t, nil), g.serve(t, g.as(t, ada))
	for _, c := range []struct {
		address, operation string
		variables          vars
		code, field        string
	}{
		{admins, "triggers", vars{"after": "nonsense"}, "BAD_USER_INPUT", "after"},
		{admins, "triggers", vars{"webhook": ""}, "BAD_USER_INPUT", "webhook"},
		{admins, "webhooks", vars{"webhook": "Event:1"}, "BAD_USER_INPUT", "webhook"},
		{admins, "webhooks", vars{"owner": vars{}}, "GRAPHQL_VALIDATION_FAILED", ""},
		{admins, "events", vars{"owner": vars{"client": "999"}}, "NOT_FOUND", ""},
		{admins, "events", vars{"webhook": "999"}, "NOT_FOUND", ""},
		{ada, "triggers", vars{"owner": vars{"account": true}}, "FORBIDDEN", ""},
		{ada, "triggers", vars{"webhook": orders}, "NOT_FOUND", ""},
		{nobody, "events", nil, "UNAUTHENTICATED", ""},
		{nobody, "unknown", nil, "OPERATION_RESOLUTION_FAILURE", ""},
	} {
		s := follow(t, c.address, c.operation, c.variables)
		name, id, a := s.event()
		if name != "next" || id != "" || len(a.Errors) != 1 || a.Errors[0].code() != c.code {
			t.Errorf("%s %v: event %s %s, want %s", c.operation, c.variables, name, a.raw, c.code)
			continue
		}
		if field, _ := a.Errors[0].Extensions["field"].([]any); c.field != "" && !cmp.Equal(field, []any{c.field}) {
			t.Errorf("%s %v: %s", c.operation, c.variables, a.raw)
		}
		if name, _, a := s.event(); name != "complete" || a.raw != "" {
			t.Errorf("%s %v: then comes %s %s", c.operation, c.variables, name, a.raw)
		}
	}
}
