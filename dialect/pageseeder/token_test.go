package pageseeder_test

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// boundKey reaches client 123 only.
var boundKey = hook.APIKeyFields{
	Owner:       hook.ID{Kind: hook.KindClient, Key: "123"},
	Permissions: []hook.Permission{"WEBHOOKS:ALL", "CLIENTS:VIEW", "CLIENTS:EDIT"},
}

// issue gets a token for client 124 under a name.
func (w *town) issue(name string) {
	w.t.Helper()
	answer := w.send("", "POST", "/ps/oauth/token", form, tokenBody)
	var got struct {
		Token string `json:"access_token"`
		Age   int    `json:"expires_in"`
		Type  string `json:"token_type"`
	}
	if err := json.Unmarshal([]byte(answer.body), &got); err != nil || answer.StatusCode != 200 || got.Token == "" || got.Type != "Bearer" {
		w.t.Fatalf("%d %s", answer.StatusCode, answer.body)
	}
	w.tokens[name] = got.Token
}

func (w *town) expect(as, target string, status int) {
	w.t.Helper()
	if answer := w.send(as, "GET", target, "", ""); answer.StatusCode != status {
		w.t.Errorf("%s as %s: %d %s, want %d", target, as, answer.StatusCode, answer.body, status)
	}
}

// TestTokenActsAsMember: what is the member's, and everything once the member is
// an administrator; below the prefixes only, and until the secret changes, the
// client changes hands or goes.
func TestTokenActsAsMember(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	tokenClient(w)
	w.issue("token")
	const own, others, webhooks = "/ps/api/oauth/members/arya/clients", "/ps/api/oauth/members/jsnow/clients", "/ps/api/clients/123/webhooks"
	w.expect("token", own, 200)
	w.expect("token", others, 404)
	w.expect("token", webhooks, 404)
	w.expect("token", "/clients/124/webhooks", 403)
	if answer := w.send("token", "POST", "/graphql", "Content-Type: application/json\n", `{"query":"{ viewer { name } }"}`); answer.StatusCode != 401 {
		t.Errorf("GraphQL takes the token: %d %s", answer.StatusCode, answer.body)
	}
	basic := "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("x:"+w.tokens["token"])) + "\n"
	if answer := w.send("", "GET", own, basic, ""); answer.StatusCode != 200 {
		t.Errorf("as a password: %d", answer.StatusCode)
	}
	if _, err := w.service.UpdateMember(w.admin, "457", nil, hook.MemberFields{Admin: hook.Set(true)}); err != nil {
		t.Fatal(err)
	}
	w.expect("token", others, 200)
	w.expect("token", webhooks, 200)
	if _, err := w.service.UpdateMember(w.admin, "457", nil, hook.MemberFields{Locked: hook.Set(true)}); err != nil {
		t.Fatal(err)
	}
	w.expect("token", webhooks, 401)
	if answer := w.send("", "POST", "/ps/oauth/token", form, tokenBody); answer.StatusCode != 401 {
		t.Errorf("a client of a locked member gets a token: %d", answer.StatusCode)
	}
	if _, err := w.service.UpdateMember(w.admin, "457", nil, hook.MemberFields{Locked: hook.Set(false)}); err != nil {
		t.Fatal(err)
	}
	w.expect("token", webhooks, 200)
	w.do("PATCH", "/oauth/members/457/clients/124", "client-secret=another-secret-of-it")
	w.expect("token", webhooks, 401)
	tokenClient(w)
	w.issue("second")
	w.expect("second", webhooks, 200)
	w.do("PATCH", "/oauth/members/457/clients/124", "member=456")
	w.expect("second", webhooks, 401)
	if answer := w.send("", "POST", "/ps/oauth/token", form, tokenBody); answer.StatusCode != 401 {
		t.Errorf("the former owner's secret is good: %d", answer.StatusCode)
	}
	w.do("PATCH", "/oauth/members/456/clients/124", "member=457&client-secret="+url.QueryEscape(clientSecret))
	w.issue("third")
	w.expect("third", webhooks, 200)
	w.do("DELETE", "/oauth/members/457/clients/124", "")
	w.expect("third", webhooks, 401)
}

// TestTokenEnds after the client's age, and the time of the latest token shows.
func TestTokenEnds(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	tokenClient(w)
	w.do("PATCH", "/oauth/members/457/clients/124", "access-token-max-age=1")
	w.issue("token")
	const own = "/oauth/members/arya/clients/124"
	last, err := time.Parse(time.RFC3339, parseXML(t, w.send("admin", "GET", own, "", "").body).Attributes["last-token"])
	if err != nil || time.Since(last) > time.Minute {
		t.Errorf("the latest token is of %s, %v", last, err)
	}
	for deadline := time.Now().Add(10 * time.Second); w.send("token", "GET", own, "", "").StatusCode != 401; {
		if time.Now().After(deadline) {
			t.Fatal("the token does not end")
		}
	}
	for range 20 {
		w.issue("token")
	}
	c, err := w.service.Client(w.admin, "124")
	if err != nil {
		t.Fatal(err)
	}
	version := c.Version
	for range 20 {
		w.issue("token")
	}
	if c, err = w.service.Client(w.admin, "124"); err != nil || c.Version != version {
		t.Errorf("each token writes the client: version %d, then %d, %v", version, c.Version, err)
	}
}

// TestTokenGrantsNoMore than whoever set the secret had.
func TestTokenGrantsNoMore(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	if _, err := w.service.UpdateMember(w.admin, "457", nil, hook.MemberFields{Admin: hook.Set(true)}); err != nil {
		t.Fatal(err)
	}
	w.tokens["clerk"] = w.key(hook.APIKeyFields{Permissions: []hook.Permission{"CLIENTS:ALL", "MEMBERS:VIEW"}})
	answer := w.send("clerk", "PATCH", "/oauth/members/457/clients/124", form, "grant-type=client_credentials&client-secret="+url.QueryEscape(clientSecret))
	if answer.StatusCode != 200 {
		t.Fatal(answer.body)
	}
	w.issue("token")
	w.expect("token", "/oauth/members/456/clients", 200)
	w.expect("token", "/clients/123/webhooks", 403)
	w.tokens["bound"] = w.key(boundKey)
	answer = w.send("bound", "PATCH", "/oauth/members/456/clients/123", form, "client-secret="+url.QueryEscape(clientSecret))
	if answer.StatusCode != 403 {
		t.Errorf("a bound key sets the secret: %d %s", answer.StatusCode, answer.body)
	}
}

// TestTokenRefusals: nobody learns which clients there are.
func TestTokenRefusals(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	tokenClient(w)
	var first string
	for _, body := range []string{
		"client_id=1234567890123456&client_secret=", "client_id=1234567890123456&client_secret=wrong", "client_id=4739db31320c67c5&client_secret=",
		"client_id=0000000000000000&client_secret=wrong", "client_id=&client_secret=", "client_secret=x", "",
	} {
		answer := w.send("", "POST", "/ps/oauth/token", form, "grant_type=client_credentials&"+body)
		if first == "" {
			first = answer.body
		}
		if answer.StatusCode != 401 || answer.body != first {
			t.Errorf("%s: %d %s", body, answer.StatusCode, answer.body)
		}
	}
}
