package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/resolvers"
	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

// seeded returns an endpoint over a client of a member with 20 webhooks.
func seeded(b *testing.B) (h http.Handler, client, webhook string) {
	b.Helper()
	engine, err := sqlite.Open(b.Context(), b.TempDir(), storage.Collections(), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = engine.Close() })
	vault, err := hook.NewVault(make([]byte, 32))
	if err != nil {
		b.Fatal(err)
	}
	service := hook.NewService(storage.New(engine), vault, hook.Options{})
	ctx := hook.WithViewer(context.Background(), hook.AdminViewer())
	member, err := service.CreateMember(ctx, hook.MemberFields{Username: hook.Set("jsnow")})
	if err != nil {
		b.Fatal(err)
	}
	owner, _, err := service.CreateClient(ctx, hook.ClientFields{Name: hook.Set("sample"), Member: hook.Set(member.Key)})
	if err != nil {
		b.Fatal(err)
	}
	for i := range 20 {
		w, _, err := service.CreateWebhook(ctx, hook.PageSeeder, owner.GetID(), hook.WebhookFields{
			Name: hook.Set(fmt.Sprintf("Webhook %d", i)), URL: hook.Set(fmt.Sprintf("https://hooks.example.org/%d", i)),
		})
		if err != nil {
			b.Fatal(err)
		}
		webhook = w.ID()
	}
	handler := graph.NewHandler(service, resolvers.New(service), graph.Options{})
	viewer := hook.AdminViewer()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r.WithContext(hook.WithViewer(r.Context(), viewer)))
	}), owner.ID(), webhook
}

func BenchmarkOperations(b *testing.B) {
	h, client, webhook := seeded(b)
	for _, c := range []struct{ name, text, id string }{
		{"hello", "{__typename}", ""},
		{"webhook", "query($id:ID!){webhook(id:$id){id name url enabled dialect}}", webhook},
		{"client", "query($id:ID!){client(id:$id){id name webhooks(first:20){nodes{id name url client{id name member{id username}}}}}}", client},
	} {
		body, _ := json.Marshal(map[string]any{"query": c.text, "variables": map[string]string{"id": c.id}})
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(string(body)))
				r.Header.Set("Content-Type", "application/json")
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != 200 || strings.Contains(w.Body.String(), `"errors"`) {
					b.Fatal(w.Body)
				}
			}
		})
	}
}
