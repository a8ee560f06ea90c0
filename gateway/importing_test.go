package gateway_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookgraph/hookgraph/gateway"
	"github.com/hookgraph/hookgraph/hook"
)

// lines is a reader of lists: a record for each line, named by its text.
func lines(r io.Reader) iter.Seq2[*hook.Record, error] {
	return func(yield func(*hook.Record, error) bool) {
		scanner := bufio.NewScanner(r)
		for position := 1; scanner.Scan(); position++ {
			if scanner.Text() == "malformed" {
				yield(nil, hook.Invalidf("", "line %d: malformed", position))
				return
			}
			if !yield(&hook.Record{Position: position, Webhook: &hook.Webhook{Name: scanner.Text()}}, nil) {
				return
			}
		}
	}
}

// importing returns a gateway whose PageSeeder and Kheops read lines, and which
// imports as the function does.
func importing(accept func(ctx context.Context, in hook.Import) (*hook.ImportSummary, error)) http.Handler {
	return with(func(o *gateway.Options) {
		o.Service = &service{accept: accept}
		o.Limits.ImportBody = 1000
		for _, d := range o.Dialects {
			d.(*stub).records = lines
		}
	})
}

// twice reads the list two times, as the service does, and counts.
func twice(_ context.Context, in hook.Import) (*hook.ImportSummary, error) {
	s := &hook.ImportSummary{}
	for range 2 {
		s.Created = 0
		for record, err := range in.Records() {
			if err != nil {
				return nil, err
			}
			s.Created++
			if record.Webhook.Name == "bad" {
				s.Created--
				s.Refused++
				s.Refusals = []hook.Refusal{{Position: record.Position, Field: "url", Reason: "is bad"}}
			}
		}
	}
	s.Refused /= 2
	return s, nil
}

func TestImport(t *testing.T) {
	t.Parallel()
	h := importing(twice)
	for _, test := range []struct {
		query, token, body string
		want               string
	}{
		{"as=pageseeder", "admin", "a\nb\n", `200 {"created":2,"unchanged":0,"updated":0,"refused":0,"refusals":[]}`},
		{"as=kheops&album=x", "admin", "a\nbad\n", `200 {"created":1,"unchanged":0,"updated":0,"refused":1,"refusals":[{"position":2,"field":"url","reason":"is bad"}]}`},
		{"as=entrust", "admin", "a\nmalformed\n", `400 {"error":{"code":"INVALID","message":"line 2: malformed","requestId":"id"}}`},
		{"as=kheops", "admin", "a", `400 {"error":{"code":"INVALID","field":"album","message":"is missing: the key of the album that the webhooks belong to","requestId":"id"}}`},
		{"as=entrust&album=x", "admin", "a", `400 {"error":{"code":"INVALID","field":"album","message":"only the webhooks of kheops belong to an album","requestId":"id"}}`},
		{"", "admin", "a", `400 {"error":{"code":"INVALID","field":"as","message":"must be one of entrust, kheops, pageseeder","requestId":"id"}}`},
		{"as=PAGESEEDER", "admin", "a", `400 {"error":{"code":"INVALID","field":"as","message":"must be one of entrust, kheops, pageseeder","requestId":"id"}}`},
		{"as=entrust&as=kheops", "admin", "a", `400 {"error":{"code":"INVALID","field":"as","message":"is given twice","requestId":"id"}}`},
		{"as=entrust&Album=x", "admin", "a", `400 {"error":{"code":"INVALID","field":"Album","message":"is not a parameter of an import: there are as and album","requestId":"id"}}`},
		{"as=entrust%zz", "admin", "a", `400 {"error":{"code":"INVALID","message":"the query is malformed","requestId":"id"}}`},
		{"as=entrust", "", "a", `401 {"error":{"code":"UNAUTHENTICATED","message":"a credential is needed","requestId":"id"}}`},
		{"as=entrust", "no", "a", `401 {"error":{"code":"UNAUTHENTICATED","message":"the credential is not valid","requestId":"id"}}`},
		{"as=entrust", "reader", "a", `403 {"error":{"code":"FORBIDDEN","message":"WEBHOOKS:ALL required","requestId":"id"}}`},
		{"as=entrust", "admin", strings.Repeat("a", 1001), `413 {"error":{"code":"TOO_LARGE","message":"the body of the request is too large","requestId":"id"}}`},
	} {
		header := []string{"X-Request-Id", "id"}
		if test.token != "" {
			header = append(header, "Authorization", "Bearer "+test.token)
		}
		w := sendBody(h, "POST", "/import?"+test.query, strings.NewReader(test.body), header...)
		if got := itoa(w.Code) + " " + strings.TrimSpace(w.Body.String()); got != test.want {
			t.Errorf("%s as %s answers\n%s, want\n%s", test.query, test.token, got, test.want)
		}
	}
}

func TestImportFails(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want string
	}{
		{&hook.Error{Code: hook.Forbidden, Message: "CLIENTS:ALL required"}, `403 {"error":{"code":"FORBIDDEN","message":"CLIENTS:ALL required","requestId":"id"}}`},
		{hook.Unavailablef(nil, "the database is not available"), `503 {"error":{"code":"UNAVAILABLE","message":"the database is not available","requestId":"id"}}`},
		{errors.New("disk on fire"), `500 {"error":{"code":"INTERNAL","message":"internal error","requestId":"id"}}`},
	} {
		h := importing(func(context.Context, hook.Import) (*hook.ImportSummary, error) { return nil, test.err })
		for _, accept := range []string{"*/*", gateway.NDJSON} {
			w := sendBody(h, "POST", "/import?as=entrust", strings.NewReader("a"), "Authorization", "Bearer admin", "Accept", accept, "X-Request-Id", "id")
			if got := itoa(w.Code) + " " + strings.TrimSpace(w.Body.String()); got != test.want {
				t.Errorf("%s: got %s, want %s", accept, got, test.want)
			}
		}
	}
}

// Lines of progress are at least half a second apart, and an error after the
// first of them is the last line.
func TestImportProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, failure := range []error{nil, hook.Unavailablef(nil, "the database is gone")} {
			h := importing(func(_ context.Context, in hook.Import) (*hook.ImportSummary, error) {
				for done := range 12 {
					time.Sleep(100 * time.Millisecond)
					in.Progress(done + 1)
				}
				return &hook.ImportSummary{Created: 12}, failure
			})
			w := sendBody(h, "POST", "/import?as=entrust", strings.NewReader("a"),
				"Authorization", "Bearer admin", "Accept", "application/json;q=0.1, "+gateway.NDJSON, "X-Request-Id", "id")
			want := `{"done":6}` + "\n" + `{"done":11}` + "\n"
			if failure == nil {
				want += `{"summary":{"created":12,"unchanged":0,"updated":0,"refused":0,"refusals":[]}}` + "\n"
			} else {
				want += `{"error":{"code":"UNAVAILABLE","message":"the database is gone","requestId":"id"}}` + "\n"
			}
			if w.Code != 200 || w.Header().Get("Content-Type") != gateway.NDJSON || w.Body.String() != want {
				t.Errorf("got %d %s, want %s", w.Code, w.Body, want)
			}
		}
	})
}

// A list that breaks off is not imported, and its copy does not stay.
func TestImportBreaksOff(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	h := importing(func(_ context.Context, in hook.Import) (*hook.ImportSummary, error) {
		if found, _ := filepath.Glob(filepath.Join(dir, "*")); len(found) != 1 {
			t.Errorf("during an import there are %v", found)
		}
		return &hook.ImportSummary{}, nil
	})
	broken := importing(func(context.Context, hook.Import) (*hook.ImportSummary, error) {
		t.Error("half a list is imported")
		return nil, nil
	})
	send := func(h http.Handler, body io.Reader) *httptest.ResponseRecorder {
		return sendBody(h, "POST", "/import?as=entrust", body, "Authorization", "Bearer admin")
	}
	if w := send(h, strings.NewReader("a")); w.Code != 200 {
		t.Errorf("got %d", w.Code)
	}
	if w := send(broken, io.MultiReader(strings.NewReader("a"), failing{})); w.Code == 200 {
		t.Errorf("got %d", w.Code)
	}
	if w := send(broken, io.MultiReader(strings.NewReader(strings.Repeat("a", 1001)))); w.Code != 413 {
		t.Errorf("got %d", w.Code)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v stays (%v)", left, err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
