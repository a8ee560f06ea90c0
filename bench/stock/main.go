// Command stock is the measure of the benchmark: a stock gqlgen server that
// answers the gateway's two benchmark queries from memory.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"
)

type resolver struct {
	members  map[string]*Member
	clients  map[string]*Client
	webhooks map[string]*Webhook
	owner    map[string]string   // webhook -> client
	account  map[string]string   // client -> member
	owned    map[string][]string // client -> webhooks
}

func (r *resolver) Query() QueryResolver     { return query{r} }
func (r *resolver) Client() ClientResolver   { return client{r} }
func (r *resolver) Webhook() WebhookResolver { return webhook{r} }

type (
	query   struct{ *resolver }
	client  struct{ *resolver }
	webhook struct{ *resolver }
)

func (q query) Webhook(_ context.Context, id string) (*Webhook, error) { return q.webhooks[id], nil }
func (q query) Client(_ context.Context, id string) (*Client, error)   { return q.clients[id], nil }

func (r webhook) Client(_ context.Context, w *Webhook) (*Client, error) {
	return r.clients[r.owner[w.ID]], nil
}

func (r client) Member(_ context.Context, c *Client) (*Member, error) {
	return r.members[r.account[c.ID]], nil
}

func (r client) Webhooks(_ context.Context, c *Client, first *int) (*WebhookConnection, error) {
	ids := r.owned[c.ID]
	if first != nil && *first < len(ids) {
		ids = ids[:*first]
	}
	page := &WebhookConnection{Nodes: make([]*Webhook, len(ids))}
	for i, id := range ids {
		page.Nodes[i] = r.webhooks[id]
	}
	return page, nil
}

// seed makes the same members, clients and webhooks as the seed of the gateway.
func seed(webhooks, clients int) *resolver {
	r := &resolver{map[string]*Member{}, map[string]*Client{}, map[string]*Webhook{}, map[string]string{}, map[string]string{}, map[string][]string{}}
	for i := range clients {
		c, m := fmt.Sprintf("Client:%d", i+1), fmt.Sprintf("Member:%d", i+1)
		name := fmt.Sprintf("member-%d", i+1)
		r.members[m] = &Member{ID: m, Username: &name}
		r.clients[c] = &Client{ID: c, Name: fmt.Sprintf("Client %d", i+1)}
		r.account[c] = m
	}
	for i := range webhooks {
		w, c := fmt.Sprintf("Webhook:%d", i+1), fmt.Sprintf("Client:%d", i%clients+1)
		name := fmt.Sprintf("Webhook %d", i+1)
		r.webhooks[w] = &Webhook{ID: w, Name: &name, URL: fmt.Sprintf("https://hooks.example.org/%d", i+1), Enabled: true, Dialect: "PAGESEEDER"}
		r.owner[w] = c
		r.owned[c] = append(r.owned[c], w)
	}
	return r
}

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "address to listen on")
	webhooks := flag.Int("webhooks", 100_000, "number of webhooks")
	clients := flag.Int("clients", 1000, "number of clients")
	flag.Parse()
	server := handler.New(NewExecutableSchema(Config{Resolvers: seed(*webhooks, *clients)}))
	server.AddTransport(transport.GET{})
	server.AddTransport(transport.POST{})
	server.SetQueryCache(lru.New[*ast.QueryDocument](1000))
	server.Use(extension.Introspection{})
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/graphql", server)
	http.HandleFunc("/static", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"data":{"hello":"world"}}`))
	})
	fmt.Printf("http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, nil))
}
