package entrust_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/dialect/dialecttest"
	"github.com/hookgraph/hookgraph/hook"
)

func (g *gateway) list(t *testing.T) string {
	t.Helper()
	response := g.do(t, "GET", webhooks, "Authorization", adminKey)
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != 200 {
		t.Fatal(response.Status, err)
	}
	return string(body)
}

// unexpired moves the date of the first webhook to where it stays in the future.
func unexpired(list string) string {
	return strings.Replace(list, `"2027-08-19T`, `"2927-08-19T`, 1)
}

// TestListComesBack imports a list and compares what is returned with it,
// byte for byte. The dates are told by the same clock, whatever its zone is.
func TestListComesBack(t *testing.T) {
	t.Parallel()
	for _, location := range []*time.Location{nil, time.FixedZone("", 5*3600+1800)} {
		t.Run(fmt.Sprint(location), func(t *testing.T) {
			t.Parallel()
			g := open(t, location)
			list := unexpired(dialecttest.Read(t, "testdata/list.json"))
			g.importList(t, list)
			var want bytes.Buffer
			if err := json.Compact(&want, []byte(list)); err != nil {
				t.Fatal(err)
			}
			got := g.list(t)
			if diff := cmp.Diff(strings.TrimSpace(want.String()), got); diff != "" {
				t.Error(diff)
			}
			if again := g.importList(t, got); again.Unchanged != 2 {
				t.Errorf("what was listed is imported as %+v", again)
			}
		})
	}
}

func TestEmptyList(t *testing.T) {
	t.Parallel()
	if got := open(t, nil).list(t); got != "[]" {
		t.Error(got)
	}
}

// TestForms shows what imports rarely have: no name, filters, odd characters,
// no expiry, and a webhook that is enabled but has expired.
func TestForms(t *testing.T) {
	t.Parallel()
	g := open(t, nil)
	g.importList(t, `[
		{"id":"wh_0123456789abcdef","name":"<a & b> \u00fc \ud83d\ude00 \"","callbackUrl":"https://h/?a=1&b=<2>","enabled":true,"token":"ignored",
		 "events":[{"id":"e1","type":"user.create","filter":"[{\"enrollmentDesignId\":\"a&b\"}]"}],"expired":false,"expiryDate":null},
		{"id":"wh_1","callbackUrl":"https://h/","enabled":true,"events":[{"id":"e2","type":"credential.print"}],"expiryDate":"2020-02-29T23:59:59"},
		{"id":"wh_2","callbackUrl":"https://h/","enabled":false,"events":[{"id":"e3","type":"grid.created"}],"expiryDate":"2999-01-01T00:00:00+02:00"}]`)
	want := `[{"id":"wh_0123456789abcdef","name":"<a & b> ü 😀 \"","callbackUrl":"https://h/?a=1&b=<2>","enabled":true,` +
		`"events":[{"id":"e1","type":"user.created","filter":"[{\"enrollmentDesignId\":\"a&b\"}]"}],"expired":false,"expiryDate":null},` +
		`{"id":"wh_1","callbackUrl":"https://h/","enabled":false,"events":[{"id":"e2","type":"credential.print"}],"expired":true,"expiryDate":"2020-02-29T23:59:59"},` +
		`{"id":"wh_2","callbackUrl":"https://h/","enabled":false,"events":[{"id":"e3","type":"grid.created"}],"expired":false,"expiryDate":"2998-12-31T22:00:00"}]`
	if diff := cmp.Diff(want, g.list(t)); diff != "" {
		t.Error(diff)
	}
}

// TestAllEvents: clients know no "*", so that it is written as the 25 types,
// each once, under ids that stay the same.
func TestAllEvents(t *testing.T) {
	t.Parallel()
	g := open(t, nil)
	_, _, err := g.service.CreateWebhook(admin(t.Context()), hook.Entrust, hook.ID{Kind: hook.KindAccount}, hook.WebhookFields{
		URL: hook.Set("https://example.org/"), Enabled: hook.Set(true),
		Subscriptions: hook.Set([]hook.Subscription{{Pattern: "user.created"}, {Pattern: "*"}, {Pattern: "grid.created", Filter: "[]"}}),
	})
	if err != nil {
		t.Fatal(err)
	}
	first := g.list(t)
	if second := g.list(t); first != second {
		t.Errorf("%s\n%s", first, second)
	}
	var list []struct {
		Events []struct{ ID, Type, Filter string }
	}
	if err := json.Unmarshal([]byte(first), &list); err != nil {
		t.Fatal(err)
	}
	ids, types := map[string]bool{}, map[string]int{}
	for _, e := range list[0].Events {
		ids[e.ID] = true
		types[e.Type+e.Filter]++
	}
	want := map[string]int{"grid.created[]": 1}
	for _, e := range hook.EventTypes(hook.Entrust) {
		want[e.Name] = 1
	}
	if diff := cmp.Diff(want, types); diff != "" || len(want) != 26 || len(ids) != 26 || ids[""] {
		t.Errorf("%d types, %d ids\n%s", len(types), len(ids), diff)
	}
}

// TestLongList reads more than one page; the oldest comes first.
func TestLongList(t *testing.T) {
	t.Parallel()
	g := open(t, nil)
	want := g.fill(t, 201)
	if got := g.list(t); got != want {
		t.Errorf("got %d bytes, want %d: %.300s", len(got), len(want), got)
	}
}

// fill stores webhooks in one commit, where an import would make one for each,
// and returns their list.
func (g *gateway) fill(t *testing.T, n int) string {
	t.Helper()
	elements := make([]string, n)
	for i := range elements {
		elements[i] = fmt.Sprintf(`{"id":"wh_%d","callbackUrl":"https://example.org/","enabled":true,`+
			`"events":[{"id":"e","type":"user.created"}],"expired":false,"expiryDate":null}`, i)
	}
	list := "[" + strings.Join(elements, ",") + "]"
	var changes []hook.Change
	for r, err := range g.api.Records(strings.NewReader(list)) {
		if err != nil || r.Err != nil {
			t.Fatal(err, r)
		}
		r.Webhook.Owner = hook.AccountOwner
		r.Webhook.Created = hook.Now().Add(time.Duration(r.Position) * time.Hour)
		changes = append(changes, hook.Change{Kind: hook.ChangeInsert, Entity: r.Webhook})
	}
	if err := g.store.Write(t.Context(), changes...); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		reads  int
		err    error
		status int
		body   string
		logged bool
	}{
		{"at once", 0, errors.New("disk on fire"), 500,
			`{"errorCode":"internal_error","errorMessage":"internal error, request ` + requestID + `"}`, true},
		{"unavailable", 0, hook.Unavailablef(errors.New("no route to 10.0.0.1"), "the database does not answer"), 503,
			`{"errorCode":"service_unavailable","errorMessage":"the request cannot be answered now, try again later"}`, false},
		{"in the middle", 1, errors.New("disk on fire"), 200, "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := open(t, nil)
			g.fill(t, 101)
			g.store.FailAfter(tt.reads, tt.err)
			response := g.do(t, "GET", webhooks, "Authorization", adminKey)
			body, err := io.ReadAll(response.Body)
			if response.StatusCode != tt.status || response.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%s %v, want %d", response.Status, response.Header, tt.status)
			}
			if tt.body != "" {
				if string(body) != tt.body || err != nil {
					t.Errorf("%s, %v", body, err)
				}
			} else if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("a part of the list ended with %v", err)
			}
			log := g.log.String()
			if logged := strings.Count(log, "disk on fire") == 1 && strings.Contains(log, requestID); logged != tt.logged {
				t.Errorf("logged: %q", log)
			}
		})
	}
}

// TestFail goes through the table of errors (sections 3.2 and 12).
func TestFail(t *testing.T) {
	t.Parallel()
	g := open(t, nil)
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&http.MaxBytesError{Limit: 1}, `413 {"errorCode":"request_too_large","errorMessage":"the body is too large"}`},
		{hook.Invalidf("callbackUrl", "must be <https>"), `400 {"errorCode":"invalid_parameter","errorMessage":"callbackUrl: must be <https>"}`},
		{hook.Missing(hook.KindWebhook), `404 {"errorCode":"webhook_not_found","errorMessage":"there is no such webhook"}`},
		{hook.Missing(hook.KindAlbum), `404 {"errorCode":"not_found","errorMessage":"Album not found"}`},
		{&hook.Error{Code: hook.Forbidden, Missing: "WEBHOOKS:ADD"}, `403 {"errorCode":"access_denied","errorMessage":"WEBHOOKS:ADD required"}`},
		{&hook.Error{Code: hook.Forbidden, Message: "not here"}, `403 {"errorCode":"access_denied","errorMessage":"not here"}`},
		{context.DeadlineExceeded, `503 {"errorCode":"service_unavailable","errorMessage":"the request cannot be answered now, try again later"}`},
		{context.Canceled, `503 {"errorCode":"service_unavailable","errorMessage":"the request cannot be answered now, try again later"}`},
		{errors.New("panic"), `500 {"errorCode":"internal_error","errorMessage":"internal error"}`},
	} {
		w := httptest.NewRecorder()
		g.api.Fail(w, httptest.NewRequest("GET", webhooks, nil), tt.err)
		if got := fmt.Sprint(w.Code, " ", w.Body); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.err, got, tt.want)
		}
	}
	if log := g.log.String(); log != "" {
		t.Errorf("logged by Fail: %s", log)
	}
}
