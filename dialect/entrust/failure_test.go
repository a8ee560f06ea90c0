package entrust_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/dialect/dialecttest"
	whole "github.com/hookgraph/hookgraph/gateway"
	"github.com/hookgraph/hookgraph/hook"
)

// TestOwnForm: whatever happens below the prefix, errors have the form of this
// API.
func TestOwnForm(t *testing.T) {
	t.Parallel()
	h := openLimited(t, whole.Limits{Time: 300 * time.Millisecond, Body: 1000})
	for _, c := range []struct{ name, method, path, body, want string }{
		{"panic", "POST", testAt(named), `{"callbackUrl":"https://panic.example/"}`, `500 {"errorCode":"internal_error","errorMessage":"internal error, request id"}`},
		{"time-out", "POST", testAt(named), `{"callbackUrl":"https://slow.example/"}`, `503 {"errorCode":"service_unavailable","errorMessage":"the request cannot be answered now, try again later"}`},
		{"announced size", "PUT", named, strings.Repeat(" ", 1001), `413 {"errorCode":"request_too_large","errorMessage":"the body is too large"}`},
		{"path", "GET", "/api/web/", "", `404 {"errorCode":"not_found","errorMessage":"there is nothing at this path"}`},
		{"prefix", "GET", "/api/web", "", `404 {"errorCode":"not_found","errorMessage":"there is nothing at this path"}`},
		{"method", "BREW", "/api/web/v1/openapi.json", "", `405 {"errorCode":"method_not_allowed","errorMessage":"the methods here are GET, HEAD, OPTIONS"}`},
	} {
		for _, chunked := range []bool{false, true} {
			var body io.Reader = strings.NewReader(c.body)
			if chunked {
				body = io.MultiReader(body)
			}
			r, err := http.NewRequestWithContext(t.Context(), c.method, h.url+c.path, body)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", adminKey)
			r.Header.Set("X-Request-Id", "id")
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(response.Body)
			response.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(response.StatusCode, " ", string(text)); got != c.want || response.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%s (chunked %t): %s %v, want %s", c.name, chunked, got, response.Header, c.want)
			}
		}
	}
}

// TestBrokenOff sends a part of a body and leaves, or chunks that are none:
// nothing is made of it, and the error is the caller's.
func TestBrokenOff(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	before := h.call(t, "GET", webhooks, adminKey, "")
	for _, request := range []struct{ method, path string }{{"POST", webhooks}, {"PUT", named}, {"POST", testAt(named)}, {"POST", loginAt}} {
		for _, rest := range []string{
			// The part is a whole object, and more was announced.
			fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(minimal)+1, minimal),
			fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(minimal), minimal),
			"Transfer-Encoding: chunked\r\n\r\n" + minimal,
		} {
			connection, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(connection, "%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Type: application/json\r\n%s",
				request.method, request.path, adminKey, rest)
			if err := connection.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			answered, err := io.ReadAll(connection)
			connection.Close()
			const want = `{"errorCode":"invalid_parameter","errorMessage":"the body breaks off, or its transfer encoding is malformed"}`
			if err != nil || !strings.HasPrefix(string(answered), "HTTP/1.1 400 ") || !strings.HasSuffix(string(answered), "\r\n\r\n"+want) {
				t.Errorf("%s %s: %q: %q, %v", request.method, request.path, rest, answered, err)
			}
		}
	}
	if after := h.call(t, "GET", webhooks, adminKey, ""); after != before {
		t.Errorf("changed: %s", after)
	}
}

// TestNothingChanged: a request that is refused leaves no trace, in the audit
// log neither.
func TestNothingChanged(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	state := func() string {
		audit := h.graph(t, `{ auditEntries(first: 1) { nodes { id } } }`)
		return h.call(t, "GET", webhooks, adminKey, "") + audit
	}
	before := state()
	refused := 0
	for _, c := range contract {
		if c.method != "POST" && c.method != "PUT" && c.method != "DELETE" || strings.Contains(c.name, "test") {
			continue
		}
		// The cases that are refused whatever came before.
		if golden := dialecttest.Read(t, "testdata/contract/"+c.name+".txt"); !strings.Contains(golden, "\n400 ") && !strings.Contains(golden, "\n403 ") && !strings.Contains(golden, "\n415 ") {
			continue
		}
		h.exchange(t, c)
		refused++
	}
	if after := state(); after != before || refused < 40 {
		t.Errorf("%d refused\n%s\n%s", refused, before, after)
	}
}

// TestSecretsStayIn: no answer but that of the creation shows a token, and no
// log line does.
func TestSecretsStayIn(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	made := h.call(t, "POST", webhooks, adminKey, minimal)
	_, token, _ := strings.Cut(made, `"token":"`)
	token = strings.TrimSuffix(token, `"}`)
	key := strings.TrimPrefix(made, `{"id":"`)[:36]
	if !strings.HasPrefix(token, "whsec_") {
		t.Fatal(made)
	}
	answers := h.call(t, "GET", webhooks, adminKey, "") + h.call(t, "GET", webhooks+"/"+key, adminKey, "") +
		h.call(t, "PUT", webhooks+"/"+key, adminKey, minimal) + h.call(t, "POST", testAt(webhooks+"/"+key), adminKey, "") + h.log.String()
	if strings.Contains(answers, token) || strings.Contains(answers, "whsec_") {
		t.Error(answers)
	}
	w, err := h.service.Webhook(admin(t.Context()), key)
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := h.service.WebhookSecrets(t.Context(), w)
	if err != nil || len(secrets) != 1 || secrets[0] != hook.Secret(token) {
		t.Errorf("the token is not what signs: %v", err)
	}
}
