package entrust_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/hook"
)

// The target is 20,000 requests a second for one webhook, through HTTP.
func BenchmarkGet(b *testing.B) { benchmark(b, named) }

// BenchmarkList reads the twenty webhooks that are usual.
func BenchmarkList(b *testing.B) { benchmark(b, webhooks) }

func benchmark(b *testing.B, path string) {
	h := openHouse(b)
	for range 16 {
		if _, _, err := h.service.CreateWebhook(admin(context.Background()), hook.Entrust, hook.ID{Kind: hook.KindAccount}, hook.WebhookFields{
			URL: hook.Set("https://hooks.example.net/idaas"), Enabled: hook.Set(false),
			Subscriptions: hook.Set([]hook.Subscription{{Pattern: "user.created"}, {Pattern: "authentication.failed"}}),
		}); err != nil {
			b.Fatal(err)
		}
	}
	for name, credential := range map[string]string{"admin key": adminKey, "session": h.credential(b, "session")} {
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.Header.Set("Authorization", credential)
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				h.api.ServeHTTP(w, r)
				if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"events"`) {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}
