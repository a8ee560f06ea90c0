package kheops_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/dialect/dialecttest"
	"github.com/hookgraph/hookgraph/hook"
)

func (g *gateway) list(t *testing.T, query string) (*http.Response, string) {
	t.Helper()
	response := g.do(t, "GET", "/albums/"+album+"/webhooks"+query, "Authorization", "Bearer "+adminKey)
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

// TestListComesBack imports lists and compares what is returned with them.
func TestListComesBack(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"testdata/list.json", "testdata/odd.json"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			g := open(t)
			list := dialecttest.Read(t, file)
			g.importList(t, album, list)
			_, got := g.list(t, "")
			var want, have any
			if err := json.Unmarshal([]byte(list), &want); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(got), &have); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, have); diff != "" {
				t.Error(diff)
			}
			if again := g.importList(t, album, got); again.Unchanged != 2 {
				t.Errorf("what was listed is imported as %+v", again)
			}
		})
	}
	t.Run("bytes", func(t *testing.T) {
		t.Parallel()
		g := open(t)
		list := dialecttest.Read(t, "testdata/list.json")
		g.importList(t, album, list)
		var want bytes.Buffer
		if err := json.Compact(&want, []byte(list)); err != nil {
			t.Fatal(err)
		}
		if _, got := g.list(t, ""); got != strings.TrimSpace(want.String()) {
			t.Error(got)
		}
	})
}

// many is a list of n webhooks, of which every tenth has the URL of the first.
func many(n int) string {
	elements := make([]string, n)
	for i := range elements {
		elements[i] = fmt.Sprintf(`{"id":"webhook%013d","url":"https://example.org/%d","name":"n","use_secret":false,"events":[],`+
			`"enabled":true,"last_triggers":[{"id":"t%d","status":"pass"}],"number_of_triggers":%d}`, i, min(i%10, 1)*i, i, i+1)
	}
	return "[" + strings.Join(elements, ",") + "]"
}

// fill stores a long list in few commits, where an import would make one for
// each webhook.
func (g *gateway) fill(t testing.TB, list string) {
	t.Helper()
	g.importList(t, album, "[]")
	var changes []hook.Change
	for r, err := range g.api.Records(strings.NewReader(list)) {
		if err != nil || r.Err != nil {
			t.Fatal(err, r)
		}
		r.Webhook.Owner = "Album:" + album
		r.Webhook.Created = hook.Now().Add(-time.Duration(r.Position) * time.Hour)
		changes = append(changes, hook.Change{Kind: hook.ChangeInsert, Entity: r.Webhook},
			hook.Change{Kind: hook.ChangeCount, Webhook: r.Webhook.Key, Add: hook.Stats{Imported: r.Triggers}, Last: r.Last})
		if len(changes) >= 10_000 {
			if err := g.store.Write(t.Context(), changes...); err != nil {
				t.Fatal(err)
			}
			changes = changes[:0]
		}
	}
	if err := g.store.Write(t.Context(), changes...); err != nil {
		t.Fatal(err)
	}
}

// TestPages walks through a list that is longer than what is read at once.
func TestPages(t *testing.T) {
	t.Parallel()
	g := open(t)
	list := many(250)
	g.fill(t, list)
	var all []json.RawMessage
	if err := json.Unmarshal([]byte(list), &all); err != nil {
		t.Fatal(err)
	}
	join := func(elements []json.RawMessage) string {
		return "[" + string(bytes.Join(rows(elements), []byte(","))) + "]"
	}
	var tens []json.RawMessage
	for i := 0; i < len(all); i += 10 {
		tens = append(tens, all[i])
	}
	exact := "url=" + url.QueryEscape("https://example.org/0")
	tests := []struct {
		query, total string
		want         []json.RawMessage
	}{
		{"", "250", all},
		{"?limit=0", "250", nil},
		{"?limit=101", "250", all[:101]},
		{"?limit=100&offset=100", "250", all[100:200]},
		{"?limit=3&offset=99", "250", all[99:102]},
		{"?offset=249", "250", all[249:]},
		{"?offset=250", "250", nil},
		{"?offset=2147483647", "250", nil},
		{"?" + exact, "25", tens},
		{"?" + exact + "&limit=2&offset=1", "25", tens[1:3]},
		{"?url=https://example.org/0", "25", tens},
		{"?url=https://EXAMPLE.org/0", "0", nil},
		{"?url=https://example.org/", "0", nil},
		{"?url=https://example.org/0;x=1", "0", nil},
		{"?url=", "0", nil},
		{"?url", "0", nil},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			t.Parallel()
			response, got := g.list(t, tt.query)
			if response.StatusCode != 200 || response.Header.Get("X-Total-Count") != tt.total {
				t.Errorf("%s, total %q, want %s", response.Status, response.Header.Get("X-Total-Count"), tt.total)
			}
			if want := join(tt.want); got != want {
				t.Errorf("got %d bytes, want %d:\n%.300s\n%.300s", len(got), len(want), got, want)
			}
		})
	}
}

func rows(elements []json.RawMessage) [][]byte {
	list := make([][]byte, len(elements))
	for i, e := range elements {
		list[i] = e
	}
	return list
}

// TestAllEventsAndExpiry shows what only the gateway can make: a subscription
// to everything, and a webhook whose time is over.
func TestAllEventsAndExpiry(t *testing.T) {
	t.Parallel()
	g := open(t)
	ctx := admin(t.Context())
	g.importList(t, album, "[]")
	past := hook.Now().Add(-1)
	_, _, err := g.service.CreateWebhook(ctx, hook.Kheops, hook.ID{Kind: hook.KindAlbum, Key: album}, hook.WebhookFields{
		Name: hook.Set("all"), URL: hook.Set("https://example.org/"), ExpiresAt: hook.Set(&past),
		Subscriptions: hook.Set([]hook.Subscription{{Pattern: "new_user"}, {Pattern: "*"}}),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, got := g.list(t, "")
	const want = `"events":["new_series","remove_series","new_user","delete_album"],"enabled":false,"number_of_triggers":0}]`
	if !strings.HasSuffix(got, want) {
		t.Errorf("%s does not end in %s", got, want)
	}
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
			`{"message":"Internal server error","detail":"The request could not be answered, log id ` + requestID +
				`","help":"https://github.com/OsiriX-Foundation/kheops/wiki"}`, true},
		{"unavailable", 0, hook.Unavailablef(errors.New("no route to 10.0.0.1"), "the database does not answer"), 503,
			`{"message":"Internal server error","detail":"The request cannot be answered now, try again later","help":"https://github.com/OsiriX-Foundation/kheops/wiki"}`, false},
		{"in the middle", 1, errors.New("disk on fire"), 200, "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := open(t)
			g.fill(t, many(101))
			g.store.FailAfter(tt.reads, tt.err)
			response := g.do(t, "GET", "/albums/"+album+"/webhooks", "Authorization", "Bearer "+adminKey)
			body, err := io.ReadAll(response.Body)
			if response.StatusCode != tt.status {
				t.Errorf("%s, want %d", response.Status, tt.status)
			}
			if tt.body != "" {
				if string(body) != tt.body || err != nil {
					t.Errorf("%s, %v", body, err)
				}
				if total := response.Header.Get("X-Total-Count"); total != "" {
					t.Errorf("X-Total-Count is %s", total)
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

func TestFail(t *testing.T) {
	t.Parallel()
	g := open(t)
	for err, want := range map[error]int{
		&http.MaxBytesError{Limit: 1}: 413,
		context.DeadlineExceeded:      503,
		context.Canceled:              503,
		errors.New("panic"):           500,
		hook.Missing(hook.KindAlbum):  404,
	} {
		w := httptest.NewRecorder()
		g.api.Fail(w, httptest.NewRequest("GET", "/albums/x", nil), err)
		if w.Code != want || w.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%v: %d, want %d", err, w.Code, want)
		}
	}
	if log := g.log.String(); log != "" {
		t.Errorf("logged by Fail: %s", log)
	}
}

// TestExamples takes the list of section 4.5 over and wants it back byte by byte.
func TestExamples(t *testing.T) {
	t.Parallel()
	g := open(t)
	const example = `[{"id":"Zk3Qw8LmN0pR5tVx7yBd","url":"https://hooks.example.org/k?x=1","name":"Nightly QA","use_secret":true,"events":["new_series","new_user"],"enabled":true,"last_triggers":[{"id":"a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5","status":"pass"},{"id":"p6Q7r8S9t0U1v2W3x4Y5z6A7b8C9d0","status":"fail"}],"number_of_triggers":7},
 {"id":"H2jK4lM6nP8qR0sT1uV3","url":"http://10.0.0.5/in","name":"old","use_secret":false,"events":[],"enabled":false,"number_of_triggers":0}]`
	g.importList(t, album, example)
	response := g.do(t, "GET", webhooks, "Authorization", "Bearer "+adminKey)
	want := strings.ReplaceAll(example, "},\n {", "},{")
	if got := readAll(t, response); got != want || response.Header.Get("X-Total-Count") != "2" {
		t.Errorf("%v %s", response.Header, cmp.Diff(want, got))
	}
}
