package pageseeder_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/auth"
	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/dialect"
	"github.com/hookgraph/hookgraph/dialect/pageseeder"
	root "github.com/hookgraph/hookgraph/gateway"
	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/hook"
	"github.com/hookgraph/hookgraph/resolvers"
	"github.com/hookgraph/hookgraph/storage"
	"github.com/hookgraph/hookgraph/storage/sqlite"
)

const adminKey = "the-admin-key-of-these-tests-0123456789"

// A town is a whole gateway behind a socket: the dialect, GraphQL, credentials
// as they are in the field, and a sender that reaches this machine.
type town struct {
	t       testing.TB
	service *hook.Service
	address string
	admin   context.Context
	// tokens by the names that cases give their callers.
	tokens map[string]string
}

// emptyDatabase is the file of a database without documents: making its tables
// takes longer than most tests.
var emptyDatabase = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "pageseeder")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	engine, err := sqlite.Open(context.Background(), dir, storage.Collections(), sqlite.Options{})
	if err != nil {
		return nil, err
	}
	if err := engine.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, sqlite.File))
})

// openEngine opens a database without documents.
func openEngine(t testing.TB) *sqlite.Engine {
	t.Helper()
	dir := t.TempDir()
	empty, err := emptyDatabase()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, sqlite.File), empty, 0o600); err != nil {
		t.Fatal(err)
	}
	engine, err := sqlite.Open(t.Context(), dir, storage.Collections(), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	return engine
}

// newTown has the client 123 of member 456 with the webhook 789, and member 457
// with the client 124 and no webhook.
func newTown(t testing.TB) *town {
	t.Helper()
	return newTownWith(t, func(s hook.Store) hook.Store { return s }, root.Limits{})
}

func newTownWith(t testing.TB, wrap func(hook.Store) hook.Store, limits root.Limits) *town {
	t.Helper()
	engine := openEngine(t)
	vault, err := hook.NewVault(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	service := hook.NewService(wrap(storage.New(engine)), vault, hook.Options{})
	authenticator, err := auth.New(service, auth.Options{AdminKey: adminKey})
	if err != nil {
		t.Fatal(err)
	}
	sender := delivery.NewSender(delivery.Options{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	t.Cleanup(sender.Close)
	api := pageseeder.New(service, authenticator, pageseeder.Options{Location: sydney(t), Sender: sender})
	server := httptest.NewServer(root.New(root.Options{
		Service: service, Authenticator: authenticator, Dialects: []dialect.Dialect{api}, Limits: limits,
		GraphQL: graph.NewHandler(service, resolvers.New(service), graph.Options{}),
	}))
	t.Cleanup(server.Close)
	town := &town{
		t: t, service: service, address: server.Listener.Addr().String(),
		admin: hook.WithViewer(t.Context(), hook.AdminViewer()), tokens: map[string]string{"admin": adminKey, "bad": "x"},
	}
	town.settle(fixture(t, "list.json"))
	town.settle(strings.NewReplacer(`"id": 789`, `"id": 790`, `"id": 123`, `"id": 124`, "4739db31320c67c5", "1234567890123456",
		`"name": "Sample"`, `"name": "Other"`, `"id": 456`, `"id": 457`, "jsnow", "arya", `"status": "activated"`, `"status": "activated", "email": "arya@example.org"`).
		Replace(fixture(t, "list.json")))
	if err := service.DeleteWebhook(town.admin, "790", nil); err != nil {
		t.Fatal(err)
	}
	town.tokens["member"] = town.key(hook.APIKeyFields{Member: "456", Permissions: []hook.Permission{hook.PermissionAll}})
	town.tokens["other"] = town.key(hook.APIKeyFields{Member: "457", Permissions: []hook.Permission{hook.PermissionAll}})
	town.tokens["viewer"] = town.key(hook.APIKeyFields{Permissions: []hook.Permission{"WEBHOOKS:VIEW", "CLIENTS:VIEW"}})
	return town
}

func (w *town) settle(text string) {
	w.t.Helper()
	g := &gateway{service: w.service, API: pageseeder.New(nil, nil, pageseeder.Options{})}
	g.takeText(w.t, text)
}

// key returns the token of a new API key.
func (w *town) key(fields hook.APIKeyFields) string {
	w.t.Helper()
	fields.Name = "key"
	_, token, err := w.service.CreateAPIKey(w.admin, fields)
	if err != nil {
		w.t.Fatal(err)
	}
	return token.Reveal()
}

// A wire is a request as it is written, and what was answered.
type wire struct {
	*http.Response
	request, body string
}

// send writes a request by hand. Of its headers, Host, Authorization and
// Content-Length are made here unless they are given.
func (w *town) send(as, method, target, headers, body string) wire {
	w.t.Helper()
	request := fmt.Sprintf("%s %s HTTP/1.1\n%s", method, target, headers)
	if body != "" && !strings.Contains(headers, "Content-Length") && !strings.Contains(headers, "Transfer-Encoding") {
		request += fmt.Sprintf("Content-Length: %d\n", len(body))
	}
	head := request + "Host: gateway.test\nConnection: close\n"
	if as != "" && !strings.Contains(headers, "Authorization:") {
		head += "Authorization: Bearer " + w.tokens[as] + "\n"
	}
	conn, err := net.Dial("tcp", w.address)
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		w.t.Fatal(err)
	}
	if _, err := io.WriteString(conn, strings.ReplaceAll(head, "\n", "\r\n")+"\r\n"+body); err != nil {
		w.t.Fatal(err)
	}
	if strings.Contains(headers, "X-Cut") {
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			w.t.Fatal(err)
		}
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, target, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, target, err)
	}
	return wire{answer, request + "\n" + body, string(text)}
}

const form = "Content-Type: application/x-www-form-urlencoded\n"

// graphQL asks as a caller and returns the answer's text.
func (w *town) graphQL(as, query string) string {
	w.t.Helper()
	answer := w.send(as, "POST", "/graphql", "Content-Type: application/json\n", fmt.Sprintf(`{"query":%q}`, query))
	return answer.body
}
