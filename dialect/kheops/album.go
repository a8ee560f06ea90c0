package kheops

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// album answers with an album as the pages about its webhooks read it (section
// 8). Nobody has favourites or notifications here.
func (a *API) album(w http.ResponseWriter, r *http.Request, keys []string) {
	ctx := r.Context()
	album, err := a.service.Album(ctx, keys[0])
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	q, refused := readQuery(r.URL.RawQuery)
	if refused != nil {
		refused.write(w)
		return
	}
	// Who may manage its webhooks is an admin to the web UI.
	isAdmin := true
	switch err := a.service.Permit(ctx, albumID(keys), mayView); hook.CodeOf(err) {
	case "":
	case hook.Forbidden:
		isAdmin = false
	default:
		a.refuse(w, r, err)
		return
	}
	b := appendAlbum(nil, album)
	if q.includeUsers {
		_, members, err := a.service.AlbumMembers(ctx, keys[0])
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		b = append(b, `,"users":`...)
		b = appendUsers(b, album, inOrder(members))
	}
	b = appendCounts(b, album)
	b = append(b, `,"is_favorite":false,"notification_new_series":false,"notification_new_comment":false,"is_admin":`...)
	answer(w, http.StatusOK, append(strconv.AppendBool(b, isAdmin), '}'))
}

// appendAlbum writes what comes before the users. The times are UTC, without
// saying so.
func appendAlbum(b []byte, album *hook.Album) []byte {
	b = append(b, `{"album_id":`...)
	b = appendText(b, album.Key)
	b = append(b, `,"name":`...)
	b = appendText(b, album.Name)
	b = append(b, `,"description":`...)
	b = appendText(b, album.Description)
	b = append(b, `,"modalities":[`...)
	for i, modality := range album.Modalities {
		b = appendText(appendComma(b, i), modality)
	}
	last := album.Created
	if album.Modified != nil {
		last = *album.Modified
	}
	for _, t := range []struct {
		name string
		at   time.Time
	}{{`],"created_time":"`, album.Created}, {`","last_event_time":"`, last}} {
		b = append(b, t.name...)
		b = appendTime(b, t.at.UTC())
	}
	b = append(b, `","number_of_users":`...)
	return strconv.AppendInt(b, int64(len(album.Members)), 10)
}

// appendCounts writes what comes behind the users, up to what is the caller's.
func appendCounts(b []byte, album *hook.Album) []byte {
	for _, count := range []struct {
		name string
		n    int64
	}{
		{`,"number_of_comments":`, album.Comments}, {`,"number_of_studies":`, album.Studies},
		{`,"number_of_series":`, album.Series}, {`,"number_of_instances":`, album.Instances},
	} {
		b = append(b, count.name...)
		b = strconv.AppendInt(b, count.n, 10)
	}
	p := album.MemberPermissions
	for _, permission := range []struct {
		name string
		may  bool
	}{
		{`,"add_user":`, p.AddUser}, {`,"download_series":`, p.DownloadSeries}, {`,"send_series":`, p.SendSeries},
		{`,"delete_series":`, p.DeleteSeries}, {`,"add_series":`, p.AddSeries}, {`,"write_comments":`, p.WriteComments},
	} {
		b = append(b, permission.name...)
		b = strconv.AppendBool(b, permission.may)
	}
	return b
}

// users answers with the members of an album.
func (a *API) users(w http.ResponseWriter, r *http.Request, keys []string) {
	album, members, err := a.service.AlbumMembers(r.Context(), keys[0])
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	q, refused := readQuery(r.URL.RawQuery)
	if refused != nil {
		refused.write(w)
		return
	}
	list := inOrder(members)
	setTotal(w.Header(), len(list))
	from := min(q.offset, len(list))
	list = list[from:min(from+q.limit, len(list))]
	answer(w, http.StatusOK, appendUsers(nil, album, list))
}

// inOrder returns members as users, by email, then sub, then name.
func inOrder(members []*hook.Member) []*user {
	list := make([]*user, len(members))
	for i, m := range members {
		list[i] = person(m)
	}
	slices.SortFunc(list, func(a, b *user) int {
		return cmp.Or(cmp.Compare(a.Email, b.Email), cmp.Compare(a.Sub, b.Sub), cmp.Compare(a.Name, b.Name))
	})
	return list
}

func appendUsers(b []byte, album *hook.Album, list []*user) []byte {
	b = append(b, '[')
	for i, u := range list {
		b = append(appendComma(b, i), '{')
		b = appendMembers(b, "email", u.Email, "name", u.Name, "sub", u.Sub)
		_, isAdmin := album.HasMember(u.Member)
		b = append(b, `,"is_admin":`...)
		b = append(strconv.AppendBool(b, isAdmin), '}')
	}
	return append(b, ']')
}
