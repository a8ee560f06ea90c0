package hook_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/hook"
)

func TestClientTokens(t *testing.T) {
	t.Parallel()
	h := open(t)
	ann := h.member("ann")
	clerk := hook.WithViewer(t.Context(), &hook.Viewer{Permissions: hook.PermissionSet{"CLIENTS:ALL"}, Global: true})
	c, secret, err := h.CreateClient(clerk, hook.ClientFields{Name: hook.Set("robot"), Member: hook.Set(ann.Key)})
	if err != nil {
		t.Fatal(err)
	}
	issued := must[*hook.ClientToken](t)(h.IssueClientToken(t.Context(), c.Identifier, secret))
	if issued.MaxAge != time.Hour || issued.Scope != "openid profile email" {
		t.Errorf("%s, %q", issued.MaxAge, issued.Scope)
	}
	viewer := must[*hook.Viewer](t)(h.AuthenticateClientToken(t.Context(), issued.Token))
	like := &hook.Viewer{Name: "client robot", Permissions: hook.PermissionSet{"CLIENTS:ALL"}, Member: ann.Key}
	if diff := cmp.Diff(like, viewer); diff != "" {
		t.Error(diff)
	}
	refused := func(what, identifier string, secret hook.Secret) {
		t.Helper()
		_, err := h.IssueClientToken(t.Context(), identifier, secret)
		want(t, what, err, hook.Unauthenticated)
	}
	refused("a wrong secret", c.Identifier, "wrong")
	refused("no secret", c.Identifier, "")
	refused("an unknown client", "0000000000000000", secret)
	refused("no client", "", "")
	change := func(fields hook.ClientFields) {
		t.Helper()
		must[*hook.Client](t)(h.UpdateClient(h.admin, c.Key, nil, fields))
	}
	ended := func(what string) {
		t.Helper()
		_, err := h.AuthenticateClientToken(t.Context(), issued.Token)
		want(t, what, err, hook.Unauthenticated)
	}
	change(hook.ClientFields{GrantType: hook.Set(hook.GrantPassword)})
	if _, err := h.IssueClientToken(t.Context(), c.Identifier, secret); err != hook.ErrGrant {
		t.Errorf("another grant type: %v", err)
	}
	change(hook.ClientFields{GrantType: hook.Set(hook.GrantClientCredentials), Secret: hook.Set(hook.Secret(""))})
	ended("a removed secret")
	refused("a removed secret", c.Identifier, "")
	change(hook.ClientFields{Secret: hook.Set(hook.Secret("sixteen letters!"))})
	ended("another secret")
	issued = must[*hook.ClientToken](t)(h.IssueClientToken(t.Context(), c.Identifier, "sixteen letters!"))
	if v := must[*hook.Viewer](t)(h.AuthenticateClientToken(t.Context(), issued.Token)); !v.May(hook.Webhooks, hook.Add) {
		t.Error("a secret that an administrator set grants less")
	}
	change(hook.ClientFields{Member: hook.Set(h.member("bob").Key)})
	ended("another member")
	refused("another member", c.Identifier, "sixteen letters!")
	for _, given := range []hook.Secret{"short", "a line\nand another one", hook.Secret(string(make([]byte, 20)))} {
		_, err := h.UpdateClient(h.admin, c.Key, nil, hook.ClientFields{Secret: hook.Set(given)})
		wantField(t, "a bad secret", err, hook.Invalid, "clientSecret")
	}
	bound := hook.WithViewer(t.Context(), &hook.Viewer{Permissions: hook.PermissionSet{hook.PermissionAll}, Owner: c.GetID()})
	_, err = h.UpdateClient(bound, c.Key, nil, hook.ClientFields{Secret: hook.Set(hook.Secret("sixteen letters!"))})
	wantField(t, "a bound key", err, hook.Forbidden, "clientSecret")
}

func TestMemberByName(t *testing.T) {
	t.Parallel()
	h := open(t)
	ann, bob := h.member("Ann"), h.member("bob")
	for name, key := range map[string]string{"ann": ann.Key, "ANN": ann.Key, "ann@EXAMPLE.org": ann.Key, "bob": bob.Key} {
		if m, err := h.MemberByName(h.admin, name); err != nil || m.Key != key {
			t.Errorf("%s: %v, %v", name, m, err)
		}
	}
	for _, name := range []string{"", "nobody", ann.Key, "\x01" + ann.Key, "sub-Ann"} {
		_, err := h.MemberByName(h.admin, name)
		want(t, name, err, hook.NotFound)
	}
	self := hook.WithViewer(t.Context(), hook.MemberViewer(ann))
	if m, err := h.MemberByName(self, "ann"); err != nil || m.Key != ann.Key {
		t.Errorf("itself: %v, %v", m, err)
	}
	_, err := h.MemberByName(self, "bob")
	want(t, "another", err, hook.NotFound)
	_, err = h.MemberByName(t.Context(), "bob")
	want(t, "nobody asks", err, hook.Unauthenticated)
}

func TestClientsOf(t *testing.T) {
	t.Parallel()
	h := open(t)
	ann, bob := h.member("ann"), h.member("bob")
	var made []string
	for i := range 3 {
		made = append(made, h.client("client "+string(rune('a'+i)), ann.Key).Key)
	}
	h.client("another", bob.Key)
	for _, viewer := range []*hook.Viewer{hook.AdminViewer(), hook.MemberViewer(ann)} {
		list, err := h.ClientsOf(hook.WithViewer(t.Context(), viewer), ann.Key)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for page, err := range list {
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range page {
				got = append(got, c.Key)
			}
		}
		if diff := cmp.Diff(made, got); diff != "" {
			t.Errorf("%s: %s", viewer.Name, diff)
		}
	}
	_, err := h.ClientsOf(hook.WithViewer(t.Context(), hook.MemberViewer(bob)), ann.Key)
	want(t, "another member", err, hook.Forbidden)
}
