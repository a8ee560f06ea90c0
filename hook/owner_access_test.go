package hook_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/hook"
)

// TestOwnerAccess: what viewers may do with clients, albums and members.
func TestOwnerAccess(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	stale := int64(99)
	allowed := func(err error) error {
		if hook.CodeOf(err) == hook.Stale {
			return nil
		}
		return err
	}
	ann, eve := w.members["ann"].Key, w.members["eve"].Key
	client, album := w.owners["client1"].Key, w.owners["album1"].Key
	operations := []struct {
		name string
		do   func(ctx context.Context) error
	}{
		{"view client", func(ctx context.Context) error { _, err := w.Client(ctx, client); return err }},
		{"edit client", func(ctx context.Context) error {
			_, err := w.UpdateClient(ctx, client, &stale, hook.ClientFields{})
			return allowed(err)
		}},
		{"give client", func(ctx context.Context) error {
			_, err := w.UpdateClient(ctx, client, &stale, hook.ClientFields{Member: hook.Set(eve)})
			return allowed(err)
		}},
		{"delete client", func(ctx context.Context) error { return allowed(w.DeleteClient(ctx, client, &stale)) }},
		{"view album", func(ctx context.Context) error { _, err := w.Album(ctx, album); return err }},
		{"edit album", func(ctx context.Context) error {
			_, err := w.UpdateAlbum(ctx, album, &stale, hook.AlbumFields{})
			return allowed(err)
		}},
		{"add to album", func(ctx context.Context) error { _, _, err := w.SetAlbumMember(ctx, album, ann, nil); return err }},
		{"make admin", func(ctx context.Context) error {
			yes := true
			_, _, err := w.SetAlbumMember(ctx, album, ann, &yes)
			return err
		}},
		{"delete album", func(ctx context.Context) error { return allowed(w.DeleteAlbum(ctx, album, &stale)) }},
		{"view member", func(ctx context.Context) error { _, err := w.Member(ctx, ann); return err }},
		{"edit member", func(ctx context.Context) error {
			_, err := w.UpdateMember(ctx, ann, &stale, hook.MemberFields{})
			return allowed(err)
		}},
		{"delete member", func(ctx context.Context) error { return allowed(w.DeleteMember(ctx, ann, &stale, true)) }},
		{"audit", func(ctx context.Context) error {
			_, err := w.AuditEntries(ctx, hook.AuditFilter{}, hook.PageArgs{})
			return err
		}},
	}
	got := map[string]string{}
	for viewer, ctx := range w.viewers {
		var row strings.Builder
		for _, operation := range operations {
			if code := codeOf(operation.do(ctx)); code == "ok" {
				row.WriteByte('+')
			} else {
				row.WriteByte(code[0])
			}
		}
		got[viewer] = row.String()
	}
	// view, edit, give, delete client; view, edit, add to, make admin of, delete
	// album; view, edit, delete member; audit log.
	expect := map[string]string{
		"nobody":         "UUUU UUUUU UUU U",
		"admin key":      "++++ +++++ +++ +",
		"root":           "++++ +++++ +++ +",
		"ALL":            "++++ +++++ +++ +",
		"WEBHOOKS:ALL":   "FFFF FFFFF FFF F",
		"WEBHOOKS:VIEW":  "FFFF FFFFF FFF F",
		"WEBHOOKS:EDIT":  "FFFF FFFFF FFF F",
		"REMOVE only":    "FFFF FFFFF FFF F",
		"ADD only":       "FFFF FFFFF FFF F",
		"EVENTS:VIEW":    "FFFF FFFFF FFF F",
		"ALBUMS:ALL":     "FFFF +++++ FFF F",
		"ALBUMS:VIEW":    "FFFF +FFFF FFF F",
		"CLIENTS:ALL":    "++++ FFFFF FFF F",
		"MEMBERS:ALL":    "FFFF FFFFF ++F F", // cascade needs CLIENTS:REMOVE
		"AUDIT:VIEW":     "FFFF FFFFF FFF +",
		"ann":            "++F+ +++++ +FF F",
		"as ann":         "++F+ +++++ +FF F",
		"as ann VIEW":    "FFFF FFFFF +FF F",
		"as ann albums":  "FFFF +++++ +FF F",
		"as root VIEW":   "FFFF FFFFF FFF F",
		"bob":            "NNNN +FFFF +FF F",
		"as bob":         "NNNN +FFFF +FF F",
		"eve":            "NNNN NNNNN NFF F",
		"client1":        "++F+ NNNNN NFF F",
		"client1 VIEW":   "FFFF FFFFF FFF F",
		"client1 albums": "FFFF NNNNN FFF F",
		"album1":         "NNNN +++++ NFF F",
		"album1 albums":  "FFFF +++++ FFF F",
		"account":        "NNNN NNNNN NFF F",
	}
	for viewer, row := range expect {
		expect[viewer] = strings.ReplaceAll(row, " ", "")
	}
	if diff := cmp.Diff(expect, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestOwnerLists: the lists of clients, albums, members and API keys.
func TestOwnerLists(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	names := map[string]string{}
	for name, m := range w.members {
		names[m.Key] = name
	}
	for name, id := range w.owners {
		names[id.Key] = name
	}
	got := map[string]string{}
	for viewer, ctx := range w.viewers {
		var row []string
		add := func(keys []string, total func(context.Context) (int, bool, error), err error) {
			if err != nil {
				row = append(row, string(hook.CodeOf(err))[:1])
				return
			}
			if n, exact, err := total(ctx); n != len(keys) || !exact || err != nil {
				t.Errorf("%s: %d counted, %d shown, %v", viewer, n, len(keys), err)
			}
			slices.SortFunc(keys, func(a, b string) int { return strings.Compare(names[a], names[b]) })
			var shown []string
			for _, key := range keys {
				shown = append(shown, names[key])
			}
			row = append(row, strings.Join(shown, ","))
		}
		for _, order := range []hook.Order{{}, {Field: hook.OrderName, Direction: hook.Descending}} {
			clients, err := w.Clients(ctx, hook.ClientFilter{}, order, hook.PageArgs{})
			add(listed(clients, err))
			albums, err := w.Albums(ctx, hook.AlbumFilter{}, order, hook.PageArgs{})
			add(listed(albums, err))
			members, err := w.Members(ctx, order, hook.PageArgs{})
			add(listed(members, err))
			if len(row) == 6 && !slices.Equal(row[:3], row[3:]) {
				t.Errorf("%s: %v by creation, %v by name", viewer, row[:3], row[3:])
			}
		}
		clients, err := w.Clients(ctx, hook.ClientFilter{Member: w.members["eve"].Key}, hook.Order{}, hook.PageArgs{})
		add(listed(clients, err))
		albums, err := w.Albums(ctx, hook.AlbumFilter{Member: w.members["bob"].Key}, hook.Order{}, hook.PageArgs{})
		add(listed(albums, err))
		albums, err = w.Albums(ctx, hook.AlbumFilter{Member: w.members["eve"].Key}, hook.Order{}, hook.PageArgs{})
		add(listed(albums, err))
		got[viewer] = strings.Join(row[3:], " ")
	}
	const everybody = "client1,client2 album1,album2 ann,bob,eve,root client2 album1 album2"
	expect := map[string]string{
		"nobody": "U U U U U U", "admin key": everybody, "root": everybody, "ALL": everybody,
		"ALBUMS:ALL": "F album1,album2 F F album1 album2", "ALBUMS:VIEW": "F album1,album2 F F album1 album2",
		"CLIENTS:ALL": "client1,client2 F F client2 F F", "MEMBERS:ALL": "F F ann,bob,eve,root F F F",
		"ann": "client1 album1 ann  album1 ", "as ann": "client1 album1 ann  album1 ", "as ann albums": "F album1 F F album1 ",
		"bob": " album1 bob  album1 ", "as bob": " album1 bob  album1 ", "eve": "client2 album2 eve client2  album2",
		"client1": "client1     ", "client1 albums": "F  F F  ", "album1": " album1   album1 ", "album1 albums": "F album1 F F album1 ",
		"account": "     ",
	}
	for viewer := range w.viewers {
		if _, ok := expect[viewer]; !ok {
			expect[viewer] = "F F F F F F"
		}
	}
	if diff := cmp.Diff(expect, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func listed[T any, P interface {
	*T
	hook.Entity
}](c *hook.Connection[T], err error) ([]string, func(context.Context) (int, bool, error), error) {
	if err != nil {
		return nil, nil, err
	}
	keys := make([]string, len(c.Nodes))
	for i, e := range c.Nodes {
		keys[i] = P(e).Base().Key
	}
	return keys, c.Total, nil
}
