package goclient_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	client "github.com/hookgraph/hookgraph/clients/entrust/goclient"
)

const adminKey = "generated-go-client-0123456789abcdef"

// A world is a gateway, built and started, and a receiver that it trusts.
type world struct {
	address, receiver   string
	application, secret string
	mu                  sync.Mutex
	received            []*http.Request
}

func start(t *testing.T) *world {
	t.Helper()
	w := &world{}
	receiver := httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.received = append(w.received, r)
		if r.URL.Path == "/500" {
			rw.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(receiver.Close)
	w.receiver = receiver.URL
	dir := t.TempDir()
	trusted := filepath.Join(dir, "cert.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: receiver.Certificate().Raw})
	if err := os.WriteFile(trusted, block, 0o600); err != nil {
		t.Fatal(err)
	}
	binary := os.Getenv("HOOKGRAPH")
	if binary == "" {
		binary = filepath.Join(dir, "hookgraph")
		build := exec.Command("go", "build", "-o", binary, ".")
		build.Dir = "../../.."
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	gateway := exec.Command(binary, "serve", "--addr", "127.0.0.1:0", "--data", filepath.Join(dir, "data"), "--allow-private", "127.0.0.0/8")
	gateway.Env = append(os.Environ(), "HOOKGRAPH_ADMIN_KEY="+adminKey, "SSL_CERT_FILE="+trusted)
	gateway.Stderr = os.Stderr
	out, err := gateway.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := gateway.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		gateway.Process.Signal(os.Interrupt)
		gateway.Wait()
	})
	found := make(chan string, 1)
	go func() {
		var text bytes.Buffer
		io.Copy(writer(func(p []byte) {
			text.Write(p)
			if m := regexp.MustCompile(`(?m)^\s*Address\s+(\S+)\s`).FindSubmatch(text.Bytes()); m != nil {
				select {
				case found <- string(m[1]):
				default:
				}
			}
		}), out)
	}()
	select {
	case w.address = <-found:
	case <-time.After(30 * time.Second):
		t.Fatal("the gateway does not start")
	}
	w.application, w.secret = w.key(t, "WEBHOOKS:ALL")
	return w
}

type writer func(p []byte)

func (w writer) Write(p []byte) (int, error) {
	w(p)
	return len(p), nil
}

// key makes an API key with a permission.
func (w *world) key(t *testing.T, permission string) (id, secret string) {
	t.Helper()
	query := `{"query":"mutation { createApiKey(input: {name: \"program\", permissions: [\"` + permission + `\"], longLived: true}) { token } }"}`
	r, err := http.NewRequest(http.MethodPost, w.address+"/graphql", strings.NewReader(query))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+adminKey)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Data struct{ CreateAPIKey struct{ Token string } }
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	token := strings.TrimPrefix(answer.Data.CreateAPIKey.Token, "hg_")
	if len(token) != 36+1+43 {
		t.Fatal("no API key was made")
	}
	return token[:36], token[37:]
}

// client returns a client whose calls carry a credential.
func (w *world) client(t *testing.T, credential string) *client.ClientWithResponses {
	t.Helper()
	c, err := client.NewClientWithResponses(w.address, client.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		if credential != "" {
			r.Header.Set("Authorization", credential)
		}
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ptr[T any](v T) *T { return &v }

func parms(url string) client.WebhookParms {
	return client.WebhookParms{Name: "program", CallbackUrl: url, Events: []client.WebhookEvent{
		{Type: client.UserCreated}, {Type: client.AuthenticationFailed, Filter: ptr("[]")},
	}}
}

// TestGenerated: the committed client is what the generator makes of the
// description that the gateway serves.
func TestGenerated(t *testing.T) {
	w := start(t)
	response, err := http.Get(w.address + "/api/web/v1/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	description, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, output := filepath.Join(dir, "openapi.json"), filepath.Join(dir, "client.gen.go")
	if err := os.WriteFile(file, description, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "tool", "oapi-codegen", "-generate", "types,client", "-package", "goclient", "-o", output, file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("client.gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Error("client.gen.go is not what the description gives: run go generate")
	}
}

// TestOperations runs the login and the six operations.
func TestOperations(t *testing.T) {
	w, ctx := start(t), t.Context()
	login, err := w.client(t, "").AuthenticateAdminApiUsingPOSTWithResponse(ctx, client.AdminApiAuthentication{ApplicationId: w.application, SharedSecret: w.secret})
	if err != nil || login.JSON200 == nil || login.JSON200.ExpirationTime.Sub(*login.JSON200.CreationTime) != 15*time.Minute {
		t.Fatalf("%+v, %v", login, err)
	}
	for _, credential := range []string{*login.JSON200.AuthToken, "Bearer " + *login.JSON200.AuthToken, w.application + "," + w.secret} {
		c := w.client(t, credential)
		given := parms(w.receiver + "/hook")
		given.Expiry = ptr(int32(90))
		created, err := c.CreateWebhookUsingPOSTWithResponse(ctx, given)
		if err != nil || created.JSON200 == nil || created.JSON200.Token == nil || created.JSON200.ExpiryDate == nil || !created.JSON200.Enabled {
			t.Fatalf("create: %s, %v", created.Body, err)
		}
		id := created.JSON200.Id
		listed, err := c.GetWebhooksUsingGETWithResponse(ctx)
		if err != nil || listed.JSON200 == nil || len(*listed.JSON200) != 1 || (*listed.JSON200)[0].Id != id || (*listed.JSON200)[0].Token != nil {
			t.Fatalf("list: %+v, %v", listed, err)
		}
		read, err := c.ReadWebhookUsingGETWithResponse(ctx, id)
		if err != nil || read.JSON200 == nil || *read.JSON200.Name != "program" || len(*read.JSON200.Events) != 2 {
			t.Fatalf("read: %s, %v", read.Body, err)
		}
		given.Enabled, given.Expiry, given.Name = ptr(false), ptr(int32(0)), "other"
		updated, err := c.UpdateWebhookUsingPUTWithResponse(ctx, id, given)
		if err != nil || updated.JSON200 == nil || updated.JSON200.Enabled || *updated.JSON200.Name != "other" || updated.JSON200.ExpiryDate != nil {
			t.Fatalf("update: %s, %v", updated.Body, err)
		}
		// Without a body too: that is how clients before 5.46 call it.
		tested, err := c.TestWebhookUsingPOSTWithResponse(ctx, id, client.WebhookTestParms{CallbackUrl: ptr(w.receiver + "/elsewhere")})
		if err != nil || tested.StatusCode() != 200 || len(tested.Body) > 0 {
			t.Fatalf("test: %s, %v", tested.Body, err)
		}
		tested, err = c.TestWebhookUsingPOSTWithBodyWithResponse(ctx, id, "application/json", http.NoBody)
		if err != nil || tested.StatusCode() != 200 {
			t.Fatalf("test without a body: %s, %v", tested.Body, err)
		}
		deleted, err := c.DeleteWebhookUsingDELETEWithResponse(ctx, id)
		if err != nil || deleted.StatusCode() != 200 || len(deleted.Body) > 0 {
			t.Fatalf("delete: %s, %v", deleted.Body, err)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.received) != 6 || w.received[0].URL.Path != "/elsewhere" || w.received[1].URL.Path != "/hook" ||
		w.received[0].Header.Get("Signature") == "" || w.received[0].Header.Get("X-Sha2-Signature") == "" {
		t.Errorf("%+v", w.received)
	}
}

// TestErrors meets every declared status.
func TestErrors(t *testing.T) {
	w, ctx := start(t), t.Context()
	c := w.client(t, w.application+","+w.secret)
	check := func(what string, status, want int, info *client.ErrorInfo, code string) {
		t.Helper()
		if status != want || info == nil || info.ErrorCode == nil || *info.ErrorCode != code || info.ErrorMessage == nil {
			t.Errorf("%s: %d %+v, want %d %s", what, status, info, want, code)
		}
	}
	const unknown = "0f5b1c1e-7a52-4c39-9b6f-2d8d2f6a9a10"

	login, err := c.AuthenticateAdminApiUsingPOSTWithResponse(ctx, client.AdminApiAuthentication{ApplicationId: w.application, SharedSecret: "no"})
	if err != nil {
		t.Fatal(err)
	}
	check("login", login.StatusCode(), 401, login.JSON401, "access_denied")
	listed, err := w.client(t, "old").GetWebhooksUsingGETWithResponse(ctx)
	if err != nil {
		t.Fatal(err)
	}
	check("token", listed.StatusCode(), 401, listed.JSON401, "invalid_session_token")
	bad, err := c.CreateWebhookUsingPOSTWithResponse(ctx, parms("http://hooks.example.net/"))
	if err != nil {
		t.Fatal(err)
	}
	check("http", bad.StatusCode(), 400, bad.JSON400, "invalid_parameter")
	id, secret := w.key(t, "WEBHOOKS:VIEW")
	denied, err := w.client(t, id+","+secret).DeleteWebhookUsingDELETEWithResponse(ctx, unknown)
	if err != nil {
		t.Fatal(err)
	}
	check("permission", denied.StatusCode(), 403, denied.JSON403, "access_denied")
	if denied.JSON403 != nil && *denied.JSON403.ErrorMessage != "WEBHOOKS:REMOVE required" {
		t.Error(*denied.JSON403.ErrorMessage)
	}
	absent, err := c.UpdateWebhookUsingPUTWithResponse(ctx, unknown, parms("https://hooks.example.net/"))
	if err != nil {
		t.Fatal(err)
	}
	check("unknown", absent.StatusCode(), 404, absent.JSON404, "webhook_not_found")
	refusing, err := c.CreateWebhookUsingPOSTWithResponse(ctx, parms(w.receiver+"/500"))
	if err != nil || refusing.JSON200 == nil {
		t.Fatalf("%+v, %v", refusing, err)
	}
	refused, err := c.TestWebhookUsingPOSTWithResponse(ctx, refusing.JSON200.Id, client.WebhookTestParms{})
	if err != nil {
		t.Fatal(err)
	}
	check("test", refused.StatusCode(), 400, refused.JSON400, "webhook_test_failed")
	for range 19 {
		made, err := c.CreateWebhookUsingPOSTWithResponse(ctx, parms("https://hooks.example.net/"))
		if err != nil || made.JSON200 == nil {
			t.Fatalf("%+v, %v", made, err)
		}
	}
	full, err := c.CreateWebhookUsingPOSTWithResponse(ctx, parms("https://hooks.example.net/"))
	if err != nil {
		t.Fatal(err)
	}
	check("the 21st", full.StatusCode(), 409, full.JSON409, "webhook_limit_reached")
}
