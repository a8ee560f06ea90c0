package gateway_test

import (
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

	"github.com/hookgraph/hookgraph/gateway"
	"github.com/hookgraph/hookgraph/hook"
)

const cloudEvents, cloudBatch = "application/cloudevents+json", "application/cloudevents-batch+json"

// post sends events as the administrator and returns what was published.
func post(s *service, media, body string) (*httptest.ResponseRecorder, []hook.Publication) {
	s.published = nil
	h := with(func(o *gateway.Options) { o.Service = s })
	w := sendBody(h, "POST", "/events", strings.NewReader(body), "Authorization", "Bearer admin", "Content-Type", media, "X-Request-Id", "id")
	return w, s.published
}

var spring = time.Date(2026, 3, 1, 11, 0, 0, 500e6, time.UTC)

func TestEvents(t *testing.T) {
	t.Parallel()
	client := hook.ID{Kind: hook.KindClient, Key: "123"}
	accounts := hook.ID{Kind: hook.KindAccount}
	long := strings.Repeat("x", 300)
	const one = `{"id":"Event:e0","triggers":3}`
	for _, test := range []struct {
		media, body, answer string
		want                []hook.Publication
	}{
		{"application/json", `{"type":"a"}`, one, []hook.Publication{{Type: "a", Owner: accounts}}},
		{"application/json; charset=UTF-8", " {\"data\" : { \"b\":[ 1.50e+3 , \"\\ud83d\\ude00\" ] } ,\r\n\t\"type\":\"\\u0061.b\"} ", one,
			[]hook.Publication{{Type: "a.b", Owner: accounts, Data: `{ "b":[ 1.50e+3 , "\ud83d\ude00" ] }`}}},
		{"application/json", `{"type":"a","owner":"Client:123","dialect":"STANDARD","groups":["g","h"],"projects":[],"data":[1],"occurredAt":"2026-03-01T12:00:00.5+01:00","idempotencyKey":"k"}`, one,
			[]hook.Publication{{Type: "a", Owner: client, Dialect: hook.Standard, Groups: []string{"g", "h"}, Data: "[1]", OccurredAt: &spring, IdempotencyKey: "k"}}},
		{"application/json", `{"type":"a","owner":null,"groups":null,"data":null,"occurredAt":null,"idempotencyKey":null,"dialect":null}`, one,
			[]hook.Publication{{Type: "a", Owner: accounts}}},
		{"application/json", `{"type":"a","owner":"Account","data":0}`, one, []hook.Publication{{Type: "a", Owner: accounts, Data: "0"}}},
		{"application/json", `[{"type":"a"}]`, "[" + one + "]", []hook.Publication{{Type: "a", Owner: accounts}}},
		{"application/json", `[{"type":"a"},{"type":"b","owner":"Album:aB3dE5gH7j"}]`, `[{"id":"Event:e0","triggers":3},{"id":"Event:e1","triggers":3}]`,
			[]hook.Publication{{Type: "a", Owner: accounts}, {Type: "b", Owner: hook.ID{Kind: hook.KindAlbum, Key: "aB3dE5gH7j"}}}},
		{cloudEvents, `{"specversion":"1.0","id":"7","source":"/shop/1","type":"order.made","time":"2026-03-01T11:00:00.5Z","subject":"order 9","datacontenttype":"application/json",
			"dataschema":"https://example.org/s","data":{"n":1},"owner":"Client:123","groups":"g, h","projects":"p","traceparent":"00-1","depth":3}`, one,
			[]hook.Publication{{Type: "order.made", Owner: client, Groups: []string{"g", "h"}, Projects: []string{"p"}, Data: `{"n":1}`, OccurredAt: &spring, IdempotencyKey: "/shop/1 7"}}},
		{cloudEvents, `{"specversion":"1.0","id":"7","source":"s","type":"a","datacontenttype":"application/vnd.x+json; charset=utf-8","data_base64":null}`, one,
			[]hook.Publication{{Type: "a", Owner: accounts, IdempotencyKey: "s 7"}}},
		{cloudEvents, `{"specversion":"1.0","id":"` + long + `","source":"s","type":"a"}`, one,
			[]hook.Publication{{Type: "a", Owner: accounts, IdempotencyKey: "sha256 eb31a6e7dbb1a6a5a3a4ea5be0f1a57af5c3b60b2e4b1be5d8fdf16c3b2f7d3d"}}},
		{cloudBatch, `[{"specversion":"1.0","id":"7","source":"s","type":"a"}]`, "[" + one + "]", []hook.Publication{{Type: "a", Owner: accounts, IdempotencyKey: "s 7"}}},
		{cloudBatch, `[]`, "[]", nil},
		{"application/json", `[{"specversion":"1.0","id":"7","source":"s","type":"a"},{"type":"b"}]`, `[{"id":"Event:e0","triggers":3},{"id":"Event:e1","triggers":3}]`,
			[]hook.Publication{{Type: "a", Owner: accounts, IdempotencyKey: "s 7"}, {Type: "b", Owner: accounts}}},
	} {
		w, got := post(&service{}, test.media, test.body)
		if len(got) > 0 && strings.HasPrefix(got[0].IdempotencyKey, "sha256 ") && len(got[0].IdempotencyKey) == 7+64 {
			got[0].IdempotencyKey = test.want[0].IdempotencyKey // its form is all that is promised
		}
		if w.Code != 202 || strings.TrimSpace(w.Body.String()) != test.answer || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s answers %d %s", test.body, w.Code, w.Body)
		}
		for i := range got {
			if got[i].OccurredAt != nil {
				at := got[i].OccurredAt.UTC()
				got[i].OccurredAt = &at
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.body, diff)
		}
	}
}

// What is wrong is named with its place, and nothing is published.
func TestBadEvents(t *testing.T) {
	t.Parallel()
	many := strings.TrimSuffix(strings.Repeat(`{"type":"a"},`, 101), ",")
	cloud := func(members string) string {
		return `{"specversion":"1.0","id":"1","source":"s","type":"a",` + members + `}`
	}
	for _, test := range []struct{ media, body, field, message string }{
		{"", ``, "", "line 1, column 1: expected an event or an array of events, found the end"},
		{"", ` "a"`, "", `line 1, column 2: expected an event or an array of events, found '"'`},
		{"", "\ufeff{}", "", `line 1, column 1: expected an event or an array of events, found '\ufeff'`},
		{"", "{\n \"type\": \"ä\" \"b\"}", "", `line 2, column 14: expected a comma or }, found '"'`},
		{"", `{"type":"a",}`, "", "expected the name of a member, found '}'"},
		{"", `{"type" "a"}`, "", "expected a colon"},
		{"", `{"type":"a"`, "", "column 12: expected a comma or }, found the end"},
		{"", `{"type":"a"} {}`, "", "column 14: expected the end, found '{'"},
		{"", `[{"type":"a"},]`, "", "expected an event, found ']'"},
		{"", `[{"type":"a"}`, "", "expected a comma or ], found the end"},
		{"", `[1]`, "", "column 2: expected an event, found '1'"},
		{"", `{"type":"a","data":NaN}`, "", "column 20: expected a value, found 'N'"},
		{"", `{"type":"a","data":-Infinity}`, "", "expected a digit, found 'I'"},
		{"", `{"type":"a","data":01}`, "", "expected a comma or }, found '1'"},
		{"", `{"type":"a","data":1.}`, "", "expected a digit"},
		{"", `{"type":"a","data":+1}`, "", "expected a value, found '+'"},
		{"", `{"type":"a","data":.5}`, "", "expected a value, found '.'"},
		{"", `{"type":"a","data":1e}`, "", "expected a digit"},
		{"", `{"type":"a","data":tru}`, "", "expected a value"},
		{"", `{"type":"a","data":'x'}`, "", "expected a value"},
		{"", "{\"type\":\"a\nb\"}", "", "control character U+000A"},
		{"", `{"type":"a\x"}`, "", "expected an escape, found 'x'"},
		{"", `{"type":"\u12G4"}`, "", "expected a hexadecimal digit, found 'G'"},
		{"", `{"type":"a`, "", "expected the end of a string, found the end"},
		{"", `{"type":"a\`, "", "expected an escape, found the end"},
		{"", "{\"type\":\"a\xff\"}", "type", "not valid UTF-8"},
		{"", "{\"type\":\xff}", "", "found a byte that is not UTF-8"},
		{"", `{"type":"a","type":"b"}`, "", `the member "type" is given twice`},
		{"", `{"type":"a","\u0074ype":"b"}`, "", `the member "type" is given twice`},
		{"", `{"type":"a","data":{"b":{"c":1,"c":1}}}`, "data", `the member "c" is given twice`},
		{"", `{"type":"a","data":{"1":1,"2":2,"3":3,"4":4,"5":5,"6":6,"7":7,"8":8,"9":9,"10":10,"9":9}}`, "data", `the member "9" is given twice`},
		{"", `{"type":"a","data":"\ud800"}`, "data", `the escape \uD800 is half of a character`},
		{"", `[{"type":"a"},{"type":"a","data":["\udc00\ud800"]}]`, "1.data", `the escape \uDC00 is half of a character`},
		{"", `{"type":"a","data":"\ud83d\ud83d"}`, "data", "half of a character"},
		{"", `{"type":"a","data":` + strings.Repeat("[", 1100) + `}`, "data", "nested deeper than"},
		{"", `{}`, "type", "is missing"},
		{"", `{"type":null}`, "type", "is missing"},
		{"", `{"type":5}`, "type", "must be a string"},
		{"", `{"type":""}`, "type", "must not be empty"},
		{"", `{"type":"a","owner":"Webhook:1"}`, "owner", "is not an owner"},
		{"", `{"type":"a","owner":"123"}`, "owner", "is not an owner"},
		{"", `{"type":"a","owner":{"client":"1"}}`, "owner", "must be a string"},
		{"", `{"type":"a","groups":"g"}`, "groups", "must be an array of strings"},
		{"", `{"type":"a","groups":["g",1]}`, "groups.1", "must be a string"},
		{"", `{"type":"a","occurredAt":"yesterday"}`, "occurredAt", "RFC 3339"},
		{"", `{"type":"a","occurredAt":"2026-03-01T1:00:00Z"}`, "occurredAt", "RFC 3339"},
		{"", `{"type":"a","occurredAt":"2026-03-01T11:00:00,5Z"}`, "occurredAt", "RFC 3339"},
		{"", `{"type":"a","occurredAt":"x"}`, "occurredAt", "RFC 3339"},
		{"", `{"type":"a","idempotencyKey":7}`, "idempotencyKey", "must be a string"},
		{"", `{"type":"a","Type":"b"}`, "Type", "is not a member of an event"},
		{"", `{"type":"a","` + strings.Repeat("y", 100) + `":1}`, strings.Repeat("y", 64) + "…", "is not a member of an event"},
		{"", `[{"type":"a"},{"type":"b","id":"1"}]`, "1.id", "is not a member of an event"},
		{"", `[{"type":7}]`, "0.type", "must be a string"},
		{"", `[` + many + `]`, "", "at most 100 events"},
		{cloudEvents, `[]`, "", "expected an event, found '['"},
		{cloudBatch, `{}`, "", "expected an array of events, found '{'"},
		{cloudEvents, `{"type":"a","id":"1","source":"s"}`, "specversion", "must be 1.0"},
		{"", `{"specversion":"0.3","type":"a","id":"1","source":"s"}`, "specversion", "must be 1.0"},
		{"", `{"specversion":1.0,"type":"a","id":"1","source":"s"}`, "specversion", "must be a string"},
		{cloudEvents, `{"specversion":"1.0","type":"a","source":"s"}`, "id", "is missing"},
		{cloudEvents, `{"specversion":"1.0","type":"a","id":"1"}`, "source", "is missing"},
		{cloudBatch, `[{"specversion":"1.0","id":"1","source":"s"}]`, "0.type", "is missing"},
		{cloudEvents, `{"specversion":"1.0","type":"a","id":"","source":"s"}`, "id", "must not be empty"},
		{cloudEvents, `{"specversion":"1.0","type":"a","id":"1","source":"a b"}`, "source", "URI reference"},
		{cloudEvents, cloud(`"data_base64":"AAAA"`), "data_base64", "binary data"},
		{cloudEvents, cloud(`"datacontenttype":"text/xml","data":"<a/>"`), "datacontenttype", `"text/xml" is not JSON`},
		{cloudEvents, cloud(`"datacontenttype":"application/json; charset=latin1"`), "datacontenttype", "is not JSON"},
		{cloudEvents, cloud(`"time":"now"`), "time", "RFC 3339"},
		{cloudEvents, cloud(`"subject":""`), "subject", "must not be empty"},
		{cloudEvents, cloud(`"owner":"x"`), "owner", "is not an owner"},
		{cloudEvents, cloud(`"groups":["x"]`), "groups", "must be a string"},
	} {
		media := test.media
		if media == "" {
			media = "application/json"
		}
		w, published := post(&service{}, media, test.body)
		var answer struct{ Error gateway.Failure }
		decode(t, w.Body.Bytes(), &answer)
		if e := answer.Error; w.Code != 400 || e.Code != hook.Invalid || e.Field != test.field || !strings.Contains(e.Message, test.message) || published != nil {
			t.Errorf("%s as %s answers %d %s, want %q of %q", clipped(test.body), media, w.Code, w.Body, test.message, test.field)
		}
	}
}

func clipped(s string) string { return s[:min(len(s), 100)] }

func TestEventsMedia(t *testing.T) {
	t.Parallel()
	for _, media := range []string{"", "text/plain", "text/json", "application/x-www-form-urlencoded", "application/json; charset=latin1", "application/xml", "application/cloudevents+xml",
		"application/vnd.api+json", "application/json;", "application/json; charset"} {
		w, _ := post(&service{}, media, `{"type":"a"}`)
		if strings.HasPrefix(media, "application/json;") && w.Code == 202 {
			continue // lenient parameters are no harm
		}
		if w.Code != 415 || !strings.Contains(w.Body.String(), `"code":"UNSUPPORTED_MEDIA_TYPE"`) {
			t.Errorf("%q answers %d %s", media, w.Code, w.Body)
		}
	}
	for _, header := range [][]string{{"Content-Encoding", "gzip"}, {"Ce-Specversion", "1.0"}} {
		w := sendBody(with(nil), "POST", "/events", strings.NewReader("{}"), append(header, "Authorization", "Bearer admin", "Content-Type", "application/json")...)
		if w.Code != 415 {
			t.Errorf("%v answers %d %s", header, w.Code, w.Body)
		}
	}
	if w := send(with(nil), "GET", "/events"); w.Code != 405 || w.Header().Get("Allow") != "POST" {
		t.Errorf("GET answers %d", w.Code)
	}
}

// Who may not publish is refused before the body is read.
func TestEventsAccess(t *testing.T) {
	t.Parallel()
	for token, status := range map[string]int{"": 401, "no": 401, "reader": 403} {
		header := []string{"Content-Type", "application/json"}
		if token != "" {
			header = append(header, "Authorization", "Bearer "+token)
		}
		w := sendBody(with(nil), "POST", "/events", untouched{t}, header...)
		if w.Code != status {
			t.Errorf("%q answers %d %s", token, w.Code, w.Body)
		}
	}
}

type untouched struct{ t *testing.T }

func (u untouched) Read([]byte) (int, error) {
	u.t.Error("the body is read")
	return 0, io.EOF
}

func TestEventsRefused(t *testing.T) {
	t.Parallel()
	const three = `[{"type":"a"},{"type":"b"},{"specversion":"1.0","id":"1","source":"s","type":"a"}]`
	for _, test := range []struct {
		err        error
		body, want string
	}{
		{hook.Invalidf("data", "is bad"), `{"type":"a"}`, `400 {"error":{"code":"INVALID","field":"data","message":"is bad","requestId":"id"}}`},
		{hook.Invalidf("data", "is bad"), `[{"type":"a"}]`, `400 {"error":{"code":"INVALID","field":"0.data","message":"is bad","requestId":"id"}}`},
		{hook.Invalidf("1.groups.2", "is bad"), three, `400 {"error":{"code":"INVALID","field":"1.groups.2","message":"is bad","requestId":"id"}}`},
		{hook.Invalidf("2.occurredAt", "is bad"), three, `400 {"error":{"code":"INVALID","field":"2.time","message":"is bad","requestId":"id"}}`},
		{hook.Conflictf("2.idempotencyKey", "is used"), three, `409 {"error":{"code":"CONFLICT","field":"2.id","message":"is used","requestId":"id"}}`},
		{hook.Conflictf("1.idempotencyKey", "is used"), three, `409 {"error":{"code":"CONFLICT","field":"1.idempotencyKey","message":"is used","requestId":"id"}}`},
		{hook.Invalidf("events", "at least one event is needed"), `[]`, `400 {"error":{"code":"INVALID","message":"at least one event is needed","requestId":"id"}}`},
		{&hook.Error{Code: hook.NotFound, Field: "1.owner", Message: "Client not found"}, three, `404 {"error":{"code":"NOT_FOUND","field":"1.owner","message":"Client not found","requestId":"id"}}`},
		{hook.Unavailablef(nil, "the disk is nearly full"), three, `503 {"error":{"code":"UNAVAILABLE","message":"the disk is nearly full","requestId":"id"}}`},
		{errors.New("out of cheese"), three, `500 {"error":{"code":"INTERNAL","message":"internal error","requestId":"id"}}`},
	} {
		w, _ := post(&service{refuse: test.err}, "application/json", test.body)
		if got := itoa(w.Code) + " " + strings.TrimSpace(w.Body.String()); got != test.want {
			t.Errorf("answers %s, want %s", got, test.want)
		}
	}
}

// A body may be as large as all that it may hold, whether it tells its length or
// not; a larger one is refused.
func TestLargeEvents(t *testing.T) {
	t.Parallel()
	data := `{"a":"` + strings.Repeat("x", hook.MaxEventData-8) + `"}`
	body := "[" + strings.TrimSuffix(strings.Repeat(`{"type":"a","data":`+data+`},`, hook.MaxPublications), ",") + "]"
	s := &service{}
	h := with(func(o *gateway.Options) { o.Service = s })
	for name, reader := range map[string]io.Reader{"told": strings.NewReader(body), "chunked": struct{ io.Reader }{strings.NewReader(body)}} {
		w := sendBody(h, "POST", "/events", reader, "Authorization", "Bearer admin", "Content-Type", "application/json")
		if w.Code != 202 || len(s.published) != hook.MaxPublications || s.published[99].Data != data {
			t.Errorf("%s: answers %d %s", name, w.Code, clipped(w.Body.String()))
		}
	}
	w := sendBody(h, "POST", "/events", struct{ io.Reader }{strings.NewReader(body + strings.Repeat(" ", 8<<20))}, "Authorization", "Bearer admin", "Content-Type", "application/json")
	if w.Code != 413 {
		t.Errorf("answers %d %s", w.Code, clipped(w.Body.String()))
	}
}

// Large bodies wait for each other, and small ones do not wait for them.
func TestLargeEventsWait(t *testing.T) {
	t.Parallel()
	h := with(func(o *gateway.Options) { o.Limits.Time = 200 * time.Millisecond })
	server := httptest.NewServer(h)
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	send := func(ctx context.Context, body io.Reader) (*http.Response, error) {
		r, err := http.NewRequestWithContext(ctx, "POST", server.URL+"/events", body)
		if err != nil {
			return nil, err
		}
		r.Header.Set("Authorization", "Bearer admin")
		r.Header.Set("Content-Type", "application/json")
		return http.DefaultClient.Do(r)
	}
	// Each takes a place and holds it: its body has begun and does not end.
	for range 4 {
		reader, writer := io.Pipe()
		defer writer.Close()
		go func() {
			if answer, err := send(ctx, reader); err == nil {
				answer.Body.Close()
			}
		}()
		go func() { fmt.Fprint(writer, `[{"type":`) }()
	}
	status := func(body io.Reader) int {
		answer, err := send(ctx, body)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	deadline := time.Now().Add(20 * time.Second)
	for status(struct{ io.Reader }{strings.NewReader(`{"type":"a"}`)}) != 503 {
		if time.Now().After(deadline) {
			t.Fatal("a fifth one never waits")
		}
	}
	if got := status(strings.NewReader(`{"type":"a"}`)); got != 202 {
		t.Errorf("a small one answers %d", got)
	}
}

func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}
