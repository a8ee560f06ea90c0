package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/gateway"
	"github.com/hookgraph/hookgraph/hook"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestRequestID(t *testing.T) {
	t.Parallel()
	h := with(func(o *gateway.Options) {
		answering(o, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, hook.RequestID(r.Context())) })
	})
	for given, kept := range map[string]bool{
		"": false, "abc-123": true, "Root=1-67891233-abcdef:1_.": true, strings.Repeat("a", 64): true,
		strings.Repeat("a", 65): false, "a b": false, "a\tb": false, "<script>": false, "é": false, `a"b`: false,
	} {
		w := send(h, "GET", "/clients", "X-Request-Id", given)
		got := w.Header().Get("X-Request-Id")
		if (got == given) != kept || len(got) < 3 {
			t.Errorf("%q became %q", given, got)
		}
		if w.Body.String() != got {
			t.Errorf("the context has %q, the header %q", w.Body, got)
		}
	}
	if a, b := send(h, "GET", "/nothing"), send(h, "GET", "/nothing"); a.Header().Get("X-Request-Id") == b.Header().Get("X-Request-Id") {
		t.Error("two requests have one id")
	}
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"/", "/clients", "/graphql", "/nothing"} {
		header := send(with(nil), "GET", target).Header()
		if header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", target, header)
		}
	}
}

func TestPanic(t *testing.T) {
	t.Parallel()
	panics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		panic("out of cheese")
	})
	for target, want := range map[string]string{
		"/clients": "418 PAGESEEDER INTERNAL id",
		"/graphql": `500 {"errors":[{"message":"internal error","extensions":{"code":"INTERNAL_SERVER_ERROR","requestId":"id"}}]}`,
		"/":        `500 {"error":{"code":"INTERNAL","message":"internal error","requestId":"id"}}`,
	} {
		var log record
		h := with(func(o *gateway.Options) {
			answering(o, panics)
			o.GraphQL, o.Pages["/"], o.Log = panics, panics, logTo(&log)
		})
		w := send(h, "GET", target+"?secret=1", "X-Request-Id", "id")
		if got := itoa(w.Code) + " " + strings.TrimSpace(w.Body.String()); got != want || w.Header().Get("Content-Length") != "" {
			t.Errorf("%s answers %s, want %s; headers %v", target, got, want, w.Header())
		}
		text := log.String()
		if strings.Count(text, "out of cheese") != 1 || strings.Count(text, "level=ERROR") != 1 ||
			!strings.Contains(text, "request=id") || !strings.Contains(text, "request_test.go") {
			t.Errorf("%s is logged as %s", target, text)
		}
		if strings.Contains(text, "secret") {
			t.Errorf("the query is in the log: %s", text)
		}
	}
}

func TestPanicInAnAnswer(t *testing.T) {
	t.Parallel()
	for _, cause := range []any{"out of cheese", http.ErrAbortHandler} {
		var log record
		server := httptest.NewUnstartedServer(with(func(o *gateway.Options) {
			o.Log = logTo(&log)
			answering(o, func(w http.ResponseWriter, _ *http.Request) {
				io.WriteString(w, "half")
				w.(http.Flusher).Flush()
				panic(cause)
			})
		}))
		server.Config.ErrorLog = nil
		server.Start()
		response, err := http.Get(server.URL + "/clients")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		if string(text) != "half" || err == nil {
			t.Errorf("%v: the answer is %q (%v), want it cut", cause, text, err)
		}
		response.Body.Close()
		server.Close()
		if logged := strings.Contains(log.String(), "level=ERROR"); logged != (cause != http.ErrAbortHandler) {
			t.Errorf("%v is logged as %q", cause, log.String())
		}
	}
}

func TestTimeLimit(t *testing.T) {
	t.Parallel()
	waits := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	h := with(func(o *gateway.Options) {
		o.Limits.Time = time.Millisecond
		answering(o, waits)
		o.GraphQL = waits
	})
	for target, want := range map[string]string{
		"/clients": "418 PAGESEEDER UNAVAILABLE id",
		"/graphql": `503 {"errors":[{"message":"the request took longer than 1ms","extensions":{"code":"UNAVAILABLE","requestId":"id"}}]}`,
	} {
		w := send(h, "GET", target, "X-Request-Id", "id")
		if got := itoa(w.Code) + " " + strings.TrimSpace(w.Body.String()); got != want {
			t.Errorf("%s answers %s, want %s", target, got, want)
		}
	}
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	h := with(func(o *gateway.Options) {
		o.Limits.Body = 10
		answering(o, func(w http.ResponseWriter, r *http.Request) {
			text, err := io.ReadAll(r.Body)
			if err != nil {
				o.Dialects[0].Fail(w, r, err)
				return
			}
			w.Write(text)
		})
	})
	for _, test := range []struct {
		target string
		body   io.Reader
		want   string
	}{
		{"/clients", strings.NewReader("0123456789"), "200 0123456789"},
		{"/clients", strings.NewReader("0123456789+"), "418 PAGESEEDER TOO LARGE"},
		{"/clients", io.MultiReader(strings.NewReader("0123456789")), "200 0123456789"},
		{"/clients", io.MultiReader(strings.NewReader("0123456789+")), "418 PAGESEEDER TOO LARGE"},
		{"/graphql", strings.NewReader("0123456789+"), `413 {"errors":[{"message":"the body of the request is too large","extensions":{"code":"BAD_USER_INPUT","requestId":"id"}}]}`},
		{"/nothing", strings.NewReader("0123456789+"), `413 {"error":{"code":"TOO_LARGE","message":"the body of the request is too large","requestId":"id"}}`},
	} {
		w := sendBody(h, "POST", test.target, test.body, "X-Request-Id", "id")
		if got := itoa(w.Code) + " " + strings.TrimSpace(w.Body.String()); got != test.want {
			t.Errorf("%s answers %s, want %s", test.target, got, test.want)
		}
	}
}

// A body that stops coming ends the request at its time limit, as an overload.
// One that breaks off or is not well-formed is the caller's error.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	read := make(chan error, 1)
	server := httptest.NewUnstartedServer(with(func(o *gateway.Options) {
		answering(o, func(w http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(r.Body)
			read <- err
			o.Dialects[0].Fail(w, r, err)
		})
	}))
	server.Config.ReadTimeout = 50 * time.Millisecond
	server.Start()
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "POST /clients HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n01234")
	if err := <-read; hook.CodeOf(err) != hook.Unavailable {
		t.Errorf("a slow body ends with %v", err)
	}
	for _, rest := range []string{
		"Content-Length: 10\r\n\r\n01234",
		"Transfer-Encoding: chunked\r\n\r\n5\r\n012",
		"Transfer-Encoding: chunked\r\n\r\nzz\r\n012",
		"Transfer-Encoding: chunked\r\n\r\n3\r\n01234\r\n0\r\n\r\n",
	} {
		left, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(left, "POST /clients HTTP/1.1\r\nHost: x\r\n"+rest)
		left.Close()
		if err := <-read; hook.CodeOf(err) != hook.Invalid {
			t.Errorf("%q ends with %v", rest, err)
		}
	}
}

func TestViewer(t *testing.T) {
	t.Parallel()
	h := with(nil)
	for token, want := range map[string]string{
		"":             "200 graph for nobody",
		"Bearer admin": "200 graph for admin key",
		"Bearer no":    `401 {"errors":[{"message":"the credential is not valid","extensions":{"code":"UNAUTHENTICATED","requestId":"id"}}]}`,
	} {
		w := send(h, "POST", "/graphql", "Authorization", token, "X-Request-Id", "id", "Accept", "application/graphql-response+json, application/json")
		if got := itoa(w.Code) + " " + strings.TrimSpace(w.Body.String()); got != want {
			t.Errorf("%q answers %s, want %s", token, got, want)
		}
		if w.Code == 401 && (w.Header().Get("WWW-Authenticate") == "" || w.Header().Get("Content-Type") != "application/graphql-response+json; charset=utf-8") {
			t.Errorf("headers %v", w.Header())
		}
	}
}

func TestReady(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		down error
		want string
	}{
		{nil, `200 {"status":"ready"}`},
		{hook.Unavailablef(errors.New("dial db.internal"), "the database is not available"), `503 {"error":{"code":"UNAVAILABLE","message":"the database is not available","requestId":"id"}}`},
		{fmt.Errorf("ping: %w", context.DeadlineExceeded), `503 {"error":{"code":"UNAVAILABLE","message":"the request took too long","requestId":"id"}}`},
		{errors.New("disk on fire"), `500 {"error":{"code":"INTERNAL","message":"internal error","requestId":"id"}}`},
	} {
		h := with(func(o *gateway.Options) { o.Service = &service{down: test.down} })
		w := send(h, "GET", "/readyz", "X-Request-Id", "id")
		if got := itoa(w.Code) + " " + strings.TrimSpace(w.Body.String()); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
		if w := send(h, "GET", "/healthz"); w.Code != 200 {
			t.Errorf("/healthz answers %d", w.Code)
		}
	}
}

func TestAccessLog(t *testing.T) {
	t.Parallel()
	var log record
	h := with(func(o *gateway.Options) {
		o.Log = logTo(&log)
		answering(o, func(w http.ResponseWriter, r *http.Request) {
			status, _ := strconv.Atoi(r.URL.Path[len("/clients/"):])
			w.WriteHeader(status)
		})
	})
	send(h, "GET", "/clients/200")
	send(h, "GET", "/clients/404")
	if log.String() != "" {
		t.Errorf("successful requests are logged: %s", log.String())
	}
	send(h, "GET", "/clients/503?token=hush", "Authorization", "Bearer hush", "X-Request-Id", "the-id")
	text := log.String()
	for _, part := range []string{"level=WARN", "request=the-id", "method=GET", "path=/clients/503", "status=503", "took="} {
		if !strings.Contains(text, part) {
			t.Errorf("%s lacks %s", text, part)
		}
	}
	if strings.Contains(text, "hush") {
		t.Errorf("a secret is logged: %s", text)
	}
}

// TestCallerLeaves: what a caller is told that did not wait is no failure of the
// gateway; what a stopping gateway cuts is one.
func TestCallerLeaves(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cause error
		want  int
	}{{nil, 0}, {errors.New("stopping"), http.StatusServiceUnavailable}} {
		var log record
		seen := -1
		h := with(func(o *gateway.Options) {
			o.Log = logTo(&log)
			o.Observe = func(_ string, status int) { seen = status }
			answering(o, func(w http.ResponseWriter, r *http.Request) {
				<-r.Context().Done()
				w.WriteHeader(http.StatusServiceUnavailable)
			})
		})
		ctx, end := context.WithCancelCause(t.Context())
		end(c.cause)
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/clients/1", nil))
		if seen != c.want || (log.String() != "") != (c.want != 0) {
			t.Errorf("%v: status %d, log %q", c.cause, seen, log.String())
		}
	}
}

// TestStreamsHaveNoEnd: only what asks GraphQL for a stream is let go on.
func TestStreamsHaveNoEnd(t *testing.T) {
	t.Parallel()
	says := func(w http.ResponseWriter, r *http.Request) {
		_, limited := r.Context().Deadline()
		fmt.Fprint(w, limited)
	}
	h := with(func(o *gateway.Options) {
		o.GraphQL, o.IsStream = http.HandlerFunc(says), func(r *http.Request) bool { return r.Header.Get("Accept") == "text/event-stream" }
		answering(o, says)
	})
	for _, c := range []struct{ target, accept, limited string }{
		{"/graphql", "text/event-stream", "false"}, {"/graphql", "application/json", "true"}, {"/clients", "text/event-stream", "true"},
	} {
		if got := send(h, "GET", c.target, "Accept", c.accept).Body.String(); got != c.limited {
			t.Errorf("%s with %s: limited is %s", c.target, c.accept, got)
		}
	}
}
