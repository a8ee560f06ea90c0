package hook_test

import (
	"context"
	"iter"
	"testing"

	"github.com/hookgraph/hookgraph/hook"
)

// No key grants more than its creator has.
func TestKeysGrantNoMore(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	none := hook.APIKeyFields{}
	bound := func(owner string) hook.APIKeyFields { return hook.APIKeyFields{Owner: w.owners[owner]} }
	acting := func(member string) hook.APIKeyFields { return hook.APIKeyFields{Member: w.members[member].Key} }
	creators := map[string]context.Context{
		"keys":       w.key(none, "KEYS:ALL"),
		"views":      w.key(none, "KEYS:ADD", "WEBHOOKS:VIEW"),
		"webhooks":   w.key(none, "KEYS:ADD", "WEBHOOKS:ALL"),
		"albums":     w.key(none, "KEYS:ADD", "ALBUMS:ALL", "WEBHOOKS:VIEW"),
		"client1":    w.key(bound("client1"), "ALL"),
		"root views": w.key(acting("root"), "KEYS:ADD", "WEBHOOKS:VIEW"),
		"ann":        w.viewers["ann"],
		"root":       w.viewers["root"],
	}
	for _, test := range []struct {
		creator    string
		fields     hook.APIKeyFields
		permission hook.Permission
		ok         bool
	}{
		{"keys", none, "KEYS:VIEW", true},
		{"keys", none, "ALL", false},
		{"keys", none, "WEBHOOKS:VIEW", false},
		{"views", none, "WEBHOOKS:VIEW", true},
		{"views", none, "WEBHOOKS:ALL", false},
		{"views", none, "WEBHOOKS:EDIT", false},
		{"views", none, "KEYS:ALL", false},
		{"webhooks", none, "WEBHOOKS:ALL", true},
		{"webhooks", none, "WEBHOOKS:REMOVE", true},
		{"webhooks", none, "ALL", false},
		{"webhooks", bound("album1"), "WEBHOOKS:VIEW", false}, // it does not reach albums
		{"webhooks", bound("account"), "WEBHOOKS:VIEW", true},
		{"webhooks", acting("ann"), "WEBHOOKS:VIEW", false},
		{"webhooks", acting("root"), "WEBHOOKS:VIEW", false},
		{"albums", bound("album1"), "WEBHOOKS:VIEW", true},
		{"albums", bound("album1"), "WEBHOOKS:EDIT", false},
		{"client1", bound("client1"), "ALL", true},
		{"client1", none, "WEBHOOKS:VIEW", false},
		{"client1", bound("client2"), "WEBHOOKS:VIEW", false},
		{"client1", bound("account"), "WEBHOOKS:VIEW", false},
		{"client1", acting("ann"), "WEBHOOKS:VIEW", false},
		{"root views", acting("root"), "WEBHOOKS:VIEW", true},
		{"root views", acting("ann"), "WEBHOOKS:VIEW", false},
		{"root views", none, "EVENTS:VIEW", false},
		{"ann", acting("ann"), "ALL", true},
		{"ann", none, "WEBHOOKS:VIEW", false},
		{"ann", acting("bob"), "WEBHOOKS:VIEW", false},
		{"ann", acting("root"), "WEBHOOKS:VIEW", false},
		{"ann", bound("client1"), "WEBHOOKS:EDIT", false}, // she looks at it only
		{"ann", bound("album1"), "WEBHOOKS:VIEW", false},  // which would outlive her being its admin
		{"ann", hook.APIKeyFields{Member: "77"}, "WEBHOOKS:VIEW", false},
		{"root", none, "ALL", true},
		{"root", acting("ann"), "ALL", true},
	} {
		test.fields.Name, test.fields.Permissions = "k", []hook.Permission{test.permission}
		_, token, err := w.CreateAPIKey(creators[test.creator], test.fields)
		switch {
		case test.ok:
			want(t, test.creator+" grants "+string(test.permission), err, "")
		case hook.CodeOf(err) != hook.Forbidden || token != "":
			t.Errorf("%s grants %s by %+v: %v", test.creator, test.permission, test.fields, err)
		}
	}
}

// Nobody becomes an administrator, or somebody else, by editing members.
func TestMembersGrantNoMore(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	editor := w.key(hook.APIKeyFields{}, "MEMBERS:ALL", "ALBUMS:EDIT", "ALBUMS:VIEW", "CLIENTS:ALL")
	asRoot := w.key(hook.APIKeyFields{Member: w.members["root"].Key}, "MEMBERS:ALL")
	for what, change := range map[string]hook.MemberFields{
		"admin":             {Admin: hook.Set(true)},
		"sub":               {Sub: hook.Set("sub-mine")},
		"no sub":            {Sub: hook.Set("")},
		"sub of the admin":  {Sub: hook.Set("sub-root")},
		"admin and unknown": {Admin: hook.Set(true), FullName: hook.Set("x")},
	} {
		for name, ctx := range map[string]context.Context{"editor": editor, "as root": asRoot} {
			_, err := w.UpdateMember(ctx, w.members["bob"].Key, nil, change)
			want(t, name+" changes "+what, err, hook.Forbidden)
		}
	}
	_, err := w.UpdateMember(editor, w.members["root"].Key, nil, hook.MemberFields{Locked: hook.Set(true)})
	want(t, "the editor locks the administrator", err, hook.Forbidden)
	_, err = w.UpdateMember(editor, w.members["root"].Key, nil, hook.MemberFields{Admin: hook.Set(false)})
	want(t, "the editor demotes the administrator", err, hook.Forbidden)
	_, err = w.CreateMember(editor, hook.MemberFields{Username: hook.Set("new"), Admin: hook.Set(true)})
	want(t, "the editor makes an administrator", err, hook.Forbidden)
	if _, err = w.UpdateMember(editor, w.members["bob"].Key, nil, hook.MemberFields{FullName: hook.Set("Bob B")}); err != nil {
		t.Error(err)
	}
	yes := true
	_, _, err = w.SetAlbumMember(editor, w.owners["album2"].Key, w.members["bob"].Key, &yes)
	want(t, "who may edit albums makes admins, who have all in them", err, hook.Forbidden)
	w.expectMember("bob", false)
	w.expectMember("root", true)
}

func (w *town) expectMember(name string, admin bool) {
	w.t.Helper()
	m := must[*hook.Member](w.t)(w.Member(w.admin, w.members[name].Key))
	if m.Admin != admin || m.Sub != "sub-"+name {
		w.t.Errorf("%s: %+v", name, m)
	}
}

// An import is for administrators, and makes nobody one.
func TestImportGrantsNoMore(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for viewer, ctx := range w.viewers {
		for _, d := range []hook.Dialect{hook.PageSeeder, hook.Kheops, hook.Entrust} {
			_, err := w.Import(ctx, hook.Import{Dialect: d, Album: "aaaaaaaaaa", Records: records()})
			switch viewer {
			case "admin key", "root", "ALL":
				want(t, viewer+" imports", err, "")
			case "nobody":
				want(t, viewer+" imports", err, hook.Unauthenticated)
			default:
				if d == hook.Entrust && viewer == "WEBHOOKS:ALL" {
					want(t, viewer+" imports", err, "")
				} else {
					want(t, viewer+" imports "+string(d), err, hook.Forbidden)
				}
			}
		}
	}
	r := pageSeederRecord(1)
	r.Member.Admin, r.Member.Sub = true, "sub-mine"
	summary, err := w.Import(w.admin, hook.Import{Dialect: hook.PageSeeder, Records: records(r)})
	if err != nil || summary.Created != 1 {
		t.Fatalf("%+v, %v", summary, err)
	}
	m := must[*hook.Member](t)(w.Member(w.admin, r.Member.Key))
	if m.Admin || m.Sub != "" {
		t.Errorf("%+v", m)
	}
	if _, err := w.UpdateMember(w.admin, m.Key, nil, hook.MemberFields{Admin: hook.Set(true), Sub: hook.Set("sub-root2"), Locked: hook.Set(true)}); err != nil {
		t.Fatal(err)
	}
	importer := w.key(hook.APIKeyFields{}, "WEBHOOKS:ALL", "CLIENTS:ALL", "MEMBERS:ALL")
	r = pageSeederRecord(1)
	r.Member.Surname = "Other"
	if _, err = w.Import(importer, hook.Import{Dialect: hook.PageSeeder, Records: records(r)}); err != nil {
		t.Fatal(err)
	}
	if m = must[*hook.Member](t)(w.Member(w.admin, m.Key)); !m.Admin || !m.Locked || m.Sub != "sub-root2" {
		t.Errorf("an import changed an administrator: %+v", m)
	}
}

// The index has something in place of a missing subject. It is not one.
func TestNoSubjectIsNobody(t *testing.T) {
	t.Parallel()
	h := open(t)
	m := must[*hook.Member](t)(h.CreateMember(h.admin, hook.MemberFields{Username: hook.Set("ann"), Admin: hook.Set(true)}))
	for _, sub := range []string{"", "\x01" + m.Key, m.Key, "ann"} {
		v, err := h.AuthenticateSubject(t.Context(), hook.Claims{Sub: sub}, false)
		if v != nil || hook.CodeOf(err) != hook.Unauthenticated {
			t.Errorf("%q is %+v, %v", sub, v, err)
		}
	}
	_, err := h.AuthenticateSubject(t.Context(), hook.Claims{Sub: ""}, true)
	want(t, "no subject", err, hook.Unauthenticated)
	_, err = h.AuthenticateSubject(t.Context(), hook.Claims{Sub: "\x01" + m.Key}, true)
	want(t, "a strange subject", err, hook.Unauthenticated)
}

func records(list ...*hook.Record) func() iter.Seq2[*hook.Record, error] {
	return func() iter.Seq2[*hook.Record, error] {
		return func(yield func(*hook.Record, error) bool) {
			for i, r := range list {
				copied := *r
				copied.Position = i + 1
				if !yield(&copied, nil) {
					return
				}
			}
		}
	}
}
