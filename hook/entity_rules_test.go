package hook_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/hook"
)

func repeat(n int) string { return strings.Repeat("x", n) }

func TestMemberRules(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, test := range []struct {
		what   string
		fields hook.MemberFields
		field  string
	}{
		{"username", hook.MemberFields{Username: hook.Set("u" + repeat(99))}, ""},
		{"long username", hook.MemberFields{Username: hook.Set("u" + repeat(100))}, "username"},
		{"digits", hook.MemberFields{Username: hook.Set("12345")}, "username"},
		{"control", hook.MemberFields{Username: hook.Set("a\x1b")}, "username"},
		{"line", hook.MemberFields{Username: hook.Set("a\nb")}, "username"},
		{"blank", hook.MemberFields{Username: hook.Set(" ")}, "username"},
		{"nobody", hook.MemberFields{FirstName: hook.Set("Ann")}, "username"},
		{"sub", hook.MemberFields{Sub: hook.Set("s" + repeat(254))}, ""},
		{"long sub", hook.MemberFields{Sub: hook.Set("s" + repeat(255))}, "sub"},
		{"sub of two places", hook.MemberFields{Sub: hook.Set("google-apps|ann@example.org")}, ""},
		{"email", hook.MemberFields{Email: hook.Set("a@" + repeat(98))}, ""},
		{"long email", hook.MemberFields{Email: hook.Set("a@" + repeat(99))}, "email"},
		{"no email", hook.MemberFields{Email: hook.Set("example.org")}, "email"},
		{"half an email", hook.MemberFields{Email: hook.Set("@example.org")}, "email"},
		{"first name", hook.MemberFields{Username: hook.Set("f"), FirstName: hook.Set(repeat(50))}, ""},
		{"long first name", hook.MemberFields{Username: hook.Set("g"), FirstName: hook.Set(repeat(51))}, "firstName"},
		{"long surname", hook.MemberFields{Username: hook.Set("g"), Surname: hook.Set(repeat(51))}, "surname"},
		{"both names", hook.MemberFields{Username: hook.Set("h"), FirstName: hook.Set(repeat(50)), Surname: hook.Set(repeat(50))}, ""},
		{"full name", hook.MemberFields{Username: hook.Set("i"), FullName: hook.Set(repeat(102))}, "fullName"},
		{"external id", hook.MemberFields{Username: hook.Set("i"), ExternalID: hook.Set(repeat(101))}, "externalId"},
		{"status", hook.MemberFields{Username: hook.Set("i"), Status: hook.Set(hook.MemberStatus("ASLEEP"))}, "status"},
	} {
		_, err := h.CreateMember(h.admin, test.fields)
		if test.field == "" {
			want(t, test.what, err, "")
		} else {
			wantField(t, test.what, err, hook.Invalid, test.field)
		}
	}
	m := must[*hook.Member](t)(h.CreateMember(h.admin, hook.MemberFields{
		Username: hook.Set("Straße"), FirstName: hook.Set("Ann"), Surname: hook.Set("Lee"),
	}))
	if m.FullName != "Ann Lee" || m.Status != hook.MemberActivated || m.Admin {
		t.Errorf("%+v", m)
	}
	_, err := h.CreateMember(h.admin, hook.MemberFields{Username: hook.Set("STRASSE")})
	wantField(t, "a username in other letters", err, hook.Conflict, "username")
	h.member("bob")
	_, err = h.UpdateMember(h.admin, m.Key, nil, hook.MemberFields{Sub: hook.Set("sub-bob")})
	wantField(t, "a sub twice", err, hook.Conflict, "sub")
}

func TestClientRules(t *testing.T) {
	t.Parallel()
	h := open(t)
	url := func(n int) string { return "https://app.example/" + repeat(n-20) }
	for _, test := range []struct {
		what   string
		change func(*hook.ClientFields)
		field  string
	}{
		{"nothing", func(*hook.ClientFields) {}, ""},
		{"name", func(f *hook.ClientFields) { f.Name = hook.Set(strings.Repeat("é", 255)) }, ""},
		{"long name", func(f *hook.ClientFields) { f.Name = hook.Set(repeat(256)) }, "name"},
		{"no name", func(f *hook.ClientFields) { f.Name = hook.Set("") }, "name"},
		{"description", func(f *hook.ClientFields) { f.Description = hook.Set("a\n" + repeat(2046)) }, ""},
		{"long description", func(f *hook.ClientFields) { f.Description = hook.Set(repeat(2049)) }, "description"},
		{"grant", func(f *hook.ClientFields) { f.GrantType = hook.Set(hook.GrantType("REFRESH_TOKEN")) }, "grantType"},
		{"uri", func(f *hook.ClientFields) { f.ClientURI = hook.Set(url(2048)) }, ""},
		{"long uri", func(f *hook.ClientFields) { f.ClientURI = hook.Set(url(2049)) }, "clientUri"},
		{"relative uri", func(f *hook.ClientFields) { f.ClientURI = hook.Set("/path") }, "clientUri"},
		{"script", func(f *hook.ClientFields) { f.ClientURI = hook.Set("JavaScript:alert(1)") }, "clientUri"},
		{"app scheme", func(f *hook.ClientFields) { f.RedirectURI = hook.Set("com.example.app:/callback") }, ""},
		{"script redirect", func(f *hook.ClientFields) { f.RedirectURI = hook.Set("data:text/html,x") }, "redirectUri"},
		{"credentials", func(f *hook.ClientFields) { f.RedirectURI = hook.Set("https://a:b@app.example/") }, "redirectUri"},
		{"scope", func(f *hook.ClientFields) { f.Scope = hook.Set(repeat(256)) }, "scope"},
		{"app", func(f *hook.ClientFields) { f.App = hook.Set(repeat(256)) }, "app"},
		{"age", func(f *hook.ClientFields) { f.AccessTokenMaxAge = hook.Set(int64(1<<31 - 1)) }, ""},
		{"old", func(f *hook.ClientFields) { f.AccessTokenMaxAge = hook.Set(int64(1 << 31)) }, "accessTokenMaxAge"},
		{"young", func(f *hook.ClientFields) { f.RefreshTokenMaxAge = hook.Set(int64(-1)) }, "refreshTokenMaxAge"},
		{"secret", func(f *hook.ClientFields) { f.WebhookSecret = hook.Set(hook.Secret(repeat(1025))) }, "webhookSecret"},
		{"member", func(f *hook.ClientFields) { f.Member = hook.Set("77") }, "member"},
	} {
		fields := hook.ClientFields{Name: hook.Set("client " + test.what)}
		test.change(&fields)
		_, _, err := h.CreateClient(h.admin, fields)
		if test.field == "" {
			want(t, test.what, err, "")
		} else {
			wantField(t, test.what, err, hook.Invalid, test.field)
		}
	}
	c := h.client("mine", "")
	_, _, err := h.CreateClient(h.admin, hook.ClientFields{Name: hook.Set("mine")})
	wantField(t, "a name twice", err, hook.Conflict, "name")
	if _, _, err = h.CreateClient(h.admin, hook.ClientFields{Name: hook.Set("Mine")}); err != nil {
		t.Errorf("a name in other letters: %v", err)
	}
	for _, identifier := range []string{c.Identifier, strings.ToUpper(c.Identifier)} {
		if found, err := h.ClientByIdentifier(h.admin, identifier); err != nil || found.Key != c.Key {
			t.Errorf("%v, %v", found, err)
		}
	}
	_, err = h.ClientByIdentifier(h.admin, "0000000000000000")
	want(t, "unknown identifier", err, hook.NotFound)
	if c.CreatedAt() == nil || c.GrantType != hook.GrantClientCredentials || c.AccessTokenMaxAge != 3600 || c.HasWebhookSecret() {
		t.Errorf("%+v", c)
	}
}

func TestAlbumRules(t *testing.T) {
	t.Parallel()
	h := open(t)
	many := make([]string, 101)
	for i := range many {
		many[i] = "M" + strconv.Itoa(i)
	}
	for _, test := range []struct {
		what   string
		fields hook.AlbumFields
		field  string
	}{
		{"name", hook.AlbumFields{Name: hook.Set(repeat(255))}, ""},
		{"long name", hook.AlbumFields{Name: hook.Set(repeat(256))}, "name"},
		{"no name", hook.AlbumFields{}, "name"},
		{"description", hook.AlbumFields{Name: hook.Set("a"), Description: hook.Set(repeat(2048))}, ""},
		{"long description", hook.AlbumFields{Name: hook.Set("a"), Description: hook.Set(repeat(2049))}, "description"},
		{"modality", hook.AlbumFields{Name: hook.Set("a"), Modalities: hook.Set([]string{repeat(17)})}, "modalities"},
		{"100 modalities", hook.AlbumFields{Name: hook.Set("a"), Modalities: hook.Set(many[:100])}, ""},
		{"101 modalities", hook.AlbumFields{Name: hook.Set("a"), Modalities: hook.Set(many)}, "modalities"},
		{"empty modality", hook.AlbumFields{Name: hook.Set("a"), Modalities: hook.Set([]string{""})}, "modalities"},
	} {
		_, err := h.CreateAlbum(h.admin, test.fields)
		if test.field == "" {
			want(t, test.what, err, "")
		} else {
			wantField(t, test.what, err, hook.Invalid, test.field)
		}
	}
	a := must[*hook.Album](t)(h.CreateAlbum(h.admin, hook.AlbumFields{
		Name: hook.Set("x-rays"), Modalities: hook.Set([]string{"MR", "CT", "MR"}),
	}))
	if !slices.Equal(a.Modalities, []string{"CT", "MR"}) || a.MemberPermissions != hook.DefaultMemberPermissions() || len(a.Members) != 0 {
		t.Errorf("%+v", a)
	}
	ann := h.member("ann")
	mine := must[*hook.Album](t)(h.CreateAlbum(h.as(ann), hook.AlbumFields{Name: hook.Set("mine")}))
	if isMember, isAdmin := mine.HasMember(ann.Key); !isMember || !isAdmin {
		t.Errorf("who made the album is not its admin: %+v", mine)
	}
}

// A member is named by key, sub or email.
func TestAlbumMembers(t *testing.T) {
	t.Parallel()
	h := open(t)
	ann, bob := h.member("ann"), h.member("bob")
	nameless := must[*hook.Member](t)(h.CreateMember(h.admin, hook.MemberFields{Username: hook.Set("eve")}))
	a := h.album("x-rays", ann)
	for _, reference := range []string{bob.Key, "sub-bob", "bob@example.org", "BOB@Example.org"} {
		_, m, err := h.SetAlbumMember(h.as(ann), a.Key, reference, nil)
		if err != nil || m.Key != bob.Key {
			t.Errorf("%s: %v, %v", reference, m, err)
		}
	}
	for _, reference := range []string{"", "nobody", "nobody@example.org", "@", "\x01" + nameless.Key, "\xff", repeat(256), "bob"} {
		_, _, err := h.SetAlbumMember(h.as(ann), a.Key, reference, nil)
		if e, ok := err.(*hook.Error); !ok || e.Code != hook.NotFound || e.Kind != hook.KindMember {
			t.Errorf("%q: %v", reference, err)
		}
	}
	yes, no := true, false
	now, _, err := h.SetAlbumMember(h.as(ann), a.Key, bob.Key, &yes)
	if _, isAdmin := now.HasMember(bob.Key); err != nil || !isAdmin {
		t.Errorf("bob is no admin: %v", err)
	}
	same, _, err := h.SetAlbumMember(h.as(ann), a.Key, bob.Key, nil)
	if err != nil || same.Version != now.Version {
		t.Errorf("setting nothing: version %d, %v", same.Version, err)
	}
	if _, _, err = h.SetAlbumMember(h.as(bob), a.Key, bob.Key, &no); err != nil {
		t.Error(err)
	}
	_, _, err = h.SetAlbumMember(h.as(bob), a.Key, nameless.Key, nil)
	want(t, "an ordinary member adds one", err, hook.Forbidden)
	stranger := h.as(h.member("stranger"))
	// It may leave, but takes out nobody else, and is not told who there is.
	for _, other := range []string{ann.Key, nameless.Key, "nobody", "nobody@example.org"} {
		_, _, err = h.RemoveAlbumMember(h.as(bob), a.Key, other)
		want(t, "an ordinary member removes "+other, err, hook.Forbidden)
		_, _, err = h.RemoveAlbumMember(stranger, a.Key, other)
		if e, ok := err.(*hook.Error); !ok || e.Code != hook.NotFound || e.Kind != hook.KindAlbum {
			t.Errorf("a stranger removes %s: %v", other, err)
		}
	}
	if _, _, err = h.RemoveAlbumMember(h.as(bob), a.Key, "bob@example.org"); err != nil {
		t.Errorf("bob cannot leave: %v", err)
	}
	_, _, err = h.RemoveAlbumMember(h.as(ann), a.Key, bob.Key)
	wantField(t, "who is not in the album", err, hook.NotFound, "member")

	h.member("bob2")
	if _, err = h.UpdateMember(h.admin, nameless.Key, nil, hook.MemberFields{Email: hook.Set("bob@example.org")}); err != nil {
		t.Fatal(err)
	}
	_, _, err = h.SetAlbumMember(h.as(ann), a.Key, "bob@example.org", nil)
	wantField(t, "an email of two members", err, hook.Conflict, "member")
}

func TestAPIKeyRules(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, test := range []struct {
		what   string
		fields hook.APIKeyFields
		field  string
	}{
		{"name", hook.APIKeyFields{Name: repeat(255), Permissions: hook.Permissions}, ""},
		{"long name", hook.APIKeyFields{Name: repeat(256), Permissions: hook.Permissions}, "name"},
		{"no name", hook.APIKeyFields{Permissions: hook.Permissions}, "name"},
		{"no permission", hook.APIKeyFields{Name: "k"}, "permissions"},
		{"unknown permission", hook.APIKeyFields{Name: "k", Permissions: []hook.Permission{"WEBHOOKS:PUBLISH"}}, "permissions"},
		{"unknown member", hook.APIKeyFields{Name: "k", Permissions: []hook.Permission{"ALL"}, Member: "7"}, "member"},
		{"unknown client", hook.APIKeyFields{Name: "k", Permissions: []hook.Permission{"ALL"}, Owner: hook.ID{Kind: hook.KindClient, Key: "7"}}, "owner"},
		{"a webhook as owner", hook.APIKeyFields{Name: "k", Permissions: []hook.Permission{"ALL"}, Owner: hook.ID{Kind: hook.KindWebhook, Key: "7"}}, "owner"},
		{"two owners", hook.APIKeyFields{Name: "k", Permissions: []hook.Permission{"ALL"}, Member: "7", Owner: account}, "owner"},
		{"account", hook.APIKeyFields{Name: "k", Permissions: []hook.Permission{"ALL"}, Owner: account}, ""},
	} {
		_, _, err := h.CreateAPIKey(h.admin, test.fields)
		if test.field == "" {
			want(t, test.what, err, "")
		} else {
			wantField(t, test.what, err, hook.Invalid, test.field)
		}
	}
}
