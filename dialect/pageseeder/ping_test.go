package pageseeder_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/hook"
)

// made is the answer to a creation, as a program in another language reads it.
type made struct {
	XMLName xml.Name
	Webhook struct {
		ID             string `xml:"id,attr"`
		Status         string `xml:"status,attr"`
		Modified       string `xml:"modified,attr"`
		ActivateSecret string `xml:"activatesecret,attr"`
	} `xml:"webhook"`
}

func parse[T any](t testing.TB, text string) T {
	t.Helper()
	var v T
	if err := xml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

// create makes a webhook of client 123 for a receiver.
func (w *town) create(r *receiver, parameters string) made {
	w.t.Helper()
	answer := w.send("admin", "POST", "/ps/service/clients/123/webhooks", form, "url="+url.QueryEscape(r.url)+parameters)
	if answer.StatusCode != 200 {
		w.t.Fatal(answer.body)
	}
	return parse[made](w.t, answer.body)
}

func (w *town) status(id string) string {
	w.t.Helper()
	return parseXML(w.t, w.send("admin", "GET", "/clients/123/webhooks/"+id, "", "").body).Attributes["status"]
}

func TestPingInXML(t *testing.T) {
	t.Parallel()
	w, r := newTown(t), receive(t)
	made := w.create(r, "&name=acme+%26+co")
	if made.Webhook.Status != "pending" || !regexp.MustCompile(`^[0-9a-f]{10}$`).MatchString(made.Webhook.ActivateSecret) {
		t.Fatalf("made %+v", made)
	}
	before := parseXML(t, w.send("admin", "GET", "/clients/123/webhooks/"+made.Webhook.ID, "", "").body)
	answer := w.send("admin", "GET", "/ps/service/clients/123/webhooks/"+made.Webhook.ID+"/ping", "", "")
	if answer.StatusCode != 200 || answer.body != "<ping-sent/>" {
		t.Fatalf("%d %s", answer.StatusCode, answer.body)
	}
	got, _ := r.last()
	if got.line != "POST /ps?a=b HTTP/1.1" || got.header["X-PS-Secret"] != made.Webhook.ActivateSecret ||
		got.header["Content-Type"] != "application/xml; charset=UTF-8" || got.header["Content-Length"] != fmt.Sprint(len(got.body)) {
		t.Errorf("the request is %+v", got)
	}
	if _, chunked := got.header["Transfer-Encoding"]; chunked {
		t.Error("the body is chunked")
	}
	if _, signed := got.header["X-PS-Signature"]; signed {
		t.Error("signed without a secret")
	}
	form := regexp.MustCompile(`^<webevents><webhook id="ID" name="acme &amp; co"/><webevent id="ID\.[0-9]+" ` +
		`datetime="[0-9T:-]{19}\+1[01]:00" type="webhook.ping"><webhook id="ID" name="acme &amp; co"/></webevent></webevents>$`)
	if text := strings.ReplaceAll(got.body, made.Webhook.ID, "ID"); !form.MatchString(text) {
		t.Errorf("the body is %s", text)
	}
	// The status is all that a ping changes.
	after := parseXML(t, w.send("admin", "GET", "/clients/123/webhooks/"+made.Webhook.ID, "", "").body)
	before.Attributes["status"] = "active"
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
	if again := w.send("admin", "GET", "/clients/123/webhooks/"+made.Webhook.ID+"/ping.json", "", ""); again.body != "{}" {
		t.Errorf("the second ping is answered by %s", again.body)
	}
}

func TestPingInJSON(t *testing.T) {
	t.Parallel()
	w, r := newTown(t), receive(t)
	const secret = "the client's own"
	if answer := w.send("admin", "PATCH", "/oauth/members/456/clients/123", form, "webhook-secret="+url.QueryEscape(secret)); answer.StatusCode != 200 || strings.Contains(answer.body, secret) {
		t.Fatal(answer.body)
	}
	made := w.create(r, "&format=json")
	answer := w.send("admin", "GET", "/ps/api/clients/123/webhooks/"+made.Webhook.ID+"/ping", "Accept: application/json\n", "")
	if answer.StatusCode != 200 || answer.body != "{}" {
		t.Fatalf("%d %s", answer.StatusCode, answer.body)
	}
	got, _ := r.last()
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(got.body))
	if got.header["X-PS-Signature"] != hex.EncodeToString(mac.Sum(nil)) || got.header["Content-Type"] != "application/json; charset=UTF-8" {
		t.Errorf("the headers are %v", got.header)
	}
	form := regexp.MustCompile(`^{"webhook":{"id":ID},"webevents":\[{"id":"ID\.[0-9]+","datetime":"[0-9T:-]{19}\+1[01]:00","type":"webhook.ping"}\]}$`)
	if text := strings.ReplaceAll(got.body, made.Webhook.ID, "ID"); !form.MatchString(text) {
		t.Errorf("the body is %s", text)
	}
}

// TestPingFails: each way has an id of its own, and the webhook stays pending.
func TestPingFails(t *testing.T) {
	t.Parallel()
	w, r := newTown(t), receive(t)
	made := w.create(r, "")
	path := "/clients/123/webhooks/" + made.Webhook.ID
	for name, test := range map[string]struct{ answer, id string }{
		"status":         {"HTTP/1.1 404 Not Found\nX-PS-Secret: SECRET\n", "170A"},
		"redirect":       {"HTTP/1.1 302 Found\nLocation: /\nX-PS-Secret: SECRET\n", "170A"},
		"no secret":      {"HTTP/1.1 200 OK\n", "170B"},
		"other secret":   {"HTTP/1.1 200 OK\nX-PS-Secret: 0123456789\n", "170B"},
		"no HTTP":        {"hello\n", "170C"},
		"secret escapes": {"HTTP/1.1 200 OK\nX-PS-Secret: <&>\n", "170B"},
	} {
		r.answer = func(secret string) string { return strings.ReplaceAll(test.answer, "SECRET", secret) }
		answer := w.send("admin", "GET", path+"/ping", "", "")
		got := errorOf(t, ".xml", answer.body)
		if answer.StatusCode != 400 || got["id"] != test.id || got["request"] != path+"/ping" || w.status(made.Webhook.ID) != "pending" {
			t.Errorf("%s: %d %s", name, answer.StatusCode, answer.body)
		}
	}
	for _, good := range []string{"HTTP/1.1 204 No Content\nx-pS-sEcReT:  SECRET \n", "HTTP/1.1 200 OK\nX-Ps-Secret: SECRET\n"} {
		r.answer = func(secret string) string { return strings.ReplaceAll(good, "SECRET", secret) }
		if answer := w.send("admin", "GET", path+"/ping", "", ""); answer.StatusCode != 200 || w.status(made.Webhook.ID) != "active" {
			t.Errorf("%d %s", answer.StatusCode, answer.body)
		}
		if answer := w.send("admin", "PATCH", path, form, "status=pending"); answer.StatusCode != 200 {
			t.Fatal(answer.body)
		}
	}
	for _, target := range []string{"http://127.0.0.1:1/", "http://10.0.0.1/", "http://nowhere.invalid/"} {
		if answer := w.send("admin", "PATCH", path, form, "url="+url.QueryEscape(target)); answer.StatusCode != 200 {
			t.Fatal(answer.body)
		}
		if answer := w.send("admin", "GET", path+"/ping.json", "", ""); answer.StatusCode != 400 || errorOf(t, ".json", answer.body)["id"] != "170C" {
			t.Errorf("%s: %d %s", target, answer.StatusCode, answer.body)
		}
	}
}

// TestPingLeaves what is not pending as it is. It is for administrators, and HEAD
// does not stand for it.
func TestPingLeaves(t *testing.T) {
	t.Parallel()
	w, r := newTown(t), receive(t)
	made := w.create(r, "")
	path := "/clients/123/webhooks/" + made.Webhook.ID
	for as, want := range map[string]int{"member": 403, "viewer": 403, "other": 404, "bad": 401} {
		if answer := w.send(as, "GET", path+"/ping", "", ""); answer.StatusCode != want {
			t.Errorf("%s: %d %s, want %d", as, answer.StatusCode, answer.body, want)
		}
	}
	if answer := w.send("admin", "HEAD", path+"/ping", "", ""); answer.StatusCode != 405 || answer.Header.Get("Allow") != "GET" {
		t.Errorf("HEAD: %d %v", answer.StatusCode, answer.Header)
	}
	if _, n := r.last(); n != 0 {
		t.Fatalf("%d pings were sent", n)
	}
	for _, status := range []string{"active", "disabled", "warning", "error", "unreachable"} {
		w.send("admin", "PATCH", path, form, "status="+status)
		answer := w.send("admin", "GET", path+"/ping", "", "")
		if got := w.status(made.Webhook.ID); answer.StatusCode != 200 || got != status {
			t.Errorf("%s became %s: %d %s", status, got, answer.StatusCode, answer.body)
		}
	}
}

// TestPingOfImported: a webhook that came without a handshake keeps the one of
// its first good ping. The webhook's own headers are sent.
func TestPingOfImported(t *testing.T) {
	t.Parallel()
	w, r := newTown(t), receive(t)
	if answer := w.send("admin", "PATCH", "/clients/123/webhooks/789", form, "url="+url.QueryEscape(r.url)); answer.StatusCode != 200 {
		t.Fatal(answer.body)
	}
	value := hook.Secret("geheim")
	if _, err := w.service.UpdateWebhook(w.admin, "789", nil, hook.WebhookFields{Headers: hook.Set([]hook.HeaderFields{{Name: "X-Own", Value: &value}})}); err != nil {
		t.Fatal(err)
	}
	var seen []string
	for range 2 {
		if answer := w.send("admin", "GET", "/clients/123/webhooks/789/ping", "", ""); answer.StatusCode != 200 {
			t.Fatal(answer.body)
		}
		got, _ := r.last()
		seen = append(seen, got.header["X-PS-Secret"])
		if got.header["X-Own"] != "geheim" {
			t.Errorf("the headers are %v", got.header)
		}
	}
	if seen[0] != seen[1] || len(seen[0]) != 10 {
		t.Errorf("the secrets are %q", seen)
	}
	w.settle(strings.Replace(fixture(t, "list.json"), `"name": "Test"`, `"name": "Test 2"`, 1))
	if _, err := w.service.UpdateWebhook(w.admin, "789", nil, hook.WebhookFields{URL: hook.Set(r.url)}); err != nil {
		t.Fatal(err)
	}
	w.send("admin", "GET", "/clients/123/webhooks/789/ping", "", "")
	if got, _ := r.last(); got.header["X-PS-Secret"] != seen[0] {
		t.Error("an import changes the handshake")
	}
	at, err := time.Parse(time.RFC3339, parse[events](t, must(r.last()).body).Events[0].Datetime)
	if err != nil || time.Since(at) > time.Minute {
		t.Errorf("the ping is of %s, %v", at, err)
	}
}

func must(got received, _ int) received { return got }
