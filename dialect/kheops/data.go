package kheops

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/hookgraph/hookgraph/hook"
)

// The data of a KHEOPS event is a JSON object with the members that deliveries
// of it carry behind is_manual_trigger (section 7.3), and source. Addresses of
// studies are left out: they are made of the host. What the gateway does not
// know, such as the name of a patient, is absent. Events that an operation on an
// album makes have a hook.AlbumEvent instead.
type data struct {
	Source          *user  `json:"source,omitempty"`
	NewUser         *user  `json:"new_user,omitempty"`
	ImportSource    string `json:"import_source,omitempty"`
	UpdatedStudy    *study `json:"updated_study,omitempty"`
	RemoveAllSeries *bool  `json:"remove_all_series,omitempty"`
	RemovedStudy    *study `json:"removed_study,omitempty"`
}

// A user is a person as the person was when the event happened. Member is the
// key of the member, who is shown as of today; it is not delivered.
type user struct {
	Email           string           `json:"email,omitempty"`
	Name            string           `json:"name,omitempty"`
	Sub             string           `json:"sub,omitempty"`
	IsAdmin         *bool            `json:"is_admin,omitempty"`
	ReportProvider  *reportProvider  `json:"report_provider,omitempty"`
	CapabilityToken *capabilityToken `json:"capability_token,omitempty"`
	Member          string           `json:"member,omitempty"`
}

type reportProvider struct {
	Name     string `json:"name,omitempty"`
	ClientID string `json:"client_id,omitempty"`
}

type capabilityToken struct {
	ID    string `json:"id,omitempty"`
	Title string `json:"title,omitempty"`
}

// A study has the members of section 7.4.
type study struct {
	PatientName            string   `json:"patient_name,omitempty"`
	PatientID              string   `json:"patient_ID,omitempty"`
	StudyUID               string   `json:"study_uid"`
	StudyDate              string   `json:"study_date,omitempty"`
	StudyTime              string   `json:"study_time,omitempty"`
	TimezoneOffset         string   `json:"timezone_offset_from_utc,omitempty"`
	StudyDescription       string   `json:"study_description,omitempty"`
	StudyID                string   `json:"study_id,omitempty"`
	AccessionNumber        string   `json:"accession_number,omitempty"`
	ReferringPhysicianName string   `json:"referring_physician_name,omitempty"`
	PatientBirthDate       string   `json:"patient_birth_date,omitempty"`
	PatientSex             string   `json:"patient_sex,omitempty"`
	Series                 []series `json:"series"`
}

type series struct {
	Modality             string `json:"modality,omitempty"`
	SeriesDescription    string `json:"series_description,omitempty"`
	SeriesUID            string `json:"series_uid"`
	Instances            int64  `json:"number_of_series_related_instances,omitempty"`
	TimeZoneOffset       string `json:"time_zone_offset_from_utc,omitempty"`
	SeriesNumber         int64  `json:"series_number,omitempty"`
	BodyPartExamined     string `json:"body_part_examined,omitempty"`
	NumberOfNewInstances *int64 `json:"number_of_new_instances,omitempty"`
}

// readData reads the data of an event. Data of another form tells nothing.
func readData(e *hook.Event) data {
	var d data
	if e == nil || json.Unmarshal([]byte(e.Data), &d) != nil {
		return data{}
	}
	if d.Source != nil || d.NewUser != nil {
		return d
	}
	var own hook.AlbumEvent
	if json.Unmarshal([]byte(e.Data), &own) != nil {
		return d
	}
	d.Source = userOf(own.Actor)
	if e.Type == newUser {
		d.NewUser = userOf(own.Member)
	}
	return d
}

// userOf returns a person of an event as a user of Kheops.
func userOf(p *hook.Person) *user {
	if p == nil {
		return nil
	}
	return &user{Email: p.Email, Name: p.Name, Sub: cmp.Or(p.Sub, p.Key, p.APIKey), IsAdmin: &p.IsAdmin, Member: p.Key}
}

func (d *data) text() string {
	text, err := json.Marshal(d)
	if err != nil { // the types have no values that cannot be written
		panic(err)
	}
	return string(text)
}

// person returns a member as a user of Kheops. Who has never signed in by OpenID
// Connect has no sub: the key stands for it, which is taken wherever a sub is.
func person(m *hook.Member) *user {
	u := &user{Email: m.Email, Name: m.DisplayName(), Sub: m.Sub, Member: m.Key}
	if u.Sub == "" {
		u.Sub = m.Key
	}
	return u
}

// source returns who is calling. A key that acts for nobody has the name that it
// was given, and may do what an admin may.
func (a *API) source(ctx context.Context, album *hook.Album) *user {
	viewer := hook.ViewerFrom(ctx)
	if viewer.Member != "" {
		if m, err := a.service.Member(ctx, viewer.Member); err == nil {
			u := person(m)
			_, isAdmin := album.HasMember(m.Key)
			u.IsAdmin = &isAdmin
			return u
		}
	}
	yes := true
	return &user{Name: viewer.Name, Sub: viewer.APIKey, IsAdmin: &yes}
}

// An account of what triggers are about: their events and the people in them.
type account struct {
	data   map[string]data
	people map[string]*user
}

// accountOf reads what triggers are about, two reads for all of them. A caller
// who may not see events or people is not told of them.
func (a *API) accountOf(ctx context.Context, triggers []*hook.Trigger) (account, error) {
	found := account{map[string]data{}, map[string]*user{}}
	var keys []string
	for _, t := range triggers {
		if t.Event != "" && !slices.Contains(keys, t.Event) {
			keys = append(keys, t.Event)
		}
	}
	if len(keys) == 0 {
		return found, nil
	}
	events, err := a.service.EventsByKey(ctx, keys)
	if err != nil && hook.CodeOf(err) != hook.Forbidden {
		return found, err
	}
	var people []string
	for _, e := range events {
		if e == nil {
			continue
		}
		d := readData(e)
		found.data[e.Key] = d
		if d.NewUser != nil && d.NewUser.Member != "" && !slices.Contains(people, d.NewUser.Member) {
			people = append(people, d.NewUser.Member)
		}
	}
	if len(people) == 0 {
		return found, nil
	}
	members, err := a.service.MembersByKey(ctx, people)
	if err != nil && hook.CodeOf(err) != hook.Forbidden {
		return found, err
	}
	for _, m := range members {
		if m != nil {
			found.people[m.Key] = person(m)
		}
	}
	return found, nil
}
