package kheops

import (
	"context"
	"net/http"
	"regexp"

	"github.com/hookgraph/hookgraph/hook"
)

// trigger answers E6: the trigger is stored, to be delivered as soon as it can
// be. Kheops looks in its image store whether the study and its series are in
// the album; the gateway has none and takes any that can exist.
func (a *API) trigger(w http.ResponseWriter, r *http.Request, keys []string) {
	ctx := r.Context()
	f, ok := a.begin(w, r, keys, mayTrigger)
	if !ok {
		return
	}
	m, refused := readManual(f)
	if refused != nil {
		refused.write(w)
		return
	}
	_, err := a.webhook(ctx, keys)
	var d *data
	if err == nil {
		d, refused, err = a.manualData(ctx, keys[0], m)
	}
	if refused != nil {
		refused.write(w)
		return
	}
	if err == nil {
		_, err = a.service.TriggerWebhook(ctx, keys[1], hook.ManualEvent{Type: m.event, Data: d.text()})
	}
	switch {
	case hook.CodeOf(err) == hook.Invalid: // only the length of the data is left to be wrong
		badForm("SeriesInstanceUID has too many values").write(w)
		return
	case err != nil:
		a.refuse(w, r, err)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// A manual trigger is what the form of E6 asks for.
type manual struct {
	event, user, study string
	series             []string
}

// readManual reads the form of E6, with the checks in Kheops' order.
func readManual(f form) (m manual, refused *refusal) {
	event, user, study, series := f.text("event"), f.text("user"), f.text("StudyInstanceUID"), f["SeriesInstanceUID"]
	if event == nil {
		return m, badForm("event is mandatory")
	}
	if (user == nil) == (study == nil) {
		return m, badForm("Exactly one of user and StudyInstanceUID is to be used")
	}
	switch m.event = lower(*event); m.event {
	case newSeries:
		if study == nil || len(series) == 0 {
			return m, badForm("StudyInstanceUID and SeriesInstanceUID are mandatory for the event %s", newSeries)
		}
		m.study, m.series = *study, series
	case newUser:
		if user == nil {
			return m, badForm("user is mandatory for the event %s", newUser)
		}
		m.user = *user
	default:
		return m, badForm("event is not one that can be triggered: %s or %s", newSeries, newUser)
	}
	return m, nil
}

// uid is the form of a DICOM UID. No study can have another.
var uid = regexp.MustCompile(`^[0-9.]{1,64}$`)

// manualData returns the data of the event.
func (a *API) manualData(ctx context.Context, album string, m manual) (*data, *refusal, error) {
	if m.event == newUser {
		return a.userData(ctx, album, m.user)
	}
	if !uid.MatchString(m.study) {
		return nil, &refusal{http.StatusNotFound, "Study Not Found", "There is no such study"}, nil
	}
	d := &data{ImportSource: "send", UpdatedStudy: &study{StudyUID: m.study}}
	seen := make(map[string]bool, len(m.series))
	for _, one := range m.series {
		if !uid.MatchString(one) {
			return nil, &refusal{http.StatusNotFound, "Series Not Found", "There is no such series in this album"}, nil
		}
		if !seen[one] {
			seen[one] = true
			d.UpdatedStudy.Series = append(d.UpdatedStudy.Series, series{SeriesUID: one})
		}
	}
	return a.withSource(ctx, album, d)
}

// userData returns the data of an event about a member of the album. Who is none
// is answered as if there were no such album (section 5.2).
func (a *API) userData(ctx context.Context, album, reference string) (*data, *refusal, error) {
	member, place, err := a.service.AlbumMember(ctx, album, reference)
	switch {
	case hook.CodeOf(err) == hook.Conflict:
		return nil, &refusal{statusAmbiguous, internal, "Several users of the album have this e-mail"}, nil
	case err != nil:
		return nil, nil, err
	case place == nil:
		found := missing[hook.KindAlbum]
		return nil, &found, nil
	}
	u := person(member)
	u.IsAdmin = &place.IsAdmin
	return a.withSource(ctx, album, &data{NewUser: u})
}

func (a *API) withSource(ctx context.Context, album string, d *data) (*data, *refusal, error) {
	found, err := a.service.Album(ctx, album)
	switch hook.CodeOf(err) {
	case "":
	case hook.Forbidden: // a key that may make events but not look at albums
		found = &hook.Album{}
	default:
		return nil, nil, err
	}
	d.Source = a.source(ctx, found)
	return d, nil, nil
}
