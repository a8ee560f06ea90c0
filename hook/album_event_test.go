package hook_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/hook"
)

func TestAlbumEvents(t *testing.T) {
	t.Parallel()
	h := open(t)
	ana, bo := h.member("ana"), h.member("bo")
	a := h.album("a", ana, bo)
	bound, token, err := h.CreateAPIKey(h.admin, hook.APIKeyFields{Name: "robot", Permissions: []hook.Permission{"ALBUMS:EDIT"}, Owner: a.GetID()})
	if err != nil {
		t.Fatal(err)
	}
	person := func(m *hook.Member, isAdmin bool) *hook.Person {
		return &hook.Person{Key: m.Key, Sub: m.Sub, Email: m.Email, Name: m.DisplayName(), IsAdmin: isAdmin}
	}
	for name, test := range map[string]struct {
		ctx   context.Context
		about *hook.Member
		want  hook.AlbumEvent
	}{
		"an admin adds a member": {h.as(ana), bo, hook.AlbumEvent{Actor: person(ana, true), Member: person(bo, false)}},
		"a member":               {h.as(bo), ana, hook.AlbumEvent{Actor: person(bo, false), Member: person(ana, true)}},
		"the album is deleted":   {h.as(ana), nil, hook.AlbumEvent{Actor: person(ana, true)}},
		"the admin key":          {h.admin, bo, hook.AlbumEvent{Actor: &hook.Person{Name: "admin key", IsAdmin: true}, Member: person(bo, false)}},
		"an API key":             {h.signIn(bound, token), nil, hook.AlbumEvent{Actor: &hook.Person{Name: "API key robot", APIKey: bound.Key, IsAdmin: true}}},
		"a member who is gone":   {hook.WithViewer(t.Context(), &hook.Viewer{Name: "member x", Member: "0"}), nil, hook.AlbumEvent{Actor: &hook.Person{Name: "member x", IsAdmin: true}}},
		"nobody":                 {t.Context(), bo, hook.AlbumEvent{Member: person(bo, false)}},
	} {
		got, err := h.AlbumEventBy(test.ctx, a, test.about)
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
		var read hook.AlbumEvent
		if err := json.Unmarshal([]byte(got.Text()), &read); err != nil || !cmp.Equal(got, read) {
			t.Errorf("%s: %s, %v", name, got.Text(), err)
		}
	}
}

// The names of the members are what programs read.
func TestAlbumEventText(t *testing.T) {
	t.Parallel()
	got := hook.AlbumEvent{
		Actor:  &hook.Person{Name: "robot", APIKey: "k", IsAdmin: true},
		Member: &hook.Person{Key: "8", Sub: "s", Email: "bo@example.org", Name: "Bo"},
	}.Text()
	const want = `{"actor":{"name":"robot","apiKey":"k","isAdmin":true},"member":{"key":"8","sub":"s","email":"bo@example.org","name":"Bo","isAdmin":false}}`
	if got != want {
		t.Error(got)
	}
}
